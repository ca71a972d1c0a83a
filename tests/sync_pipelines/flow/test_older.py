"""An older copy of the ledger in its place, or none: it is noticed, and nothing is made a second time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import RecordRef
from connectors.testing.world import START
from monitoring.kinds import Limits
from monitoring.problems import Severity
from monitoring.watching import look
from sync_pipelines.flow.adopting import adopt
from sync_pipelines.flow.standing import standing_of
from sync_pipelines.intake.older import (
    note_if_it_saw_fewer_runs,
    nothing_is_made,
    nothing_is_written,
    older,
    unplanned,
)
from sync_pipelines.intake.vanishing import say_gone
from sync_pipelines.ledger.memento import FORGETFUL, FileMemento, Memento, Remembered
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import Op, RunState
from sync_pipelines.model.our_keys import is_ours
from sync_pipelines.settings import SortableIds
from sync_pipelines.simulation.little_book import kinds_of
from tests.sync_pipelines.flow.restored import OldWorld, copied, names, one_since_the_backup


@pytest.fixture
def little() -> OldWorld:
    """Its last ledger is put back by `restored`, an empty one by `lost`."""
    return one_since_the_backup()


both = pytest.mark.parametrize("which", ["restored", "lost"])


# --- it is noticed ---------------------------------------------------------------------------------------------------


def test_ids_have_the_shape_that_keys_of_ours_are_known_by() -> None:
    fresh = SortableIds()
    assert all(is_ours(fresh()) for _ in range(50))
    assert not any(map(is_ours, ("", "id000001", "K00001", "01JD" * 6, "01jd0000000000000000000001", "8" * 26)))


def test_a_house_that_remembers_everything_is_held_up_by_nothing(little: OldWorld) -> None:
    little.rest()
    assert older(little.ledger) == {}
    assert all(result.state is RunState.COMPLETE for result in little.run(full=True))


@both
def test_nothing_is_made_before_what_was_made_is_found_again(which: str, request: pytest.FixtureRequest) -> None:
    little: OldWorld = request.getfixturevalue(which)
    before = len([entry for entry in little.written() if entry.op == "create"])
    results = little.run(full=True)
    assert {result.state for result in results} == {RunState.HALTED}
    assert "carries a key of ours that it never planned" in results[0].says[0]
    assert "`concordat adopt`" in results[0].says[0]
    for _ in range(3):
        little.create("erp", Name="Newcomer", Status="Won")
        little.run()
    assert len([entry for entry in little.written() if entry.op == "create"]) == before


def test_somebody_is_told_once_and_for_the_whole_house(restored: OldWorld) -> None:
    restored.run(full=True)
    seen = look(standing_of(restored.ledger, restored.book, restored.world.clock.now()), Limits())
    (told,) = [problem for problem in seen.problems if problem.kind.severity is Severity.PAGE]
    assert (told.key, told.command) == ("ledger_restored:ledger", "concordat adopt --dry")
    restored.adopt_all()
    restored.run()
    seen = look(standing_of(restored.ledger, restored.book, restored.world.clock.now()), Limits())
    assert "ledger_restored:ledger" not in {problem.key for problem in seen.problems}


def test_what_is_known_waits_until_the_ledger_knows_what_we_wrote_since(restored: OldWorld) -> None:
    """An edit may be one of ours that it forgot; nobody's is lost by waiting."""
    restored.run(full=True)
    restored.edit("crm", "Account-000001", Phone="2")
    before = len(restored.written())
    for _ in range(2):
        assert {(result.state, result.changes) for result in restored.run()} == {(RunState.HALTED, 0)}
    assert restored.written()[before:] == []
    restored.adopt_all()
    restored.run()
    restored.run()
    known = [row for system in ("crm", "erp", "shop") for row in restored.rows(system) if row.values["Tax_Id"]]
    assert [row.values["Phone"] for row in known] == ["2", "2", "2"]


@pytest.mark.parametrize(("field", "less"), [("Phone", None), ("Active", False)])
def test_what_says_less_than_an_older_ledger_knew_is_not_followed_and_is_told(
    restored: OldWorld, field: str, less: Any
) -> None:
    """We may have done that ourselves, in a split or an undo that it forgot."""
    (acme,) = (row.id for row in restored.rows("erp") if row.values["Tax_Id"])
    restored.edit("erp", acme, **{field: less})
    restored.run(full=True)
    report = restored.adopt_all()["account"]
    assert dict(report.restored.left) == {"phone" if field == "Phone" else "archived": 1}
    restored.run()
    restored.run()
    known = [row for system in ("crm", "shop") for row in restored.rows(system) if row.values["Tax_Id"]]
    assert [row.values[field] for row in known] == (["1", "1"] if field == "Phone" else [True, True])


