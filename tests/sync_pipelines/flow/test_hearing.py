"""What is heard of systems besides answers is kept, and says later what is usual."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.hearing import Heard
from connectors.seams import Seams
from mappings.book import Calendar, SystemSpec
from monitoring.settings import AlertSettings
from monitoring.standing import KeptStanding, Standing
from sync_pipelines.flow.hearing import (
    Known,
    calls_forecast,
    grows_per_day,
    heard_of,
    keep_heard,
    note_calls,
    note_size,
    repeats_today,
)
from sync_pipelines.flow.standing import standing_of
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.settings import Connectors, Outside
from tests.laws.little_world import LittleWorld

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CRM = SystemSpec("crm", "crm", "memory", calls_per_day=1000)
FAR = datetime(2027, 1, 1, tzinfo=UTC)


def test_what_was_heard_is_kept_and_what_was_not_leaves_it_as_it_is() -> None:
    ledger = MemoryLedger()
    keep_heard(ledger, CRM, Heard(skew=timedelta(seconds=9), certificate_ends=FAR), NOON)
    keep_heard(ledger, CRM, Heard(), NOON)
    assert heard_of(ledger, "crm") == Known(timedelta(seconds=9), FAR)
    keep_heard(ledger, CRM, Heard(skew=timedelta(0)), NOON)
    assert heard_of(ledger, "crm") == Known(timedelta(0), FAR)


def test_a_clock_that_trembles_is_not_written_down_each_time() -> None:
    ledger = MemoryLedger()
    keep_heard(ledger, CRM, Heard(skew=timedelta(seconds=9)), NOON)
    keep_heard(ledger, CRM, Heard(skew=timedelta(seconds=12)), NOON)
    assert heard_of(ledger, "crm").skew == timedelta(seconds=9)


def test_repeats_are_counted_by_the_day_of_the_system() -> None:
    ledger, shanghai = MemoryLedger(), replace(CRM, calendar=Calendar("Asia/Shanghai"))
    keep_heard(ledger, shanghai, Heard(repeats=3), NOON)
    keep_heard(ledger, shanghai, Heard(repeats=4), NOON + timedelta(hours=3))
    assert repeats_today(ledger, shanghai, NOON + timedelta(hours=3)) == 7
    assert repeats_today(ledger, shanghai, NOON + timedelta(hours=5)) == 0, "midnight there"


def days(ledger: MemoryLedger, count: int, night: int = 500) -> None:
    """Each day 100 calls until noon, and `night` in the evening."""
    for day in range(count, 0, -1):
        at = NOON - timedelta(days=day)
        ledger.spend("crm", at.date().isoformat(), 100)
        note_calls(ledger, CRM, at)
        ledger.spend("crm", at.date().isoformat(), night)


def test_calls_of_the_night_that_usually_follow_are_counted_in() -> None:
    ledger = MemoryLedger()
    days(ledger, 3)
    ledger.spend("crm", NOON.date().isoformat(), 450)
    note_calls(ledger, CRM, NOON)
    assert calls_forecast(ledger, CRM, NOON) == 950
    ledger.spend("crm", NOON.date().isoformat(), 30)
    assert calls_forecast(ledger, CRM, NOON + timedelta(minutes=30)) == 950, (
        "what this hour takes is among what follows"
    )


def test_two_days_say_nothing_of_what_is_usual() -> None:
    ledger = MemoryLedger()
    days(ledger, 2)
    note_calls(ledger, CRM, NOON)
    assert calls_forecast(ledger, CRM, NOON) is None


def test_hours_of_long_ago_are_forgotten() -> None:
    ledger = MemoryLedger()
    days(ledger, 30)
    assert len(json.loads(ledger.get_pin("calls:crm"))) == 8


def test_a_ledger_grows_by_what_was_added_in_a_week() -> None:
    ledger, now = MemoryLedger(), NOON
    for day in range(20):
        now = NOON + timedelta(days=day)
        note_size(ledger, KeptStanding(1000 + 10 * day, 1, 1), now)
        note_size(ledger, KeptStanding(9_999_999, 1, 1), now + timedelta(hours=1))  # once a day
    assert grows_per_day(ledger, KeptStanding(1000 + 10 * 19, 1, 1), now) == pytest.approx(10)
    assert grows_per_day(MemoryLedger(), KeptStanding(1000, 1, 1), now) is None


# --- as it stands ---------------------------------------------------------------------------------------------------


def standing(little: LittleWorld, **said: object) -> Standing:
    settings = AlertSettings.model_validate(said)
    return standing_of(little.ledger, little.book, little.world.clock.now(), settings=settings)


def test_days_on_which_something_ends_stand_beside_each_other() -> None:
    little = LittleWorld()
    keep_heard(little.ledger, little.book.systems["erp"], Heard(certificate_ends=FAR), NOON)
    told = standing(little, expires={"crm": "2026-12-31", "pager": "2026-06-30"}).expiring
    assert [(one.name, one.what, one.system) for one in told] == [
        ("erp", "certificate", "erp"), ("crm", "credential", "crm"), ("pager", "credential", ""),
    ]  # fmt: skip


def test_a_canary_has_arrived_when_its_edit_was_written_elsewhere() -> None:
    little = LittleWorld()
    little.create("crm", Name="Canary", Tax_Id="DE1", Status="Won")
    little.create("crm", Name="Other", Tax_Id="DE2", Status="Won")
    little.settle()
    bird, other = sorted(row.id for row in little.rows("crm"))
    said = [{"entity": "account", "record": f"crm/Account/{bird}", "within": "26h"}]
    first = standing(little, canaries=said).canaries[0].written_at
    assert first is not None
    little.world.clock.advance(timedelta(hours=1))
    little.edit("crm", other, Name="Not the canary")
    little.settle()
    assert standing(little, canaries=said).canaries[0].written_at == first
    little.edit("crm", bird, Name="Sings")
    little.settle()
    later = standing(little, canaries=said).canaries[0].written_at
    assert later is not None
    assert later > first
    nobody = [{"entity": "account", "record": "crm/Account/nobody", "within": "26h"}]
    assert standing(little, canaries=nobody).canaries[0].written_at is None


def test_what_the_door_heard_of_a_system_is_kept_when_its_work_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    ears: list[Heard] = []

    def opened(system: str, connector: str, options: object, seams: Seams, packages: object) -> object:
        assert seams.heard is not None
        ears.append(seams.heard)
        return LittleWorld().connectors["crm"]

    monkeypatch.setattr("sync_pipelines.settings.open_connector", opened)
    ledger, book = MemoryLedger(), LittleWorld().book
    connectors = Connectors(book, ledger, Outside(clock=lambda: NOON))
    assert connectors["crm"] is not None
    ears[0].skew, ears[0].repeats = timedelta(seconds=90), 2
    connectors.rest()
    connectors.rest()
    assert heard_of(ledger, "crm").skew == timedelta(seconds=90)
    assert repeats_today(ledger, book.systems["crm"], NOON) == 2, "told once"
    connectors.close()
