"""The cadence of the book, as a clock's."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster import build_schedule_context

from mappings.complaints import BookError
from mappings.ownership import Cadence
from mappings.values import Where
from sync_pipelines.defs.schedules import cron_of, zone_of
from tests.sync_pipelines.dagster.conftest import MakeRig
from tests.sync_pipelines.dagster.rig import NIGHTLY, OFTEN, Rig, in_zones, timed_book


@pytest.mark.parametrize(
    ("every", "cron"),
    [
        ("30s", "* * * * *"),
        ("1m", "* * * * *"),
        ("5m", "*/5 * * * *"),
        ("7m", "*/6 * * * *"),  # rather more often than promised
        ("45m", "*/30 * * * *"),
        ("90m", "0 * * * *"),
        ("1h", "0 * * * *"),
        ("2h", "0 */2 * * *"),
        ("5h", "0 */4 * * *"),
        ("1d", "30 4 * * *"),
        ("3d", "30 4 * * *"),
        ("2w", "30 4 * * 1"),
        ("0 2 * * *", "0 2 * * *"),
        ("0  6-18/2  * * MON-FRI", "0 6-18/2 * * MON-FRI"),
    ],
)
def test_a_beat_is_an_even_one_that_is_not_rarer_than_the_book_wants(every: str, cron: str) -> None:
    assert cron_of(every) == cron


@pytest.mark.parametrize(
    ("every", "name"),
    [
        ("5m", "account_every_5m"),
        ("1m", "account_every_1m"),
        ("1h", "account_every_1h"),
        ("2h", "account_every_2h"),
        ("0 2 * * *", "account_daily_at_0200"),
        ("1d", "account_daily_at_0430"),
        ("0 6-18/2 * * MON-FRI", "account_cron_0_6_to_18_per_2_x_x_MON_to_FRI"),
    ],
)
def test_a_schedules_name_says_when(make: MakeRig, every: str, name: str) -> None:
    rig = make(timed_book(cadence={"account": (Cadence((), every, timedelta(days=1)),)}))
    assert [one.name for one in rig.beats] == [name]


def test_two_groups_of_fields_with_one_beat_are_one_schedule(make: MakeRig) -> None:
    other = Cadence(("tax_id",), "0 2 * * *", timedelta(hours=30))
    rig = make(timed_book(cadence={"account": (NIGHTLY, other)}))
    assert [one.name for one in rig.beats] == ["account_daily_at_0200"]


def test_a_cron_line_that_no_clock_shows_is_a_fault_of_the_book(make: MakeRig) -> None:
    wrong = Cadence((), "99 2 * * *", timedelta(hours=1), where=Where("account/ownership.yaml", 30))
    rig = make(timed_book(cadence={"account": (wrong,)}))
    with pytest.raises(BookError, match=r"account/ownership\.yaml:30: `every: 99 2 \* \* \*` is no time"):
        _ = rig.defs


# --- time zones -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zones", "zone"),
    [
        ({}, "UTC"),
        ({"erp": "Europe/Berlin"}, "Europe/Berlin"),
        ({"crm": "America/Chicago", "erp": "Asia/Shanghai"}, "America/Chicago"),
        ({"crm": "America/Chicago", "erp": "Asia/Shanghai", "shop": "Asia/Shanghai"}, "Asia/Shanghai"),
    ],
)
def test_an_entity_keeps_the_hours_of_most_of_its_systems(zones: dict[str, str], zone: str) -> None:
    assert zone_of(in_zones(timed_book(), zones), "account") == zone


def described(make: MakeRig, zone: str, every: str) -> str:
    book = timed_book(cadence={"account": (Cadence((), every, timedelta(hours=26)),)})
    (schedule,) = make(in_zones(book, {"erp": zone})).beats
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert schedule.execution_timezone == zone
    return schedule.description or ""


def test_a_schedule_in_the_hour_that_daylight_saving_takes_away_says_so(make: MakeRig) -> None:
    assert "this hour does not exist on the day when clocks go forward" in described(
        make, "Europe/Berlin", "30 2 * * *"
    )


@pytest.mark.parametrize(("zone", "every"), [("Asia/Shanghai", "30 2 * * *"), ("Europe/Berlin", "30 4 * * *")])
def test_a_schedule_in_any_other_hour_needs_no_warning(make: MakeRig, zone: str, every: str) -> None:
    assert "clocks" not in described(make, zone, every)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """With files: a schedule is given no other one."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as made:
        yield made


# --- due ------------------------------------------------------------------------------------------------------------


def ticked(rig: Rig, name: str = "account_daily_at_0200") -> dg.ScheduleEvaluationContext | object:
    schedule = rig.defs.resolve_schedule_def(name)
    context = build_schedule_context(
        instance=rig.instance, scheduled_execution_time=datetime(2026, 3, 2, 2, tzinfo=UTC)
    )
    return schedule.evaluate_tick(context)


