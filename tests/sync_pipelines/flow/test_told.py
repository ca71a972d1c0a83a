"""The log of the engine: a failed run can be understood from it alone, and nobody's data is in it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.testing.faults import Fault
from monitoring.journal import Happened, Teller, What
from monitoring.logs import log_event, logging_to
from sync_pipelines.flow.steps import Steps
from sync_pipelines.flow.told import ToldHouse
from sync_pipelines.model.changes import RunState
from tests.laws.little_world import LittleWorld

NAME, PHONE, EDITED, MAIL = "Canary Trading", "+49 30 7778889", "+49 30 1112223", "bird@canary.example"
VALUES = (NAME, PHONE, EDITED, MAIL, "DE99887766", PHONE[-7:], EDITED[-7:], "Canary")


def told(little: LittleWorld, tell: Teller) -> ToldHouse:
    little.house = ToldHouse(tell, little.book, little.ledger, little.connectors, little.seams())
    return little.house


@pytest.fixture
def happened() -> list[Happened]:
    return []


@pytest.fixture
def little(happened: list[Happened]) -> LittleWorld:
    world = LittleWorld()
    told(world, Teller(happened.append, world.world.clock.now))
    for n in range(3):
        world.create("crm", Name=f"{NAME} {n}", Tax_Id=f"DE9988776{n}", Status="Won", Phone=PHONE, Terms="N30")
    return world


def _what(happened: list[Happened]) -> list[tuple[str, str]]:
    return [(str(one.what), one.task or one.op) for one in happened]


def test_a_run_tells_its_steps_in_their_order(little: LittleWorld, happened: list[Happened]) -> None:
    little.house.run("account")
    told = [line for line in _what(happened) if line[0].partition(" ")[0] in ("run", "step")]
    steps = ["recover", "read", "read", "read", "plan", "judge", "apply"]
    between = [(f"step {word}", step) for step in steps for word in ("begun", "ended")]
    assert told == [("run begun", "sync"), *between, ("run ended", "sync")]
    assert {one.run for one in happened} == {little.ledger.runs("account", 1)[0].id}


def test_each_write_is_sent_and_then_done(little: LittleWorld, happened: list[Happened]) -> None:
    little.house.run("account")
    sent = [one.key for one in happened if one.what is What.WRITE_SENT]
    done = [one for one in happened if one.what is What.WRITE_DONE]
    assert len(sent) == len(set(sent)) == 6
    assert {one.key for one in done} == {*sent}
    assert all(one.record.startswith(f"{one.system}/{one.kind}/") for one in done)


def test_steps_of_the_scheduler_tell_the_same_story_as_a_run(little: LittleWorld, happened: list[Happened]) -> None:
    steps = Steps(little.house, "dagster-run")
    steps.recover("account")
    for system, kind in (("crm", "Account"), ("erp", "Customer"), ("shop", "Buyer")):
        steps.read(system, kind)
    steps.plan("account")
    steps.apply("account")
    by_steps = _what(happened)
    happened.clear()
    other = LittleWorld()
    told(other, Teller(happened.append, other.world.clock.now))
    for n in range(3):
        other.create("crm", Name=f"{NAME} {n}", Tax_Id=f"DE9988776{n}", Status="Won", Phone=PHONE, Terms="N30")
    other.house.run("account")
    assert sorted(by_steps) == sorted(_what(happened))


def test_the_story_of_a_failed_run_can_be_read_from_the_log_alone(
    little: LittleWorld, happened: list[Happened]
) -> None:
    """One system refuses us, one loses an answer; a code is unknown to us."""
    little.settle()
    happened.clear()
    little.create("erp", Name="With a code", Terms="X9")
    little.create("crm", Name="New one", Tax_Id="DE1", Status="Won", Phone=PHONE, Terms="N30")
    little.world.faults.force(Fault.FORBIDDEN, "shop.changes")
    little.world.faults.force(Fault.LOST_AFTER, "erp.create")
    result = little.house.run("account")
    assert result.state is RunState.HALTED
    run = [one for one in happened if one.run == result.run]
    (began, *_, ended) = run
    assert (began.what, began.entity, ended.what, ended.state) == (What.RUN_BEGUN, "account", What.RUN_ENDED, "halted")
    assert "shop" in ended.says
    unread = [(one.system, one.state) for one in run if one.what is What.STEP_ENDED and one.task == "read"]
    assert unread == [("crm", "complete"), ("erp", "complete"), ("shop", "halted")]
    assert [(one.system, one.reason) for one in run if one.what is What.RECORD_QUARANTINED] == [("erp", "gap")]
    (lost,) = [one for one in run if one.what is What.WRITE_UNCERTAIN]
    assert (lost.system, lost.op, lost.kind) == ("erp", "create", "Customer")
    assert lost.key in {one.key for one in run if one.what is What.WRITE_SENT}
    happened.clear()
    little.settle()
    (found,) = [one for one in happened if one.key == lost.key]
    assert (found.what, found.run) == (What.WRITE_DONE, result.run), "recovery tells what became of it"


def test_a_step_that_breaks_says_so_and_not_why_in_words(
    little: LittleWorld, happened: list[Happened], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise KeyError(NAME)

    monkeypatch.setattr(little.ledger, "judge", breaks)
    with pytest.raises(KeyError):
        little.house.run("account")
    assert (happened[-1].what, happened[-1].task, happened[-1].reason) == (What.STEP_BROKEN, "judge", "KeyError")
    assert NAME not in repr(happened)


# --- canaries ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    with logging_to(str(tmp_path / "engine.log"), "debug"):
        yield tmp_path / "engine.log"


@pytest.mark.parametrize("seed", range(4))
def test_no_value_and_no_secret_is_in_the_log_whatever_goes_wrong(log: Path, seed: int) -> None:
    rates = {fault.value: 0.08 for fault in Fault}
    world = LittleWorld(seed=seed, rates=rates)
    house = told(world, Teller(log_event, world.world.clock.now))
    for n in range(6):
        tax, terms = f"DE9988776{n % 3}", "N30" if n else "Canary"
        world.create("crm", Name=f"{NAME} {n}", Tax_Id=tax, Status="Won", Phone=PHONE, Terms=terms)
        world.create("crm", "Person", Name=NAME, Email=f"{n}{MAIL}", AccountId=world.rows("crm")[0].id)
    for turn in range(6):
        world.world.clock.advance(600)
        for row in world.rows("erp")[: turn % 3]:
            world.edit("erp", row.id, Phone=EDITED)
        for row in world.rows("crm")[: turn % 2]:
            world.edit("crm", row.id, Phone=f"{EDITED}{turn}")
        for entity in world.book.entities:
            house.run(entity, full=turn % 2 == 0)
        for question in world.questions():
            world.answer(question, next(iter(question.choices)))
    text = log.read_text(encoding="utf-8")
    events = {json.loads(line)["event"] for line in text.splitlines()}
    assert {"run begun", "run ended", "write sent", "write done"} <= events
    assert [word for word in (*VALUES, *world.secrets) if word.casefold() in text.casefold()] == []
