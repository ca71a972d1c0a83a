"""The story of the four records with a real Tryton in accounting, and merges on both sides."""

from pathlib import Path

import pytest

from sync_pipelines.demo.cast import CRM, ERP
from sync_pipelines.demo.tryton import TrytonFinance
from sync_pipelines.model.questions import About
from sync_pipelines.simulation.customers.numbers import tax_id
from tests.real.tryton.conftest import CACHE
from tests.sync_pipelines.demo.four_records import firm, merges, story


@pytest.mark.slow
def test_four_records_become_one_account_and_a_merge_in_the_crm_leaves_it_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with firm("tryton", tmp_path / "house", CACHE, monkeypatch) as told:
        story(told)
        merges(told)


@pytest.mark.slow
def test_two_firms_that_both_sides_merge_each_the_other_way_round_are_asked_about_once_and_become_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with firm("tryton", tmp_path / "house", CACHE, monkeypatch) as told:
        finance = told.systems.finance
        assert isinstance(finance, TrytonFinance)
        ids = [tax_id("DE", 88_000_000 + number, 0) for number in (1, 2)]
        one, two = (told.account(f"Firm {number}", Tax_Number__c=ids[number]) for number in (0, 1))
        first, second = (finance.make(f"Firm {number}", ids[number], "DE") for number in (0, 1))
        told.settle()
        told.merge(one, two)
        finance.replace(second, first)
        told.settle()
        asked = told.house.ledger.questions(entity="account")
        assert [question.about for question in asked] == [About.JOIN]
        told.answer(asked[0], "link")
        told.settle()
        whose = {told.entity(CRM, "Account", record) for record in (one, two)}
        whose |= {told.entity(ERP, finance.kind, record) for record in (first, second)}
        assert len(whose) == 1
        (differs,) = told.house.ledger.questions(entity="account")
        assert differs.topic == "field:tax_id"  # the record that sales kept bears the number of the other firm
        told.answer(differs, "erp")
        told.settle()
        assert told.questions() == {}
        assert [row.id for row in told.systems.sales.accounts()] == [two]
        (made,) = (customer for customer in finance.all() if customer.tax_id in ids)
        assert (made.id, told.systems.sales.account(two)["Customer_Number__c"]) == (first, made.number)
        assert told.rests()
