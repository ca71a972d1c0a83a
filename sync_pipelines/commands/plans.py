"""A plan, as a person reads it before anything is written."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mappings.book import EntitySpec
from mappings.values import Value
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.model.changes import Change, FieldChange, Held, Op, Part
from sync_pipelines.model.claims import ARCHIVED
from sync_pipelines.model.questions import Question
from sync_pipelines.planning.guards import op_of, part_id
from sync_pipelines.review.presenting import addressed
from sync_pipelines.review.wording import guarded, shown

_SHOWN = 3  # changes of each part, unless all are asked for
_LONGEST = 34  # characters of a value


@dataclass(frozen=True, slots=True)
class Reading:
    """How plans are shown."""

    reveal: bool = False
    everything: bool = False


def table(*columns: str, right: Sequence[str] = ()) -> Table:
    """Columns without lines around them."""
    made = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def many(count: int, one: str, more: str = "") -> str:
    """`1 create`, `2 creates`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def plan_lines(house: House, result: RunResult, reading: Reading) -> Iterator[Any]:
    """Everything about one plan, top down."""
    spec = house.book.entities[result.entity]
    changes = house.ledger.changes(plan=result.plan)
    yield Text.assemble((result.entity, "bold"), ("   ", ""), (_head(house, result, changes), ""))
    yield from _warnings(result)
    if changes:
        yield Padding(parts_table(result.parts), (1, 0, 0, 2))
        yield from change_lines(house, spec, changes, result.parts, reading)
    yield from held_lines(result.held)
    yield from _asked(house, result)
    yield ""


def _head(house: House, result: RunResult, changes: Sequence[Change]) -> str:
    read = sum(crawl.tally.read for crawl in result.crawls)
    systems = len({crawl.system for crawl in result.crawls})
    told = f"{many(read, 'record')} read from {many(systems, 'system')}"
    entities = house.ledger.count_entities(result.entity)
    known = f"{entities:,} known" if entities else "none known yet"
    return f"{told}, {known}: {many(len(changes), 'write') if changes else 'nothing to write'}"


def _warnings(result: RunResult) -> Iterator[Any]:
    for says in result.says:
        yield Text(f"  ! {says}", style="yellow")


def parts_table(parts: Sequence[Part]) -> Table:
    """What the guards say of each part."""
    made = table("system", "what", "count", "of", "verdict", right=("count", "of"))
    for part in parts:
        made.add_row(part.system, part.op, f"{part.count:,}", f"{part.known:,}", _verdict(part))
    return made


def _verdict(part: Part) -> Text:
    if part.approved_by:
        return Text(f"approved by {part.approved_by}", style="green")
    return Text("goes", style="green") if part.passed else Text(f"HELD: {part.says}", style="bold red")


def change_lines(
    house: House, spec: EntitySpec, changes: Sequence[Change], parts: Sequence[Part], reading: Reading
) -> Iterator[Any]:
    """The first writes of each part, or all of them."""
    by_part: dict[str, list[Change]] = {}
    for change in changes:
        by_part.setdefault(part_id(change), []).append(change)
    most = None if reading.everything else _SHOWN
    picked = {part.id: by_part.get(part.id, [])[:most] for part in parts}
    names = labels(house, spec, [change for some in picked.values() for change in some], reading)
    for part in parts:
        yield ""
        for change in picked[part.id]:
            yield from _change(spec, change, names[change.key], reading)
        left = len(by_part.get(part.id, [])) - len(picked[part.id])
        if left:
            yield Text(f"  … and {many(left, f'{part.op} more', f'{part.op}s more')} in {part.system} (--all)", "dim")


def _change(spec: EntitySpec, change: Change, name: str, reading: Reading) -> Iterator[Any]:
    where = f"{change.kind}/{change.record_id}" if change.record_id else f"{len(change.fields)} fields"
    yield Text.assemble(
        "  ", (f"{change.system} {op_of(change)}", "bold"), "  ", name, "  ", (where, "dim"), no_wrap=True
    )
    if change.op is Op.UPDATE or reading.everything:
        made = table("", "", "", "")
        made.show_header = False
        for key, field in change.fields.items():
            made.add_row(*_field(spec, key, field, reading))
        yield Padding(made, (0, 0, 0, 6))


