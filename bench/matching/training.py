"""What 200 answers teach: `python -m bench.matching.training FOLDER` (or CONCORDAT_MATCHING_DATA).

Three entities of ten are answered about, the others are measured; the score from which two are one is chosen on the
answered part, too. Bounds are percentiles of 1,000 resamplings of the pairs. Beside it: what is linked (of the true
pairs), linked wrongly and asked about at the book's own thresholds, by which learned weights are judged before they
are taken. Figures are told and hold nothing up.
"""

import csv
import os
import random
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.matching import say
from bench.matching.customers import FAMILIES, appearing
from bench.matching.sets import SETS, Set, name_pairs
from mappings.matching import Scoring, Weighed
from sync_pipelines.commands.measuring import best_of
from sync_pipelines.commands.reading import Table, opened
from sync_pipelines.commands.tables import Matched, matched
from sync_pipelines.identity.columns import reader, shared_texts
from sync_pipelines.identity.evidence import Frequencies
from sync_pipelines.identity.learning import Example, Learned, learn, weighed_by
from sync_pipelines.identity.scoring import APART, ASK, LINK, Prepared, prepare, score

ANSWERS, RESAMPLED, FOLDS = 200, 1_000, 5
_SHARES = ((ASK, 0.5), (LINK, 0.25), (APART, 0.25))  # of the answers: what people are asked, and what they see beside
TRAINED = {"febrl4": "0.9999", "fodors-zagats": "0.9825", "sites": "0.967", "names of firms": "0.89"}

Said = tuple[float, bool]  # the score of a pair, and whether it is one


def main() -> int:
    """Every set, one after the other."""
    told = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("CONCORDAT_MATCHING_DATA", "")
    say(
        f"{'set':16}{'answers':>9}{'F1 before':>27}{'F1 learned':>27}{'others':>9}   at the thresholds: before, learned"
    )
    with TemporaryDirectory() as scratch:
        for name, make in SETS.items() if told else ():
            _line(name, make(Path(told), Path(scratch)), Path(scratch))
        if told:
            _names(Path(told))
        for pair in (("crm", "erp"), ("shop", "erp"), ("crm", "shop")):
            _line("-".join(pair), appearing(pair, FAMILIES, Path(scratch)), Path(scratch))
    return 0


# --- two parts of a set -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the entities: their rows as tables, and which of them are one, by the numbers of rows."""

    left: Table
    right: Table | None
    truth: frozenset[tuple[str, str]]

    def found(self, weights: Mapping[str, Mapping[str, float]]) -> Matched:
        """Its pairs, by the weights of the book but for these."""
        return matched(self.left, self.right, lambda scoring: weighed_by(scoring, weights))

    def said(self, found: Matched) -> list[Said]:
        """What the pairs are, with the score of each."""
        return [(pair.score.total, self.is_one(found, pair.left, pair.right)) for pair in found.pairs]

    def is_one(self, found: Matched, left: int, right: int) -> bool:
        """By the ids of two rows."""
        one, two = found.left_ids[left], found.right_ids[right]
        return (one, two) in self.truth or (self.right is None and (two, one) in self.truth)


def _part(one: Set, homes: Mapping[str, str], scratch: Path, *, answered: bool) -> Part:
    def mine(side: str, row: str) -> bool:
        home = homes.get(f"{side}{row}", f"{side}{row}")
        return (zlib.crc32(home.encode()) % 10 < 3) is answered  # noqa: PLR2004 - three of ten

    tables = [
        _some(path, scratch / f"{side}-{answered}.csv", side, mine)
        for side, path in (("l", one.left), ("r", one.right))
        if path is not None
    ]
    truth = frozenset(pair for pair in one.truth if mine("l", pair[0]))
    return Part(tables[0], tables[1] if one.right else None, truth)


def _some(path: Path, to: Path, side: str, mine: Callable[[str, str], bool]) -> Table:
    """The rows of some entities; columns are recognised as in the whole table."""
    whole = opened(path, "utf-8-sig", ())
    with to.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(whole.headings)
        writer.writerows(cells for number, cells in whole.rows() if mine(side, whole.id_of(number, cells)))
    return replace(opened(to, "utf-8-sig", ()), roles=whole.roles)


def _homes(one: Set) -> Mapping[str, str]:
    """By row that is one with another: a row that stands for the entity."""
    homes: dict[str, str] = {}

    def home(row: str) -> str:
        while (up := homes.setdefault(row, row)) != row:
            row = up
        return row

    side = "r" if one.right else "l"
    for left, right in sorted(one.truth):
        homes[home(f"{side}{right}")] = home(f"l{left}")
    return {row: home(row) for row in list(homes)}


# --- answers ----------------------------------------------------------------------------------------------------------


def _line(name: str, one: Set, scratch: Path) -> None:
    answered, measured = parts(one, scratch)
    examples, learned = taught(answered)
    figures = [_figure(answered, measured, weights) for weights in ({}, learned.weights)]
    at = ", ".join(str(at_thresholds(measured, weights)) for weights in ({}, learned.weights))
    say(_told(name, len(examples), figures, learned, at))


def parts(one: Set, scratch: Path) -> tuple[Part, Part]:
    """What is answered about, and what is measured."""
    homes = _homes(one)
    return _part(one, homes, scratch, answered=True), _part(one, homes, scratch, answered=False)


