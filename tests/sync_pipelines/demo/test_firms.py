"""The demo's firms are believable: their numbers are valid where somebody would look."""

from collections import Counter
from importlib import import_module

import phonenumbers
import pytest

from connectors.salesforce.simulated.metadata import standard_kinds
from connectors.testing.keeping import kept, restore
from connectors.testing.world import World
from sync_pipelines.demo.firms import BOTH, CRM, ERP, firms

VALID = {"DE": "de.vat", "CN": "cn.uscc", "US": "us.ein", "GB": "gb.vat", "FR": "fr.tva", "NL": "nl.btw"}
FIRMS = firms()


def test_there_are_three_hundred_and_they_are_always_the_same() -> None:
    assert len(FIRMS) == 300
    assert firms() == FIRMS
    assert Counter(firm.where for firm in FIRMS) == {BOTH: 130, CRM: 95, ERP: 75}


@pytest.mark.parametrize("country", VALID)
def test_every_tax_number_is_valid(country: str) -> None:
    module = import_module(f"stdnum.{VALID[country]}")
    assert [firm.tax_id for firm in FIRMS if firm.country == country and not module.is_valid(firm.tax_id)] == []


def test_every_phone_number_is_valid() -> None:
    numbers = [firm.phone for firm in FIRMS]
    numbers += [firm.contact.mobile for firm in FIRMS if firm.contact and firm.contact.mobile]
    assert [one for one in numbers if not phonenumbers.is_valid_number(phonenumbers.parse(one))] == []


@pytest.mark.parametrize("field", ["name", "tax_id", "website", "phone"])
def test_no_two_firms_share_what_they_are_known_by(field: str) -> None:
    assert max(Counter(getattr(firm, field) for firm in FIRMS).values()) == 1


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
