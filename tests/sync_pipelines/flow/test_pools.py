"""One record of accounting serves all anonymous buyers: none has its own there, and their people belong to it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.testing.faults import Fault
from mappings.ownership import Clause, When
from mappings.ownership import Test as Asks
from sync_pipelines.model.changes import RunState
from sync_pipelines.model.early import Lack, Stage, Word
from sync_pipelines.review.hastening import say
from tests.laws.checkers import check_all
from tests.laws.little_world import LittleWorld
from tests.sync_pipelines.flow.pools import NUMBER, pooling_book

ANONYMOUS = When((Clause(Asks.UNSET, "tax_id"),))


@pytest.fixture(params=[("crm", "erp"), ("erp", "crm")], ids=["crm-decides", "erp-decides"])
def little(request: pytest.FixtureRequest) -> LittleWorld:
    """With the record that serves many, at rest."""
    world = LittleWorld(book=pooling_book(ANONYMOUS, deciders=request.param))
    world.create("erp", Name="Web buyers", Tax_Id="DE0")
    world.settle()
    return world


def pool(little: LittleWorld) -> str:
    (row,) = [row for row in little.rows("erp") if row.values["Number"] == NUMBER]
    return row.id


def buyer(little: LittleWorld, name: str = "Anna", **more: Any) -> str:
    """An account in the CRM that nobody has a tax number of, and somebody there with an e-mail address."""
    account = little.create("crm", Name=name, Status="Open", **more)
    little.create("crm", "Person", Name=name, Email=f"{name}@x.example", AccountId=account)
    return account


def stages(little: LittleWorld) -> list[Stage]:
    rows = little.ledger.early(entity="account", open_only=False)
    return [row.stage for row in rows if row.role == "erp"]


def firms(little: LittleWorld) -> dict[str, str]:
    """By person: to which record of the ERP they belong there."""
    return {row.values["Name"]: row.values["AccountId"] for row in little.rows("erp", "Person")}


def test_who_is_served_by_the_pool_is_not_made_and_their_people_belong_to_it(little: LittleWorld) -> None:
    before = little.row("erp", pool(little)).values
    buyer(little, "Anna")
    buyer(little, "Bert")
    little.settle()
    assert [row.id for row in little.rows("erp")] == [pool(little)]
    assert firms(little) == {"Anna": pool(little), "Bert": pool(little)}
    assert stages(little) == [Stage.POOLED] * 2
    assert little.row("erp", pool(little)).values == before  # nothing of theirs is written to it
    entities = little.ledger.entity_ids("account")
    refs = [c.ref for some in little.ledger.couplings_of("account", entities).values() for c in some]
    assert len(entities) == 3
    assert [ref.id for ref in refs if ref.system == "erp"] == [pool(little)]  # couplings are one to one
    assert little.questions() == []
    check_all(little)


def test_one_who_becomes_known_leaves_the_pool_and_its_people_follow(little: LittleWorld) -> None:
    anna = buyer(little, "Anna")
    buyer(little, "Bert")
    little.settle()
    little.edit("crm", anna, Tax_Id="DE7")
    little.settle()
    (mine,) = [row.id for row in little.rows("erp") if row.id != pool(little)]
    assert little.row("erp", mine).values["Tax_Id"] == "DE7"
    assert firms(little) == {"Anna": mine, "Bert": pool(little)}
    assert sorted(stages(little)) == [Stage.COUPLED, Stage.POOLED]
    check_all(little)


def test_while_its_own_record_waits_its_people_stay_where_they_are_and_are_not_lost() -> None:
    little = LittleWorld(book=pooling_book(ANONYMOUS, needs=("name", "phone")))
    little.create("erp", Name="Web buyers", Tax_Id="DE0")
    anna = buyer(little, "Anna")
    little.settle()
    little.edit("crm", anna, Tax_Id="DE7")
    little.settle()
    assert (firms(little), stages(little)) == ({"Anna": pool(little)}, [Stage.WAITING])
    little.edit("crm", anna, Phone="1")
    little.settle()
    (mine,) = [row.id for row in little.rows("erp") if row.id != pool(little)]
    assert firms(little) == {"Anna": mine}


def test_one_who_is_anonymous_again_and_has_no_record_yet_is_served_again() -> None:
    little = LittleWorld(book=pooling_book(When((Clause(Asks.IN, "status", ("open",)),)), needs=("phone",)))
    little.create("erp", Name="Web buyers", Tax_Id="DE0")
    anna = buyer(little, "Anna")
    little.settle()
    for status, stage in (("Won", Stage.WAITING), ("Open", Stage.POOLED)):
        little.edit("crm", anna, Status=status)
        little.settle()
        assert (firms(little), stages(little)) == ({"Anna": pool(little)}, [stage])


def test_an_edit_of_a_served_one_reaches_everybody_but_the_pool(little: LittleWorld) -> None:
    anna = buyer(little)
    little.settle()
    before = len(little.written())
    little.edit("crm", anna, Phone="7", Name="Anne")
    little.settle()
    assert [entry.system for entry in little.written()[before:]] == []
    assert little.row("erp", pool(little)).values["Name"] == "Web buyers"


def test_where_its_record_is_there_already_nobody_is_served_by_the_pool(little: LittleWorld) -> None:
    erp = little.create("erp", Name="Anna", Tax_Id="DE7")
    little.create("crm", Name="Anna", Status="Open", Tax_Id="DE7")
    little.settle()
    little.edit("erp", erp, Tax_Id="")
    little.settle()
    assert Stage.POOLED not in stages(little)


def homes(little: LittleWorld) -> list[list[str]]:
    """Entity by entity: the names of its records."""
    entities = little.ledger.couplings_of("account", little.ledger.entity_ids("account")).values()
    return sorted(sorted(str(little.row(c.ref.system, c.ref.id).values["Name"]) for c in some) for some in entities)


def test_the_pool_is_nobody_s_twin_by_its_number(little: LittleWorld) -> None:
    """An older integration wrote it back to every anonymous buyer."""
    for name in ("Anna", "Bert"):
        little.create("crm", Name=name, Status="Open", Number=NUMBER)
    little.settle()
    assert homes(little) == [["Anna"], ["Bert"], ["Web buyers", "Web buyers"]]
    assert little.questions() == []
    assert stages(little) == [Stage.POOLED] * 2


# --- the record itself ------------------------------------------------------------------------------------------------


def test_a_pool_that_is_not_there_is_told_by_the_plan_and_nobody_is_made_instead() -> None:
    little = LittleWorld(book=pooling_book(ANONYMOUS))
    buyer(little)
    account, contact = little.run()
    says = (
        f"no record of erp has number {NUMBER}, which account/ownership.yaml:5 says serves many: "
        "make it there, or mend the book"
    )
    assert (account.state, account.says) == (RunState.INCOMPLETE, [says])
    assert contact.state is RunState.COMPLETE
    assert [held.because for held in account.held] == [says]
    little.settle()
    assert (little.rows("erp"), little.rows("erp", "Person"), stages(little)) == ([], [], [Stage.POOLED])
    (row,) = [row for row in little.ledger.early(entity="account") if row.role == "erp"]
    assert row.lacks == (Lack("pool", says),)
    little.create("erp", Name="Web buyers", Tax_Id="DE0")
    little.settle()
    assert firms(little) == {"Anna": pool(little)}


def test_of_two_that_could_be_the_pool_neither_serves(little: LittleWorld) -> None:
    little.world.systems["erp"].update(
        "Customer", little.create("erp", Name="Twin", Tax_Id="DE8"), {"Number": NUMBER}, by="user:u"
    )
    buyer(little)
    account = little.run()[0]
    assert account.says == [
        f"2 records of erp have number {NUMBER}, of which one shall serve many (account/ownership.yaml:5)"
    ]
    assert firms(little) == {}


def test_what_refers_to_a_pool_out_of_use_waits(little: LittleWorld) -> None:
    little.edit("erp", pool(little), Active=False)
    buyer(little)
    account = little.run()[0]
    assert account.says == [f"erp/Customer/{pool(little)}, which serves many (account/ownership.yaml:5), is out of use"]
    little.settle()
    assert firms(little) == {}


# --- what accounting says itself --------------------------------------------------------------------------------------


def test_one_that_accounting_put_under_the_pool_is_no_disagreement(little: LittleWorld) -> None:
    """As on day one: another tool made it there before us."""
    anna = little.create("crm", Name="Anna", Status="Open")
    little.settle()
    person = little.create("erp", "Person", Name="Anna", Email="a@x.example", AccountId=pool(little))
    little.create("crm", "Person", Name="Anna", Email="a@x.example", AccountId=anna)
    little.settle()
    assert [row.id for row in little.rows("erp", "Person")] == [person]
    assert [row.values["AccountId"] for row in little.rows("crm", "Person")] == [anna]
    assert (little.questions(), firms(little)) == ([], {"Anna": pool(little)})
    little.edit("crm", anna, Tax_Id="DE7")
    little.settle()
    assert firms(little)["Anna"] != pool(little)
    check_all(little)


def test_a_lost_answer_to_making_somebody_under_the_pool_is_no_edit_of_accounting(little: LittleWorld) -> None:
    little.world.faults.force(Fault.LOST_AFTER, "erp.create")
    anna = buyer(little)
    little.settle()
    assert firms(little) == {"Anna": pool(little)}
    assert [entry.op for entry in little.written() if entry.system == "erp"] == ["create"]
    little.edit("crm", anna, Tax_Id="DE7")
    little.settle()
    assert firms(little)["Anna"] != pool(little)
    check_all(little)


# --- people, and the ledger -------------------------------------------------------------------------------------------


def test_a_person_s_word_takes_one_out_of_the_pool(little: LittleWorld) -> None:
    anna = buyer(little)
    little.settle()
    (row,) = little.ledger.early(entity="account", stages=[Stage.POOLED])
    say(little.ledger, "account", row.entity_id, Word.CREATE, "frieda", little.world.clock.now())
    little.settle()
    assert (stages(little), len(little.rows("erp"))) == ([Stage.COUPLED], 2)
    assert firms(little)["Anna"] != pool(little)
    assert little.row("crm", anna).values["Number"] != NUMBER


@pytest.mark.parametrize("word", [Word.HOLD, Word.DISMISS, None])
def test_one_that_is_not_to_be_made_is_served_as_before(little: LittleWorld, word: Word | None) -> None:
    buyer(little)
    little.settle()
    (row,) = little.ledger.early(entity="account", stages=[Stage.POOLED])
    say(little.ledger, "account", row.entity_id, word, "frieda", little.world.clock.now())
    assert stages(little) == [Stage.POOLED]
    little.settle()
    assert (stages(little), firms(little)) == ([Stage.POOLED], {"Anna": pool(little)})


def test_one_that_takes_part_no_longer_is_not_served(little: LittleWorld) -> None:
    anna = buyer(little)
    little.settle()
    little.edit("crm", anna, Status="Test")
    little.settle()
    assert stages(little) == [Stage.LEFT]


def test_a_pool_that_is_taken_out_of_the_book_lets_everybody_go(little: LittleWorld) -> None:
    buyer(little)
    little.settle()
    account = little.book.entities["account"]
    create = {**account.ownership.create, "erp": replace(account.ownership.create["erp"], pool=None)}
    account = replace(account, ownership=replace(account.ownership, create=create))
    little.book = replace(little.book, entities={**little.book.entities, "account": account})
    little.engine()
    little.settle()
    assert firms(little)["Anna"] != pool(little)


def test_one_that_is_served_waits_for_nothing_and_no_promise_runs(little: LittleWorld) -> None:
    buyer(little)
    little.settle()
    little.world.clock.advance(timedelta(days=90))
    (row,) = little.ledger.early(entity="account", stages=[Stage.POOLED])
    assert row.lacks == ()
