"""Who is on stage: enough firms of each sort, always the same; and a simulated system can be closed and opened."""

from collections import Counter
from pathlib import Path

import pytest

from connectors.salesforce.simulated.metadata import standard_kinds
from connectors.testing.keeping import kept, restore
from connectors.testing.world import World
from mappings.loading import load_book
from sync_pipelines.demo.cast import CRM, ERP, FIRMS, SHOP, cast
from sync_pipelines.demo.home import book_with

CAST = cast()


def test_there_are_three_hundred_and_they_are_always_the_same() -> None:
    assert len(CAST) == FIRMS
    assert cast() == CAST
    assert [firm.number for firm in CAST] == list(range(FIRMS))


@pytest.mark.parametrize(("where", "wanted"), [((CRM, ERP), 118), ((CRM, SHOP, ERP), 12), ((ERP,), 73), ((SHOP,), 2)])
def test_each_sort_of_firm_is_there(where: tuple[str, ...], wanted: int) -> None:
    assert Counter(firm.where for firm in CAST)[where] == wanted  # type: ignore[index] # words of the same meaning


@pytest.mark.parametrize("key", ["id", "name", "tax_id"])
def test_no_two_of_them_are_known_by_the_same(key: str) -> None:
    assert max(Counter(getattr(firm, key) for firm in CAST).values()) == 1


def test_a_firm_that_buys_in_the_shop_has_somebody_who_buys() -> None:
    buying = [firm for firm in CAST if SHOP in firm.where]
    assert [firm.id for firm in buying if not any(SHOP in one.appearances for one in firm.people)] == []


@pytest.mark.parametrize("erp", ["kingdee", "tryton"])
def test_the_erp_of_the_copied_book_is_the_one_that_plays(erp: str, tmp_path: Path) -> None:
    assert load_book(book_with(tmp_path / "book", erp)).systems["erp"].connector == erp


def test_a_system_that_was_kept_is_restored_with_its_numbers() -> None:
    crm = World(seed=1).add("crm", *standard_kinds())
    first = crm.create("Account", {"Name": "Acme"}, by="user:anna")
    gone = crm.create("Account", {"Name": "Gone"}, by="user:anna")
    crm.delete("Account", gone.id, by="user:anna")
    again = World(seed=1).add("crm", *standard_kinds())
    restore(again, kept(crm))
    assert again.living("Account") == [first]
    assert again.row("Account", gone.id) == crm.row("Account", gone.id)
    assert again.create("Account", {"Name": "New"}, by="user:anna").id not in {first.id, gone.id}


def test_nobody_is_on_stage_whose_address_a_system_would_not_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_pipelines.demo.cast._LONGEST", 40)
    addresses = [
        str(each.values.get("email") or "") for f in cast() for p in f.people for each in p.appearances.values()
    ]
    assert 30 < max(map(len, addresses)) <= 40
