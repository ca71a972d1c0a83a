"""Values per company across systems, and several systems in one role."""

from typing import Any

import pytest

from sync_pipelines.model.claims import Stance
from tests.sync_pipelines.flow.companies import CompanyWorld, company_book


@pytest.fixture
def little() -> CompanyWorld:
    return CompanyWorld()


def crm_of(little: CompanyWorld) -> dict[str, Any]:
    return little.only("crm").values


def in_both(little: CompanyWorld) -> dict[str, str]:
    """An account that the ERP keeps in companies 100 and 200, and the CRM once; answers the ERP's ids."""
    erp = {
        scope: little.create("erp", "Customer", Name="Acme", Tax_Id="T1", Org=scope, Limit=limit)
        for scope, limit in (("100", "5"), ("200", "9"))
    }
    little.settle()
    return erp


def test_each_company_s_value_reaches_its_own_field(little: CompanyWorld) -> None:
    in_both(little)
    values = crm_of(little)
    assert (values["Limit_100"], values["Limit_200"]) == ("5", "9")
    assert len(little.ledger.entity_ids("account")) == 1


def test_an_edit_in_one_company_leaves_the_other_alone(little: CompanyWorld) -> None:
    erp = in_both(little)
    little.edit("erp", erp["200"], Limit="0")
    little.settle()
    values = crm_of(little)
    assert (values["Limit_100"], values["Limit_200"]) == ("5", "0")
    assert little.row("erp", erp["100"]).values["Limit"] == "5"


def test_an_edit_by_one_who_does_not_decide_is_taken_back_in_that_company_alone(little: CompanyWorld) -> None:
    in_both(little)
    little.edit("crm", little.only("crm").id, Limit_200="999")
    little.settle()
    assert (crm_of(little)["Limit_100"], crm_of(little)["Limit_200"]) == ("5", "9")


def test_what_is_the_same_for_all_companies_reaches_every_record(little: CompanyWorld) -> None:
    in_both(little)
    little.edit("crm", little.only("crm").id, Name="Borg")
    little.settle()
    assert [row.values["Name"] for row in little.rows("erp")] == ["Borg", "Borg"]


@pytest.mark.parametrize("company", ["100", "200"])
def test_a_decider_s_edit_counts_in_whichever_company_s_record_it_was_made(little: CompanyWorld, company: str) -> None:
    erp = in_both(little)
    little.edit("erp", erp[company], Tax_Id="T2")
    little.settle()
    assert [row.values["Tax_Id"] for row in little.rows("erp")] == ["T2", "T2"]
    assert crm_of(little)["Tax_Id"] == "T2"


def test_a_record_that_is_made_belongs_to_the_company_its_system_gave_it(little: CompanyWorld) -> None:
    little.create("crm", Name="Acme", Tax_Id="T1")
    little.run()
    (entity_id,) = little.ledger.entity_ids("account")
    (erp,) = [c for c in little.ledger.claims_of("account", [entity_id])[entity_id] if c.system == "erp"]
    assert (erp.scope, erp.stance("name")) == ("100", Stance.REST)
    little.settle()
    assert len(little.rows("erp")) == 1
    assert len(little.ledger.couplings_of("account", [entity_id])[entity_id]) == 2


def test_a_company_that_comes_later_is_the_same_account(little: CompanyWorld) -> None:
    little.create("crm", Name="Acme", Tax_Id="T1")
    little.settle()
    little.create("erp", "Customer", Name="Acme", Tax_Id="T1", Org="200", Limit="7")
    little.settle()
    assert crm_of(little)["Limit_200"] == "7"
    assert len(little.ledger.entity_ids("account")) == 1


# --- two CRMs ---------------------------------------------------------------------------------------------------------


def two(ranks: dict[str, int], scopes: dict[str, tuple[str, ...]] | None = None) -> CompanyWorld:
    return CompanyWorld(book=company_book(ranks=ranks, scopes=scopes), two_crms=True)


@pytest.mark.parametrize(("ranks", "first"), [({"crm": 1, "crm2": 2}, "crm"), ({"crm": 2, "crm2": 1}, "crm2")])
def test_of_two_crms_the_first_by_rank_gets_the_record(ranks: dict[str, int], first: str) -> None:
    little = two(ranks)
    little.create("erp", "Customer", Name="Acme", Tax_Id="T1")
    little.settle()
    assert {system: len(little.rows(system, "Account")) for system in ("crm", "crm2")} == {
        "crm": int(first == "crm"),
        "crm2": int(first == "crm2"),
    }


def test_a_crm_that_keeps_the_account_already_is_enough() -> None:
    little = two({"crm": 1, "crm2": 2})
    little.create("crm2", "Account", Name="Acme", Tax_Id="T1")
    little.settle()
    assert (len(little.rows("crm")), len(little.rows("erp"))) == (0, 1)


def test_where_both_keep_it_the_first_by_rank_decides_and_the_other_follows() -> None:
    little = two({"crm": 2, "crm2": 1})
    ids = {system: little.create(system, "Account", Name="Acme", Tax_Id="T1") for system in ("crm", "crm2")}
    little.settle()
    little.edit("crm", ids["crm"], Name="Wrong")
    little.edit("crm2", ids["crm2"], "Account", Name="Right")
    little.settle()
    assert {little.row(s, i, "Account").values["Name"] for s, i in ids.items()} == {"Right"}
    assert little.only("erp").values["Name"] == "Right"


def test_crms_of_different_companies_get_a_record_each_with_their_own_values() -> None:
    little = two({}, {"crm": ("100",), "crm2": ("200",)})
    in_both_of = [
        little.create("erp", "Customer", Name="Acme", Tax_Id="T1", Org=s, Limit=v)
        for s, v in (("100", "5"), ("200", "9"))
    ]
    assert len(in_both_of) == 2
    little.settle()
    one, other = little.only("crm").values, little.only("crm2", "Account").values
    assert (one["Limit_100"], one["Limit_200"]) == ("5", None)
    assert (other["Limit_100"], other["Limit_200"]) == (None, "9")
