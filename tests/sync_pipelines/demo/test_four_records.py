"""The story of the four records, and merges, on simulators of Salesforce, Shopify and Kingdee, over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.contract import RecordRef
from connectors.shopify.simulated.kinds import CUSTOMER
from sync_pipelines.demo.cast import CRM, SHOP
from tests.sync_pipelines.demo.four_records import NAME, SHORT, TAX_ID, Firm, firm, merges, story


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firm]:
    with firm("kingdee", tmp_path / "house", tmp_path / "cache", monkeypatch) as made:
        yield made


def test_four_records_become_one_account_and_a_merge_in_the_crm_leaves_it_one(told: Firm) -> None:
    story(told)
    merges(told)


def test_a_chain_of_merges_in_salesforce_ends_at_its_last_record_and_makes_nothing(told: Firm) -> None:
    """Three records that were one account already: the first goes into the second, and that into the third."""
    first, second, third = (told.account(name) for name in (NAME, SHORT, f"{SHORT} Hamburg"))
    told.settle()
    while asked := told.house.ledger.questions(entity="account"):
        told.answer(asked[0], next(word for word in ("join", "link") if word in asked[0].choices))
        told.settle()
    booked = told.systems.finance.make(NAME, TAX_ID, "DE")
    told.systems.sales.edit(first, Tax_Number__c=TAX_ID)
    told.settle()
    told.merge(first, second)
    told.merge(second, third)
    told.settle()
    assert told.questions() == {}
    assert len({told.entity(CRM, "Account", record) for record in (first, second, third)}) == 1
    assert [row.id for row in told.systems.sales.accounts()] == [third]
    (made,) = told.systems.finance.all()
    assert (made.id, told.systems.sales.account(third)["Customer_Number__c"]) == (booked, made.number)
    assert told.rests()


def test_a_merge_in_shopify_is_a_twin_that_takes_over(told: Firm) -> None:
    """Shopify tells nothing of a merge: one of two customers is gone when everything is compared."""
    told.first = told.account(NAME)
    first, second = (told.registers(f"buyer{number}") for number in (1, 2))
    told.settle()
    while asked := told.house.ledger.questions(entity="account"):
        told.answer(asked[0], next(word for word in ("join", "link") if word in asked[0].choices))
        told.settle()
    entity_id = told.entity(SHOP, CUSTOMER, first)
    assert told.entity(SHOP, CUSTOMER, second) == entity_id
    told.systems.shopfront.system.merge(CUSTOMER, first, second, by="user:storefront")
    told.settle(full=True)  # as every night
    couplings = told.house.ledger.couplings_of("account", [entity_id])[entity_id]
    assert [c.ref for c in couplings if c.ref.system == SHOP and c.primary] == [RecordRef(SHOP, CUSTOMER, second)]
    assert told.questions() == {}
    assert told.counts()[SHOP] == 1
    assert told.rests()
