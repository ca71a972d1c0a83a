"""A person's leave for what a guard held."""

from datetime import UTC, datetime, timedelta

import pytest

from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import Approval, Part
from sync_pipelines.model.records import PlanHead
from sync_pipelines.planning.guards import covers
from sync_pipelines.review.approving import approve, approve_part

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
PART = Part("p:erp:create", "erp", "account", "create", 300, 1000, passed=False, says="too many")


@pytest.fixture
def ledger() -> MemoryLedger:
    kept = MemoryLedger()
    kept.save_plan(PlanHead("p", "account", "r", "1", NOW), [])
    kept.judge("p", [PART])
    return kept


def test_leave_for_a_part_by_its_id_is_for_it_and_for_as_much_of_the_same_until_it_ends(ledger: MemoryLedger) -> None:
    assert approve_part(ledger, PART.id, "olga", NOW) == PART
    (leave,) = ledger.approvals()
    assert covers(leave, PART, NOW + timedelta(hours=24))
    assert not covers(leave, PART, NOW + timedelta(hours=24, seconds=1))
    assert covers(leave, Part("q:erp:create", "erp", "account", "create", 300, 1000, passed=False), NOW)
    assert not covers(leave, Part("q:erp:create", "erp", "account", "create", 301, 1000, passed=False), NOW)
    assert not covers(leave, Part("q:erp:archive", "erp", "account", "archive", 1, 1000, passed=False), NOW)


@pytest.mark.parametrize("part", ["p:erp:archive", "q:erp:create", "nonsense", ""])
def test_a_part_that_is_not_there_cannot_be_approved(ledger: MemoryLedger, part: str) -> None:
    with pytest.raises(LedgerError, match="there is no part"):
        approve_part(ledger, part, "olga", NOW)
    assert ledger.approvals() == []


def test_leave_is_on_record(ledger: MemoryLedger) -> None:
    approve_part(ledger, PART.id, "olga", NOW)
    approve(ledger, Approval("ben", NOW, system="erp", op="archive", up_to=300))
    assert [(e.who, e.did, e.about) for e in ledger.audit_trail()] == [
        ("ben", "approved up to 300", "erp:any:archive"),
        ("olga", "approved up to 300", "p:erp:create"),
    ]