def test_what_is_cleared_once_more_after_that_is_followed(restored: OldWorld) -> None:
    (acme,) = (row.id for row in restored.rows("crm") if row.values["Tax_Id"])
    restored.edit("crm", acme, Phone=None)
    restored.run(full=True)
    restored.adopt_all()
    restored.edit("crm", acme, Phone="2")
    restored.run()
    restored.edit("crm", acme, Phone=None)
    restored.run()
    known = [row for system in ("erp", "shop") for row in restored.rows(system) if row.values["Tax_Id"]]
    assert [row.values["Phone"] for row in known] == [None, None]


def test_a_plan_from_before_the_restore_makes_and_writes_nothing_either(little: OldWorld) -> None:
    little.create("erp", Name="Third", Status="Won")
    little.edit("erp", next(row.id for row in little.rows("erp") if row.values["Tax_Id"]), Phone="7")
    result = little.house.begin("account", "plan")
    little.house.refresh(result)
    little.house.plan(result)
    little.house.judge(result)
    planned = little.ledger.changes(plan=result.plan)
    assert {change.op for change in planned if change.system == "crm"} == {Op.CREATE, Op.UPDATE}
    before = len(little.written())
    little.world.systems["crm"].create("Account", {"Name": "Strange", "Key": SortableIds()()}, by="user:u")
    little.house.read(result)
    assert nothing_is_made(little.ledger)
    little.house.apply(result)
    assert little.written()[before:] == []
    assert names(little, "crm") == ["ACME", "ONLY A NAME", "STRANGE"]


def test_a_key_that_somebody_typed_is_no_news(little: OldWorld) -> None:
    little.create("crm", Name="Typed", Key="our ref. 4711", Status="Open")
    assert all(result.state is RunState.COMPLETE for result in little.run())


def test_a_copy_of_a_record_with_its_key_is_no_news(little: OldWorld) -> None:
    (kept,) = {row.values["Key"] for row in little.rows("crm") if row.values["Key"]}
    assert unplanned(little.ledger, "account", {RecordRef("crm", "Account", "copy"): kept}) == []
    assert unplanned(little.ledger, "account", {RecordRef("erp", "Customer", "copy"): kept}) != []


@pytest.fixture
def keyless() -> OldWorld:
    """No system says which records are ours; only what lies beside the ledger tells that it is an older one."""
    kinds = {
        system: tuple(replace(kind, key_field="") for kind in kinds_of(system)) for system in ("crm", "erp", "shop")
    }
    world = OldWorld(kinds=kinds, memento=Remembered())
    for connector in world.connectors.values():
        can = connector.kinds
        connector._kinds = {name: replace(c, keyed=False, unique_key=False) for name, c in can.items()}  # type: ignore[attr-defined]  # the double's own
    world.create("crm", Name="Acme", Tax_Id="DE1", Status="Won", Phone="1")
    world.settle()
    world.backup = copied(world.ledger)
    world.create("erp", Name="Only a name", Status="Won")
    world.settle()
    return world


def test_what_lies_beside_the_ledger_tells_where_no_system_keeps_our_keys(keyless: OldWorld) -> None:
    keyless.rest()
    assert older(keyless.ledger) == {}
    made = len([entry for entry in keyless.written() if entry.op == "create"])
    for ledger in (keyless.backup, MemoryLedger()):
        keyless.put_back(ledger)
        results = keyless.run(full=True)
        assert {result.state for result in results} == {RunState.HALTED}
        assert "runs, and beside it" in results[0].says[0]
        assert len([entry for entry in keyless.written() if entry.op == "create"]) == made
    keyless.adopt_all()
    assert not nothing_is_made(keyless.ledger)
    assert {result.state for result in keyless.run()} == {RunState.COMPLETE}
    keyless.rest()
    assert [names(keyless, system).count("ONLY A NAME") for system in ("crm", "erp", "shop")] == [1, 1, 1]
    pairs = [frozenset({question.entity_id, other}) for question in keyless.questions() for other in question.others]
    assert len(pairs) == len(set(pairs)) > 0
    while keyless.questions():
        keyless.answer(keyless.questions()[0], min(keyless.questions()[0].choices.keys() - {"apart"}))
        keyless.run()
    keyless.rest()
    assert [names(keyless, system).count("ONLY A NAME") for system in ("crm", "erp", "shop")] == [1, 1, 1]


@pytest.fixture
def unseen() -> OldWorld:
    """The book says that the CRM may be empty. It shows nothing, and has what the ledger that is put back forgot."""
    world = OldWorld(memento=Remembered())
    world.create("erp", Name="Only a name", Status="Open")
    world.settle()
    world.put_back(MemoryLedger())
    world.world.systems["crm"].blind.add("Account")
    return world


def test_where_something_was_and_nothing_is_shown_an_older_ledger_is_not_taken_over(unseen: OldWorld) -> None:
    for _ in range(2):
        results = unseen.run()
        assert "nothing is shown, where there was something before the ledger was restored" in results[0].says[0]
        with pytest.raises(LedgerError, match="concordat doctor crm --gone Account"):
            unseen.adopt_all()
    unseen.world.systems["crm"].blind.clear()
    unseen.adopt_all()
    unseen.rest()
    assert names(unseen, "crm") == ["ONLY A NAME"]
    assert {result.state for result in unseen.run()} == {RunState.COMPLETE}


