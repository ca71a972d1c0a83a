"""Somebody looks every minute, and nothing is kept for ever."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import dagster as dg
import pytest

from mappings.book import Book, Comparing
from monitoring.kinds import NOT_RUN
from monitoring.notify import ChannelError
from monitoring.problems import Problem
from monitoring.watching import Seen
from sync_pipelines.defs.upkeep import (
    BACKUP,
    DESCRIBE,
    DRILL,
    PRUNE,
    RECONCILE,
    WATCH,
    Chores,
    prune_runs,
    told,
    upkeep,
)
from sync_pipelines.flow.alerting import Watched
from tests.sync_pipelines.dagster.rig import Rig, in_zones, timed_book

LATER = datetime(2100, 1, 1, tzinfo=UTC)
EARLIER = datetime(2000, 1, 1, tzinfo=UTC)
LATE = Problem(NOT_RUN, "account", "says", EARLIER)


def looked(rig: Rig) -> str:
    sensor = rig.defs.resolve_sensor_def(WATCH)
    with dg.build_sensor_context(rig.instance) as context:
        tick = sensor.evaluate_tick(context)
    return tick.skip_message or ""


def test_a_look_in_dagster_is_that_of_the_command_and_starts_no_run(rig: Rig) -> None:
    rig.settle()
    rig.run()
    assert looked(rig) == "all is well"
    before = len(rig.instance.get_runs())
    rig.world.world.clock.advance(timedelta(hours=30))
    assert looked(rig) == "did_not_run:account, did_not_run:contact"
    assert len(rig.instance.get_runs()) == before


def test_the_newest_run_of_an_entity_that_is_older_than_promised_says_so_and_no_other(rig: Rig) -> None:
    older, newest = rig.run(), rig.run()
    looked(rig)
    assert "sync/stale_since" not in newest.tags
    rig.world.world.clock.advance(timedelta(minutes=20))
    looked(rig)
    assert newest.tags["sync/stale_since"] == f"{rig.world.world.clock.now():%Y-%m-%dT%H:%MZ}"
    assert newest.tags["sync/state"] == "complete"
    assert "sync/stale_since" not in older.tags


def test_the_sensor_runs_from_the_start_and_looks_every_minute(rig: Rig) -> None:
    sensor = rig.defs.resolve_sensor_def(WATCH)
    assert (sensor.minimum_interval_seconds, sensor.default_status) == (60, dg.DefaultSensorStatus.RUNNING)


@pytest.mark.parametrize(
    ("watched", "says"),
    [
        (Watched(Seen((), ())), "all is well"),
        (Watched(Seen((), ()), elsewhere=True), "another process is looking just now"),
        (Watched(Seen((LATE,), ()), told=2), "did_not_run:account; 2 messages sent"),
        (Watched(Seen((), ()), untold={"mail": "nobody took it"}), "all is well; mail: nobody took it"),
    ],
)
def test_what_a_look_came_to_is_said_in_a_line(watched: Watched, says: str) -> None:
    assert told(watched) == says


def test_a_heartbeat_that_is_not_taken_is_said_on_the_tick() -> None:
    def look() -> Watched:
        raise ChannelError("the heartbeat was not taken")

    def nothing() -> NoReturn:
        raise AssertionError

    defs = upkeep(timed_book(), Chores(look, lambda _: {}, lambda _: [], dict, nothing, nothing, lambda: LATER))
    with dg.DagsterInstance.ephemeral() as instance, dg.build_sensor_context(instance) as context:
        tick = defs.resolve_sensor_def(WATCH).evaluate_tick(context)
    assert tick.skip_message == "the heartbeat was not taken"


# --- pruning --------------------------------------------------------------------------------------------------------


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """With files, as SQLite keeps them."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as made:
        yield made


def files_of(folder: Path, run: str) -> list[str]:
    return [path.name for path in folder.rglob("*") if run in str(path)]


def test_an_old_run_goes_with_its_events_its_logs_and_its_file(on_disk: dg.DagsterInstance, tmp_path: Path) -> None:
    rig = Rig(on_disk)
    runs = [rig.run().id for _ in range(21)]
    assert files_of(tmp_path, runs[0])
    assert prune_runs(on_disk, LATER, ["account"]) == 1, "the newest twenty stay"
    assert not on_disk.has_run(runs[0])
    assert files_of(tmp_path, runs[0]) == []
    assert files_of(tmp_path, runs[1])
    assert on_disk.get_records_for_run(runs[1]).records


def test_runs_that_are_young_or_of_others_stay(rig: Rig) -> None:
    mine = rig.run().id

    @dg.job
    def account_sync() -> None:
        """A neighbour's, of the same name."""

    theirs = account_sync.execute_in_process(instance=rig.instance).run_id
    assert prune_runs(rig.instance, EARLIER, ["account"]) == 0
    assert prune_runs(rig.instance, LATER, ["account"]) == 0, "one of twenty"
    assert rig.instance.has_run(mine)
    assert rig.instance.has_run(theirs)


