"""Weights from a team's own verdicts: as near to those of the book as what people answered allows.

They are judged by what the book does with them: at its thresholds, on verdicts that were not learned from.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log, log1p

from mappings.matching import Scoring
from sync_pipelines.identity.comparing import KINDS
from sync_pipelines.identity.evidence import Finding, Frequencies, steps
from sync_pipelines.identity.scoring import APART, ASK, LINK, Prepared, score

LEAST = 25  # verdicts of each sort
FOLDS = 5
_SPREAD = 1.5  # bits by which a weight is expected to be off: fewer verdicts move it less
_SWEEPS, _STEP, _SETTLED, _FAR = 40, 2.0, 0.003, 60.0
_WORTH = 0.25  # bits from which a change is worth a line
_RULES = frozenset({"branch", "branches", "group", "person", "namesake", "sound"})  # not weights, but what forbids
_BIT = log(2)

Name = tuple[str, str]  # field, outcome
Weights = Mapping[Name, float]


@dataclass(frozen=True, slots=True)
class Example:
    """Two records, and what a person said of them."""

    one: Prepared
    two: Prepared
    is_one: bool


@dataclass(frozen=True, slots=True)
class Error:
    """What becomes of verdicts that were not learned from, at the book's thresholds; and bits of surprise at each."""

    of: int
    linked: int  # without asking
    wrong: int  # of these
    asked: int
    missed: int  # of those that are kept apart without asking: they are one
    surprise: float

    @property
    def apart(self) -> int:
        """Kept apart without asking."""
        return self.of - self.linked - self.asked

    def better_than(self, other: "Error") -> bool:
        """In something better: linked wrongly, missed or asked about; and in none of them worse, nor more surprised."""
        mine, theirs = ((e.wrong, e.missed, e.asked) for e in (self, other))
        no_worse = all(one <= two for one, two in zip(mine, theirs, strict=True))
        return no_worse and mine != theirs and self.surprise <= other.surprise


@dataclass(frozen=True, slots=True)
class Learned:
    """`weights` that differ enough to be worth a line, and the errors before and after."""

    weights: Mapping[str, Mapping[str, float]]  # field → outcome → weight
    before: Error
    after: Error

    @property
    def is_better(self) -> bool:
        """Whether it is worth to be taken: by what becomes of pairs at the book's own thresholds."""
        return bool(self.weights) and self.after.better_than(self.before)


@dataclass(frozen=True, slots=True)
class _Row:
    """One verdict: how much of which weight it takes, what is fixed, and the answer."""

    takes: Mapping[Name, float]
    fixed: float
    is_one: bool


def learn(examples: Sequence[Example], scoring: Scoring) -> Learned:
    """Weights for these fields. The same verdicts in the same order give the same weights."""
    rows = [_row(example, scoring) for example in examples]
    start = {(name, level): scoring.fields[name].weight(level) for row in rows for name, level in row.takes}
    before, after = _errors(examples, rows, start, scoring)
    return Learned(_worth(_fitted(rows, start)[0], start, scoring), before, after)


def weighed_by(scoring: Scoring, weights: Mapping[str, Mapping[str, float]]) -> Scoring:
    """The same with these weights in the place of its own."""
    fields = {
        name: replace(weighed, weights={**weighed.weights, **weights.get(name, {})})
        for name, weighed in scoring.fields.items()
    }
    return replace(scoring, fields=fields)


def too_few(examples: Sequence[Example]) -> str:
    """What is missing before anything can be learned; empty where nothing is."""
    ones = sum(example.is_one for example in examples)
    there = {"that two are one": ones, "that two are two": len(examples) - ones}
    return _lacking(there)


def one_sided(examples: Sequence[Example], scoring: Scoring) -> str:
    """What is missing before weights can be judged: pairs that the book asks nobody about, of both sorts.

    Of doubtful pairs alone, weights seem better that link or part pairs of which nobody ever doubted.
    """
    sure = [one.is_one for one in examples if _decided(one, scoring) != ASK]
    return _lacking({"that are one": sum(sure), "that are two": len(sure) - sum(sure)})


def _lacking(there: Mapping[str, int]) -> str:
    return ", ".join(f"{LEAST - count} more {what}" for what, count in there.items() if count < LEAST)


def _decided(example: Example, scoring: Scoring) -> str:
    return score(example.one, example.two, scoring, Frequencies()).decision(scoring)


def _row(example: Example, scoring: Scoring) -> _Row:
    takes: dict[Name, float] = defaultdict(float)
    fixed = 0.0
    for name, weighed in scoring.fields.items():
        if name in example.one and name in example.two:
            for finding in KINDS[weighed.kind].compare(example.one[name], example.two[name], Frequencies()):
                if finding.level in _RULES:
                    fixed += 0.0 if finding.level == "namesake" else weighed.weight(finding.level)
                for level, share in _parts(finding):
                    takes[name, level] += share
    return _Row(dict(takes), fixed, example.is_one)


