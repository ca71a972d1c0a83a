"""A run in separate steps, each perhaps in another process: what one leaves lies in the ledger."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mappings.book import Guards, WriteSwitch
from monitoring.events import RunFailed
from sync_pipelines.flow.steps import Leave, Planned, Steps
from sync_pipelines.flow.telling import LedgerOutbox
from sync_pipelines.ledger.port import LedgerError
from tests.laws.little_book import KINDS, ROLES, little_book
from tests.laws.little_world import LittleWorld

TIGHT = Guards(creates=0, updates=0, blanks=0, archives=0, at_least=1)


def begun(world: LittleWorld, run: str = "r1", *, only_plan: bool = False) -> Steps:
    """Recovered and read, each step by a process of its own."""
    Steps(world.engine(), run).recover("account", only_plan=only_plan)
    for system in ROLES:
        Steps(world.engine(), run).read(system, KINDS[system])
    return Steps(world.engine(), run)


def planned(world: LittleWorld, run: str = "r1") -> Planned:
    return begun(world, run).plan("account")


def a_world(count: int = 3, **options: object) -> LittleWorld:
    world = LittleWorld(**options)  # type: ignore[arg-type]  # named as LittleWorld names them
    for number in range(count):
        world.create("crm", Name=f"Firm {number}", Tax_Id=f"DE{number}", Status="Won")
    return world


def test_steps_of_different_processes_do_what_one_run_does() -> None:
    apart, whole = a_world(), a_world()
    planned(apart)
    result = Steps(apart.engine(), "r1").apply("account")
    assert result is not None
    assert (result.state, result.applied.total("creates")) == ("complete", 6)
    whole.house.run("account")
    assert [r.values["Name"] for r in apart.rows("erp")] == [r.values["Name"] for r in whole.rows("erp")]


def test_the_record_of_a_run_in_steps_tells_the_same_figures() -> None:
    apart, whole = a_world(), a_world()
    apart.create("crm", Name="No tax id", Status="Won")
    whole.create("crm", Name="No tax id", Status="Won")
    planned(apart)
    Steps(apart.engine(), "r1").apply("account")
    whole.house.run("account")
    (told,) = [run for run in apart.ledger.runs("account") if run.id == "r1.account"]
    assert told.stats == whole.ledger.runs("account")[0].stats
    assert told.stats["held"] == 1


def test_what_a_reading_could_not_do_is_known_to_the_plan_of_another_process() -> None:
    world = a_world()
    steps = Steps(world.engine(), "r1")
    steps.recover("account")
    for system in ROLES:
        crawl = steps.read(system, KINDS[system])
        if system == "erp":
            stats = {name: getattr(crawl.tally, name) for name in crawl.tally.__slots__}
            world.ledger.end_run("r1.erp.Customer", world.world.clock.now(), "halted", "erp says no", stats)
    made = Steps(world.engine(), "r1").plan("account")
    assert {part.system for part in made.parts} == {"shop"}
    assert made.verdict == replace(made.verdict, leave=Leave.IN_PART, says=("erp says no",))


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(LedgerError) as error:
        act()
    return str(error.value)


def test_a_plan_without_recovery_is_refused() -> None:
    world = a_world()
    for system in ROLES:
        Steps(world.engine(), "r1").read(system, KINDS[system])
    assert refused(lambda: Steps(world.engine(), "r1").plan("account")).startswith("account: this run has not begun")


def test_a_plan_of_which_one_kind_was_not_read_is_refused() -> None:
    world = a_world()
    steps = Steps(world.engine(), "r1")
    steps.recover("account")
    steps.read("crm", "Account")
    assert refused(lambda: steps.plan("account")) == (
        "account: erp/Customer was not read in this run; start the whole job anew"
    )


def test_what_another_run_has_read_does_not_count() -> None:
    world = a_world()
    begun(world, "r1")
    steps = Steps(world.engine(), "r2")
    steps.recover("account")
    assert "crm/Account was not read in this run" in refused(lambda: steps.plan("account"))


def test_a_reading_that_died_does_not_count() -> None:
    world = a_world()
    steps = begun(world, "r1")
    world.ledger.end_run("r1.shop.Buyer", None, "", "", {})  # type: ignore[arg-type]  # as if it had never ended
    assert "shop/Buyer was not read in this run" in refused(lambda: steps.plan("account"))


def test_applied_takes_no_plan_of_another_run() -> None:
    world = a_world()
    planned(world, "r1")
    steps = begun(world, "r2")
    assert refused(lambda: steps.apply("account")).startswith("account: this run has made no plan")


def test_applied_asks_the_ledger_whether_its_plan_was_judged() -> None:
    world = a_world()
    steps = begun(world)
    result, _ = steps._resumed("account")
    steps.house.plan(result)
    assert "may not be applied: plan id000001 has not been judged" in refused(lambda: steps.apply("account"))
    assert world.written() == []


def test_a_verdict_that_was_taken_back_since_holds_the_plan() -> None:
    world = a_world()
    made = planned(world)
    world.ledger.judge(
        made.head.id, [replace(part, passed=False, says="somebody thought again") for part in made.parts]
    )
    assert "somebody thought again" in refused(lambda: Steps(world.engine(), "r1").apply("account"))
    assert world.written() == []


def test_a_plan_that_a_newer_one_has_replaced_is_not_applied() -> None:
    world = a_world()
    planned(world, "r1")
    planned(world, "r2")
    assert "superseded" in refused(lambda: Steps(world.engine(), "r1").apply("account"))
    assert world.written() == []


def test_a_run_is_applied_once() -> None:
    world = a_world()
    planned(world)
    Steps(world.engine(), "r1").apply("account")
    assert refused(lambda: Steps(world.engine(), "r1").apply("account")).startswith("account: this run has ended")


def test_where_only_a_plan_was_asked_for_applying_does_nothing() -> None:
    world = a_world()
    made = begun(world, only_plan=True).plan("account")
    assert (made.only, Steps(world.engine(), "r1").apply("account"), world.written()) == (True, None, [])


# --- whether a plan may be applied ----------------------------------------------------------------------------------

OFF, REVIEW, ON = WriteSwitch.OFF, WriteSwitch.REVIEW, WriteSwitch.ON


@pytest.mark.parametrize(
    ("guards", "switches", "leave"),
    [
        (Guards(), {}, Leave.GIVEN),
        (TIGHT, {}, Leave.REFUSED),
        (Guards(), {"erp": REVIEW}, Leave.IN_PART),
        (Guards(), {"erp": REVIEW, "shop": REVIEW}, Leave.REFUSED),
        (Guards(), {"erp": OFF, "shop": OFF}, Leave.GIVEN),
        (Guards(), {"erp": OFF, "shop": REVIEW}, Leave.REFUSED),
        (Guards(), {"erp": OFF, "shop": ON}, Leave.GIVEN),
        (TIGHT, {"erp": OFF, "shop": OFF}, Leave.GIVEN),
    ],
)
def test_a_plan_is_refused_as_a_whole_where_nothing_of_it_is_left(
    guards: Guards, switches: dict[str, WriteSwitch], leave: Leave
) -> None:
    assert planned(a_world(book=little_book(guards=guards, switches=switches))).verdict.leave is leave


def test_an_empty_plan_has_leave() -> None:
    assert planned(a_world(0, book=little_book(guards=TIGHT))).verdict.leave is Leave.GIVEN


# --- what the scheduler tells of runs that died ---------------------------------------------------------------------


def test_a_run_that_died_is_ended_as_stale_by_who_saw_it_and_told_once() -> None:
    world = a_world()
    begun(world)
    fact = RunFailed("r1", "by hand", datetime(2026, 3, 2, tzinfo=UTC), "its process was killed")
    outbox = LedgerOutbox(world.ledger)
    assert [outbox.put(fact), outbox.put(fact)] == [True, False]
    states = {run.id: (run.kind, run.state, run.says) for run in world.ledger.runs("account")}
    assert states == {
        "r1.account": ("sync", "stale", "its process was killed"),
        "r1.failed": ("failed", "stale", "its process was killed"),
    }