def test_what_was_made_and_never_read_is_remembered_beside_the_ledger() -> None:
    little = OldWorld(memento=Remembered())
    little.create("erp", Name="Only a name", Status="Open")
    little.run()
    assert [len(little.rows(system)) for system in ("crm", "erp")] == [1, 1]
    assert little.memento.places() == {"crm/Account", "erp/Customer"}


def test_an_older_ledger_is_taken_over_where_a_person_says_that_nothing_is_left(unseen: OldWorld) -> None:
    unseen.world.systems["crm"].blind.clear()
    unseen.world.systems["crm"].delete("Account", "Account-000001", by="user:u")
    unseen.run()
    with pytest.raises(LedgerError):
        unseen.adopt_all()
    say_gone(unseen.ledger, "crm", "Account", "olga", unseen.world.clock.now())
    unseen.adopt_all()
    unseen.rest()
    assert names(unseen, "crm") == ["ONLY A NAME"]


def test_of_a_house_only_one_entity_of_which_was_adopted_nothing_is_made_yet(keyless: OldWorld) -> None:
    keyless.put_back(keyless.backup)
    keyless.run()
    keyless.world.clock.advance(120)
    adopt(keyless.house, "account")
    assert nothing_is_made(keyless.ledger)
    adopt(keyless.house, "contact")
    assert not nothing_is_made(keyless.ledger)


@pytest.mark.parametrize("lies_there", ["", "not a number", "3"])
def test_a_run_goes_on_whatever_lies_beside_the_ledger(tmp_path: Path, lies_there: str) -> None:
    file = tmp_path / "runs"
    if lies_there:
        file.write_text(lies_there, encoding="ascii")
    ledger, memento = MemoryLedger(), FileMemento(file)
    note_if_it_saw_fewer_runs(ledger, memento, ["account"], START)
    assert (memento.last(), bool(older(ledger))) == ((4, True) if lies_there == "3" else (1, False))
    note_if_it_saw_fewer_runs(ledger, memento, ["account"], START)
    memento.meet({"crm/Account"})
    note_if_it_saw_fewer_runs(ledger, memento, ["account"], START)
    memento.meet({"erp/Kunde 客户"})
    assert memento.places() == {"crm/Account", "erp/Kunde 客户"}
    assert memento.last() > 1
    assert [file.name for file in tmp_path.iterdir()] == ["runs"]
    assert FileMemento(tmp_path / "runs" / "no folder").last() == 0
    FileMemento(tmp_path / "runs" / "no folder").keep(1)
    FileMemento(tmp_path / "runs" / "no folder").meet({"crm/Account"})


def test_where_what_lies_beside_it_is_lost_too_a_clock_that_was_set_back_hides_nothing_that_was_made() -> None:
    """The CRM stamps what we make there with a time that the ledger of before has read past already."""
    little = OldWorld(memento=Remembered())
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won", Phone="1")
    little.settle()
    little.backup = copied(little.ledger)
    little.world.systems["crm"].step_clock(timedelta(minutes=-10))
    little.create("erp", Name="Only a name", Status="Won")
    little.run()
    little.world.clock.advance(1200)  # by now its clock shows what it did before it was set back
    made = {system: names(little, system) for system in ("crm", "erp", "shop")}
    assert made["crm"] == ["ACME", "ONLY A NAME"]
    little.memento = Remembered()
    little.put_back(little.backup)
    little.run()
    little.run()
    assert made == {system: names(little, system) for system in made}
    assert nothing_is_written(little.ledger).startswith("the ledger is older than the systems: crm/Account/")


@pytest.mark.parametrize(("memento", "times"), [(Remembered, 1), (lambda: FORGETFUL, 0)])
def test_everything_is_read_anew_once_where_what_lay_beside_the_ledger_is_gone(
    memento: Callable[[], Memento], times: int
) -> None:
    """A home that lasts no longer than a run loses it each time."""
    little = OldWorld(memento=memento())
    for number in range(3):
        little.create("crm", Name=f"Firm {number}", Tax_Id=f"DE{number}", Status="Won")
    little.settle()
    of_everything = 0
    for _ in range(3):
        little.memento = memento()
        little.engine()
        of_everything += any(crawl.full for crawl in little.run()[0].crawls)
    assert of_everything == times


def test_a_run_of_another_process_that_was_faster_is_no_news() -> None:
    ledger, count = MemoryLedger(), Remembered()

    class Slow(Remembered):
        def last(self) -> int:
            said = count.last()
            note_if_it_saw_fewer_runs(ledger, count, ["account"], START)
            return said

        def keep(self, turn: int) -> None:
            count.keep(turn)

    for _ in range(3):
        note_if_it_saw_fewer_runs(ledger, Slow(), ["account"], START)
    assert older(ledger) == {}
    assert count.last() == 6
