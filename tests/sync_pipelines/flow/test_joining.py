"""Accounts that become one, inside a system or by a person's word, and whoever refers to them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.testing.faults import Fault
from mappings.ownership import ArchiveRule
from sync_pipelines.model.questions import About
from tests.laws.checkers import check_all
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld, shared


@pytest.fixture
def little() -> LittleWorld:
    return LittleWorld()


def merge(little: LittleWorld, loser: str, winner: str) -> None:
    little.world.clock.advance(1)
    little.world.systems["crm"].merge("Account", loser, winner, by="user:u")


@pytest.mark.parametrize("from_", [("erp",), ("erp", "crm")])
def test_a_merge_is_no_deletion_and_puts_nothing_out_of_use(from_: tuple[str, ...]) -> None:
    book = little_book()
    account = book.entities["account"]
    ownership = replace(account.ownership, archive=ArchiveRule(from_, ("crm", "erp", "shop"), "review"))
    entities = {**book.entities, "account": replace(account, ownership=ownership)}
    little = LittleWorld(book=replace(book, entities=entities))
    account_id = shared(little)
    merge(little, account_id, little.create("crm", Name="Acme GmbH", Status="Open"))
    little.settle()
    assert {little.only(system).values["Active"] for system in ("crm", "erp", "shop")} == {True}
    assert little.questions() == []


def two_firms(little: LittleWorld) -> tuple[str, str]:
    firms = [little.create("crm", Name=n, Tax_Id=n, Status="Won", Phone="1") for n in ("A", "B")]
    little.settle()
    return firms[0], firms[1]


def test_a_merge_of_two_accounts_asks_once_and_apart_means_apart(little: LittleWorld) -> None:
    merge(little, *two_firms(little))
    little.run()
    (question,) = little.questions()
    assert question.about is About.JOIN
    little.answer(question, "apart")
    little.run()  # the look-back tells the merge once more
    little.settle()
    assert little.questions() == []
    assert [row.values["Active"] for row in little.rows("erp")] == [True, True]


def test_while_a_merge_is_in_doubt_nothing_is_written_to_either(little: LittleWorld) -> None:
    _, winner = two_firms(little)
    merge(little, *[row.id for row in little.rows("crm")])
    little.edit("crm", winner, Phone="9")
    before = len(little.written())
    little.run()
    assert len(little.written()) == before


def test_a_merge_that_is_confirmed_joins_them_everywhere_and_doubles_nothing(little: LittleWorld) -> None:
    _, winner = two_firms(little)
    merge(little, *[row.id for row in little.rows("crm")])
    little.run()
    little.answer(little.questions()[0], "link")
    little.edit("crm", winner, Name="C")
    little.settle()
    assert [row.values["Name"] for row in little.rows("erp")] == ["A", "C"]  # the twin is left as it is
    (entity_id,) = little.ledger.entity_ids("account")
    couplings = little.ledger.couplings_of("account", [entity_id])[entity_id]
    assert sorted((c.ref.system, c.primary) for c in couplings) == [
        ("crm", False), ("crm", True), ("erp", False), ("erp", True), ("shop", False), ("shop", True),
    ]  # fmt: skip


# --- by a person's word -----------------------------------------------------------------------------------------------


def test_while_two_may_be_one_the_newcomer_is_made_nowhere(little: LittleWorld) -> None:
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    little.create("crm", Name="acme", Status="Won", Tax_Id=None)
    little.settle()
    (question,) = little.questions()
    assert question.about is About.MATCH
    assert (len(little.rows("erp")), len(little.rows("shop"))) == (1, 1)
    little.answer(question, "apart")
    little.settle()
    assert len(little.rows("shop")) == 2


def test_people_of_two_accounts_that_become_one_are_not_made_twice(little: LittleWorld) -> None:
    crm, erp = little.create("crm", Name="Acme", Status="Won"), little.create("erp", Name="acme")
    little.create("crm", "Person", Name="Anna", Email="a@x.example", AccountId=crm)
    little.create("erp", "Person", Name="Anna", Email="a@x.example", AccountId=erp)
    little.create("erp", "Person", Name="Ben", Email="b@x.example", AccountId=erp)
    little.settle()
    little.answer(little.questions()[0], "link")
    little.settle()
    for system in ("crm", "erp"):
        assert sorted(row.values["Name"] for row in little.rows(system, "Person")) == ["Anna", "Ben"]
    assert len(little.ledger.entity_ids("contact")) == 2


def test_who_waited_for_a_question_that_a_join_took_away_waits_no_longer(little: LittleWorld) -> None:
    acme, borg = (little.create("crm", Name=n, Tax_Id=n, Status="Won") for n in ("Acme", "Borg"))
    ben = little.create("crm", "Person", Name="Ben", Email="b@x.example", AccountId=acme)
    anna = little.create("crm", "Person", Name="Anna", AccountId=borg)  # nobody but the CRM knows her
    little.settle()
    little.world.systems["crm"].merge("Person", anna, ben, by="user:u", values={"Name": "Benjamin"})
    merge(little, borg, acme)
    little.run()
    asked = {question.entity: question for question in little.questions()}
    assert [question.about for question in asked.values()] == [About.JOIN, About.JOIN]
    assert little.only("erp", "Person").values["Name"] == "Ben", "nothing is written while one may be two"
    little.answer(asked["account"], "link")
    little.settle()
    assert little.questions() == []
    assert little.only("erp", "Person").values["Name"] == "Benjamin"


def test_a_create_under_way_is_not_lost_when_its_account_becomes_another_one(little: LittleWorld) -> None:
    """The answer to the create comes after the account it was for has been joined."""
    erp = little.connectors["erp"]
    erp._kinds = {k: replace(can, unique_key=False) for k, can in erp.kinds.items()}  # type: ignore[attr-defined]  # waits
    one, two = (little.create("crm", Name=n, Tax_Id=n, Status=s) for n, s in (("A", "Won"), ("B", "Open")))
    little.world.faults.force(Fault.LOST_BEFORE, "erp.create")
    little.run()
    merge(little, one, two)
    little.run()
    little.answer(next(q for q in little.questions() if q.about is About.JOIN), "link")
    little.edit("crm", two, Status="Won")
    little.run()
    assert little.rows("erp") == []  # the lost one may still be executed
    little.world.clock.advance(timedelta(minutes=11))
    little.settle()
    assert len(little.rows("erp")) == 1
    check_all(little)


# --- accounting knows one that two others made ------------------------------------------------------------------------


def made_apart(little: LittleWorld) -> None:
    """Sales and the shop know one firm each by a name of its own; accounting's record agrees with both."""
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Open", Remark="of sales")
    little.create("shop", Name="Akme Store")
    little.settle()
    assert (len(little.ledger.entity_ids("account")), little.questions()) == (2, [])
    little.create("erp", Name="akme store", Tax_Id="DE1")


