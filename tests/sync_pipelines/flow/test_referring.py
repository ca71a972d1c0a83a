"""Conditions on another entity: an account goes to the shop when somebody works there, or as long as nobody does."""

from dataclasses import replace

import pytest

from mappings.book import Book
from mappings.ownership import Clause, CreateRule, When
from mappings.ownership import Test as Asks
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld


def book(test: Asks) -> Book:
    told = little_book()
    account = told.entities["account"]
    shop = CreateRule("shop", allowed=True, when=When((Clause(Asks.IN, "status", ("won",)), Clause(test, "contact"))))
    ownership = replace(account.ownership, create={"shop": shop})
    return replace(told, entities={**told.entities, "account": replace(account, ownership=ownership)})


def settle(little: LittleWorld) -> None:
    """What a contact's run finds out is for the account's next one."""
    little.settle()
    little.settle()


@pytest.mark.parametrize(("test", "alone", "with_anna"), [(Asks.EXISTS, 0, 1), (Asks.MISSING, 1, 1)])
def test_an_account_is_looked_at_again_when_somebody_comes(test: Asks, alone: int, with_anna: int) -> None:
    little = LittleWorld(book=book(test))
    firm = little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    settle(little)
    assert len(little.rows("shop")) == alone
    little.create("crm", "Person", Name="Anna", Email="a@x.example", AccountId=firm)
    settle(little)
    assert len(little.rows("shop")) == with_anna


def test_an_account_that_somebody_went_to_is_looked_at_again() -> None:
    little = LittleWorld(book=book(Asks.EXISTS))
    firms = [little.create("crm", Name=n, Tax_Id=n, Status="Won") for n in ("A", "B")]
    anna = little.create("crm", "Person", Name="Anna", Email="a@x.example", AccountId=firms[0])
    settle(little)
    assert [row.values["Name"] for row in little.rows("shop")] == ["A"]
    little.edit("crm", anna, "Person", AccountId=firms[1])
    settle(little)
    assert [row.values["Name"] for row in little.rows("shop")] == ["A", "B"]


def test_an_account_that_somebody_left_is_looked_at_again() -> None:
    little = LittleWorld(book=book(Asks.MISSING))
    firm = little.create("crm", Name="A", Tax_Id="DE1", Status="Open")
    anna = little.create("crm", "Person", Name="Anna", Email="a@x.example", AccountId=firm)
    settle(little)
    little.edit("crm", firm, Status="Won")
    settle(little)
    assert little.rows("shop") == []
    little.edit("crm", anna, "Person", AccountId=None)
    settle(little)
    assert len(little.rows("shop")) == 1


def test_who_is_gone_does_not_exist() -> None:
    little = LittleWorld(book=book(Asks.MISSING))
    firm = little.create("crm", Name="A", Tax_Id="DE1", Status="Open")
    little.create("crm", "Person", Name="Anna", Email="a@x.example", AccountId=firm)
    settle(little)
    little.edit("crm", firm, Status="Won")
    settle(little)
    assert little.rows("shop") == []
    for system in ("crm", "erp"):
        for row in little.rows(system, "Person"):
            little.world.systems[system].delete("Person", row.id, by="user:u")
    settle(little)
    assert len(little.rows("shop")) == 1


def test_a_rule_that_begins_to_ask_learns_of_those_who_were_there_already() -> None:
    little = LittleWorld()
    firm = little.create("crm", Name="A", Tax_Id="DE1", Status="Open")
    little.create("crm", "Person", Name="Anna", Email="a@x.example", AccountId=firm)
    settle(little)
    little.book = book(Asks.EXISTS)
    little.engine()
    little.edit("crm", firm, Status="Won")
    settle(little)
    assert len(little.rows("shop")) == 1


def test_where_no_rule_asks_nothing_is_noted() -> None:
    little = LittleWorld()
    firm = little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    little.create("crm", "Person", Name="Anna", Email="a@x.example", AccountId=firm)
    settle(little)
    assert set(little.ledger.referred_by("account", little.ledger.entity_ids("account")).values()) == {frozenset()}
