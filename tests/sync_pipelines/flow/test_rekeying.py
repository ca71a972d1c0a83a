"""Match keys follow the rules: what was landed before a level was written is found by it."""

from dataclasses import replace

import pytest

from connectors.contract import RecordRef
from mappings.book import Book
from mappings.matching import Level
from sync_pipelines.flow.adopting import adopt
from sync_pipelines.flow.rekeying import rekey
from tests.laws.little_world import LittleWorld
from tests.sync_pipelines.flow.restored import tax_id_alone

PHONE = Level("phone", ("phone",), "link")


def with_phone(book: Book, level: Level = PHONE) -> Book:
    account = book.entities["account"]
    matching = replace(account.matching, levels=(*account.matching.levels, level))
    return replace(book, entities={**book.entities, "account": replace(account, matching=matching)})


@pytest.fixture
def little() -> LittleWorld:
    """A firm that was landed and settled when nobody was recognised by the phone."""
    little = LittleWorld(book=tax_id_alone())
    little.create("crm", Name="Acme", Status="Open", Phone="1")
    little.settle()
    return little


def because(little: LittleWorld, record: str) -> str:
    ref = RecordRef("erp", "Customer", record)
    return little.ledger.couplings_at("account", [ref])[ref].because


def test_who_was_landed_before_a_level_was_written_is_recognised_by_it(little: LittleWorld) -> None:
    little.book = with_phone(little.book)
    little.engine()
    record = little.create("erp", Name="Other", Phone="1")
    little.run()
    assert because(little, record) == "phone"


def test_an_adoption_looks_by_the_levels_of_today(little: LittleWorld) -> None:
    little.book = with_phone(little.book)
    little.engine()
    record = little.create("erp", Name="Other", Phone="1")
    adopt(little.house, "account")
    assert because(little, record) == "phone"


def test_strangers_get_the_keys_of_today_as_well(little: LittleWorld) -> None:
    little.create("crm", Name="Zeta", Status="Open", Phone="7")
    result = little.house.begin("account", "sync")
    little.house.refresh(result)
    little.book = with_phone(little.book)
    little.engine()
    assert rekey(little.ledger, little.book.entities["account"]) == 2
    found = little.ledger.find_keys("account", ["phone:1", "phone:7"])
    assert {key: len(claims) for key, claims in found.items()} == {"phone:1": 1, "phone:7": 1}


def test_a_key_that_nobody_looks_for_any_more_is_taken_away(little: LittleWorld) -> None:
    plain, little.book = little.book, with_phone(little.book)
    little.engine()
    little.run()
    assert little.ledger.find_keys("account", ["phone:1"])["phone:1"]
    little.book = plain
    little.engine()
    little.run()
    assert not little.ledger.find_keys("account", ["phone:1"])["phone:1"]


@pytest.mark.parametrize("level", [PHONE, replace(PHONE, then="ask", weight=3.0)])
def test_keys_are_found_anew_once_and_only_where_the_rules_for_them_changed(little: LittleWorld, level: Level) -> None:
    spec = with_phone(little.book).entities["account"]
    told = [rekey(little.ledger, one) for one in (little.book.entities["account"], spec, spec)]
    assert told == [0, 1, 0]
    assert rekey(little.ledger, with_phone(little.book, level).entities["account"]) == 0


def test_a_ledger_that_never_noted_its_rules_finds_all_keys_anew(little: LittleWorld) -> None:
    little.ledger.set_pin("keys:account", "")
    little.house.crawl("crm", "Account")
    assert rekey(little.ledger, little.book.entities["account"]) == 1