def taught(answered: Part) -> tuple[Sequence[Example], Learned]:
    """The answers, and what they teach."""
    examples = _answers(answered)
    return examples, learn(examples, matched(answered.left, answered.right, lambda scoring: scoring).scoring)


@dataclass(frozen=True, slots=True)
class At:
    """What becomes of a part at the book's thresholds."""

    linked: int  # rightly
    wrong: int
    asked: int
    true: int

    def __str__(self) -> str:
        return f"{self.linked / self.true:.3f} ({self.wrong} wrong) {self.asked} asked"


def at_thresholds(part: Part, weights: Mapping[str, Mapping[str, float]]) -> At:
    """By the weights of the book but for these."""
    found = part.found(weights)
    linked = [part.is_one(found, pair.left, pair.right) for pair in found.pairs if pair.decision == LINK]
    asked = sum(pair.decision == ASK for pair in found.pairs)
    return At(sum(linked), len(linked) - sum(linked), asked, len(part.truth))


def _answers(part: Part) -> list[Example]:
    """Of each sort of pair some, whichever chance brings: always the same ones."""
    found = part.found({})
    prepared = [_prepared(part, table, found.scoring) for table in (part.left, part.right or part.left)]
    chosen = [
        pair
        for sort, share in _SHARES
        for pair in sorted((p for p in found.pairs if p.decision == sort), key=lambda p: _draw(p.left, p.right))[
            : int(ANSWERS * share)
        ]
    ]
    return [
        Example(prepared[0][pair.left], prepared[1][pair.right], part.is_one(found, pair.left, pair.right))
        for pair in chosen
    ]


def _prepared(part: Part, table: Table, scoring: Scoring) -> Mapping[int, Prepared]:
    shared = shared_texts(part.left.roles, (part.right or part.left).roles)
    read = reader(table.headings, table.roles, shared)
    return {number: prepare(read(cells), scoring) for number, cells in table.rows()}


def _draw(*names: object) -> int:
    return zlib.crc32(repr(names).encode())


# --- figures ----------------------------------------------------------------------------------------------------------


def _figure(answered: Part, measured: Part, weights: Mapping[str, Mapping[str, float]]) -> str:
    chosen = best_of(answered.said(answered.found(weights)), len(answered.truth)).score
    return _bounded(measured.said(measured.found(weights)), len(measured.truth), chosen)


def _bounded(said: Sequence[Said], true: int, least: float) -> str:
    """F1 of what reaches a score, and its bounds. True pairs that were never looked at are missed in any case."""
    outcomes = [(total >= least, is_one) for total, is_one in said]
    outcomes += [(False, True)] * (true - sum(is_one for _, is_one in said))
    outcomes = [one for one in outcomes if any(one)]
    drawn = random.Random(1)  # noqa: S311 - resampling, and always the same
    values = sorted(_f1(drawn.choices(outcomes, k=len(outcomes))) for _ in range(RESAMPLED))
    return f"{_f1(outcomes):.4f} ({values[RESAMPLED // 40]:.4f}-{values[-RESAMPLED // 40]:.4f})"


def _f1(outcomes: Sequence[tuple[bool, bool]]) -> float:
    right = sum(linked and is_one for linked, is_one in outcomes)
    counted = sum(linked for linked, _ in outcomes) + sum(is_one for _, is_one in outcomes)
    return 2 * right / counted if counted else 0.0


def _told(name: str, answers: int, figures: Sequence[str], learned: Learned, at: str = "") -> str:
    kept = "" if learned.is_better else "   (not taken: no better at the thresholds)"
    return f"{name:16}{answers:>9}{figures[0]:>27}{figures[1]:>27}{TRAINED.get(name, '-'):>9}   {at}{kept}"


# --- names ------------------------------------------------------------------------------------------------------------


def _names(folder: Path) -> None:
    """Each fifth is measured by what the four others teach; there are fewer pairs than answers may be."""
    scoring = Scoring({"name": Weighed("company")})
    examples = [
        Example(prepare({"name": pair.one}, scoring), prepare({"name": pair.two}, scoring), pair.is_match)
        for pair in name_pairs(folder)
    ]
    told: tuple[list[Said], list[Said]] = ([], [])
    for learned, held in _folds(examples):
        result = learn(learned, scoring)
        for figure, weights in zip(told, ({}, result.weights if result.is_better else {}), strict=True):
            weighed = weighed_by(scoring, weights)
            least = best_of(_weighed(learned, weighed), sum(one.is_one for one in learned)).score
            figure += [(total - least, is_one) for total, is_one in _weighed(held, weighed)]
    true = sum(one.is_one for one in examples)
    figures = [_bounded(said, true, 0.0) for said in told]
    say(_told("names of firms", len(examples) * (FOLDS - 1) // FOLDS, figures, learn(examples, scoring)))


def _folds(examples: Sequence[Example]) -> Iterator[tuple[list[Example], list[Example]]]:
    order = sorted(range(len(examples)), key=_draw)
    for fold in range(FOLDS):
        held = set(order[fold::FOLDS])
        yield [examples[n] for n in order if n not in held], [examples[n] for n in sorted(held)]


def _weighed(examples: Sequence[Example], scoring: Scoring) -> list[Said]:
    return [(score(one.one, one.two, scoring, Frequencies()).total, one.is_one) for one in examples]


if __name__ == "__main__":
    sys.exit(main())
