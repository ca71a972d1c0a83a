"""A person lets go of what waits in quarantine: the next run reads it anew and tries once more."""

from collections.abc import Sequence

from connectors.contract import RecordRef
from sync_pipelines.applying.encoding import NEW
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.records import Quarantined


def named(entries: Sequence[Quarantined], records: Sequence[str]) -> list[Quarantined]:
    """Those of these records (`system/kind/id`). Raises LedgerError for one that does not wait."""
    chosen: list[Quarantined] = []
    for address in records:
        mine = [entry for entry in entries if str(entry.ref) == address]
        if not mine:
            message = f"{address} is not in quarantine; `concordat quarantine list` shows what is"
            raise LedgerError(message)
        chosen += mine
    return chosen


def release(ledger: Ledger, chosen: Sequence[Quarantined]) -> None:
    """Refused creates have no record to read: the entity is looked at again instead."""
    with ledger.transaction():
        for entry in chosen:
            ledger.release([entry.ref], entry.entity, entry.reason)
        _attend(ledger, chosen)
        refs = sorted({entry.ref for entry in chosen if not _is_unborn(entry.ref)})
        ledger.mark_dirty(refs, "replayed by a person")


def _attend(ledger: Ledger, chosen: Sequence[Quarantined]) -> None:
    for entity in sorted({entry.entity for entry in chosen}):
        refs = sorted({entry.ref for entry in chosen if entry.entity == entity})
        known = {coupling.entity_id for coupling in ledger.couplings_at(entity, refs).values()}
        unborn = {ref.id.removeprefix(NEW) for ref in refs if _is_unborn(ref)}
        ledger.attend(entity, sorted(known | unborn))


def _is_unborn(ref: RecordRef) -> bool:
    return ref.id.startswith(NEW)