def _parts(finding: Finding) -> list[tuple[str, float]]:
    """Which weights a finding takes, and how much of each."""
    if finding.level in _RULES:
        return []
    return [(finding.level, 1.0)] if finding.alike is None else [part for part in steps(finding.alike) if part[1]]


# --- how well ---------------------------------------------------------------------------------------------------------


def _errors(examples: Sequence[Example], rows: Sequence[_Row], start: Weights, scoring: Scoring) -> tuple[Error, Error]:
    """Old and new, each held against a fifth of the verdicts that it was not fitted to."""
    ordered = sorted(range(len(rows)), key=lambda place: (rows[place].is_one, place))
    before, after = _Told(), _Told()
    for fold in range(FOLDS):
        held = ordered[fold::FOLDS]
        seen = [rows[place] for place in sorted({*ordered} - {*held})]
        weights, offset = _fitted(seen, start)
        learned = weighed_by(scoring, _worth(weights, start, scoring))
        for place in held:
            before.hear(_decided(examples[place], scoring), rows[place], start, offset)
            after.hear(_decided(examples[place], learned), rows[place], weights, offset)
    return before.error(), after.error()


class _Told:
    """What weights make of one verdict after the other."""

    def __init__(self) -> None:
        self.decided: Counter[tuple[str, bool]] = Counter()
        self.surprise = 0.0

    def hear(self, decision: str, row: _Row, weights: Weights, offset: float) -> None:
        """One more."""
        bits = _sum(row, weights) + offset
        self.decided[decision, row.is_one] += 1
        self.surprise += _surprise(bits if row.is_one else -bits)

    def error(self) -> Error:
        """All of them."""
        counted = {what: self.decided[what, True] + self.decided[what, False] for what in (LINK, ASK)}
        wrong, missed, of = self.decided[LINK, False], self.decided[APART, True], self.decided.total()
        return Error(of, counted[LINK], wrong, counted[ASK], missed, round(self.surprise / of, 4))


def _surprise(bits: float) -> float:
    """In bits, of an answer that so much speaks for."""
    far = max(min(bits, _FAR), -_FAR)
    return log1p(2.0**-far) / _BIT


def _sum(row: _Row, weights: Weights) -> float:
    return row.fixed + sum(share * weights[name] for name, share in row.takes.items())


# --- fitting ----------------------------------------------------------------------------------------------------------


def _fitted(rows: Sequence[_Row], start: Weights) -> tuple[dict[Name, float], float]:
    """Weights, and the offset that takes up that people are asked about doubtful pairs only: no part of the book.

    It is found with the book's weights and then stands. What is learned is a sum of bits on the book's own scale, and
    `link` and `ask` go on meaning what they mean.
    """
    bits = [_sum(row, start) for row in rows]
    offset = _offset(rows, bits)
    weights = dict(start)
    under: dict[Name, list[tuple[int, float]]] = defaultdict(list)
    for place, row in enumerate(rows):
        for name, share in row.takes.items():
            under[name].append((place, share))
    for _ in range(_SWEEPS):
        moves = [0.0]
        for name in sorted(under):
            moved = _step(rows, bits, under[name], (weights[name] - start[name]) / _SPREAD**2, 1 / _SPREAD**2)
            weights[name] += moved
            moves.append(abs(moved))
        if max(moves) < _SETTLED:
            break
    return weights, offset


def _offset(rows: Sequence[_Row], bits: list[float]) -> float:
    """It is added to the bits of all of them."""
    everybody = [(place, 1.0) for place in range(len(rows))]
    offset = 0.0
    for _ in range(_SWEEPS):
        moved = _step(rows, bits, everybody, 0.0, 0.001)
        offset += moved
        if abs(moved) < _SETTLED:
            break
    return offset


def _step(
    rows: Sequence[_Row], bits: list[float], under: Sequence[tuple[int, float]], pull: float, stiff: float
) -> float:
    """One step along one weight, and what it does to all sums."""
    slope, bend = -pull, stiff
    for place, share in under:
        likely = 1 / (1 + 2.0 ** -max(min(bits[place], _FAR), -_FAR))
        slope += (rows[place].is_one - likely) * share * _BIT
        bend += likely * (1 - likely) * (share * _BIT) ** 2
    moved = max(min(slope / bend, _STEP), -_STEP)
    for place, share in under:
        bits[place] += share * moved
    return moved


def _worth(weights: Weights, start: Weights, scoring: Scoring) -> dict[str, dict[str, float]]:
    """Changes worth a line, of fields whose outcomes keep their sense: the same says more than another."""
    found: dict[str, dict[str, float]] = {}
    for (name, level), weight in sorted(weights.items()):
        if abs(weight - start[name, level]) >= _WORTH:
            found.setdefault(name, {})[level] = round(weight, 2)
    return {name: changed for name, changed in found.items() if _keeps_sense(name, changed, scoring)}


def _keeps_sense(name: str, changed: Mapping[str, float], scoring: Scoring) -> bool:
    same, different = (changed.get(level, scoring.fields[name].weight(level)) for level in ("same", "different"))
    return same > max(different, 0)