def _field(spec: EntitySpec, key: str, field: FieldChange, reading: Reading) -> list[str | Text]:
    old, new = (cut(shown(value, key, spec, reveal=reading.reveal)) for value in (field.old, field.new))
    why = f"{field.why}{', takes back an edit' if field.reverts else ''}"
    return ["out of use" if key == ARCHIVED else key, f"{old} → {new}", Text(why, "dim")]


def cut(text: str, most: int = _LONGEST) -> str:
    """No longer than a column bears."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def labels(house: House, spec: EntitySpec, changes: Sequence[Change], reading: Reading) -> Mapping[str, str]:
    """What people call the things that are written: by the key of the change."""
    known = agreed_values(house, spec.name, {change.entity_id for change in changes}, {c.plan for c in changes})
    found = {}
    for change in changes:
        told = {**known.get(change.entity_id, {}), **{key: field.new for key, field in change.fields.items()}}
        found[change.key] = label(spec, told, reading) or change.entity_id
    return found


def agreed_values(
    house: House, entity: str, ids: Collection[str], plans: Collection[str] = ()
) -> dict[str, dict[str, Value]]:
    """What is agreed about entities, and what these plans are about to agree."""
    golden = house.ledger.golden_of(entity, sorted(ids)) if ids else {}
    known = {name: {key: one.value for key, one in found.fields.items()} for name, found in golden.items()}
    for decision in (decision for plan in plans for decision in house.ledger.decisions(plan)):
        if decision.entity_id in ids:
            agreed = known.setdefault(decision.entity_id, {})
            agreed |= {key: one.value for key, one in decision.golden.items()}
    return known


def label(spec: EntitySpec, values: Mapping[str, Any], reading: Reading) -> str:
    """A name, or what comes nearest to one."""
    names = [name for name in spec.fields if name == "name" or name.endswith("_name")] or ["email", "code"]
    told = [shown(values.get(name), name, spec, reveal=reading.reveal) for name in names if values.get(name)]
    return cut(" ".join(told), 48)


def held_lines(held: Sequence[Held]) -> Iterator[Any]:
    """Writes that wait, by their reason."""
    counted = Counter((one.entity, one.system, one.because, one.steward) for one in held)
    if not counted:
        return
    yield Text(f"\n  {many(len(held), 'write waits', 'writes wait')}", "bold")
    for (entity, system, because, steward), count in counted.most_common():
        whose = f" ({steward})" if steward else ""
        yield Text(f"    {count:>5,} × {entity} in {system}: {because}{whose}")


def _asked(house: House, result: RunResult) -> Iterator[Any]:
    pages = house.ledger.decision_pages(result.plan)
    new = [question for page in pages for decision in page for question in decision.questions]
    asked = {(one.entity_id, one.topic): one for one in [*house.ledger.questions(entity=result.entity), *new]}
    if asked:
        spec = house.book.entities[result.entity]
        whose = stewards_of(addressed(one, spec) for one in asked.values())
        yield Text(f"\n  {many(len(asked), 'question')} for {whose}")


def stewards_of(questions: Iterable[Question]) -> str:
    """Who is asked."""
    return ", ".join(sorted({one.steward for one in questions if one.steward})) or "people"


def plan_data(house: House, result: RunResult, reading: Reading) -> Mapping[str, Any]:
    """The same for programs; personal values are masked here, too."""
    spec = house.book.entities[result.entity]
    return {
        "entity": result.entity,
        "run": result.run,
        "plan": result.plan,
        "state": result.state,
        "says": result.says,
        "parts": result.parts,
        "held": result.held,
        "changes": [change_data(spec, one, reading) for one in house.ledger.changes(plan=result.plan)],
    }


def change_data(spec: EntitySpec, change: Change, reading: Reading) -> Mapping[str, Any]:
    """One write, for programs."""
    fields = {
        key: {
            "old": guarded(field.old, key, spec, reveal=reading.reveal),
            "new": guarded(field.new, key, spec, reveal=reading.reveal),
            "why": field.why,
            "reverts": field.reverts,
        }
        for key, field in change.fields.items()
    }
    return {
        "key": change.key,
        "op": op_of(change),
        "record": f"{change.system}/{change.kind}/{change.record_id}" if change.record_id else "",
        "system": change.system,
        "entity_id": change.entity_id,
        "fields": fields,
    }
