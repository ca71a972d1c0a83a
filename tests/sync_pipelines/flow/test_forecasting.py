"""Before everything is read, it is told what that takes in calls."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Connector
from sync_pipelines.flow.backfilling import Backfill
from sync_pipelines.flow.forecasting import Forecast, calls_today, forecast
from tests.laws.little_world import LittleWorld
from tests.sync_pipelines.cli.conftest import Terminal, a_world

PER_READING = 40


class Dear:
    """A connector of which each listing takes calls."""

    def __init__(self, inner: Connector, little: LittleWorld) -> None:
        self._inner, self._little = inner, little

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def changes(self, *given: Any, **named: Any) -> Any:
        spend(self._little, PER_READING)
        return self._inner.changes(*given, **named)


def spend(little: LittleWorld, calls: int) -> None:
    little.ledger.spend("crm", little.world.clock.now().date().isoformat(), calls)


@pytest.fixture
def little() -> LittleWorld:
    world = a_world()
    crm = replace(world.book.systems["crm"], calls_per_day=100, reserve=0.1)
    world.house.book = replace(world.book, systems={**world.book.systems, "crm": crm})
    world.house.connectors = {**world.house.connectors, "crm": Dear(world.house.connectors["crm"], world)}
    return world


def told(little: LittleWorld, *entities: str) -> list[Forecast]:
    return list(forecast(little.ledger, little.house.book, entities, little.world.clock.now()))


def test_what_a_full_reading_took_is_what_the_next_one_takes(little: LittleWorld) -> None:
    assert told(little, "account", "contact") == []
    little.house.crawl("crm", "Account", full=True)
    assert told(little, "account") == [Forecast("crm", PER_READING, PER_READING, 90)]
    assert told(little, "contact") == []
    little.house.crawl("crm", "Person", full=True)
    assert told(little, "account", "contact") == [Forecast("crm", 2 * PER_READING, 2 * PER_READING, 90)]


def test_a_reading_of_what_changed_tells_nothing_of_a_full_one(little: LittleWorld) -> None:
    little.house.crawl("crm", "Account", full=True)
    little.house.crawl("crm", "Account")
    assert told(little, "account")[0].calls == PER_READING


class Late(Dear):
    """Midnight passes while it lists."""

    def changes(self, *given: Any, **named: Any) -> Any:
        self._little.world.clock.advance(60)
        return super().changes(*given, **named)


def test_a_reading_that_went_on_into_another_day_is_not_kept(little: LittleWorld) -> None:
    now = little.world.clock.now()
    little.world.clock.advance((now.replace(hour=23, minute=59, second=30) - now).total_seconds())
    spend(little, PER_READING)
    little.house.connectors = {**little.house.connectors, "crm": Late(little.connectors["crm"], little)}
    little.house.crawl("crm", "Account", full=True)
    assert told(little, "account") == []


@pytest.mark.parametrize(("made", "fits"), [(0, True), (50, True), (51, False)])
def test_whether_it_ends_today_is_said_without_what_is_left_to_people(
    little: LittleWorld, made: int, *, fits: bool
) -> None:
    one = Forecast("crm", PER_READING, made, 90)
    assert one.fits is fits
    assert ("it will not end today" in one.says) is not fits


def test_calls_of_yesterday_are_not_of_today(little: LittleWorld) -> None:
    spend(little, 7)
    crm, now = little.house.book.systems["crm"], little.world.clock.now
    assert calls_today(little.ledger, crm, now()) == 7
    little.world.clock.advance(86_400)
    assert calls_today(little.ledger, crm, now()) == 0


@pytest.mark.parametrize(
    ("systems", "since", "told_of"), [((), "", ["crm"]), (("erp",), "", []), (("crm",), "2026-01-01", [])]
)
def test_a_backfill_tells_it_of_what_is_wished_for(
    little: LittleWorld, systems: tuple[str, ...], since: str, told_of: list[str]
) -> None:
    little.house.crawl("crm", "Account", full=True)
    wish = Backfill.wished(little.house.book, ("account",), systems, since)
    assert [one.system for one in wish.forecast(little.house)] == told_of


@pytest.mark.parametrize("line", ["plan account --full", "apply account --full", "adopt account --dry"])
def test_a_person_is_told_before_everything_is_read(
    line: str, little: LittleWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal(little, capsys)
    little.house.crawl("crm", "Account", full=True)
    terminal.run(*line.split())
    assert terminal.out.startswith("crm: reading everything takes about 40 calls, 40 of 90 were made today\n")
    terminal.run(*line.split())
    assert "it will not end today, and goes on with the next day's" in terminal.out.splitlines()[0]
