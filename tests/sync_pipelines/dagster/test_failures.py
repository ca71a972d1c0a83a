"""A run that Dagster calls failed becomes a fact in the ledger, once, in one line."""

import pytest
from dagster import DagsterInstance, DagsterRunStatus, build_run_status_sensor_context, materialize
from dagster import asset as an_asset

from mappings.book import Guards
from sync_pipelines.defs.failures import NAME
from sync_pipelines.model.records import RunRecord
from tests.sync_pipelines.dagster.conftest import MakeRig
from tests.sync_pipelines.dagster.rig import Rig, timed_book

TIGHT = Guards(creates=0, updates=0, blanks=0, archives=0, at_least=0)


def noticed(rig: Rig, run: str) -> list[RunRecord]:
    """What the sensor keeps of a failed run."""
    instance = rig.instance
    found = instance.get_run_by_id(run)
    assert found is not None
    assert found.status is DagsterRunStatus.FAILURE
    (last,) = [
        entry.dagster_event
        for entry in instance.all_logs(run)
        if entry.dagster_event and entry.dagster_event.event_type_value == "PIPELINE_FAILURE"
    ]
    context = build_run_status_sensor_context(NAME, last, instance, found).for_run_failure()
    rig.defs.resolve_sensor_def(NAME)(context)
    return [record for record in rig.world.ledger.runs(limit=50) if record.kind == "failed"]


def blocked(make: MakeRig) -> tuple[Rig, str]:
    rig = make(timed_book(guards=TIGHT))
    rig.world.create("crm", Name="Firm", Tax_Id="DE1", Status="Won")
    return rig, rig.run().id


def test_a_failed_run_is_kept_with_the_words_of_the_check_that_held_it(make: MakeRig) -> None:
    rig, run = blocked(make)
    (fact,) = noticed(rig, run)
    assert fact.id == f"{run}.failed"
    assert fact.entity == "account"
    assert fact.says.startswith("may_be_applied: erp/create: 1 creates are more than usual")
    assert fact.stats == {"job": "account_sync", "step": "account_plan", "location": "", "link": f"/runs/{run}"}


def test_a_failure_that_is_told_twice_is_kept_once(make: MakeRig) -> None:
    rig, run = blocked(make)
    assert len(noticed(rig, run)) == len(noticed(rig, run)) == 1


def test_a_failure_is_one_line_in_the_log(make: MakeRig, capsys: pytest.CaptureFixture[str]) -> None:
    rig, run = blocked(make)
    noticed(rig, run)
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "level=error" in line]
    assert 'event="account_sync failed at account_plan: may_be_applied: erp/create: 1 creates' in line
    assert f"run={run}" in line


def test_a_run_that_dagster_will_repeat_is_no_news(make: MakeRig) -> None:
    rig, run = blocked(make)
    rig.instance.add_run_tags(run, {"dagster/will_retry": "true"})
    assert noticed(rig, run) == []


def test_what_a_dead_run_left_open_in_the_ledger_is_ended_as_stale(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise SystemError("Canarina Vogelsang")

    monkeypatch.setattr("sync_pipelines.flow.steps.Steps.plan", die)
    ran = rig.run()
    assert [run.state for run in rig.world.ledger.runs("account")] == [""]
    (fact,) = noticed(rig, ran.id)
    assert fact.says.startswith(
        "something went wrong inside Concordat: SystemError at sync_pipelines/dagster/test_failures"
    )
    assert {run.kind: run.state for run in rig.world.ledger.runs("account")} == {"sync": "stale", "failed": "stale"}
    assert ran.tags["sync/state"] == "stale"


def test_a_run_that_ended_itself_keeps_its_own_word(make: MakeRig) -> None:
    rig, run = blocked(make)
    noticed(rig, run)
    assert {record.kind: record.state for record in rig.world.ledger.runs("account")} == {
        "sync": "incomplete",
        "failed": "incomplete",
    }


def test_a_failure_of_a_project_beside_us_is_kept_too_and_called_nobodys_entity(rig: Rig) -> None:
    @an_asset
    def theirs() -> None:
        raise ValueError("token=abc123 of anna@firm.example is no good")

    result = materialize([theirs], instance=rig.instance, raise_on_error=False)
    (fact,) = noticed(rig, result.run_id)
    assert (fact.entity, fact.stats["step"]) == ("__ephemeral_asset_job__", "theirs")
    assert fact.says == "ValueError: token=… of … is no good"


def test_the_sensor_looks_at_every_code_location(rig: Rig) -> None:
    sensor = rig.defs.resolve_sensor_def(NAME)
    assert sensor._monitor_all_code_locations  # type: ignore[attr-defined]  # no public way to ask
    assert isinstance(rig.instance, DagsterInstance)
