"""What systems announce, as Dagster's sensor sees it."""

import base64
import json
from datetime import timedelta

import dagster as dg
import pytest

from mappings.ownership import Cadence
from sync_pipelines.defs.webhooks import sensor_of
from sync_pipelines.entity_assets import job_of
from sync_pipelines.model.records import Delivery
from tests.sync_pipelines.dagster.conftest import MakeRig
from tests.sync_pipelines.dagster.rig import NIGHTLY, Rig, timed_book

TOLD = Cadence((), "0 2 * * *", timedelta(hours=26), webhooks=True)


@pytest.fixture
def rig(make: MakeRig) -> Rig:
    """Accounts listen, contacts do not; all is settled."""
    made = make(timed_book(cadence={"account": (TOLD,), "contact": (NIGHTLY,)}))
    made.settle()
    return made


def announce(rig: Rig, name: str, *ids: str, system: str = "crm", kind: str = "Account") -> None:
    body = base64.b64encode(json.dumps({"kind": kind, "ids": list(ids)}).encode()).decode()
    assert rig.world.ledger.receive(Delivery(system, name, rig.world.world.clock.now(), body=body))


def ticked(rig: Rig, entity: str = "account") -> tuple[list[str], str]:
    """Keys of the runs asked for, and what is said where there is none."""
    with dg.build_sensor_context(rig.instance) as context:
        tick = rig.defs.resolve_sensor_def(sensor_of(entity)).evaluate_tick(context)
    return [str(one.run_key) for one in tick.run_requests or []], tick.skip_message or ""


def test_where_nothing_was_announced_nothing_is_started(rig: Rig) -> None:
    assert ticked(rig) == ([], "nothing was announced that was not read since")


def test_an_announcement_asks_for_a_run_under_one_key_until_it_was_read(rig: Rig) -> None:
    announce(rig, "d1", "1")
    first, _ = ticked(rig)
    assert len(first) == 1
    assert rig.defs.resolve_sensor_def(sensor_of("account")).job_name == job_of("account")
    assert ticked(rig) == (first, "")
    assert rig.run("account").ok
    assert ticked(rig) == ([], "nothing was announced that was not read since")


def test_many_announcements_are_one_run(rig: Rig) -> None:
    for number in range(20):
        announce(rig, f"d{number}", str(number))
    assert len(ticked(rig)[0]) == 1


def test_what_is_announced_while_a_run_goes_on_asks_for_another_one(rig: Rig) -> None:
    announce(rig, "d1", "1")
    first, _ = ticked(rig)
    assert rig.run("account").ok
    rig.world.world.clock.advance(1)
    announce(rig, "d2", "1")
    second, _ = ticked(rig)
    assert len(second) == 1
    assert second != first


def test_a_run_that_waits_for_its_turn_is_not_asked_for_again(rig: Rig) -> None:
    announce(rig, "d1", "1")
    tags = {"sync/entity": "account"}
    rig.instance.create_run_for_job(
        rig.defs.resolve_job_def(job_of("account")), status=dg.DagsterRunStatus.STARTING, tags=tags
    )
    assert ticked(rig) == ([], "a run that is about to begin will read it")


def test_what_is_announced_while_a_job_by_hand_is_about_the_same_entity_is_read_after_it(rig: Rig) -> None:
    announce(rig, "d1", "1")
    undone = rig.instance.create_run_for_job(
        rig.defs.resolve_job_def("concordat_undo"), run_config={"ops": {"take_back": {"config": {"run": "1f.account"}}}}
    )
    assert ticked(rig) == ([], "concordat_undo is at work on account; what was announced is read after it")
    rig.instance.report_run_failed(undone)
    assert len(ticked(rig)[0]) == 1


def test_an_announcement_of_an_entity_that_does_not_listen_starts_nothing_and_is_read_with_the_next_run(
    make: MakeRig,
) -> None:
    rig = make(timed_book(cadence={"account": (NIGHTLY,), "contact": (TOLD,)}))
    rig.settle()
    announce(rig, "d1", "1")
    assert ticked(rig, "contact")[0] == []
    assert [ref.id for ref in rig.world.ledger.dirty("crm", "Account")] == ["1"]


def test_a_book_that_listens_to_nobody_has_no_such_sensor(make: MakeRig) -> None:
    rig = make(timed_book(cadence={"account": (NIGHTLY,)}))
    assert not {one.name for one in rig.defs.sensors or []} & {sensor_of("account"), sensor_of("contact")}


def test_the_sensor_runs_from_the_start_and_in_every_round_of_dagsters_loop(rig: Rig) -> None:
    sensor = rig.defs.resolve_sensor_def(sensor_of("account"))
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds is not None
    assert sensor.minimum_interval_seconds < 5
