"""No room left, at every page: one clear error, and nothing half done."""

from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.ledger.sql import SqlLedger
from tests.sync_pipelines.ledger.facts import ACCOUNT, agreed, change, claim, coupling, crm, decided, head

REFS = [crm(f"{number:03d}") for number in range(60)]


def ask(ledger: SqlLedger, statement: str) -> int:
    return int(ledger.session.execute(text(statement)).scalar_one())


def leave_room(ledger: SqlLedger, pages: int) -> None:
    """The database may grow by so many pages and no more: SQLite's own way to a full disk."""
    used = ask(ledger, "PRAGMA page_count")
    assert ask(ledger, f"PRAGMA max_page_count = {used + pages}") == used + pages


def one_step(ledger: SqlLedger) -> None:
    with ledger.transaction():
        ledger.land([claim(ref, name="x" * 400) for ref in REFS])
        ledger.couple([coupling(ref, f"a{ref.id}") for ref in REFS])
        ledger.agree([(ref, ACCOUNT, "", agreed(name="x")) for ref in REFS])
        ledger.decide(ACCOUNT, {f"a{ref.id}": {"name": decided("x" * 200)} for ref in REFS})
        ledger.save_plan(head("p1"), [change(f"k{ref.id}") for ref in REFS])


def fits(ledger: SqlLedger, pages: int) -> bool:
    leave_room(ledger, pages)
    try:
        one_step(ledger)
    except LedgerError as error:
        if not str(error).startswith("the ledger's disk is full: nothing of this step was kept"):
            raise
        return False
    return True


def kept(ledger: SqlLedger) -> tuple[int, ...]:
    return (
        len(ledger.record_ids("crm", "Account")),
        len(ledger.entity_ids(ACCOUNT)),
        len(ledger.steps_of_run("r1")),
        len(ledger.changes()),
        len(ledger.plans()),
    )


def test_however_little_room_is_left_nothing_is_half_done(sqlite_ledger_url: str) -> None:
    ledger = open_ledger(sqlite_ledger_url)
    rooms = 0
    while not fits(ledger, rooms):
        assert kept(ledger) == (0, 0, 0, 0, 0)
        rooms += 1
    assert rooms > 20
    assert kept(ledger) == (60, 60, 60, 60, 1)
    ledger.close()


def test_a_full_disk_that_is_ignored_within_a_transaction_loses_all_of_it(sqlite_ledger_url: str) -> None:
    ledger = open_ledger(sqlite_ledger_url)
    leave_room(ledger, 3)

    def ignore_it() -> None:
        with ledger.transaction():
            ledger.attend(ACCOUNT, ["before"])
            with suppress(LedgerError):
                ledger.land([claim(ref, name="x" * 400) for ref in REFS])
            ledger.attend(ACCOUNT, ["after"])

    with pytest.raises(LedgerError, match="nothing was kept"):
        ignore_it()
    assert (ledger.record_ids("crm", "Account"), ledger.attended(ACCOUNT)) == ([], [])
    ledger.close()


def test_with_room_again_the_same_ledger_goes_on(sqlite_ledger_url: str, tmp_path: Path) -> None:
    ledger = open_ledger(sqlite_ledger_url)
    leave_room(ledger, 5)
    with pytest.raises(LedgerError, match="disk is full"):
        one_step(ledger)
    leave_room(ledger, 1_000)
    one_step(ledger)
    assert kept(ledger) == (60, 60, 60, 60, 1)
    ledger.close()
