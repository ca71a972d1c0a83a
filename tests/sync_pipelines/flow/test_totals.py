"""What two systems say of the same money, added up over what both of them know."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from connectors.contract import RecordRef
from mappings.book import FieldSpec
from sync_pipelines.flow.agreement import agreement_of, history, keep
from sync_pipelines.flow.standing import standing_of
from sync_pipelines.flow.totals import Total, Totals
from sync_pipelines.model.claims import Claim
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld

LIMIT = FieldSpec("limit", "money", "what it may owe us")
LINES = FieldSpec("lines", "list", "what was sold", items={"amount": FieldSpec("amount", "money", "for how much")})
FIELDS = {"limit": LIMIT, "lines": LINES, "name": FieldSpec("name", "text", "")}
SPEC = replace(little_book().entities["account"], fields=FIELDS)


def eur(amount: str) -> Any:
    return {"amount": amount, "currency": "EUR"}


def of(*said: tuple[str, str, dict[str, Any]]) -> list[Total]:
    totals = Totals(SPEC)
    for entity, system, values in said:
        totals.add(Claim(RecordRef(system, "Account", entity), "account", values, entity_id=entity))
    return totals.told()


def test_cents_are_not_lost_and_only_what_both_know_is_added() -> None:
    (total,) = of(
        ("1", "crm", {"limit": eur("0.1"), "name": "A"}),
        ("1", "erp", {"limit": eur("0.1")}),
        ("2", "crm", {"limit": eur("0.2")}),
        ("2", "erp", {"limit": eur("0.25")}),
        ("3", "crm", {"limit": eur("900")}),
    )
    assert total == Total("limit", "EUR", ("crm", "erp"), ("0.3", "0.35"), 2)
    assert total.difference == Decimal("-0.05")


def test_each_pair_scope_and_currency_has_a_sum_of_its_own() -> None:
    usd = {"amount": "5", "currency": "USD"}
    told = of(
        ("1", "crm", {"limit@100": eur("1"), "limit@200": usd}),
        ("1", "erp", {"limit@100": eur("1"), "limit@200": usd}),
        ("1", "shop", {"limit@100": eur("2"), "limit@200": eur("5")}),
    )
    assert [(one.field, one.currency, one.systems) for one in told] == [
        ("limit@100", "EUR", ("crm", "erp")),
        ("limit@100", "EUR", ("crm", "shop")),
        ("limit@100", "EUR", ("erp", "shop")),
        ("limit@200", "USD", ("crm", "erp")),
    ]


def test_money_in_the_items_of_lists_is_added_up_and_who_has_an_empty_list_says_zero() -> None:
    usd = {"amount": "3", "currency": "USD"}
    told = of(
        ("1", "crm", {"lines": [{"amount": eur("0.1")}, {"amount": eur("0.2")}, {"amount": usd}, {"amount": None}]}),
        ("1", "erp", {"lines": [{"amount": eur("0.3")}]}),
        ("1", "shop", {"lines": []}),
        ("2", "crm", {"lines": [{"amount": eur("5")}]}),
        ("2", "erp", {}),
    )
    assert [(one.field, one.currency, one.systems, one.sums, one.records) for one in told] == [
        ("lines.amount", "EUR", ("crm", "erp"), ("0.3", "0.3"), 1),
        ("lines.amount", "EUR", ("crm", "shop"), ("0.3", "0"), 1),
        ("lines.amount", "EUR", ("erp", "shop"), ("0.3", "0"), 1),
        ("lines.amount", "USD", ("crm", "erp"), ("3", "0"), 1),
        ("lines.amount", "USD", ("crm", "shop"), ("3", "0"), 1),
        ("lines.amount", "USD", ("erp", "shop"), ("0", "0"), 1),
    ]


def test_null_is_no_amount_and_zero_is_one() -> None:
    assert of(("1", "crm", {"limit": None}), ("1", "erp", {"limit": eur("1")})) == []
    (total,) = of(("1", "crm", {"limit": eur("0")}), ("1", "erp", {"limit": eur("1")}))
    assert (total.sums, total.records) == (("0", "1"), 1)


def test_totals_are_kept_night_by_night() -> None:
    little = LittleWorld()
    little.create("crm", Name="Firm", Tax_Id="DE0", Status="Won")
    little.settle()
    for night in range(3):
        agreement = replace(
            agreement_of(little.ledger, little.book, "account", little.world.clock.advance(86400)),
            totals=[Total("limit", "EUR", ("crm", "erp"), (str(night), "1"), 1)],
        )
        keep(little.ledger, agreement)
    found = history(little.ledger, "account")
    assert [one.totals[0].sums[0] for one in found] == ["2", "1", "0"]
    assert found[0].at > found[1].at
    assert len(history(little.ledger, "account", 2)) == 2


def test_whose_money_it_is_and_how_much_of_it_are_told_for_alerts() -> None:
    """An item's part is the matter of the steward of its list; the larger sum says what a difference is a share of."""
    little = LittleWorld()
    little.create("crm", Name="Firm", Tax_Id="DE0", Status="Won")
    little.settle()
    now = little.world.clock.now()
    found = [
        Total("credit_limit@100", "EUR", ("crm", "erp"), ("-3", "2.5"), 4),
        Total("phone.part", "EUR", ("crm", "erp"), ("1", "2"), 1),
    ]
    keep(little.ledger, replace(agreement_of(little.ledger, little.book, "account", now), totals=found))
    entity = next(one for one in standing_of(little.ledger, little.book, now).entities if one.name == "account")
    rules = little.book.entities["account"].ownership.rules
    assert [(t.difference, t.of, t.records, t.steward) for t in entity.totals] == [
        (-5.5, 3.0, 4, rules["credit_limit"][0].steward),
        (-1.0, 2.0, 1, rules["phone"][0].steward),
    ]
    assert entity.totals[0].steward
