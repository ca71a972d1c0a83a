"""A person's leave for what a guard held: that very part by its id, or a bound."""

from datetime import datetime, timedelta

from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.changes import Approval, Part
from sync_pipelines.model.records import AuditEntry

LASTS = timedelta(hours=24)


def approve_part(ledger: Ledger, part_id: str, by: str, now: datetime, lasts: timedelta = LASTS) -> Part:
    """Leave for a judged part, and for as much of the same until it ends. LedgerError where there is no such part."""
    plan = part_id.partition(":")[0]
    part = next((one for one in ledger.parts(plan) if one.id == part_id), None)
    if part is None:
        message = f"there is no part {part_id}; `concordat plan` and `concordat status` show the parts that are held"
        raise LedgerError(message)
    _keep(ledger, Approval(by, now, part.id, part.system, part.entity, part.op, part.count, now + lasts))
    return part


def approve(ledger: Ledger, approval: Approval) -> None:
    """Leave within a bound: up to so many, in a system, of an entity, of an operation; empty ones mean any."""
    _keep(ledger, approval)


def _keep(ledger: Ledger, approval: Approval) -> None:
    about = approval.part or f"{approval.system or 'any'}:{approval.entity or 'any'}:{approval.op or 'any'}"
    with ledger.transaction():
        ledger.approve(approval)
        ledger.audit([AuditEntry(approval.at, approval.by, f"approved up to {approval.up_to}", about)])
