"""Couplings and their two constraints."""

import pytest

from sync_pipelines.ledger.port import Ledger, TakenError
from tests.sync_pipelines.ledger.facts import ACCOUNT, agreed, claim, coupling, crm, erp


def test_couplings_come_back_by_entity_and_by_record(ledger: Ledger) -> None:
    one, two, alias = coupling(crm("1"), "a1"), coupling(erp("7"), "a1"), coupling(crm("2"), "a1", primary=False)
    ledger.couple([two, one, alias])
    assert ledger.couplings_of(ACCOUNT, ["a2", "a1"]) == {"a1": [one, alias, two], "a2": []}
    assert ledger.couplings_at(ACCOUNT, [erp("7"), crm("3")]) == {erp("7"): two}
    assert ledger.couplings_at("contact", [erp("7")]) == {}


def test_of_several_scopes_the_first_in_order_answers(ledger: Ledger) -> None:
    ledger.couple([coupling(crm("1"), "a2", scope="200"), coupling(crm("1"), "a1", scope="100")])
    assert ledger.couplings_at(ACCOUNT, [crm("1")])[crm("1")].entity_id == "a1"


def test_a_record_is_one_entity_only(ledger: Ledger) -> None:
    ledger.couple([coupling(crm("1"), "a1")])
    with pytest.raises(TakenError, match="crm/Account/1 is a1 already, not a2: uncouple it first"):
        ledger.couple([coupling(erp("7"), "a2"), coupling(crm("1"), "a2", primary=False)])
    assert ledger.entity_ids(ACCOUNT) == ["a1"]


def test_an_entity_has_one_first_record_in_a_kind_and_scope(ledger: Ledger) -> None:
    ledger.couple([coupling(crm("1"), "a1"), coupling(crm("2"), "a1", scope="100")])
    with pytest.raises(TakenError, match="a1 has crm/Account/1 as its first record there already"):
        ledger.couple([coupling(crm("3"), "a1")])
    with pytest.raises(TakenError, match="crm/Account/4"):
        ledger.couple([coupling(crm("4"), "a4"), coupling(crm("5"), "a4")])
    assert ledger.entity_ids(ACCOUNT) == ["a1"]


def test_coupling_anew_changes_the_rank_whatever_the_order(ledger: Ledger) -> None:
    ledger.couple([coupling(crm("1"), "a1"), coupling(crm("2"), "a1", primary=False)])
    ledger.couple([coupling(crm("2"), "a1"), coupling(crm("1"), "a1", primary=False)])
    assert [each.primary for each in ledger.couplings_of(ACCOUNT, ["a1"])["a1"]] == [False, True]
    ledger.couple([coupling(crm("1"), "a1"), coupling(crm("2"), "a1", primary=False)])
    assert [each.primary for each in ledger.couplings_of(ACCOUNT, ["a1"])["a1"]] == [True, False]


def test_the_same_record_may_be_an_account_and_a_contact(ledger: Ledger) -> None:
    ledger.couple([coupling(crm("1"), "a1")])
    contact = coupling(crm("1"), "a1")
    ledger.couple([type(contact)(crm("1"), "contact", "a1")])
    assert ledger.entity_ids("contact") == ["a1"]


def test_uncoupling_keeps_the_claim_and_empties_its_baseline(ledger: Ledger) -> None:
    ledger.land([claim(crm("1")), claim(crm("1"), scope="100")])
    ledger.couple([coupling(crm("1"), "a1"), coupling(crm("1"), "a1", scope="100"), coupling(crm("2"), "a2")])
    ledger.agree([(crm("1"), ACCOUNT, "", agreed(name="A"))])
    ledger.uncouple(ACCOUNT, [crm("1"), crm("unknown")])
    assert ledger.uncoupled(ACCOUNT) == [claim(crm("1")), claim(crm("1"), scope="100")]
    assert ledger.entity_ids(ACCOUNT) == ["a2"]


def test_only_first_records_are_counted(ledger: Ledger) -> None:
    ledger.couple([coupling(crm("1"), "a1"), coupling(crm("2"), "a1", primary=False), coupling(crm("3"), "a3")])
    ledger.couple([coupling(erp("1"), "a1")])
    assert (ledger.count_coupled(ACCOUNT, "crm"), ledger.count_coupled(ACCOUNT, "shop")) == (2, 0)
