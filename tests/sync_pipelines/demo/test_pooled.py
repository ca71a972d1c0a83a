"""Buyers whom one customer of accounting serves, on simulators of Salesforce, Shopify and Kingdee, over HTTP."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.kingdee.shape import CONTACT
from sync_pipelines.demo.cast import ERP
from sync_pipelines.model.early import Stage
from sync_pipelines.simulation.customers.numbers import tax_id
from tests.sync_pipelines.demo.four_records import SALES, TAX_ID, Firm, firm

NUMBER = "CUST0001"  # the first that Kingdee issues
POOL = ("needs: [tax_id, billing_address]}", f"pool: {{when: {{tax_id: unset}}, is: {{customer_number: {NUMBER}}}}}}}")
HERS = tax_id("DE", 88_000_001, 0)
MAIL = "ada.voss@kontor-seilwerk.example"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firm]:
    changed = {"account/ownership.yaml": POOL}
    with firm("kingdee", tmp_path / "house", tmp_path / "cache", monkeypatch, changed) as made:
        yield made


def _people(told: Firm) -> dict[str, str]:
    """In Kingdee: by e-mail address, the customer a person belongs to."""
    rows = told.systems.world.systems[ERP].living(CONTACT)
    return {str(row.values["FEmail"]).partition("@")[0]: str(row.values["FCompany"]) for row in rows}


def _stages(told: Firm) -> Counter[Stage]:
    rows = told.house.ledger.early(entity="account", open_only=False)
    return Counter(row.stage for row in rows if row.role == "erp")


def test_anonymous_buyers_are_one_customer_of_accounting_until_they_become_known(told: Firm) -> None:
    web = told.systems.finance.make("Web buyers", TAX_ID, "DE")
    told.settle()
    before = told.systems.finance.all()
    assert [one.number for one in before] == [NUMBER]
    told.registers("jonas.petersen")
    her = told.systems.sales.make(Name="Kontor Seilwerk KG", Type="Prospect", Customer_Status__c="Prospect")
    told.systems.org.system.create("Contact", {"LastName": "Voss", "Email": MAIL, "AccountId": her}, by=SALES)
    told.settle()
    assert _people(told) == {"jonas.petersen": web, "ada.voss": web}
    assert (told.systems.finance.all(), _stages(told)) == (before, {Stage.POOLED: 2})
    assert told.rests()
    told.systems.sales.edit(her, Tax_Number__c=HERS, Customer_Status__c="Won")
    told.settle()
    (made,) = [one for one in told.systems.finance.all() if one.id != web]
    assert made.tax_id == HERS
    assert _people(told) == {"jonas.petersen": web, "ada.voss": made.id}
    assert _stages(told) == {Stage.POOLED: 1, Stage.COUPLED: 1}
    assert told.systems.sales.account(her)["Customer_Number__c"] == made.number != NUMBER
    assert told.rests()
