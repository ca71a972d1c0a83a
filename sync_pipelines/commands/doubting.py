"""A question as a person sees it: what speaks for and against, and what each answer would write, and where."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from mappings.book import EntitySpec
from sync_pipelines.commands.plans import Reading, cut, many
from sync_pipelines.flow.foreseeing import Foreseen, foresee
from sync_pipelines.flow.run import House
from sync_pipelines.model.changes import Change, Op
from sync_pipelines.model.questions import About, Question
from sync_pipelines.review.wording import guarded, shown

_FIELDS = 6  # of a record, in one line


def reasons(question: Question) -> Iterator[Any]:
    """What led to the question."""
    told = question.evidence
    if question.about is About.MATCH and told.get("level") and not told.get("for"):
        yield Text(f"  found by: {told['level']}", "dim")
    if told.get("before"):
        yield Text(f"  before: {told['before']}", "yellow")
    for name, style in (("for", "green"), ("against", "yellow"), ("bars", "yellow"), ("not_looked_up", "dim")):
        for says in told.get(name, ()):
            yield Text.assemble(("  ", ""), (f"{_HEAD[name]:<9}", style), says)


_HEAD = {"for": "for", "against": "against", "bars": "but", "not_looked_up": "unheard"}


def twin_in(question: Question) -> str:
    """The system of which two records are in question: it may hold one thing twice."""
    systems = Counter(str(ref).partition("/")[0] for ref in question.evidence.get("records", {}))
    twice = [system for system, times in systems.items() if times > 1]
    return twice[0] if question.about is About.MATCH and twice else ""


# --- what each answer would lead to -----------------------------------------------------------------------------------


def consequences(house: House, question: Question, choice: str, reading: Reading) -> Iterator[Any]:
    """Lines under an answer."""
    if question.about is About.CREATE:
        return
    spec, foreseen = house.book.entities[question.entity], foresee(house, question, choice)
    if not foreseen.changes:
        yield Text("      writes nothing", "dim")
    for change in foreseen.changes:
        yield Text(f"      {_told(spec, change, reading)}", "dim")
    for held in foreseen.held:
        yield Text(f"      nothing in {held.system}{f' ({held.key})' if held.key else ''}: {held.because}", "dim")


def _told(spec: EntitySpec, change: Change, reading: Reading) -> str:
    named = [f"{key} {_value(spec, change, key, reading)}" for key in change.fields]
    more = f" and {many(len(named) - _FIELDS, 'field')} more" if len(named) > _FIELDS else ""
    where = f"{change.system}/{change.kind}" + (f"/{change.record_id}" if change.record_id else "")
    return f"{change.op.value}s {where}{': ' if named else ''}{', '.join(named[:_FIELDS])}{more}"


def _value(spec: EntitySpec, change: Change, key: str, reading: Reading) -> str:
    field = change.fields[key]
    new = cut(shown(field.new, key, spec, reveal=reading.reveal), 30)
    return new if change.op is Op.CREATE else f"{cut(shown(field.old, key, spec, reveal=reading.reveal), 30)} → {new}"


def foreseen_data(house: House, question: Question, reading: Reading) -> Mapping[str, Any]:
    """By answer."""
    spec = house.book.entities[question.entity]
    choices = () if question.about is About.CREATE or not question.open else question.choices
    return {choice: _data(spec, foresee(house, question, choice), reading) for choice in choices}


def _data(spec: EntitySpec, foreseen: Foreseen, reading: Reading) -> Mapping[str, Any]:
    def safe(change: Change) -> Mapping[str, Any]:
        return {
            key: {name: guarded(v, key, spec, reveal=reading.reveal) for name, v in (("old", f.old), ("new", f.new))}
            for key, f in change.fields.items()
        }

    return {
        "systems": foreseen.systems,
        "writes": [
            {"op": c.op, "system": c.system, "kind": c.kind, "record": c.record_id, "fields": safe(c)}
            for c in foreseen.changes
        ],
        "waits": [{"system": held.system, "field": held.key, "because": held.because} for held in foreseen.held],
    }
