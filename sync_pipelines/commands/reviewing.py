"""`review`: what the rules leave open, answered here or in a spreadsheet."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.padding import Padding
from rich.text import Text

from mappings.book import EntitySpec
from mappings.values import Value
from sync_pipelines.commands.doubting import consequences, foreseen_data, reasons, twin_in
from sync_pipelines.commands.office import FINE, LOOK, Office, by_option, json_option, office, reveal_option
from sync_pipelines.commands.plans import Reading, agreed_values, cut, label, many, table
from sync_pipelines.commands.status import ago
from sync_pipelines.flow.run import House
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.questions import Question
from sync_pipelines.review.answering import HOLD, also, held_until
from sync_pipelines.review.answering import answer as give_answer
from sync_pipelines.review.presenting import presented
from sync_pipelines.review.revoking import revoke as revoke_answer
from sync_pipelines.review.sheets import Answered, SheetError, read_sheet, sheet
from sync_pipelines.review.wording import guarded, worded


@click.group(short_help="answer what the rules leave open, here or in a spreadsheet")
def review() -> None:
    """Answer what the rules leave open: whose value stands? are these two one?"""


@review.command("list")
@click.option("--steward", help="Only what is asked of this steward.")
@click.option("--entity", help="Only about this entity.")
@click.option("--answered", is_flag=True, help="Those that were answered, with their answers.")
@reveal_option
@json_option
@office
def list_(
    office: Office, steward: str | None, entity: str | None, *, answered: bool, reveal: bool, as_json: bool
) -> int:
    """List the open questions, oldest first."""
    reading = Reading(reveal=reveal)
    with office.open_house() as house:
        asked = _questions(house, steward, entity, answered=answered)
        if as_json:
            office.json({"questions": [_data(house, one, reading) for one in asked]})
        elif asked:
            office.print(*_list_lines(house, asked, reading, office))
        else:
            office.print("No question was answered yet." if answered else "No question is open.")
    return LOOK if asked and not answered else FINE


def _questions(house: House, steward: str | None, entity: str | None, *, answered: bool = False) -> list[Question]:
    found = house.ledger.questions(entity=entity or "", open_only=not answered)
    told = [one for one in found if one.answer] if answered else found
    found = [presented(house.ledger, one, house.book.entities[one.entity]) for one in told]
    return [one for one in found if steward is None or one.steward == steward]


def _list_lines(house: House, asked: Sequence[Question], reading: Reading, office: Office) -> Iterator[Any]:
    names = _names(house, asked, reading)
    made = table("question", "steward", "about", "asked", "answers")
    for one in asked:
        about = f"{names.get(one.entity_id, one.entity_id)}: {_topic(one)}"
        when = ago(one.asked_at, office.clock()) if one.asked_at else ""
        until = held_until(one)
        told = f"{one.answer}, by {one.answered_by}" if one.answer else ", ".join(one.choices)
        made.add_row(one.id, one.steward, about, when, f"held until {until:%Y-%m-%d}" if until and one.open else told)
    yield made
    if not asked[0].open:
        return
    yield f"\nNext:  concordat review show {asked[0].id}"
    yield "       concordat review export questions.csv   for a spreadsheet"


def _topic(question: Question) -> str:
    sort, _, subject = question.topic.partition(":")
    twin = twin_in(question)
    return subject if sort == "field" else f"twice in {twin}?" if twin else question.about.value


def _names(house: House, asked: Sequence[Question], reading: Reading) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for entity in sorted({one.entity for one in asked}):
        ids = {one.entity_id for one in asked if one.entity == entity}
        values = agreed_values(house, entity, ids)
        spec = house.book.entities[entity]
        found |= {name: told for name in ids if (told := label(spec, values.get(name, {}), reading))}
    return {one.entity_id: _called(house, one, reading) for one in asked} | found


def _called(house: House, one: Question, reading: Reading) -> str:
    """By what its records say: before the first run nothing is agreed yet."""
    records = one.evidence.get("records", {})
    told = [record for record in records.values() if isinstance(record, Mapping)]
    names = (label(house.book.entities[one.entity], record, reading) for record in told)
    return next((name for name in names if name), one.entity_id)


@review.command()
@click.argument("question")
@reveal_option
@json_option
@office
def show(office: Office, question: str, *, reveal: bool, as_json: bool) -> int:
    """Show one question with everything a person needs to answer it."""
    reading = Reading(reveal=reveal)
    with office.open_house() as house:
        asked = _question(house, question)
        found = presented(house.ledger, asked, house.book.entities[asked.entity])
        if as_json:
            office.json({**_data(house, found, reading), "would": foreseen_data(house, found, reading)})
        else:
            office.print(*_show_lines(house, found, reading, office))
    return FINE


def _question(house: House, name: str) -> Question:
    found = house.ledger.question(name)
    if found is None:
        message = f"there is no question {name}; `concordat review list` shows the open ones"
        raise LedgerError(message)
    return found


def _show_lines(house: House, one: Question, reading: Reading, office: Office) -> Iterator[Any]:
    name = _names(house, [one], reading)[one.entity_id]
    when = f", asked {ago(one.asked_at, office.clock())}" if one.asked_at else ""
    yield Text.assemble((name, "bold"), (f"   {one.entity} {one.entity_id}", "dim"))
    yield Text(f"{one.asks}")
    yield Text(f"for {one.steward or 'people'}{when}", "dim")
    yield Padding(_evidence(house.book.entities[one.entity], one, reading), (1, 0, 1, 2))
    told = [*reasons(one)]
    yield from [*told, ""] if told else []
    if one.answer:
        yield f"Answered: {one.answer}, by {one.answered_by}."
        return
    if not one.open:
        yield "The doubt is gone by itself."
        return
    more = also(house.ledger, one)
    for choice, means in {**one.choices, **more}.items():
        yield Text.assemble(f"  concordat review answer {one.id} {choice}   ", (means, "dim"))
        yield from consequences(house, one, choice, reading) if choice != HOLD else ()


def _evidence(spec: EntitySpec, one: Question, reading: Reading) -> Any:
    values = one.evidence.get("values")
    if isinstance(values, Mapping):
        return _said(spec, one, values, reading)
    records = one.evidence.get("records", {})
    made = table("", *records)
    told = [record for record in records.values() if isinstance(record, Mapping)]
    for key in dict.fromkeys(key for record in told for key in record if not key.startswith("_")):
        shown = [_masked(spec, key, record.get(key), reading) for record in told]
        made.add_row(key, *shown)
    return made


def _said(spec: EntitySpec, one: Question, values: Mapping[str, Value], reading: Reading) -> Any:
    made = table("who", "says", "record")
    records = one.evidence.get("records", {})
    key = one.topic.partition(":")[2]
    for who, value in values.items():
        made.add_row(who, _masked(spec, key, value, reading), str(records.get(who, "")))
    return made


def _masked(spec: EntitySpec, key: str, value: Value, reading: Reading) -> str:
    return cut(worded(guarded(value, key, spec, reveal=reading.reveal)), 40)


def _data(house: House, one: Question, reading: Reading) -> Mapping[str, Any]:
    spec, key = house.book.entities[one.entity], one.topic.partition(":")[2]
    evidence = dict(one.evidence)
    if isinstance(evidence.get("values"), Mapping):
        evidence["values"] = {
            who: guarded(value, key, spec, reveal=reading.reveal) for who, value in evidence["values"].items()
        }
    if isinstance(evidence.get("records"), Mapping):
        evidence["records"] = {ref: _record(spec, told, reading) for ref, told in evidence["records"].items()}
    return {
        "id": one.id,
        "entity": one.entity,
        "entity_id": one.entity_id,
        "topic": one.topic,
        "about": one.about,
        "steward": one.steward,
        "asks": one.asks,
        "choices": one.choices,
        "evidence": evidence,
        "asked_at": one.asked_at,
        "answer": one.answer,
        "answered_by": one.answered_by,
    }


def _record(spec: EntitySpec, told: Any, reading: Reading) -> Any:
    if not isinstance(told, Mapping):
        return told
    return {key: guarded(value, key, spec, reveal=reading.reveal) for key, value in told.items()}


# --- answering --------------------------------------------------------------------------------------------------------


@review.command()
@click.argument("question")
@click.argument("choice")
@by_option
@office
def answer(office: Office, question: str, choice: str, by: str | None) -> int:
    """Answer one question. The next run carries it out."""
    with office.open_house() as house:
        found = _question(house, question)
        give_answer(house.ledger, house.book, question, choice, by or office.user(), office.clock())
    office.print(f"Answered: {found.choices.get(choice, choice)}.", f"Next:  concordat apply {found.entity}")
    return FINE


@review.command()
@click.argument("question")
@by_option
@office
def revoke(office: Office, question: str, by: str | None) -> int:
    """Take an answer back that keeps two apart: they are asked about once more, and meanwhile nothing is made."""
    with office.open_house() as house:
        asked = revoke_answer(house.ledger, question, by or office.user(), office.clock())
    office.print(f"It is asked again as {asked}.", f"Next:  concordat review show {asked}")
    return FINE


@review.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--steward", help="Only what is asked of this steward.")
@click.option("--entity", help="Only about this entity.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@office
def export(office: Office, file: Path, steward: str | None, entity: str | None, *, force: bool) -> int:
    """Write the open questions into a CSV file, to be answered in a spreadsheet in its column `answer`.

    The file holds customer data in full, so it is its owner's alone.
    """
    if file.exists() and not force:
        raise click.UsageError(f"{file} is there already; choose another name, or --force")
    with office.open_house() as house:
        asked = _questions(house, steward, entity)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as lines:
        os.fchmod(lines.fileno(), 0o600)
        lines.write(sheet(asked))
    office.print(f"{many(len(asked), 'question')} in {file}. Fill in the column `answer` with one of the choices.")
    office.print(f"Next:  concordat review import {file}")
    return FINE


@review.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@by_option
@office
def import_(office: Office, file: Path, by: str | None) -> int:
    """Take the answers of a sheet that `export` wrote. Either all of them fit, or none is taken."""
    answers = read_sheet(file.read_bytes())
    with office.open_house() as house:
        fresh = [one for one in answers if not _answered_so(house, one)]
        with house.ledger.transaction():
            moot = [one for one in fresh if not _take(house, one, by or office.user(), office)]
    known, taken = len(answers) - len(fresh), len(fresh) - len(moot)
    again = f" ({known} had been taken before)" if known else ""
    gone = f" {many(len(moot), 'question')} had gone away without one." if moot else ""
    office.print(f"{many(taken, 'answer')} taken{again}.{gone}")
    if taken:
        office.print("Next:  concordat apply")
    return FINE


def _answered_so(house: House, one: Answered) -> bool:
    """A sheet may be read twice: an answer that was taken already is no news."""
    question = house.ledger.question(one.question)
    return question is not None and question.answer == one.answer


def _take(house: House, one: Answered, by: str, office: Office) -> bool:
    """Whether it was still asked: a doubt may go away by itself, also by the answer to another one."""
    question = house.ledger.question(one.question)
    if question is not None and not question.open and not question.answer:
        return False
    try:
        give_answer(house.ledger, house.book, one.question, one.answer, by, office.clock())
    except LedgerError as error:
        message = f"line {one.line}: {error}; no answer of this sheet was taken"
        raise SheetError(message) from error
    return True
