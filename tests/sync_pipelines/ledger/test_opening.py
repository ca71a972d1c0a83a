"""Opening a ledger: files, URLs, versions, manners."""

import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from traceback import format_exception

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import StatementError

from sync_pipelines.ledger.opening import open_ledger, upgrade_ledger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.ledger.sql import SqlLedger
from sync_pipelines.ledger.sqlite_file import network_kind
from sync_pipelines.ledger.tables import VERSION_TABLE
from sync_pipelines.model.records import AuditEntry
from tests.sync_pipelines.ledger.conftest import both_databases
from tests.sync_pipelines.ledger.facts import ACCOUNT, NOW, claim, crm


def mode_of(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def say(url: str, statement: str) -> None:
    """Going round the ledger."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement))


def ask(ledger: SqlLedger, statement: str) -> object:
    """On the ledger's own connection."""
    return ledger.session.execute(text(statement)).scalar()


def test_a_new_ledger_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "ledger.db"
    ledger = open_ledger(f"sqlite:///{path}")
    ledger.land([claim(crm("1"))])
    names = sorted(each.name for each in path.parent.iterdir())
    assert names == ["ledger.db", "ledger.db-shm", "ledger.db-wal", "ledger.db.audit-key"]
    assert {mode_of(each) for each in path.parent.iterdir()} == {"0o600"}
    ledger.close()


def test_opening_a_ledger_twice_in_a_process_keeps_other_processes_from_taking_its_wal_away(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    first = open_ledger(f"sqlite:///{path}")
    open_ledger(f"sqlite:///{path}").close()
    look = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT 1 FROM coupling'); c.close()"
    subprocess.run([sys.executable, "-c", look, path], check=True)
    assert path.with_name("ledger.db-wal").exists()
    first.land([claim(crm("1"))])
    again = open_ledger(f"sqlite:///{path}")
    assert again.record_ids("crm", "Account") == ["1"]
    again.close()
    first.close()


def test_sqlite_writes_ahead_in_full_and_keeps_foreign_keys(sqlite_ledger_url: str) -> None:
    ledger = open_ledger(sqlite_ledger_url, patience=7)
    said = {name: ask(ledger, f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert ask(ledger, "PRAGMA busy_timeout") == 7_000
    ledger.close()


def test_postgres_commits_are_on_disk_before_they_are_believed(postgres_ledger_url: str) -> None:
    ledger = open_ledger(postgres_ledger_url, patience=7)
    names = ("synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout", "timezone")
    assert [ask(ledger, f"SHOW {name}") for name in names] == ["on", "7s", "1min", "UTC"]
    ledger.close()


def test_what_was_kept_is_there_when_the_ledger_is_opened_again(sqlite_ledger_url: str) -> None:
    first = open_ledger(sqlite_ledger_url)
    first.land([claim(crm("1"))])
    first.audit([AuditEntry(NOW, "ada", "looked", "a1")])
    first.close()
    again = open_ledger(sqlite_ledger_url)
    assert again.claims_at(ACCOUNT, [crm("1")]) == [claim(crm("1"))]
    assert again.verify_audit() == 1
    again.close()


@both_databases
def test_a_newer_ledger_is_refused(ledger_url: str) -> None:
    say(ledger_url, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")  # noqa: S608 - our own words
    with pytest.raises(LedgerError, match=r"a newer Concordat made this ledger \(version 9999, this one knows \d+\)"):
        open_ledger(ledger_url)


@both_databases
def test_an_older_ledger_is_refused_where_nobody_wants_an_upgrade(ledger_url: str) -> None:
    say(ledger_url, f"UPDATE {VERSION_TABLE} SET version_num = '0001'")  # noqa: S608 - our own words
    with pytest.raises(LedgerError, match="the ledger has version 0001 and this Concordat needs"):
        open_ledger(ledger_url, upgrade=False)


@pytest.mark.parametrize("url", ["", "ledger.db", "mysql://u@h/x", "oracle://x", "nonsense+x://y"])
def test_a_url_nobody_understands_is_named(url: str) -> None:
    with pytest.raises(LedgerError, match="the ledger's URL is not understood: write sqlite:"):
        open_ledger(url)


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and longer than the header of one. " * 20, encoding="utf-8")
    with pytest.raises(LedgerError, match="the ledger's file is no SQLite database"):
        open_ledger(f"sqlite:///{path}")
    assert path.read_text(encoding="utf-8").startswith("not a database")


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be opened as a ledger: Is a directory"):
        open_ledger(f"sqlite:///{tmp_path}")


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="the ledger's database refuses"):
        open_ledger(f"postgresql://nobody@/none?host={tmp_path}")


def test_a_damaged_audit_key_is_named(sqlite_ledger_url: str) -> None:
    path = Path(sqlite_ledger_url.removeprefix("sqlite:///"))
    path.with_name("ledger.db.audit-key").write_text("not hex", encoding="ascii")
    with pytest.raises(LedgerError, match=r"ledger\.db\.audit-key holds no key"):
        open_ledger(sqlite_ledger_url)


def test_a_copy_without_its_key_says_so_when_it_audits(sqlite_ledger_url: str, tmp_path: Path) -> None:
    ledger = open_ledger(sqlite_ledger_url)
    ledger.audit([AuditEntry(NOW, "ada", "looked", "a1")])
    ledger.close()
    shutil.copy(sqlite_ledger_url.removeprefix("sqlite:///"), tmp_path / "copy.db")
    copy = open_ledger(f"sqlite:///{tmp_path / 'copy.db'}")
    with pytest.raises(LedgerError, match="the audit key is not the one of this chain"):
        copy.verify_audit()
    copy.close()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/share/ledger.db", "nfs4"),
        ("/srv/share/local/ledger.db", ""),
        ("/srv/ledger.db", ""),
        ("/srv/my docs/ledger.db", "fuse.sshfs"),
        ("/srv/sharedledger.db", ""),
    ],
)
def test_a_network_file_system_is_seen_by_the_mount_the_file_lies_on(path: str, kind: str) -> None:
    mounts = [
        "/dev/vda / ext4 rw 0 0",
        "server:/x /srv/share nfs4 rw 0 0",
        "/dev/vdb /srv/share/local xfs rw 0 0",
        "me@host: /srv/my\\040docs fuse.sshfs rw 0 0",
    ]
    assert network_kind(Path(path), mounts) == kind


def test_a_ledger_on_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_pipelines.ledger.sqlite_file._mounts", lambda: [f"server:/x {tmp_path} cifs rw 0 0"])
    with pytest.raises(LedgerError, match=r"lies on a network file system \(cifs\), .*: use PostgreSQL"):
        open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    assert [*tmp_path.iterdir()] == []


def test_a_locked_ledger_is_waited_for_and_then_named(sqlite_ledger_url: str) -> None:
    ledger = open_ledger(sqlite_ledger_url, patience=0.01)
    other = sqlite3.connect(sqlite_ledger_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerError, match="locked by another process for too long"):
        ledger.attend(ACCOUNT, ["a1"])
    assert ledger.attended(ACCOUNT) == []
    other.execute("ROLLBACK")
    other.close()
    ledger.attend(ACCOUNT, ["a1"])
    ledger.close()


def test_a_locked_postgres_ledger_is_waited_for_and_then_named(postgres_ledger_url: str) -> None:
    ledger, other = open_ledger(postgres_ledger_url, patience=0.01), open_ledger(postgres_ledger_url)
    with other.transaction(), pytest.raises(LedgerError, match="locked by another process for too long"):
        ledger.attend(ACCOUNT, ["a1"])
    ledger.attend(ACCOUNT, ["a1"])
    ledger.close()
    other.close()


def test_a_lost_server_connection_is_made_anew_but_never_in_the_middle(postgres_ledger_url: str) -> None:
    ledger = open_ledger(postgres_ledger_url)

    def end_its_connection() -> None:
        who = ask(ledger, "SELECT pg_backend_pid()")
        say(postgres_ledger_url, f"SELECT pg_terminate_backend({who})")

    end_its_connection()
    ledger.attend(ACCOUNT, ["after a loss between two transactions"])
    end_its_connection()
    assert ledger.attended(ACCOUNT) == ["after a loss between two transactions"]

    def lose_it_in_the_middle() -> None:
        with ledger.transaction():
            ledger.attend(ACCOUNT, ["before the loss"])
            end_its_connection()
            with pytest.raises(LedgerError):
                ledger.attend(ACCOUNT, ["at the loss"])
            ledger.attend(ACCOUNT, ["after the loss"])

    with pytest.raises(LedgerError, match="the connection to the ledger broke"):
        lose_it_in_the_middle()
    assert ledger.attended(ACCOUNT) == ["after a loss between two transactions"]
    ledger.close()


CUSTOMERS = "DE02 1203 0000 0000 2020 51"


def test_errors_never_show_customers_data(sqlite_ledger_url: str) -> None:
    """What is said again and again goes to the driver itself, whose errors have no parameters to show."""
    upgrade_ledger(sqlite_ledger_url)
    say(sqlite_ledger_url, "DROP TABLE claim")
    ledger = open_ledger(sqlite_ledger_url)
    with pytest.raises(LedgerError, match="no such table: claim") as caught:
        ledger.land([claim(crm("1"), iban=CUSTOMERS)])
    assert "DE02" not in "".join(format_exception(caught.value))
    ledger.close()


@both_databases
def test_errors_never_show_customers_data_that_went_through_sqlalchemy(ledger_url: str) -> None:
    """Its errors list the parameters, unless they are hidden; ours stands before the whole chain of them."""
    ledger = open_ledger(ledger_url)
    with pytest.raises(LedgerError, match="nowhere") as caught:
        ledger.session.execute(text("INSERT INTO nowhere VALUES (:iban)"), {"iban": CUSTOMERS})
    assert isinstance(caught.value.__cause__, StatementError)
    assert "DE02" not in "".join(format_exception(caught.value))
    ledger.close()
