"""A copy of the ledger comes back whole, and one that would not is found out by the drill."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from sync_pipelines.ledger.backing_up import Backup, back_up, backups, drill
from sync_pipelines.ledger.compacting import WORTHWHILE, compact, wasted
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.records import AuditEntry
from tests.postgres import _programs
from tests.sync_pipelines.ledger.conftest import both_databases
from tests.sync_pipelines.ledger.facts import NOW, claim, crm
from tests.sync_pipelines.ledger.test_transactions import filled

NIGHT = datetime(2026, 3, 4, 2, tzinfo=UTC)
KEY = b"k" * 32


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pg_dump` has to be as new as the server, so it is the server's own."""
    monkeypatch.setenv("PATH", f"{_programs()}:{os.environ['PATH']}")


@pytest.fixture
def used(ledger_url: str) -> str:
    """A ledger with something of everything in it."""
    ledger = open_ledger(ledger_url, audit_key=KEY)
    filled(ledger)
    ledger.audit([AuditEntry(NOW, "anna", "did", "something")])
    ledger.close()
    return ledger_url


@both_databases
def test_a_copy_of_a_ledger_that_is_open_comes_back_whole(used: str, tmp_path: Path) -> None:
    writing = open_ledger(used, audit_key=KEY)
    made = back_up(used, tmp_path / "b", NIGHT, audit_key=KEY)
    writing.land([claim(crm("later"))])
    (tmp_path / "s").mkdir()
    found = drill(made, tmp_path / "b", tmp_path / "s", used)
    assert made.rows["claim"] > 0
    assert found.rows == sum(made.rows.values())
    assert found.audited == len(writing.audit_trail())
    writing.close()


def test_a_copy_that_was_cut_off_just_before_its_end_is_none(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    open_ledger(url).close()
    made = back_up(url, tmp_path / "b", NIGHT)
    shutil.copytree(tmp_path / "b" / made.name, tmp_path / "b" / f"{made.name}.unfinished")
    assert backups(tmp_path / "b") == [made]


@both_databases
def test_a_copy_without_its_audit_key_is_found_out(used: str, tmp_path: Path) -> None:
    made = back_up(used, tmp_path, NIGHT, audit_key=b"another" * 4)
    scratch = tmp_path / "s"
    scratch.mkdir()
    with pytest.raises(LedgerError, match="audit"):
        drill(made, tmp_path, scratch, used)


def test_the_key_beside_a_file_goes_with_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    ledger = open_ledger(url)
    ledger.audit([AuditEntry(NOW, "anna", "did", "something")])
    ledger.close()
    made = back_up(url, tmp_path / "b", NIGHT)
    (tmp_path / "s").mkdir()
    assert drill(made, tmp_path / "b", tmp_path / "s", url).audited == 1


@pytest.fixture
def made(sqlite_ledger_url: str, tmp_path: Path) -> tuple[Backup, Path, str]:
    ledger = open_ledger(sqlite_ledger_url, audit_key=KEY)
    filled(ledger)
    ledger.close()
    (tmp_path / "s").mkdir()
    return back_up(sqlite_ledger_url, tmp_path / "b", NIGHT, audit_key=KEY), tmp_path, sqlite_ledger_url


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def emptied(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("harm", [truncated, emptied])
def test_a_copy_that_was_harmed_is_found_out(made: tuple[Backup, Path, str], harm: Callable[[Path], None]) -> None:
    backup, place, url = made
    harm(place / "b" / backup.name / "ledger.sqlite")
    with pytest.raises(LedgerError, match="is not the file that was written"):
        drill(backup, place / "b", place / "s", url)


def test_rows_that_are_missing_are_named(made: tuple[Backup, Path, str]) -> None:
    backup, place, url = made
    with pytest.raises(LedgerError, match="other rows came back than were written: claim"):
        drill(replace(backup, rows={**backup.rows, "claim": 99}), place / "b", place / "s", url)


def test_only_its_owner_can_read_a_backup(made: tuple[Backup, Path, str]) -> None:
    backup, place, _ = made
    folder = place / "b" / backup.name
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_the_newest_stay(sqlite_ledger_url: str, tmp_path: Path) -> None:
    for day in range(4):
        back_up(sqlite_ledger_url, tmp_path / "b", NIGHT + timedelta(days=day), audit_key=KEY, keep=2)
    assert [backup.name[-16:-8] for backup in backups(tmp_path / "b")] == ["20260307", "20260306"]


def test_one_who_dies_while_copying_leaves_nothing_that_looks_like_a_backup(
    sqlite_ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "b" / "concordat-20260304T020000Z.unfinished").mkdir(parents=True)
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    assert backups(tmp_path / "b") == []
    with pytest.raises(LedgerError, match="no backup in"):
        back_up(sqlite_ledger_url, tmp_path / "b", NIGHT)


def test_a_ledger_that_is_not_there_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="is not there: nothing to back up"):
        back_up(f"sqlite:///{tmp_path / 'none'}", tmp_path / "b", NIGHT)
    assert not (tmp_path / "none").exists()


def test_without_the_servers_tools_it_says_what_to_install(
    postgres_ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LedgerError, match="pg_dump is not there: install"):
        back_up(postgres_ledger_url, tmp_path, NIGHT, audit_key=KEY)


def test_a_drill_leaves_no_database_behind(postgres_ledger_url: str, tmp_path: Path) -> None:
    made = back_up(postgres_ledger_url, tmp_path, NIGHT, audit_key=KEY)
    drill(made, tmp_path, tmp_path, postgres_ledger_url)
    with create_engine(postgres_ledger_url, poolclass=NullPool).connect() as connection:
        found = connection.execute(text("SELECT datname FROM pg_database WHERE datname LIKE 'concordat_drill%'")).all()
    assert found == []


# --- smaller --------------------------------------------------------------------------------------------------------


def test_free_room_goes_back_to_the_disk(sqlite_ledger_url: str) -> None:
    file = Path(str(make_url(sqlite_ledger_url).database))
    ledger = open_ledger(sqlite_ledger_url, audit_key=KEY)
    ledger.land([claim(crm(str(n))) for n in range(3000)])
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM claim")
        connection.commit()
    assert wasted(sqlite_ledger_url) > WORTHWHILE
    assert compact(sqlite_ledger_url) > 0
    assert wasted(sqlite_ledger_url) < 0.01
    ledger.land([claim(crm("1"))])
    assert ledger.record_ids("crm", "Account") == ["1"]
    ledger.close()


def test_a_ledger_in_use_is_not_made_smaller_and_says_so(
    sqlite_ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{**k, "timeout": 0}))
    ledger = open_ledger(sqlite_ledger_url, audit_key=KEY)
    with ledger.transaction():
        ledger.land([claim(crm("1"))])
        with pytest.raises(LedgerError, match="cannot be made smaller just now"):
            compact(sqlite_ledger_url)
    ledger.close()


def test_a_server_cleans_up_by_itself_and_may_be_asked_to(postgres_ledger_url: str) -> None:
    assert (wasted(postgres_ledger_url), compact(postgres_ledger_url)) == (0.0, 0)