def shown(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    (event,) = result.get_asset_materialization_events()
    return {name: value.value for name, value in event.step_materialization_data.materialization.metadata.items()}


def compared_by(book: Book) -> dg.Definitions:
    def nothing() -> NoReturn:
        raise AssertionError

    return upkeep(book, Chores(nothing, lambda _: {}, lambda _: [], dict, nothing, nothing, lambda: LATER))


@pytest.mark.parametrize(
    ("zones", "at", "expected"),
    [
        ({}, "10 4 * * *", ("10 4 * * *", "UTC")),
        (
            {"erp": "Asia/Shanghai", "crm": "Asia/Shanghai", "shop": "Europe/Berlin"},
            "0 22 * * 1-5",
            ("0 22 * * 1-5", "Asia/Shanghai"),
        ),
    ],
)
def test_records_are_compared_when_the_book_says_by_the_clock_of_the_business(
    zones: Mapping[str, str], at: str, expected: tuple[str, str]
) -> None:
    defs = compared_by(replace(in_zones(timed_book(), zones), comparing=Comparing(at)))
    told = defs.resolve_schedule_def("concordat_reconcile_nightly")
    assert (told.cron_schedule, told.execution_timezone) == expected
    (asset,) = [one for one in defs.resolve_all_asset_specs() if one.key.path[-1] == "upkeep_agreement"]
    assert asset.freshness_policy is not None


@pytest.mark.parametrize("at", ["", "0 2 30 2 *"])
def test_where_the_book_wants_no_comparison_none_runs_by_itself_and_nobody_waits_for_one(at: str) -> None:
    defs = compared_by(replace(timed_book(), comparing=Comparing(at)))
    assert "concordat_reconcile_nightly" not in [one.name for one in defs.schedules or []]
    (asset,) = [one for one in defs.resolve_all_asset_specs() if one.key.path[-1] == "upkeep_agreement"]
    assert asset.freshness_policy is None
    assert defs.resolve_job_def(RECONCILE).name == RECONCILE, "by hand it can be done"


def test_the_share_that_agrees_is_plotted_and_its_causes_are_named(rig: Rig) -> None:
    rig.world.create("crm", Name="Firm", Tax_Id="DE1", Status="Won")
    rig.settle()
    rig.world.edit("erp", rig.world.only("erp").id, Name="Edited")
    house = rig.world.engine()
    house.refresh(house.begin("account", "sync"))
    figures = shown(rig.defs.resolve_job_def(RECONCILE).execute_in_process(instance=rig.instance))
    assert figures["account_in_sync"] == pytest.approx(2 / 3), "CRM, ERP and shop know it"
    assert figures["account_differs"] == 1
    assert figures["why"] == "* account: 1 edited there since it last agreed"


def test_one_entity_is_compared_by_itself_and_that_is_no_night_of_the_chore(rig: Rig) -> None:
    rig.settle()
    job = rig.defs.resolve_job_def(RECONCILE)
    config = {"ops": {"upkeep_agreement": {"config": {"entities": ["contact"]}}}}
    figures = shown(job.execute_in_process(instance=rig.instance, run_config=config))
    assert "contact_in_sync" in figures
    assert "account_in_sync" not in figures
    assert not list(rig.world.ledger.runs("upkeep/reconcile"))
    config = {"ops": {"upkeep_agreement": {"config": {"entities": ["contakt"]}}}}
    result = job.execute_in_process(instance=rig.instance, run_config=config, raise_on_error=False)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_failure_data.user_failure_data is not None
    says = failed.step_failure_data.user_failure_data.description
    assert says == "the book has no entity contakt; there are: account, contact"


def test_the_nightly_job_prunes_the_ledger_and_shows_what_went(rig: Rig) -> None:
    rig.settle()
    rig.world.world.clock.advance(timedelta(days=91))
    before = len(rig.world.ledger.runs(limit=1000))
    job = rig.defs.resolve_job_def(PRUNE)
    result = job.execute_in_process(instance=rig.instance)
    figures = shown(result)
    assert figures["days"] == 90
    assert figures["runs_of_dagster"] == 0
    assert before + 1 - len(rig.world.ledger.runs(limit=1000)) == figures["runs"], "and one was written of pruning"


def test_too_few_days_are_refused_in_one_line(rig: Rig) -> None:
    config = {"ops": {"upkeep_pruned": {"config": {"days": 1}}}}
    job = rig.defs.resolve_job_def(PRUNE)
    result = job.execute_in_process(instance=rig.instance, run_config=config, raise_on_error=False)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_failure_data.user_failure_data is not None
    assert failed.step_failure_data.user_failure_data.description == "days: 1 is too few; at least 7 stay"


# --- asking and copying ---------------------------------------------------------------------------------------------


def test_every_chore_is_a_job_with_a_schedule_that_runs_and_a_promise_of_its_own(rig: Rig) -> None:
    for name in (DESCRIBE, PRUNE, BACKUP, RECONCILE, DRILL):
        schedule = rig.defs.resolve_schedule_def(f"{name}_{'weekly' if name == DRILL else 'nightly'}")
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
        (node,) = rig.defs.resolve_job_def(name).asset_layer.executable_asset_keys
        promise = rig.defs.resolve_assets_def(node).specs_by_key[node].freshness_policy
        assert promise.fail_window.to_timedelta().days == (15 if name == DRILL else 2)  # type: ignore[union-attr] # a window


def test_systems_are_asked_every_night_and_those_that_cannot_be_are_named(rig: Rig) -> None:
    figures = shown(rig.defs.resolve_job_def(DESCRIBE).execute_in_process(instance=rig.instance))
    assert figures == {"not_asked": 0, "why": "all systems were asked"}
    assert rig.world.ledger.snapshots("erp", "Customer")
    assert [run.state for run in rig.world.ledger.runs("upkeep/describe")] == ["complete"]


def test_a_drill_shows_what_came_back(rig: Rig) -> None:
    figures = shown(rig.defs.resolve_job_def(DRILL).execute_in_process(instance=rig.instance))
    assert figures == {"backup": "concordat-1", "rows": 3, "audited": 5}


def test_a_backup_that_fails_says_why_in_one_line(rig: Rig) -> None:
    result = rig.defs.resolve_job_def(BACKUP).execute_in_process(instance=rig.instance, raise_on_error=False)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_failure_data.user_failure_data is not None
    assert failed.step_failure_data.user_failure_data.description == "there is nothing to copy"
