"""Plans that were made earlier: which there are, and one of them as it stands. Asks the ledger only, no system."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.padding import Padding
from rich.text import Text

from sync_pipelines.commands.office import FINE, LOOK, Office
from sync_pipelines.commands.plans import Reading, change_data, change_lines, many, parts_table, table
from sync_pipelines.commands.status import ago
from sync_pipelines.flow.leave import asks_for_leave
from sync_pipelines.flow.run import House
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import Part, State
from sync_pipelines.model.records import PlanHead

_MOST = 20
_OPEN = ("planned", "judged")
_WORDS = {
    "drafting": "being made, or cut off",
    "planned": "not judged",
    "judged": "waits",
    "applied": "applied",
    "superseded": "replaced by a newer one",
}
_BECAME = {State.DONE: "done", State.DROPPED: "not sent", State.QUARANTINED: "refused", State.UNCERTAIN: "uncertain",
           State.INTENDED: "sent, no answer yet"}  # fmt: skip


def list_plans(office: Office, house: House, entity: str | None, *, as_json: bool) -> int:
    """The newest first."""
    heads = house.ledger.plans(entity or "", _MOST)
    if as_json:
        office.json({"plans": [{**_head_data(head), "held_parts": _held(house, head)} for head in heads]})
    else:
        office.print(*_list_lines(office, house, heads))
    return FINE


def _list_lines(office: Office, house: House, heads: Sequence[PlanHead]) -> Iterator[Any]:
    if not heads:
        yield "No plan is kept yet; `concordat plan` makes one."
        return
    made = table("plan", "entity", "made", "writes", "held parts", "", right=("writes", "held parts"))
    for head in heads:
        held = f"{len(_held(house, head))}" if head.state in _OPEN else "–"
        made.add_row(head.id, head.entity, ago(head.made_at, office.clock()), f"{_writes(head):,}", held, _state(head))
    yield made
    yield "\nOne of them:  concordat plan --show ID"


def _writes(head: PlanHead) -> int:
    return sum(head.counts.values())


def _held(house: House, head: PlanHead) -> list[str]:
    return [part.id for part in house.ledger.parts(head.id) if not part.passed]


def _state(head: PlanHead) -> Text:
    return Text(_WORDS.get(head.state, head.state), "yellow" if head.state in _OPEN else "dim")


def _head_data(head: PlanHead) -> Mapping[str, Any]:
    return {"plan": head.id, "entity": head.entity, "run": head.run, "made_at": head.made_at, "state": head.state,
            "book": head.book, "counts": head.counts, "on_hold": head.held}  # fmt: skip


def show_plan(office: Office, house: House, plan_id: str, reading: Reading, *, as_json: bool) -> int:
    """With the same face as when it was made, and what has become of it since."""
    head = house.ledger.plan(plan_id)
    if head is None:
        raise LedgerError(f"there is no plan {plan_id}; `concordat plan --list` shows those that are kept")
    if head.entity not in house.book.entities:
        raise LedgerError(f"plan {plan_id} is of {head.entity!r}, which the book does not have any more")
    parts = house.ledger.parts(plan_id)
    if as_json:
        office.json({"plans": [_plan_data(house, head, parts, reading)]})
    else:
        office.print(*_plan_lines(office, house, head, parts, reading))
    return LOOK if head.state in _OPEN and any(not part.passed for part in parts) else FINE


def _plan_data(house: House, head: PlanHead, parts: Sequence[Part], reading: Reading) -> Mapping[str, Any]:
    spec = house.book.entities[head.entity]
    changes = house.ledger.changes(plan=head.id)
    told = [{**change_data(spec, one, reading), "state": one.state} for one in changes]
    return {**_head_data(head), "parts": parts, "changes": told}


def _plan_lines(office: Office, house: House, head: PlanHead, parts: Sequence[Part], reading: Reading) -> Iterator[Any]:
    changes = house.ledger.changes(plan=head.id)
    when = f"plan {head.id}, made {ago(head.made_at, office.clock())}, {_WORDS.get(head.state, head.state)}"
    writes = many(len(changes), "write") if changes else "nothing to write"
    yield Text.assemble((head.entity, "bold"), f"   {when}: {writes}")
    if head.book != house.book.version:
        yield Text("  ! the book has changed since", "yellow")
    if changes:
        yield Padding(parts_table(parts), (1, 0, 0, 2))
        yield from change_lines(house, house.book.entities[head.entity], changes, parts, reading)
    if head.held:
        yield Text(f"\n  {many(head.held, 'write waited', 'writes waited')} for something else", "bold")
    became = Counter(_BECAME[change.state] for change in changes if change.state in _BECAME)
    if became:
        yield Text(f"\n  became:  {', '.join(f'{count:,} {word}' for word, count in became.most_common())}", "bold")
    yield ""
    yield from _next(head, parts)


def _next(head: PlanHead, parts: Sequence[Part]) -> Iterator[str]:
    if head.state not in _OPEN:
        yield f"It cannot be applied any more; `concordat plan {head.entity}` makes a new one."
        return
    approve = "".join(f" --approve {part.id}" for part in parts if asks_for_leave(part))
    yield f"Next:  concordat apply --plan {head.id}{approve}"
