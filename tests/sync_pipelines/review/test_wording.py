"""Values in words, masked where they are about a person."""

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.book import EntitySpec, FieldSpec
from mappings.matching import Matching
from mappings.ownership import Ownership
from mappings.values import Value
from sync_pipelines.review.wording import is_personal, masked, shown, worded

FIELDS = {
    "name": FieldSpec("name", "text", "its name"),
    "phone": FieldSpec("phone", "phone", "its phone", privacy="personal"),
    "limit": FieldSpec("limit", "money", "its limit", privacy="financial"),
    "places": FieldSpec(
        "places", "list", "its places", items={"street": FieldSpec("street", "text", "where", privacy="personal")}
    ),
}
SPEC = EntitySpec("account", FIELDS, Ownership("account", {}), {}, Matching("account"))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "—"),
        ("", "—"),
        ([], "—"),
        ("Acme", "Acme"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ("0", "0"),
        ({"amount": "10", "currency": "EUR"}, "10 EUR"),
        ({"street": "Rue 1", "city": "Lyon", "region": None}, "Rue 1, Lyon"),
        (["a", "b"], "a; b"),
        (["a", "b", "c", "d", "e"], "a; b; c; and 2 more"),
        ("two\nlines", "two lines"),
        ("\x1b[31mred", "\N{REPLACEMENT CHARACTER}[31mred"),
    ],
)
def test_a_value_is_one_line(value: Value, says: str) -> None:
    assert worded(value) == says


@given(st.text(max_size=60))
def test_nothing_in_a_value_moves_a_terminal(text: str) -> None:
    assert all(category(sign)[0] != "C" for sign in worded(text))


@pytest.mark.parametrize(
    ("key", "personal"),
    [("name", False), ("phone", True), ("phone@1", True), ("limit", False), ("places", True), ("unknown", True)],
)
def test_a_field_is_personal_if_the_book_says_so_or_does_not_know_it(key: str, personal: bool) -> None:
    assert is_personal(SPEC, key) is personal


@pytest.mark.parametrize(
    ("value", "mask"),
    [
        ("Ann Example", "A•••e"),
        ("Ann", "A•••"),
        ("王丽", "王•••"),
        ("ann@example.com", "a•••@example.com"),
        ({"street": "Rue 1", "country": "FR"}, {"street": "R•••", "country": "FR"}),
        (["Ann"], ["A•••"]),
        (None, None),
    ],
)
def test_a_mask_has_the_shape_of_what_it_hides(value: Value, mask: Value) -> None:
    assert masked(value) == mask


@given(st.text(st.characters(exclude_characters="•"), min_size=2, max_size=60))
def test_a_mask_never_shows_a_whole_text(text: str) -> None:
    assert text not in str(masked(text))


def test_a_masked_value_is_shown_on_request() -> None:
    assert shown("+49 30 1", "phone", SPEC) == "+•••1"
    assert shown("+49 30 1", "phone", SPEC, reveal=True) == "+49 30 1"
