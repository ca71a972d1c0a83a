"""Which key a record bears that is to be made: one that no other bears there."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import Change, Op, State
from sync_pipelines.model.our_keys import our_key


def with_free_keys(ledger: Ledger, entity: str, changes: Sequence[Change]) -> list[Change]:
    """The same, each create with the next key of its entity in that system.

    Only what was made takes a key up: a create that was refused, or dropped since it was not found, is sent with the
    same one again, so that a late execution of the first is refused as a double where keys are unique.
    """
    creating = sorted({change.entity_id for change in changes if change.op is Op.CREATE})
    if not creating:
        return list(changes)
    known = ledger.changes(entity=entity, entity_ids=creating, states=(State.DONE,))
    before = Counter((c.entity_id, c.system, c.kind) for c in known if c.op is Op.CREATE)
    return [_keyed(change, before) if change.op is Op.CREATE else change for change in changes]


def _keyed(change: Change, before: Counter[tuple[str, str, str]]) -> Change:
    return replace(change, create_key=our_key(change.entity_id, before[change.entity_id, change.system, change.kind]))
