"""Whoever breaks alerts.yaml is told so by what it said before; where it never was sound, the heartbeat stays away."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import MisconfiguredError
from monitoring.settings import AlertsError, from_kept, kept_form, read_alerts
from sync_pipelines.commands.watchman import found
from sync_pipelines.definitions import chores_of
from sync_pipelines.demo.home import book_with
from sync_pipelines.flow.run import House
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.settings import Place, open_house, read_book
from tests.monitoring.test_notify import webhook
from tests.sync_pipelines.cli.conftest import Terminal, a_world

SOUND = """
waking_hours: "00:00-23:59"
holidays: [2026-12-25]
channels: {mail: {}}
routes: [{to: [mail]}]
maintenance: [{from: 2026-07-01T20:00:00, to: 2026-07-01T22:00:00, systems: [erp], says: upgrade}]
limits: {question_age: 2d}
expires: {crm: 2027-01-31}
# a comment may hold a word that nobody was to see
"""
BROKEN = SOUND.replace("channels: {mail: {}}", "channels: {mail: {")
SECRET = "hunter2"


@dataclass
class Desk:
    """A house in files that tells by a real webhook, and an outside address that hears its heart."""

    terminal: Terminal
    place: Place
    mail: list[dict[str, Any]]
    beats: list[dict[str, Any]]

    def write(self, text: str) -> None:
        (self.place.book / "alerts.yaml").write_text(text, encoding="utf-8")

    def looks(self, times: int) -> int:
        return [self.terminal.run("watch") for _ in range(times)][-1]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    place = Place(book_with(tmp_path / "book", "kingdee"), f"sqlite:///{tmp_path / 'ledger.sqlite'}")

    def opened() -> AbstractContextManager[House]:
        return open_house(place)

    with webhook() as (mail, taken), webhook() as (heart, beats):
        monkeypatch.setenv("CONCORDAT_BOOK", str(place.book))
        monkeypatch.setenv("CONCORDAT_LEDGER", place.ledger)
        monkeypatch.setenv("CONCORDAT_CHANNEL_MAIL", f"json://anna:{SECRET}@{mail}/x")
        monkeypatch.setenv("CONCORDAT_HEARTBEAT_URL", f"http://{heart}/beat")
        terminal = Terminal(a_world(), capsys)
        terminal.office = replace(terminal.office, place=lambda: place, open_house=opened, watchman=found)
        yield Desk(terminal, place, taken, beats)


def test_that_it_is_broken_is_told_to_whom_it_named_before(desk: Desk) -> None:
    desk.write(SOUND)
    assert desk.looks(1) == 0
    desk.write(BROKEN)
    assert desk.looks(4) == 1
    assert "alerts.yaml:" in desk.terminal.err
    assert "until that is mended, people are told as alerts.yaml said before" in desk.terminal.err
    (letter,) = desk.mail
    assert letter["title"] == "[warn] new: book faulty (book)"
    assert "alerts.yaml:" in letter["message"]
    assert len(desk.beats) == 5, "somebody looks, and somebody is told"
    desk.write(SOUND)
    assert desk.looks(1) == 0
    assert [one["title"] for one in desk.mail[1:]] == ["[warn] resolved: book faulty (book)"]


def test_no_address_and_no_comment_is_kept(desk: Desk) -> None:
    desk.write(SOUND)
    desk.looks(1)
    ledger = open_ledger(desk.place.ledger)
    kept = ledger.get_pin("alerts:settings")
    ledger.close()
    assert "mail" in kept
    assert SECRET not in kept
    assert "nobody was to see" not in kept


def test_where_it_never_was_sound_watch_names_the_fault_and_the_heartbeat_stays_away(desk: Desk) -> None:
    desk.write(BROKEN)
    assert desk.looks(1) == 2
    assert "alerts.yaml:" in desk.terminal.err
    assert "Traceback" not in desk.terminal.err
    with pytest.raises(MisconfiguredError, match=r"alerts\.yaml:"):
        chores_of(desk.place, read_book(desk.place)).look()
    assert desk.beats == []


def test_a_look_in_dagster_goes_by_what_it_said_before_as_well(desk: Desk) -> None:
    chores = chores_of(desk.place, read_book(desk.place))
    desk.write(SOUND)
    chores.look()
    desk.write(BROKEN)
    chores.look()
    assert len(desk.beats) == 2


def test_what_is_kept_says_what_the_file_says(desk: Desk) -> None:
    desk.write(SOUND + "canaries: [{entity: account, record: crm/Account/1, within: 26h}]\n")
    file = desk.place.book / "alerts.yaml"
    assert from_kept(kept_form(file)) == read_alerts(file)
    file.unlink()
    assert from_kept(kept_form(file)) == read_alerts(file)


@pytest.mark.parametrize("said", ['{"chanels": {}}', "no json"])
def test_what_another_release_kept_and_this_one_cannot_read_is_no_error_of_its_own(said: str) -> None:
    with pytest.raises(AlertsError, match="what was kept of it cannot be used"):
        from_kept(said)
