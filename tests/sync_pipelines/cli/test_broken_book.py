"""Whoever looks by the command is told of a book that nobody can load, and nobody is told that the rest is over."""

import json
import zipfile
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from monitoring.standing import KeptStanding
from sync_pipelines.commands.watchman import Watchman
from sync_pipelines.demo.home import book_with
from sync_pipelines.flow.alerting import alerts
from sync_pipelines.flow.rulebook import examine
from sync_pipelines.flow.run import House
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.settings import Place, open_house
from tests.sync_pipelines.cli.conftest import ALERTS, Post, Terminal, a_world

KEY = b"k" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return book_with(tmp_path / "book", "kingdee")


@pytest.fixture
def at_home(tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A house whose book and ledger are files."""
    place = Place(folder, f"sqlite:///{tmp_path / 'ledger.sqlite'}", KEY, tmp_path / "backups")

    def opened() -> AbstractContextManager[House]:
        return open_house(place)

    terminal = Terminal(a_world(), capsys)
    watchman = Watchman(ALERTS, Post(), KeptStanding, lambda: None, examine=lambda: examine(folder))
    terminal.office = replace(terminal.office, place=lambda: place, open_house=opened, watchman=lambda: watchman)
    return terminal


def told(folder: Path) -> list[str]:
    ledger = open_ledger(f"sqlite:///{folder.parent / 'ledger.sqlite'}", audit_key=KEY)
    states = [state.key for state in alerts(ledger)]
    ledger.close()
    return states


def test_a_book_that_cannot_be_loaded_is_what_is_told_and_it_heals(at_home: Terminal, folder: Path) -> None:
    assert at_home.run("watch") == 0
    whole = (folder / "account" / "fields.yaml").read_text(encoding="utf-8")
    (folder / "account" / "fields.yaml").write_text("fields: [\n", encoding="utf-8")
    assert at_home.run("watch") == 0, "somebody may be writing it just now"
    for _ in range(2):
        at_home.run("watch")
    assert "the book cannot be loaded, and every run fails: account/fields.yaml:" in at_home.out
    assert "first:  concordat check" in at_home.out
    assert told(folder) == ["book_broken:book"]
    (folder / "account" / "fields.yaml").write_text(whole, encoding="utf-8")
    assert at_home.run("watch") == 0
    assert "all is well" in at_home.out
    assert told(folder) == []


def test_who_looks_without_telling_sees_it_too(at_home: Terminal, folder: Path) -> None:
    (folder / "systems.yaml").unlink()
    assert at_home.run("watch", "--dry") == 1
    assert "the book cannot be loaded, and every run fails: systems.yaml:0: is missing" in at_home.out
    assert "`concordat check` names every fault" in at_home.err
    assert told(folder) == []


def test_what_people_were_told_of_and_what_helps_from_afar_is_there_without_a_book(
    at_home: Terminal, folder: Path, tmp_path: Path
) -> None:
    (folder / "systems.yaml").unlink()
    for _ in range(4):
        at_home.run("watch")
    assert at_home.run("alerts") == 1
    assert "book_broken:book" in at_home.out
    assert at_home.run("bundle", "--to", str(tmp_path / "bundle.zip")) == 0
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        assert json.loads(archive.read("book.json")) == {"loads": False}
        assert json.loads(archive.read("standing.json"))["book"]["loads"] is False