def test_a_schedule_asks_for_one_run_of_its_job(rig: Rig) -> None:
    assert rig.defs.resolve_schedule_def("account_daily_at_0200").job_name == "account_sync"
    assert len(ticked(rig).run_requests) == 1  # type: ignore[attr-defined]  # what a tick is has no public name


def test_a_schedule_of_systems_of_which_none_is_set_up_waits_and_says_what_is_missing(rig: Rig) -> None:
    rig.missing = {name: f"{name} is not set up" for name in ("crm", "erp", "shop")}
    tick = ticked(rig)
    assert tick.run_requests == []  # type: ignore[attr-defined]  # as above
    assert tick.skip_message == "crm is not set up; erp is not set up; shop is not set up"  # type: ignore[attr-defined]  # as above


def test_a_schedule_of_which_one_system_lost_its_connection_runs_and_will_say_so(rig: Rig) -> None:
    rig.missing = {"erp": "erp is not set up"}
    assert len(ticked(rig).run_requests) == 1  # type: ignore[attr-defined]  # as above


@pytest.mark.parametrize(
    ("job", "step", "options", "waits"),
    [
        ("concordat_backfill", "read_again", {"entities": ["account"]}, True),
        ("concordat_backfill", "read_again", {"entities": ["contact"]}, False),
        ("concordat_backfill", "read_again", {}, True),
        ("concordat_backfill", "read_again", {"systems": ["erp"]}, True),
        ("concordat_undo", "take_back", {"run": "1f2e.account"}, True),
        ("concordat_undo", "take_back", {"run": "1f2e.contact"}, False),
        ("concordat_undo", "take_back", {"run": "1f2e"}, True),
        ("concordat_replay", "let_go", {"everything": True}, False),
    ],
)
def test_no_run_is_started_beside_a_job_by_hand_that_is_about_the_same_entity(
    rig: Rig,
    job: str,
    step: str,
    options: Mapping[str, Any],
    waits: bool,
) -> None:
    config = {"ops": {step: {"config": options}}} if options else {}
    under_way = rig.instance.create_run_for_job(rig.defs.resolve_job_def(job), run_config=config)
    tick = ticked(rig)
    assert tick.skip_message == (f"{job} is at work on account" if waits else None)  # type: ignore[attr-defined]  # as above
    rig.instance.report_run_failed(under_way)
    assert len(ticked(rig).run_requests) == 1  # type: ignore[attr-defined]  # as above


def test_two_jobs_by_hand_that_write_wait_for_each_other(rig: Rig) -> None:
    tags = [rig.defs.resolve_job_def(name).tags for name in ("concordat_undo", "concordat_backfill")]
    assert {one["sync/lock"] for one in tags} == {"by_hand"}


def test_the_promise_of_the_book_is_running_from_the_start(rig: Rig) -> None:
    schedules = [one for one in rig.defs.schedules or [] if isinstance(one, dg.ScheduleDefinition)]
    assert {one.default_status for one in schedules} == {dg.DefaultScheduleStatus.RUNNING}


# --- freshness ------------------------------------------------------------------------------------------------------


def test_the_shortest_promise_of_an_entity_is_watched_on_what_was_applied(make: MakeRig) -> None:
    rig = make(timed_book(cadence={"account": (OFTEN, NIGHTLY), "contact": (NIGHTLY,)}))
    watched = {
        spec.key.path[-1]: spec.freshness_policy.fail_window.to_timedelta()  # type: ignore[attr-defined]  # a window
        for spec in rig.defs.resolve_all_asset_specs()
        if spec.freshness_policy and spec.group_name != "upkeep"
    }
    assert watched == {"account_applied": timedelta(minutes=15), "contact_applied": timedelta(hours=26)}


def test_a_warning_comes_before_the_promise_is_broken(rig: Rig) -> None:
    specs = {spec.key.path[-1]: spec for spec in rig.defs.resolve_all_asset_specs()}
    policy = specs["contact_applied"].freshness_policy
    assert policy is not None
    assert policy.warn_window.to_timedelta() == timedelta(hours=19, minutes=30)  # type: ignore[attr-defined]  # a window


def test_an_entity_without_a_cadence_has_neither_schedule_nor_promise(make: MakeRig) -> None:
    rig = make(timed_book(cadence={"account": (NIGHTLY,)}))
    assert [one.name for one in rig.beats] == ["account_daily_at_0200"]
    assert not [
        spec for spec in rig.defs.resolve_all_asset_specs() if spec.group_name == "contact" and spec.freshness_policy
    ]
