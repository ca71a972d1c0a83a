"""Whatever is done to them in whatever order, the ledgers give the same answers."""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, note, settings
from sqlalchemy import text

from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.ledger.sql import SqlLedger
from sync_pipelines.ledger.tables import METADATA
from tests.sync_pipelines.ledger.calls import CALLS, Block, Call, everything
from tests.sync_pipelines.ledger.conftest import KEY


def emptied(ledger: SqlLedger) -> SqlLedger:
    """Going round the ledger: its audit trail cannot be emptied otherwise."""
    session = ledger.session
    if session.dialect == "postgresql":
        session.execute(text("SET session_replication_role TO replica"))
    else:
        session.execute(text("DROP TRIGGER IF EXISTS audit_no_delete"))
    for table in reversed(METADATA.sorted_tables):
        session.execute(table.delete())
    return ledger


def compare(calls: Sequence[Call | Block], ledger: SqlLedger) -> None:
    memory = MemoryLedger(KEY)
    for call in calls:
        note(str(call))
        left, right = call.on(ledger), call.on(memory)
        assert left == right
    assert everything(ledger) == everything(memory)


@pytest.fixture(scope="module")
def in_memory_sqlite() -> SqlLedger:
    return open_ledger("sqlite://", audit_key=KEY)


# Its fixture is one ledger for all examples, emptied for each.
steadily = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@settings(steadily, max_examples=150)
@given(calls=CALLS)
def test_sqlite_answers_as_memory_does(in_memory_sqlite: SqlLedger, calls: Sequence[Call | Block]) -> None:
    compare(calls, emptied(in_memory_sqlite))


@pytest.mark.slow
@settings(steadily, max_examples=20)
@given(calls=CALLS)
def test_postgres_answers_as_memory_does(emptied_url: str, calls: Sequence[Call | Block]) -> None:
    ledger = emptied(open_ledger(emptied_url, audit_key=KEY))
    try:
        compare(calls, ledger)
    finally:
        ledger.close()
