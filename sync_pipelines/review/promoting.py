"""Where the first record of an entity is gone and a twin of it lives in the same place, the twin takes its place."""

from collections.abc import Sequence
from datetime import datetime

from connectors.contract import RecordRef
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.records import Coupling


def promote(ledger: Ledger, entity: str, entity_ids: Sequence[str], now: datetime) -> None:
    """Look at these entities, in all their places. In its transaction the caller has told what is gone, or joined."""
    moved: list[Coupling] = []
    for claims in ledger.claims_of(entity, entity_ids).values() if entity_ids else ():
        for lost in (claim for claim in claims if claim.primary and claim.gone):
            here = (claim for claim in claims if _place(claim) == _place(lost))
            twins = sorted(claim.ref for claim in here if not claim.primary and not claim.gone)
            moved += _swapped(lost, twins[0], now) if twins else []
    if moved:
        ledger.couple(moved)


def _place(claim: Claim) -> tuple[str, str, str]:
    return (claim.system, claim.ref.kind, claim.scope)


def _swapped(lost: Claim, twin: RecordRef, now: datetime) -> list[Coupling]:
    told = f"{lost.ref.id} is gone"
    return [
        Coupling(lost.ref, lost.entity, lost.entity_id, lost.scope, primary=False, because=told, at=now),
        Coupling(twin, lost.entity, lost.entity_id, lost.scope, because=told, at=now),
    ]
