"""Where values refer to other entities, items of lists among them."""

import pytest

from mappings.book import FieldSpec
from mappings.references import References, entities_in, leading_to, named, references_in, translated
from mappings.values import Value

PRODUCT = FieldSpec("product", "reference", "What.", refers_to="product")
PARTS = FieldSpec("parts", "list", "Of what.", items={"product": PRODUCT, "amount": FieldSpec("amount", "decimal", "")})
LINES = FieldSpec(
    "lines", "list", "What.", items={"product": PRODUCT, "code": FieldSpec("code", "text", ""), "parts": PARTS}
)
PLACES = FieldSpec("places", "list", "Where.", items={"code": FieldSpec("code", "text", "")})
ACCOUNT = FieldSpec("account", "reference", "Who.", refers_to="account")
ORDER = {spec.name: spec for spec in (ACCOUNT, LINES, PLACES, FieldSpec("name", "text", ""))}
TOLD = {"account": "account", "lines": {"product": "product", "parts": {"product": "product"}}}


def test_fields_that_refer_and_lists_whose_items_do() -> None:
    assert references_in(ORDER) == TOLD
    assert [set(entities_in(told)) for told in references_in(ORDER).values()] == [{"account"}, {"product"}]


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ("account", {"account": "account"}),
        ("product", {"lines": {"product": "product", "parts": {"product": "product"}}}),
        ("order", {}),
    ],
)
def test_of_references_those_that_lead_to_one_entity(wanted: str, left: References) -> None:
    assert leading_to(references_in(ORDER), wanted.__eq__) == left


@pytest.mark.parametrize(
    ("key", "value", "names", "written"),
    [
        ("account", "a1", ["a1"], "A1"),
        ("account", None, [], None),
        ("account", "a9", ["a9"], None),  # nobody there knows it
        ("name", "a1", [], "a1"),
        ("lines", [{"code": "1", "product": "p1"}], ["p1"], [{"code": "1", "product": "P1"}]),
        ("lines", [{"product": "p1"}, {"product": "p2"}], ["p1", "p2"], [{"product": "P1"}, {"product": "P2"}]),
        ("lines", [{"product": None}, {"code": "p1"}], [], [{"product": None}, {"code": "p1"}]),
        ("lines", [{"parts": [{"product": "p2"}]}], ["p2"], [{"parts": [{"product": "P2"}]}]),
        ("lines", [], [], []),
        ("lines", None, [], None),
        ("places", [{"code": "p1"}], [], [{"code": "p1"}]),
    ],
)
def test_what_a_value_refers_to_and_how_it_is_said_elsewhere(
    key: str, value: Value, names: list[str], written: Value
) -> None:
    told = references_in(ORDER).get(key)
    assert [name for _, name in named(value, told)] == names
    known = {("account", "a1"), ("product", "p1"), ("product", "p2")}
    assert translated(value, told, lambda *place: place[1].upper() if place in known else None) == written
