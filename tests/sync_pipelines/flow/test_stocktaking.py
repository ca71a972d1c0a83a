"""What day one tells of differences: counted by how values relate, with one record by which each can be looked at."""

import pytest

from connectors.contract import RecordRef
from mappings.book import EntitySpec, FieldSpec
from mappings.matching import Matching
from mappings.ownership import Mode, Ownership
from mappings.values import Value
from sync_pipelines.flow.stocktaking import Difference, FieldReport, take_stock
from tests.sync_pipelines.ownership.scenes import FIELD, NOW, cast, rule, says

SPEC = EntitySpec(
    "account",
    {FIELD: FieldSpec(FIELD, "address", "where")},
    Ownership("account", {FIELD: (rule(Mode.DECIDES, "erp", "crm", "shop"),)}),
    {},
    Matching("account"),
)
HOME: dict[str, Value] = {"street": "Hafenweg 12", "city": "Kiel", "postal_code": "24103"}


def stock(*others: Value, systems: tuple[str, ...] = ("crm", "shop")) -> tuple[FieldReport, list[Difference]]:
    report: dict[str, FieldReport] = {}
    heard: list[Difference] = []
    claims = [says("erp", HOME), *(says(system, other) for system, other in zip(systems, others, strict=False))]
    take_stock(NOW, SPEC, "e1", claims, cast(), report, heard.append)
    return report[FIELD], heard


def told(said: Value) -> dict[str, int]:
    return dict(stock(said)[0].patterns)


@pytest.mark.parametrize(
    ("said", "how"),
    [
        (HOME | {"street": "Hafenw. 12"}, "street: a letter or two differ"),
        (HOME | {"street": "HAFENWEG 12"}, "street: only case (in capitals)"),
        (HOME | {"street": "KAI 7"}, "street: another street"),
        (HOME | {"street": "Hafenweg 14"}, "street: other house number"),
        (HOME | {"postal_code": None}, "postal_code: missing"),
        (HOME | {"street": "Kai 7", "city": "Kiel-Wik"}, "another place: street, city"),
        (HOME | {"street": "HAFENWEG 12", "city": "KIEL"}, "street, city: only case (in capitals)"),
        (
            HOME | {"street": "HAFENWEG 12", "city": "Keil"},
            "street: only case (in capitals); city: a letter or two differ",
        ),
        ("Hafenweg 12, Kiel", "Aaaa… 99, Aaaa ≠ {street, city, postal_code}"),
    ],
)
def test_of_an_address_it_is_told_which_part_differs_and_how(said: Value, how: str) -> None:
    assert told(said) == {f"crm against erp: {how}": 1}


def test_addresses_that_agree_are_no_difference() -> None:
    assert told(dict(HOME)) == {}


def test_a_difference_names_the_record_and_the_one_whose_value_stands() -> None:
    moved = HOME | {"street": "Kai 7"}
    report, heard = stock(moved)
    [found] = heard
    assert (found.ref, found.against) == (RecordRef("crm", "Kind", "crm"), RecordRef("erp", "Kind", "erp"))
    assert (found.said, found.stands) == (moved, HOME)
    assert report.examples == {found.pattern: found}


def test_of_several_who_say_what_stands_the_one_who_decides_is_named() -> None:
    report: dict[str, FieldReport] = {}
    claims = [says("shop", HOME), says("erp", HOME), says("crm", HOME | {"street": "Kai 7"})]
    take_stock(NOW, SPEC, "e1", claims, cast(), report)
    assert list(report[FIELD].patterns) == ["crm against erp: street: another street"]


def test_blanks_are_counted_by_the_system_in_which_nothing_stands() -> None:
    report, heard = stock(None, None)
    assert (report.blanks, dict(report.blank_in), heard) == (2, {"crm": 1, "shop": 1}, [])


def test_all_patterns_together_are_all_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_pipelines.flow.stocktaking._PATTERNS", 1)
    report, heard = stock(HOME | {"street": "Kai 7"}, HOME | {"street": "Hafenweg 14"})
    assert report.differ == len(heard) == sum(report.patterns.values()) == 2
    assert (
        set(report.patterns) == set(report.examples) == {"crm against erp: street: another street", "others, each rare"}
    )
