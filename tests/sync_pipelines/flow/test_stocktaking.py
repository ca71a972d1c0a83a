"""How differences of day one are told: by their looks, never by what they are."""

import pytest

from mappings.book import EntitySpec, FieldSpec
from mappings.matching import Matching
from mappings.ownership import Mode, Ownership
from mappings.values import Value
from sync_pipelines.flow.stocktaking import FieldReport, take_stock
from tests.sync_pipelines.ownership.scenes import FIELD, NOW, cast, rule, says

SPEC = EntitySpec(
    "account",
    {FIELD: FieldSpec(FIELD, "address", "where")},
    Ownership("account", {FIELD: (rule(Mode.DECIDES, "erp", "crm"),)}),
    {},
    Matching("account"),
)
HOME: dict[str, Value] = {"street": "Hafenweg 12", "city": "Kiel", "postal_code": "24103"}


def told(said: Value, wanted: Value) -> dict[str, int]:
    report: dict[str, FieldReport] = {}
    take_stock(NOW, SPEC, "e1", [says("erp", wanted), says("crm", said)], cast(), report)
    return dict(report[FIELD].patterns)


@pytest.mark.parametrize(
    ("said", "looks"),
    [
        (HOME | {"street": "Hafenw. 12"}, "crm: street: Aaaa…. 99 ≠ Aaaa… 99"),
        (HOME | {"street": "KAI 7"}, "crm: street: AAA 9 ≠ Aaaa… 99"),
        (HOME | {"postal_code": None}, "crm: postal_code: nothing ≠ 999…"),
        (HOME | {"street": "Kai 7", "city": "Kiel-Wik"}, "crm: ≠ in street, city"),
        ("Hafenweg 12, Kiel", "crm: Aaaa… 99, Aaaa ≠ {street, city, postal_code}"),
    ],
)
def test_of_an_address_it_is_told_which_part_differs(said: Value, looks: str) -> None:
    assert told(said, HOME) == {looks: 1}


def test_addresses_that_agree_are_no_difference() -> None:
    assert told(dict(HOME), HOME) == {}
