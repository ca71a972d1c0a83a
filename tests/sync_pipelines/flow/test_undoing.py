"""A run is taken back where nobody has edited since; what cannot be is said."""

from dataclasses import replace

import pytest

from connectors.testing.faults import Fault
from mappings.book import Guards
from sync_pipelines.flow.run import RunResult
from sync_pipelines.flow.undoing import plan_undo
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import UNDER_WAY, Op, State
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld, shared


@pytest.fixture
def little() -> LittleWorld:
    return LittleWorld()


def run(little: LittleWorld) -> str:
    (accounts, _) = little.run()
    return accounts.run


def undo(little: LittleWorld, what: str) -> RunResult:
    result = plan_undo(little.house, what)
    little.house.apply(result)
    return result


def one_leaves_and_one_comes(little: LittleWorld) -> None:
    """Of a system that shows nothing at all nobody would believe it."""
    little.world.systems["erp"].delete("Customer", little.only("erp").id, by="user:u")
    little.create("erp", Name="Other", Tax_Id="DE9")


def test_updates_get_their_old_values_back_and_stay_so(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")
    undo(little, run(little))
    little.settle()
    assert {s: little.only(s).values["Phone"] for s in ("crm", "erp", "shop")} == {"crm": "2", "erp": "1", "shop": "1"}


def test_what_was_made_is_put_out_of_use_and_not_made_again(little: LittleWorld) -> None:
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    made = run(little)
    undo(little, made)
    little.settle()
    assert [row.values["Active"] for row in (*little.rows("erp"), *little.rows("shop"))] == [False, False]


@pytest.mark.parametrize(
    ("happens", "because"),
    [
        (lambda w: w.edit("erp", w.only("erp").id, Phone="7"), "edited since: phone"),
        (one_leaves_and_one_comes, "the record is gone"),
    ],
)
def test_what_somebody_touched_since_is_left_and_said(little: LittleWorld, happens: object, because: str) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")
    done = run(little)
    happens(little)  # type: ignore[operator]  # a user's deed
    little.world.clock.advance(60)
    result = plan_undo(little.house, done) if "gone" not in because else _after_full(little, done)
    assert any(held.system == "erp" and because in held.because for held in result.held)
    assert {change.system for change in little.ledger.changes(plan=result.plan)} == {"shop"}


def test_an_edit_that_was_only_reported_is_nobody_elses_to_take_back(little: LittleWorld) -> None:
    """The book leaves it where it is; so it agreed to what we wrote, and says something else."""
    little.edit("crm", shared(little), Rating="1")
    done = run(little)
    little.settle()
    little.edit("shop", little.only("shop").id, Rating="typed")
    little.settle()
    result = plan_undo(little.house, done)
    assert [held.because.partition(": ")[2] for held in result.held] == ["edited since: rating"]
    assert {change.system for change in little.ledger.changes(plan=result.plan)} == {"erp"}


def _after_full(little: LittleWorld, done: str) -> RunResult:
    """The ERP tells no deletions: they are seen when everything is read."""
    for kind in ("Customer", "Person"):
        little.house.crawl("erp", kind, full=True)
    return plan_undo(little.house, done)


def test_an_archive_is_taken_back_by_hand(little: LittleWorld) -> None:
    shared(little)
    little.world.systems["erp"].archive("Customer", little.only("erp").id, by="user:u")
    result = plan_undo(little.house, run(little))
    assert {held.because.partition(": ")[2] for held in result.held} == {
        "it is taken back into use by hand: its map says no `archived: {back: …}`"
    }
    assert result.changes == 0


def test_a_record_that_cannot_be_put_out_of_use_is_said(little: LittleWorld) -> None:
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    made = run(little)
    for system, kind in (("erp", "Customer"), ("shop", "Buyer")):
        kinds = dict(little.connectors[system].kinds)
        kinds[kind] = replace(kinds[kind], archives=False)
        little.connectors[system]._kinds = kinds  # type: ignore[attr-defined]  # of the memory connector
    assert {h.because.partition(": ")[2] for h in plan_undo(little.house, made).held} == {
        "a created record cannot be archived there"
    }


def test_a_run_that_wrote_nothing_cannot_be_taken_back(little: LittleWorld) -> None:
    shared(little)
    with pytest.raises(LedgerError, match="wrote nothing that could be taken back"):
        plan_undo(little.house, run(little))


def test_an_undo_is_judged_like_any_plan() -> None:
    little = LittleWorld(book=little_book(guards=Guards(updates=0, at_least=1)))
    account = shared(little)
    other = little.create("crm", Name="Borg", Tax_Id="DE2", Status="Won", Phone="1")
    little.settle()
    little.engine(little_book())
    for one in (account, other):
        little.edit("crm", one, Phone="2")
    done = run(little)
    little.engine(little_book(guards=Guards(updates=0, at_least=1)))
    undo(little, done)
    assert {row.values["Phone"] for row in little.rows("erp")} == {"2"}
    assert all(not part.passed for part in plan_undo(little.house, done).parts)


def test_an_undo_can_itself_be_taken_back(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")
    back = undo(little, run(little))
    undo(little, back.run)
    assert little.only("erp").values["Phone"] == "2"
    little.settle()
    assert little.only("erp").values["Phone"] == "2"


def test_only_what_the_run_did_is_taken_back(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")
    first = run(little)
    little.edit("crm", account, Remark="later")
    little.settle()
    undo(little, first)
    erp = little.only("erp").values
    assert (erp["Phone"], erp["Remark"]) == ("1", "later")
    changes = [c for c in little.ledger.changes(states=(State.DONE,)) if c.op is Op.UPDATE and c.system == "erp"]
    assert list(changes[-1].fields) == ["phone"]


def test_an_archive_is_taken_back_into_use_where_the_map_says_how_and_stays_so() -> None:
    little = LittleWorld()
    account = shared(little)
    little.create("crm", "Person", Name="Ann", Email="a@x", AccountId=account)
    little.settle()
    little.world.systems["erp"].archive("Person", little.only("erp", "Person").id, by="user:u")
    little.world.clock.advance(60)
    _, contacts = little.run()
    assert little.only("crm", "Person").values["Active"] is False
    undo(little, contacts.run)
    assert little.only("crm", "Person").values["Active"] is True
    little.settle()
    assert {system: little.only(system, "Person").values["Active"] for system in ("crm", "erp")} == {
        "crm": True,
        "erp": False,
    }
    little.edit("crm", little.only("crm", "Person").id, "Person", Name="Anna")
    little.settle()
    assert little.only("crm", "Person").values["Active"] is True


def test_what_is_in_use_again_already_is_not_taken_back_twice() -> None:
    little = LittleWorld()
    account = shared(little)
    little.create("crm", "Person", Name="Ann", Email="a@x", AccountId=account)
    little.settle()
    little.world.systems["erp"].archive("Person", little.only("erp", "Person").id, by="user:u")
    little.world.clock.advance(60)
    _, contacts = little.run()
    little.edit("crm", little.only("crm", "Person").id, "Person", Active=True)
    little.world.clock.advance(60)
    result = plan_undo(little.house, contacts.run)
    assert [held.because.partition(": ")[2] for held in result.held] == ["it is in use again already"]


def test_an_undo_waits_for_what_an_undo_before_it_has_under_way(little: LittleWorld) -> None:
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    made = run(little)
    little.world.faults.force(Fault.LOST_BEFORE, "shop.archive")
    undo(little, made)
    again = undo(little, made)
    (there,) = little.rows("shop")
    waits = f"shop/Buyer/{there.id}: {UNDER_WAY}; run again, and undo what is left then"
    assert [held.because for held in again.held if held.system == "shop"] == [waits]
    archives = [c for c in little.ledger.changes(system="shop") if c.op is Op.ARCHIVE]
    assert [change.state for change in archives] == [State.UNCERTAIN]
