"""What a person says of an early record: not yet, never, or now. It stands until it is revoked."""

from datetime import datetime

from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.early import Early, KeptEarly, Stage, Word, key_of
from sync_pipelines.model.golden import Override
from sync_pipelines.model.records import AuditEntry


def say(
    ledger: Ledger, entity: str, entity_id: str, word: Word | None, by: str, now: datetime, *, role: str = ""
) -> None:
    """A person's standing word on an early record, or None to revoke it; on all its places where no role is named.

    LedgerError where it is none.
    """
    rows = [row for row in ledger.early(entity=entity, entity_ids=[entity_id]) if role in ("", row.role)]
    if not rows:
        message = f"{entity} {entity_id} waits for nothing; `concordat early {entity}` lists those that do"
        raise LedgerError(message)
    with ledger.transaction():
        for row in rows:
            if word is None:
                ledger.revoke(entity, entity_id, key_of(row.role))
            else:
                ledger.override(entity, entity_id, Override(key_of(row.role), word.value, by, now))
        ledger.note_early(entity, {entity_id: [_said(row, word) for row in rows]}, now)
        ledger.attend(entity, [entity_id])
        did = f"early: {_DID[word]}"
        ledger.audit([AuditEntry(now, by, did, f"{entity}/{entity_id}")])


_DID = {Word.HOLD: "hold", Word.DISMISS: "dismiss", Word.CREATE: "create", None: "revoked"}


def _said(row: KeptEarly, word: Word | None) -> Early:
    """Until a plan has looked at it again: a revoked one waits as it may, and its clock starts anew.

    One that a record of many serves is served until then: whoever refers to it has to be told when that ends.
    """
    if row.stage is Stage.POOLED:
        return Early(row.role, row.stage, row.lacks, row.there)
    stage = {Word.HOLD: Stage.HELD, Word.DISMISS: Stage.DISMISSED}.get(word or Word.CREATE, Stage.PROVISIONAL)
    return Early(row.role, stage, row.lacks, row.there)
