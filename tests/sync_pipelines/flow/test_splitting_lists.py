"""Who is parted keeps the items that its people put in, and may be made anew where the other one took the key along."""

from dataclasses import replace

import pytest

from connectors.contract import RecordRef
from mappings.book import Book
from mappings.ownership import Each
from sync_pipelines.flow.splitting import plan_split
from sync_pipelines.ledger.port import LedgerError
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld, shared
from tests.sync_pipelines.flow.restored import OldWorld, one_since_the_backup
from tests.sync_pipelines.flow.test_splitting import customer, split


def with_places_in_the_shop() -> Book:
    """The little book with lists in all three systems, where each may put in and take out."""
    book = little_book()
    account = book.entities["account"]
    line = next(line for line in account.maps["crm"].lines if line.field == "ship_to")
    shop = replace(account.maps["shop"], lines=(*account.maps["shop"].lines, line))
    each = Each("code", ("erp", "crm", "shop"), ("crm", "erp", "shop"), ("erp", "crm", "shop"))
    (rule,) = account.ownership.rules["ship_to"]
    ownership = replace(account.ownership, rules={**account.ownership.rules, "ship_to": (replace(rule, each=each),)})
    whole = replace(account, maps={**account.maps, "shop": shop}, ownership=ownership)
    return replace(book, entities={**book.entities, "account": whole})


def codes(little: LittleWorld, system: str, record: str) -> list[str]:
    return sorted(place["code"] for place in little.row(system, record).values["Places"] or ())


def test_a_split_parts_a_list_item_by_item() -> None:
    little = LittleWorld()
    account = shared(little)
    (theirs,) = little.rows("erp")
    little.edit("crm", account, Places=[{"code": "A", "town": "Bonn"}])
    little.settle()
    little.edit("erp", theirs.id, Places=[*little.only("erp").values["Places"], {"code": "C", "town": "Ulm"}])
    little.settle()
    assert codes(little, "crm", account) == codes(little, "erp", theirs.id) == ["A", "C"]
    split(little, customer(little))
    assert (codes(little, "crm", account), codes(little, "erp", theirs.id)) == (["A"], ["C"])


def test_who_stays_together_keeps_what_either_of_them_put_in() -> None:
    """The other side shows the items, too: we had written them there."""
    little = LittleWorld(book=with_places_in_the_shop())
    account = little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won", Places=[{"code": "A", "town": "Bonn"}])
    buyer = little.create("shop", Name="ACME", Tax_Id="DE1")
    little.create("erp", Name="Beta", Tax_Id="DE1", Status="Won")
    little.settle()
    little.edit("shop", buyer, Places=[*little.row("shop", buyer).values["Places"], {"code": "S", "town": "Kiel"}])
    little.settle()
    parted = customer(little)
    split(little, parted)
    little.settle()
    assert codes(little, "crm", account) == codes(little, "shop", buyer) == ["A", "S"]
    assert codes(little, "erp", parted.id) == []


def test_whoever_stays_is_made_anew_with_a_key_of_its_own_where_the_other_one_took_ours_along() -> None:
    little = LittleWorld()
    shared(little)
    (parted,) = little.rows("erp")
    split(little, customer(little))
    little.settle()
    keys = [row.values["Key"] for row in little.rows("erp")]
    assert len(keys) == len(set(keys)) == 2
    assert keys[0] == parted.values["Key"]
    assert little.ledger.quarantined() == []


def test_nobody_is_parted_of_whom_it_is_asked_what_a_restored_ledger_forgot() -> None:
    little: OldWorld = one_since_the_backup()
    little.put_back(little.backup)
    little.run(full=True)
    little.adopt_all()
    (asked,) = little.questions()
    homes = (asked.entity_id, *asked.others)
    told = little.ledger.couplings_of("account", list(homes))
    home = next(home for home in homes if len({c.ref.system for c in told[home]}) > 1)
    leaves: RecordRef = told[home][0].ref
    with pytest.raises(LedgerError, match="answer it first: "):
        plan_split(little.house, "account", [leaves], "stella")