def test_a_record_that_is_surely_one_and_likely_another_proposes_to_join_the_two(little: LittleWorld) -> None:
    made_apart(little)
    little.settle()
    assert len(little.ledger.entity_ids("account")) == 2
    (question,) = little.questions()
    assert set(question.choices) == {"join", "apart"}
    counts = [len(little.rows(system)) for system in ("crm", "erp", "shop")]
    little.answer(question, "join")
    little.settle()
    (entity_id,) = little.ledger.entity_ids("account")
    assert {c.ref.system for c in little.ledger.couplings_of("account", [entity_id])[entity_id]} == {
        "crm",
        "erp",
        "shop",
    }
    assert [len(little.rows(system)) for system in ("crm", "erp", "shop")] == counts == [1, 1, 1]
    assert {little.only(system).values["Tax_Id"] for system in ("crm", "erp", "shop")} == {"DE1"}
    check_all(little)


def test_two_that_are_kept_apart_stay_two_and_are_not_proposed_again(little: LittleWorld) -> None:
    made_apart(little)
    little.settle()
    little.answer(little.questions()[0], "apart")
    little.edit("crm", little.only("crm").id, Status="Won")
    little.settle()
    assert (len(little.ledger.entity_ids("account")), little.questions()) == (2, [])
    check_all(little)


# --- two that come to look alike --------------------------------------------------------------------------------------


def test_an_edit_that_makes_two_known_ones_alike_is_asked_about_and_nothing_is_made_meanwhile(
    little: LittleWorld,
) -> None:
    little.create("shop", Name="Akme Store", Tax_Id="DE1")
    crm = little.create("crm", Name="Acme", Status="Won")
    little.settle()
    assert (len(little.ledger.entity_ids("account")), little.questions()) == (2, [])
    counts = [len(little.rows(system)) for system in ("crm", "erp", "shop")]
    little.edit("crm", crm, Tax_Id="DE1")
    little.settle()
    (question,) = little.questions()
    assert (question.about, set(question.choices)) == (About.MATCH, {"join", "apart"})
    assert little.rows("erp") == []
    little.answer(question, "join")
    little.settle()
    assert len(little.ledger.entity_ids("account")) == 1
    assert [row.values["Tax_Id"] for row in little.rows("erp")] == ["DE1"]
    assert [len(little.rows(system)) for system in ("crm", "shop")] == [counts[0], counts[2]]
    check_all(little)


def test_two_that_are_kept_apart_are_not_asked_about_again_by_a_further_edit(little: LittleWorld) -> None:
    little.create("shop", Name="Akme Store", Tax_Id="DE1")
    crm = little.create("crm", Name="Acme", Status="Open")
    little.settle()
    little.edit("crm", crm, Tax_Id="DE1")
    little.settle()
    little.answer(little.questions()[0], "apart")
    little.settle()
    little.edit("crm", crm, Name="Akme Store")
    little.settle()
    assert (len(little.ledger.entity_ids("account")), little.questions()) == (2, [])


def test_who_was_kept_apart_by_name_is_asked_about_once_more_when_one_tax_id_speaks_for_it(little: LittleWorld) -> None:
    little.create("shop", Name="Acme", Tax_Id="DE1")
    crm = little.create("crm", Name="acme", Status="Open")
    little.settle()
    little.answer(little.questions()[0], "apart")
    little.settle()
    little.edit("crm", crm, Phone="7")
    little.settle()
    assert little.questions() == []
    little.edit("crm", crm, Tax_Id="DE1")
    little.settle()
    (question,) = little.questions()
    assert question.evidence["before"] == "stella kept them apart when name was what spoke for it"
    assert len(little.ledger.entity_ids("account")) == 2
    little.answer(question, "apart")
    little.settle()
    little.edit("crm", crm, Tax_Id="DE2")
    little.settle()
    little.edit("crm", crm, Tax_Id="DE1")
    little.settle()
    assert (len(little.ledger.entity_ids("account")), little.questions()) == (2, [])
