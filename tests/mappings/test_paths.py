from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.paths import MISSING, PathError, fetched, getter, like, lister, parse, setter

PARTY = {
    "name": "ACME",
    "term": None,
    "owner": {"name": "王丽", "id": 7},
    "ways": [
        {"type": "email", "value": "a@b.c", "main": False},
        {"type": "phone", "value": "1", "main": True},
        {"type": "phone", "value": "2", "main": True},
    ],
    "none": [],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "ACME"),
        ("owner.name", "王丽"),
        ("term", None),
        ("term.id", None),
        ("nowhere", MISSING),
        ("owner.nowhere", MISSING),
        ("ways[type=phone].value", "1"),
        ("ways[type=mobile|phone].value", "1"),
        ("ways[main=true].type", "phone"),
        ("ways[type=fax].value", None),
        ("none[type=phone].value", None),
        ("nothing[type=phone].value", MISSING),
        ("ways[type=phone].nowhere", MISSING),
    ],
)
def test_a_path_reads_a_value_null_or_silence(path: str, value: Any) -> None:
    assert getter(path)(PARTY) is value or getter(path)(PARTY) == value


@pytest.mark.parametrize(("path", "count"), [("ways", 3), ("ways[type=phone]", 2), ("ways[type=fax]", 0), ("none", 0)])
def test_a_list_path_reads_all_that_are_meant(path: str, count: int) -> None:
    assert len(lister(path)(PARTY)) == count


@pytest.mark.parametrize(("path", "value"), [("term", None), ("nowhere", MISSING), ("nowhere[type=x]", MISSING)])
def test_a_list_that_is_not_there_is_not_an_empty_list(path: str, value: Any) -> None:
    assert lister(path)(PARTY) is value


@pytest.mark.parametrize("path", ["name.first", "ways.value", "name[type=phone].value", "owner[type=x]"])
def test_a_path_that_does_not_fit_the_payload_is_refused(path: str) -> None:
    with pytest.raises(PathError):
        getter(path)(PARTY)


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a[b", "a[b=]", "a[=c]", "a b", "a[b=c]d"])
def test_what_is_no_path_is_refused_when_it_is_parsed(path: str) -> None:
    with pytest.raises(PathError):
        parse(path)


def test_writes_to_one_element_meet_in_one_object() -> None:
    payload: dict[str, Any] = {}
    setter("ways[type=phone].value")(payload, "3")
    setter("ways[type=phone].main")(payload, "yes")
    setter("owner.name")(payload, "x")
    assert payload == {"ways": {"[type=phone]": {"value": "3", "main": "yes"}}, "owner": {"name": "x"}}


def test_what_a_landed_payload_holds_is_found_at_the_paths_of_a_partial_one() -> None:
    partial = {"ways": {"[type=phone]": {"value": "3"}, "[type=fax]": {"value": "4"}}, "owner": {"name": ""}, "new": 1}
    assert like(PARTY, partial) == {
        "ways": {"[type=phone]": {"value": "1"}, "[type=fax]": None},
        "owner": {"name": "王丽"},
    }


def test_a_selected_list_is_compared_as_a_list() -> None:
    assert like(PARTY, {"ways": {"[type=phone]": []}}) == {"ways": {"[type=phone]": PARTY["ways"][1:]}}  # type: ignore[index]  # it is a list


@pytest.mark.parametrize(
    ("path", "names"),
    [("Name", ["Name"]), ("a.b", ["a.b"]), ("ways[type=phone].value", ["ways.type", "ways.value"])],
)
def test_only_what_a_path_needs_is_fetched(path: str, names: list[str]) -> None:
    assert list(fetched(path)) == names


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True)


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True), st.integers())
def test_what_is_written_at_a_plain_path_is_read_there(names: list[str], value: int) -> None:
    payload: dict[str, Any] = {}
    setter(".".join(names))(payload, value)
    assert getter(".".join(names))(payload) == value
    assert like(payload, payload) == payload
