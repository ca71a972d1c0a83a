"""A backup, its drill, and a bundle that may be shown to others."""

import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.testing.faults import Fault
from mappings.ownership import Cadence
from sync_pipelines.flow.agreement import agreement_of, keep
from sync_pipelines.flow.totals import Total
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.model.changes import RunState
from sync_pipelines.model.records import Delivery
from sync_pipelines.settings import Place
from tests.laws.little_world import LittleWorld
from tests.sync_pipelines.cli.conftest import Terminal, a_world

KEY = b"k" * 32


@pytest.fixture
def on_disk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A house whose ledger is a file."""
    place = Place(tmp_path / "book", f"sqlite:///{tmp_path / 'ledger.sqlite'}", KEY, tmp_path / "backups")
    world = a_world()
    terminal = Terminal(LittleWorld(book=world.book, ledger=open_ledger(place.ledger, audit_key=KEY)), capsys)
    terminal.office = replace(terminal.office, place=lambda: place)
    return terminal


def test_a_backup_is_made_brought_back_and_remembered(on_disk: Terminal) -> None:
    on_disk.world.create("crm", Name="Firm", Tax_Id="DE1", Status="Won")
    on_disk.run("apply")
    assert on_disk.run("backup") == 0
    assert "rows" in on_disk.out
    assert on_disk.run("backup", "--drill") == 0
    assert "came back whole" in on_disk.out
    done = [run.entity for run in on_disk.world.ledger.runs("upkeep/backup") if run.state == RunState.COMPLETE]
    assert done == ["upkeep/backup"]


def test_without_a_backup_the_drill_says_how_to_make_one(on_disk: Terminal, tmp_path: Path) -> None:
    assert on_disk.run("backup", "--drill") == 2
    assert on_disk.err == (
        f"concordat: there is no backup in {tmp_path / 'backups'} yet: `concordat backup` makes one\n"
    )
    on_disk.run("watch", "--dry")
    assert "drill failed: there is no backup in" in on_disk.out


def test_what_pruning_leaves_is_given_back_to_the_disk(on_disk: Terminal, tmp_path: Path) -> None:
    assert on_disk.run("prune", "--vacuum", "--json") == 0
    assert json.loads(on_disk.out)["bytes_given_back"] >= 0
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as connection:
        assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)


# --- the bundle -----------------------------------------------------------------------------------------------------

CANARIES = ("Canary Trading", "DE99887766", "+49 30 5551234", "bird@example.com", "s3cret-value", "hunter2")


def bundled(terminal: Terminal, tmp_path: Path, *more: str) -> dict[str, str]:
    assert terminal.run("bundle", "--to", str(tmp_path / "b.zip"), *more) == 0, terminal.err
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_nothing_of_a_customer_and_no_secret_is_in_a_bundle(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONCORDAT_CRM_CLIENT_SECRET", "s3cret-value")
    monkeypatch.setenv("CONCORDAT_LEDGER", "postgresql://us:hunter2@host/db")
    name, tax, phone, mail, secret, password = CANARIES
    terminal.world.create("crm", Name=name, Tax_Id=tax, Status="Won", Phone=phone, Terms="N30")
    terminal.world.create("crm", Name=name, Tax_Id=tax, Status="Won", Phone="+49 30 1", Terms="N30")
    terminal.run("apply")
    terminal.run("watch")
    terminal.run("alerts", "ack", "unknown_code:erp/payment_terms/X9", "--by", "Bird")
    log = tmp_path / "dagster.log"
    log.write_text(f"all fine\n2026 error: mail to {mail} refused, token={secret}\nurl http://u:{password}@h/x\n")
    told = bundled(terminal, tmp_path, "--log", str(log))
    assert {*told} == {
        "versions.json", "settings.json", "standing.json", "runs.json", "plans.json", "alerts.json", "book.json",
        "logs/concordat.log", "logs/1-dagster.log",
    }  # fmt: skip
    for file, text in told.items():
        assert [canary for canary in CANARIES if canary.casefold() in text.casefold()] == [], file
    assert "all fine" in told["logs/1-dagster.log"]
    assert json.loads(told["settings.json"])["CONCORDAT_CRM_CLIENT_SECRET"] == "set"


def test_the_end_of_the_engines_own_log_goes_along(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "engine.log"
    line = '{"event": "run ended", "record": "erp/Customer/10000002", "says": "to bird@example.com"}\n'
    log.write_text(line + line[:70])
    monkeypatch.setenv("CONCORDAT_LOG", str(log))
    told = bundled(terminal, tmp_path)
    whole, cut = told["logs/engine.jsonl"].splitlines()
    assert json.loads(whole) == {"event": "run ended", "record": "erp/Customer/10000002", "says": "to …"}
    assert cut.startswith("{")
    assert "bird@" not in cut
    assert json.loads(told["settings.json"])["CONCORDAT_LOG"] == str(log)


def test_a_bundle_tells_what_helps(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("apply")
    texts = bundled(terminal, tmp_path)
    told = {name: json.loads(text) for name, text in texts.items() if name.endswith(".json")}
    assert told["versions.json"]["ledger"]
    assert told["versions.json"]["packages"]["dagster"]
    assert {run["entity"] for run in told["runs.json"]} >= {"account", "contact"}
    assert [one["name"] for one in told["book.json"]["entities"]] == ["account", "contact"]
    assert told["standing.json"]["entities"][0]["name"] == "account"
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0


def test_a_bundle_has_a_log_of_its_own_with_what_each_line_is_about(terminal: Terminal, tmp_path: Path) -> None:
    world = terminal.world
    world.ledger.receive(Delivery("crm", "d1", world.world.clock.now()))
    world.world.faults.force(Fault.LOST_AFTER, "erp.create")
    world.house.run("account")
    (run,) = world.ledger.runs("account", 9)
    lines = bundled(terminal, tmp_path)["logs/concordat.log"].splitlines()
    moments = [line.split(maxsplit=1)[0] for line in lines]
    assert moments == sorted(moments)
    assert f"{run.started_at.isoformat()} sync began: run={run.id} about=account" in lines
    (ended,) = [line for line in lines if f"sync ended: run={run.id} " in line]
    assert "state=incomplete" in ended
    lost = [line for line in lines if "create uncertain" in line]
    assert lost
    assert all(f"run={run.id} entity=account system=erp record=erp/Customer/" in line for line in lost)
    (held,) = [line for line in lines if "held back (gap)" in line]
    assert "system=erp record=erp/Customer/Customer-000002 says=" in held
    assert [line for line in lines if "announced: system=crm delivery=d1" in line]


# --- status ---------------------------------------------------------------------------------------------------------


def test_status_shows_how_it_was_a_week_ago_and_money_that_differs(terminal: Terminal) -> None:
    terminal.run("apply")
    world = terminal.world
    totals = [Total("limit@100", "EUR", ("crm", "erp"), ("1200.5", "1200"), 3)]
    now, found = world.world.clock.now(), agreement_of(world.ledger, world.book, "account", world.world.clock.now())
    for days in (0, 7):
        now = world.world.clock.advance(timedelta(days=days))
        found = agreement_of(world.ledger, world.book, "account", now)
        keep(world.ledger, replace(found, totals=totals, in_sync=found.compared - 1 if not days else found.compared))
    terminal.run("status")
    assert "account: 100 % of" in terminal.out
    assert " % a week before" in terminal.out
    assert "! account: limit@100 in EUR: crm 1,200.5, erp 1,200, 0.5 apart in 3 records" in terminal.out
    keep(world.ledger, replace(found, at=now + timedelta(1), totals=[replace(totals[0], sums=("7", "7"))]))
    terminal.run("status")
    assert "account: control totals agree: limit@100 EUR" in terminal.out


def test_a_run_that_is_older_than_promised_is_shown_as_stale(terminal: Terminal) -> None:
    cadence = (Cadence((), "0 2 * * *", timedelta(hours=26)),)
    book = terminal.world.book
    entities = {n: replace(s, ownership=replace(s.ownership, cadence=cadence)) for n, s in book.entities.items()}
    terminal.world.house.book = replace(book, entities=entities)
    terminal.run("apply")
    terminal.run("status")
    assert "stale" not in terminal.out
    terminal.world.world.clock.advance(timedelta(hours=27))
    assert terminal.run("status") == 1
    assert terminal.out.count("stale") == 2
