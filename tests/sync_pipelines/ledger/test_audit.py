"""The chain of who did what."""

from dataclasses import replace

import pytest
from sqlalchemy import NullPool, create_engine, text

from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.records import AuditEntry
from tests.sync_pipelines.ledger.conftest import KEY, both_databases
from tests.sync_pipelines.ledger.facts import NOW, at

ENTRIES = [
    AuditEntry(NOW, "ada", "answered", "account/a1", {"answer": "crm", "phone": "+49 30 1"}),
    AuditEntry(at(1), "bob", "approved", "plan/p1"),
    AuditEntry(at(2), "ada", "undid", "account/a1", {"run": "r1"}),
]


def write_directly(url: str, statement: str) -> None:
    """As somebody would who goes round the ledger."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement))


def filled(url: str) -> None:
    ledger = open_ledger(url, audit_key=KEY)
    ledger.audit(ENTRIES)
    ledger.close()


def test_entries_come_newest_first_and_the_chain_holds(ledger: Ledger) -> None:
    assert ledger.verify_audit() == 0
    ledger.audit(ENTRIES[:1])
    ledger.audit(ENTRIES[1:])
    assert ledger.audit_trail(limit=2) == [ENTRIES[2], ENTRIES[1]]
    assert ledger.verify_audit() == 3


def test_values_are_erased_and_the_chain_still_holds(ledger: Ledger) -> None:
    ledger.audit(ENTRIES)
    ledger.erase_audited(["account/a1", "account/unknown"])
    assert [entry.values for entry in ledger.audit_trail()] == [{}, {}, {}]
    assert [entry.did for entry in ledger.audit_trail()] == ["undid", "approved", "answered"]
    ledger.audit([replace(ENTRIES[0], at=at(9))])
    assert ledger.verify_audit() == 4


@both_databases
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit WHERE place = 3",
        "DELETE FROM audit",
        "UPDATE audit SET who = 'mallory' WHERE place = 1",
        "UPDATE audit SET place = 9 WHERE place = 1",
        """UPDATE audit SET "values" = '{}' WHERE place = 1""",
    ],
)
def test_the_database_itself_refuses_to_change_the_trail(ledger_url: str, statement: str) -> None:
    filled(ledger_url)
    with pytest.raises(Exception, match="audit is append-only"):
        write_directly(ledger_url, statement)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE audit SET who = 'mallory' WHERE place = 2", r"audit entry 2 \(2026-03-01 02:31\): it was changed"),
        ("""UPDATE audit SET "values" = '{"answer":"erp"}' WHERE place = 1""", "audit entry 1 .*: it was changed"),
        ("UPDATE audit SET at = '2026-03-02T00:00:00.000000Z' WHERE place = 3", "audit entry 3 .*: it was changed"),
        ("DELETE FROM audit WHERE place = 1", "audit entry 1 .*, or one is missing"),
        ("DELETE FROM audit WHERE place = 2", "audit entry 2 .*, or one is missing"),
        ("DELETE FROM audit WHERE place = 3", "ends after entry 2 and once went on"),
        ("DELETE FROM audit", "ends after entry 0 and once went on"),
    ],
)
def test_who_takes_the_guards_off_and_forges_is_found_out(sqlite_ledger_url: str, statement: str, says: str) -> None:
    filled(sqlite_ledger_url)
    for guard in ("audit_no_delete", "audit_no_update", "audit_only_erase"):
        write_directly(sqlite_ledger_url, f"DROP TRIGGER {guard}")
    write_directly(sqlite_ledger_url, statement)
    with pytest.raises(LedgerError, match=says):
        open_ledger(sqlite_ledger_url, audit_key=KEY).verify_audit()


def test_a_wrong_key_is_called_wrong(sqlite_ledger_url: str) -> None:
    filled(sqlite_ledger_url)
    ledger = open_ledger(sqlite_ledger_url, audit_key=b"another")
    with pytest.raises(LedgerError, match="the audit key is not the one of this chain"):
        ledger.verify_audit()
    with pytest.raises(LedgerError, match="the audit key is not the one of this chain"):
        ledger.audit(ENTRIES[:1])


def test_without_a_key_nothing_is_audited() -> None:
    with pytest.raises(LedgerError, match="without an audit key"):
        MemoryLedger(audit_key=b"").audit(ENTRIES)
