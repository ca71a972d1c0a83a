"""Which key a record bears that is to be made: one that no other bears there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import Change, Op, State
from sync_pipelines.model.our_keys import our_key, turn_of

_Place: TypeAlias = tuple[str, str, str]  # entity, system, kind


def with_free_keys(ledger: Ledger, entity: str, changes: Sequence[Change]) -> list[Change]:
    """The same, each create with the next key of its entity in that system.

    Only what was made takes a key up: a create that was refused, or dropped since it was not found, is sent with the
    same one again, so that a late execution of the first is refused as a double where keys are unique. After a restore
    the ledger may know of a later one alone: what counts is the last, and not how many.
    """
    creating = sorted({change.entity_id for change in changes if change.op is Op.CREATE})
    if not creating:
        return list(changes)
    before: dict[_Place, int] = {}
    for made in ledger.changes(entity=entity, entity_ids=creating):
        if made.op is Op.CREATE and made.state is State.DONE:
            before[_place(made)] = max(before.get(_place(made), 0), 1 + turn_of(made.create_key))
    return [_keyed(change, before) if change.op is Op.CREATE else change for change in changes]


def _keyed(change: Change, before: Mapping[_Place, int]) -> Change:
    return replace(change, create_key=our_key(change.entity_id, before.get(_place(change), 0)))


def _place(change: Change) -> _Place:
    return change.entity_id, change.system, change.kind
