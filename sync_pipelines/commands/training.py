"""`match train`: weights learned from a team's own verdicts, with old and new error; taken only with --write."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.padding import Padding

from connectors.contract import RecordRef
from mappings.book import Book, EntitySpec
from mappings.loading import BUNDLED, BookError, load_book
from mappings.loading.rewriting import line_of, with_weights
from mappings.matching import Matching, Scoring
from mappings.values import Values
from sync_pipelines.commands.measuring import wilson
from sync_pipelines.commands.office import FINE, LOOK, Office, json_option, office
from sync_pipelines.commands.plans import many, table
from sync_pipelines.commands.witnessing import Said, comparable, witnessed
from sync_pipelines.identity.keys import telling
from sync_pipelines.identity.learning import LEAST, Error, Example, Learned, learn, one_sided, too_few
from sync_pipelines.identity.scoring import Prepared, prepare
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.questions import About

_ONE, _TWO = frozenset({"link", "join", "1", "yes", "true"}), frozenset({"apart", "0", "no", "false"})
_PAIR = 2
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="learn weights from your own verdicts")
@click.option("--entity", default="account", show_default=True, help="What the verdicts are about.")
@click.option(
    "--verdicts",
    type=_FILE,
    help="A CSV beside the answers in the ledger: two records (crm/Account/001) and `link` or `apart` in each row.",
)
@click.option("--write", is_flag=True, help="Write the weights into matching.yaml.")
@json_option
@office
def train(office: Office, entity: str, verdicts: Path | None, *, write: bool, as_json: bool) -> int:
    """Learn from what people answered whether records are one. Without --write nothing is changed.

    Old and new are held against verdicts that were not learned from, at the book's own thresholds. Answers are about
    doubtful pairs only: beside them stand pairs that the ledger knows by a number or a crosswalk to be one, or two.
    """
    book = office.read_book()
    scoring, spec = _scoring(book, entity), book.entities[entity]
    with office.open_house() as house:
        said = [*_answered(house.ledger, entity), *(_told(house.ledger, spec, verdicts) if verdicts else ())]
        beside = witnessed(house.ledger, spec, len(said))
    verdict, known = (_examples(some, scoring, spec.matching) for some in (said, beside))
    _refuse_little(verdict, known, scoring, entity)
    learned = learn([*verdict, *known], scoring)
    if write and learned.is_better:
        _write(office.place().book, entity, scoring, learned)
    if as_json:
        office.json({"verdicts": len(verdict), "known_besides": len(known), **_data(learned, scoring)})
    else:
        heard = f"{many(len(verdict), 'verdict')}, and {many(len(known), 'pair')} that the ledger knows besides"
        office.print(heard, "")
        office.print(*_lines(learned, scoring, entity, written=write))
    return FINE if learned.is_better else LOOK


def _refuse_little(verdicts: Sequence[Example], known: Sequence[Example], scoring: Scoring, entity: str) -> None:
    if lacking := too_few(verdicts):
        raise click.ClickException(
            f"{many(len(verdicts), 'verdict')} about {entity}: too few to learn from. Needed: {lacking}"
            f" ({LEAST} of each at least; answer questions, or name a CSV with --verdicts)"
        )
    if lacking := one_sided([*verdicts, *known], scoring):
        raise click.ClickException(
            f"{many(len(verdicts), 'verdict')} about {entity}, nearly all of doubtful pairs: they cannot tell what "
            f"other weights make of pairs that nobody doubts. Needed: {lacking}, which the book decides without asking "
            "(name some with --verdicts; who is coupled by a number or by `adopt --crosswalk` counts by itself)"
        )


def _scoring(book: Book, entity: str) -> Scoring:
    if entity not in book.entities:
        raise click.ClickException(f"the book has no `{entity}`; it has {', '.join(book.entities)}")
    scoring = book.entities[entity].matching.scoring
    if scoring is None:
        raise click.ClickException(f"{entity}/matching.yaml weighs nothing: it has no `score`")
    return scoring


# --- verdicts ---------------------------------------------------------------------------------------------------------


def _answered(ledger: Ledger, entity: str) -> Iterator[Said]:
    """What people answered of two records. Where several were in question, an answer tells too little of each."""
    for question in ledger.questions(entity=entity, open_only=False):
        records: Mapping[str, Values] = question.evidence.get("records", {})
        if question.about is About.MATCH and question.answer in _ONE | _TWO and len(records) == _PAIR:
            one, two = records.values()
            yield one, two, question.answer in _ONE


def _told(ledger: Ledger, spec: EntitySpec, path: Path) -> Iterator[Said]:
    rows = list(_rows(path))
    refs = {text: _ref(text, path, line) for line, *pair, _ in rows for text in pair}
    claims = {str(c.ref): comparable(c.values, spec) for c in ledger.claims_at(spec.name, sorted(set(refs.values())))}
    for line, one, two, is_one in rows:
        for text in (one, two):
            if text not in claims:
                raise click.ClickException(f"{path}:{line}: no {spec.name} is known by `{text}`; was it read already?")
        yield claims[one], claims[two], is_one


def _rows(path: Path) -> Iterator[tuple[int, str, str, bool]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, cells in enumerate(csv.reader(file), start=1):
                told = [cell.strip() for cell in cells]
                if line == 1 or not any(told):  # a heading
                    continue
                if len(told) < _PAIR + 1 or told[_PAIR].lower() not in _ONE | _TWO:
                    raise click.ClickException(f"{path}:{line}: two records and `link` or `apart` should stand here")
                yield line, told[0], told[1], told[_PAIR].lower() in _ONE
    except (UnicodeDecodeError, csv.Error):
        raise click.ClickException(f"{path}: is no table of comma-separated values in utf-8") from None


def _ref(text: str, path: Path, line: int) -> RecordRef:
    system, slash, rest = text.partition("/")
    kind, second, record = rest.partition("/")
    if not (slash and second and record):
        raise click.ClickException(f"{path}:{line}: `{text}` should read like crm/Account/001")
    return RecordRef(system, kind, record)


def _examples(said: Sequence[Said], scoring: Scoring, matching: Matching) -> list[Example]:
    def prepared(values: Values) -> Prepared:
        return prepare(telling(values, matching), scoring)

    return [Example(prepared(one), prepared(two), is_one) for one, two, is_one in said]


# --- what is said and done --------------------------------------------------------------------------------------------


def _write(folder: Path, entity: str, scoring: Scoring, learned: Learned) -> None:
    """Into the file, if the book is sound with it."""
    if folder.resolve() == BUNDLED.resolve():
        raise click.ClickException("the bundled book is not written to; make your own with: concordat init DIR")
    path = folder / entity / "matching.yaml"
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(with_weights(before, scoring, learned.weights), encoding="utf-8")
        load_book(folder)
    except (ValueError, BookError) as error:
        path.write_text(before, encoding="utf-8")
        raise click.ClickException(f"{path}: is left as it was ({error})") from None


def _data(learned: Learned, scoring: Scoring) -> dict[str, Any]:
    return {
        "before": learned.before,
        "after": learned.after,
        "is_better": learned.is_better,
        "weights": learned.weights,
        "fields": {name: line_of(scoring, name, weights) for name, weights in learned.weights.items()},
    }


def _lines(learned: Learned, scoring: Scoring, entity: str, *, written: bool) -> Iterator[Any]:
    numbers = ("linked", "wrong", "asked", "apart", "missed", "surprise")
    made = table("weights", *numbers[:2], "95 % bounds", *numbers[2:], right=numbers)
    for name, one in (("of the book", learned.before), ("learned", learned.after)):
        counts = [f"{count:,}" for count in (one.asked, one.apart, one.missed)]
        made.add_row(name, f"{one.linked:,}", f"{one.wrong:,}", _bounds(one), *counts, f"{one.surprise:.3f} bits")
    yield Padding(made, (0, 0, 1, 0))
    yield from _proposed(learned, scoring, entity)
    if not learned.is_better:
        at = f"link: {scoring.link:g}, ask: {scoring.ask:g}"
        yield f"No better than the weights of the book at its thresholds ({at}): nothing to take."
        if learned.weights and learned.after.surprise < learned.before.surprise:
            yield "They bring pairs into a better order, so other thresholds may suit them: concordat match --truth."
    elif written:
        yield f"Written to {entity}/matching.yaml."
    else:
        yield "Next:  concordat match train --write"


def _bounds(error: Error) -> str:
    """Of the links that are wrong."""
    share = wilson(error.wrong, error.linked)
    return f"{share.low:.1%} to {share.high:.1%}"


def _proposed(learned: Learned, scoring: Scoring, entity: str) -> Sequence[str]:
    fields = [f"    {name}: {line_of(scoring, name, weights)}" for name, weights in learned.weights.items()]
    return [f"# {entity}/matching.yaml", "score:", "  fields:", *fields, ""] if fields else []
