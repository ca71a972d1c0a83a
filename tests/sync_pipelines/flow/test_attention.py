"""Nothing that is due may ever drop out of view."""

from dataclasses import replace

import pytest

from connectors.testing.faults import Fault
from mappings.book import Book, Guards, WriteSwitch
from mappings.ownership import CreateRule
from sync_pipelines.model.changes import Approval, RunState
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld, shared


@pytest.fixture
def little() -> LittleWorld:
    return LittleWorld()


def with_create(book: Book, role: str, *, allowed: bool) -> Book:
    """The book, saying otherwise where accounts are made."""
    account = book.entities["account"]
    create = {**account.ownership.create, role: CreateRule(role, allowed=allowed)}
    ownership = replace(account.ownership, create=create)
    return replace(book, entities={**book.entities, "account": replace(account, ownership=ownership)})


def test_a_system_that_is_connected_later_gets_what_is_at_rest_elsewhere(little: LittleWorld) -> None:
    shop = little.connectors.pop("shop")
    little.engine()
    shared(little)
    little.connectors["shop"] = shop
    little.engine()
    little.settle()
    assert len(little.rows("shop")) == 1


def test_a_system_that_may_make_records_at_last_gets_what_is_at_rest_elsewhere(little: LittleWorld) -> None:
    shop = little.connectors["shop"]
    kinds = dict(shop.kinds)
    shop._kinds = {"Buyer": replace(kinds["Buyer"], creates=False)}  # type: ignore[attr-defined]  # a missing permission
    shared(little)
    assert little.rows("shop") == []
    shop._kinds = kinds  # type: ignore[attr-defined]  # granted
    little.settle()
    assert len(little.rows("shop")) == 1


def test_a_changed_rule_is_applied_to_what_is_at_rest() -> None:
    little = LittleWorld(book=with_create(little_book(), "shop", allowed=False))
    shared(little)
    assert little.rows("shop") == []
    little.engine(little_book())
    little.settle()
    assert len(little.rows("shop")) == 1


def test_an_unchanged_book_looks_at_nothing_that_rests(little: LittleWorld) -> None:
    shared(little)
    little.engine(little_book())
    assert little.ledger.attended("account") == []
    little.run()
    assert little.ledger.attended("account") == []


def test_what_was_planned_in_shadow_is_written_when_the_switch_goes_on() -> None:
    little = LittleWorld(book=little_book(switches={"erp": WriteSwitch.OFF}))
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    for _ in range(3):
        little.run()
    little.engine(little_book())
    little.settle()
    assert len(little.rows("erp")) == 1


def test_what_a_guard_held_is_due_until_somebody_gives_leave() -> None:
    little = LittleWorld(book=little_book(guards=Guards(creates=0, at_least=0, updates=1)))
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    for _ in range(3):
        (accounts, _) = little.run()
        assert accounts.state is RunState.INCOMPLETE
    little.ledger.approve(Approval("olga", little.world.clock.now(), op="create", up_to=1))
    little.run()
    assert (len(little.rows("erp")), len(little.rows("shop"))) == (1, 1)


@pytest.mark.parametrize("call", ["erp.changes", "erp.create"])
def test_what_a_system_could_not_take_is_due_when_it_is_back(little: LittleWorld, call: str) -> None:
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    little.world.faults.force(Fault.SERVER_ERROR, call)
    little.run()
    little.settle()
    assert len(little.rows("erp")) == 1


def test_a_plan_that_nobody_applied_leaves_everything_due(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")
    result = little.house.begin("account", "plan")
    little.house.refresh(result)
    little.house.plan(result)
    assert little.only("erp").values["Phone"] == "1"
    little.run()
    assert little.only("erp").values["Phone"] == "2"


def test_a_newer_plan_that_was_never_applied_loses_nothing_of_the_older_one(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")

    def another_plans(name: str) -> None:
        if name == "before-intent":
            little.checkpoint = lambda _: None
            other = little.engine()
            other.plan(other.begin("account", "plan"))

    little.checkpoint = another_plans
    (accounts, _) = little.run()
    assert accounts.state is RunState.INCOMPLETE
    little.settle()
    assert {little.only(system).values["Phone"] for system in ("crm", "erp", "shop")} == {"2"}


def test_an_edit_that_lands_while_a_plan_is_applied_is_looked_at_afterwards(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")

    def lands(name: str) -> None:
        if name == "after-outcome":
            little.checkpoint = lambda _: None
            little.edit("crm", account, Phone="3")
            little.house.crawl("crm", "Account")

    little.checkpoint = lands
    little.run()
    little.settle()
    assert little.only("erp").values["Phone"] == little.only("shop").values["Phone"] == "3"


def test_a_contact_waits_for_its_account_and_follows_it(little: LittleWorld) -> None:
    firm = little.create("crm", Name="Acme", Status="Won")  # the ERP wants a tax id
    little.create("crm", "Person", Name="Anna", Email="a@x.example", AccountId=firm)
    little.settle()
    assert little.rows("erp", "Person") == []
    little.edit("crm", firm, Tax_Id="DE1")
    little.settle()
    assert little.only("erp", "Person").values["AccountId"] == little.only("erp").id


def test_an_account_that_stayed_out_for_a_while_catches_up(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Status="Test")
    little.settle()
    little.edit("crm", account, Phone="2")
    little.settle()
    assert little.only("erp").values["Phone"] == "1"
    little.edit("crm", account, Status="Won")
    little.settle()
    assert little.only("erp").values["Phone"] == little.only("shop").values["Phone"] == "2"
