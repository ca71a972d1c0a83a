"""Pairs that the ledger knows without a score: they stand beside answers, which are about doubtful pairs only."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import RecordRef
from mappings.loading import BUNDLED, load_book
from sync_pipelines.commands.witnessing import witnessed
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.records import Coupling

SPEC = load_book(BUNDLED).entities["account"]
HOME = {"street": "Hafenweg 12", "city": "Kiel", "postal_code": "24103", "country": "DE"}


def known(ledger: MemoryLedger, name: str, tax_id: str, because: str = "tax id", **more: Any) -> None:
    """A firm that CRM and ERP know."""
    for system, why in (("crm", "new"), ("erp", because)):
        ref = RecordRef(system, "Account", f"{system}-{tax_id}")
        values = {"name": name, "tax_id": tax_id, "billing_address": HOME, "account_manager": system, **more}
        ledger.land([Claim(ref, "account", values)])
        ledger.couple([Coupling(ref, "account", f"e-{tax_id}", because=why)])


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def test_two_that_were_coupled_by_a_number_are_one_and_the_number_is_left_out(ledger: MemoryLedger) -> None:
    known(ledger, "Acme GmbH", "DE1")
    [(one, two, is_one)] = witnessed(ledger, SPEC, 10)
    assert is_one
    assert one == two == {"name": "Acme GmbH", "billing_address": HOME}  # nor references, which are each system's own


@pytest.mark.parametrize("because", ["score 14: name, phone", "steward:ada", "created", "our key"])
def test_two_that_were_coupled_otherwise_are_no_witnesses(ledger: MemoryLedger, because: str) -> None:
    known(ledger, "Acme GmbH", "DE1", because)
    assert witnessed(ledger, SPEC, 10) == []


def test_two_of_a_crosswalk_are_one_by_all_that_they_say(ledger: MemoryLedger) -> None:
    known(ledger, "Acme GmbH", "DE1", "crosswalk")
    [(one, _, is_one)] = witnessed(ledger, SPEC, 10)
    assert (one["tax_id"], is_one) == ("DE1", True)


def test_two_look_alikes_with_two_numbers_are_two(ledger: MemoryLedger) -> None:
    for tax_id in ("DE1", "DE2"):
        known(ledger, "Acme Werkzeugbau GmbH", tax_id)
    known(ledger, "Nordwind Logistik", "DE3", billing_address=None)
    twos = [(one, two) for one, two, is_one in witnessed(ledger, SPEC, 10) if not is_one]
    assert twos == [({"name": "Acme Werkzeugbau GmbH", "billing_address": HOME},) * 2]


def test_look_alikes_are_of_two_systems_as_those_are_who_are_weighed(ledger: MemoryLedger) -> None:
    for number in ("1", "2"):
        known(ledger, "Acme Werkzeugbau GmbH", f"DE{number}", customer_number=number)
        erp = RecordRef("erp", "Account", f"erp-DE{number}")
        [claim] = ledger.claims_at("account", [erp])
        ledger.land([replace(claim, values={**claim.values, "phone": f"+49431{number}00200"})])
    [(one, two)] = [(one, two) for one, two, is_one in witnessed(ledger, SPEC, 10) if not is_one]
    assert ("phone" in one) is not ("phone" in two)


def test_look_alikes_of_one_number_or_none_are_not_known_to_be_two(ledger: MemoryLedger) -> None:
    for tax_id in ("DE1", "DE2"):
        known(ledger, "Acme Werkzeugbau GmbH", tax_id)
    spec = replace(SPEC, matching=replace(SPEC.matching, contradicts=()))
    assert all(is_one for *_, is_one in witnessed(ledger, spec, 10))


def test_no_more_of_each_sort_than_are_asked_for(ledger: MemoryLedger) -> None:
    for number in range(4):
        known(ledger, "Acme Werkzeugbau GmbH", f"DE{number}")
    told = [is_one for *_, is_one in witnessed(ledger, SPEC, 3)]
    assert told == [True] * 3 + [False] * 3
