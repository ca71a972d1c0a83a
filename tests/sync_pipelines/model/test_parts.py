"""Values made of parts, of which a system may keep only some."""

import pytest

from mappings.values import Value
from sync_pipelines.model.parts import Parts, item_key, items_by, ordered, overlay, project

WHOLE: Value = {"street": "S", "city": "C", "country": "DE"}
BLANK: Value = {"street": None, "city": None, "country": None}


@pytest.mark.parametrize(
    ("value", "parts", "kept"),
    [
        ("text", None, "text"),
        (WHOLE, None, WHOLE),
        (WHOLE, ("street", "city"), {"street": "S", "city": "C"}),
        ({"street": None, "city": None, "country": "DE"}, ("street", "city"), None),  # nothing of it is kept there
        ({"city": "C"}, ("street", "city"), {"street": None, "city": "C"}),
        ([{"code": "A", "hint": "h"}], ("code",), [{"code": "A"}]),
        ([], ("code",), []),
        (None, ("street",), None),
        ("text", ("street",), "text"),
    ],
)
def test_what_of_a_value_a_system_can_hold(value: Value, parts: Parts, kept: Value) -> None:
    assert project(value, parts) == kept


@pytest.mark.parametrize(
    ("golden", "said", "after"),
    [
        (WHOLE, {"street": "T", "city": "C"}, {"street": "T", "city": "C", "country": "DE"}),
        (WHOLE, {"street": None, "city": "C"}, {"street": None, "city": "C", "country": "DE"}),
        (None, {"street": "T"}, {"street": "T"}),
        (WHOLE, None, None),
        ("1", "2", "2"),
    ],
)
def test_what_a_system_does_not_keep_stays(golden: Value, said: Value, after: Value) -> None:
    assert overlay(golden, said) == after


def test_an_item_is_told_apart_by_its_key_and_without_one_by_all_it_says() -> None:
    assert item_key("code", {"code": "A", "city": "C"}) == "A"
    assert item_key("code", {"city": "C", "code": None}) == item_key("code", {"code": None, "city": "C"})
    assert item_key("code", {"code": None, "city": "C"}) != item_key("code", {"code": None, "city": "D"})
    assert item_key("code", {"code": 0}) == "0"


@pytest.mark.parametrize("value", [None, "text", ["text"], []])
def test_what_is_no_list_of_records_has_no_items(value: Value) -> None:
    assert items_by("code", value) == {}


def test_the_order_of_a_list_is_no_value() -> None:
    one: Value = [{"code": "B"}, {"code": "A"}]
    two: Value = [{"code": "A"}, {"code": "B"}]
    assert ordered("code", one) == ordered("code", two) == two
    assert ordered("code", None) is None
