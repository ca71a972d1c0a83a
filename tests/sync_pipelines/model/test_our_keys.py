"""The keys of what we make: they tell whose it is, and no two of one place are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_pipelines.model.our_keys import entity_of, is_ours, our_key, turn_of

HOME = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.mark.parametrize(
    ("before", "key"), [(0, HOME), (1, f"{HOME}b"), (24, f"{HOME}y"), (25, f"{HOME}z"), (26, f"{HOME}zb")]
)
def test_a_key_is_the_id_and_a_letter_more_each_time(before: int, key: str) -> None:
    assert our_key(HOME, before) == key
    assert is_ours(key)
    assert turn_of(key) == before


@given(st.integers(0, 500), st.integers(0, 500))
def test_each_tells_whose_it_is_and_none_comes_twice(one: int, other: int) -> None:
    assert entity_of(our_key(HOME, one)) == entity_of(our_key("id000007", other)).replace("id000007", HOME) == HOME
    assert (our_key(HOME, one) == our_key(HOME, other)) == (one == other)


@pytest.mark.parametrize("typed", ["", "Acme", "b", HOME.lower(), f"{HOME}B", f"{HOME}-2", f"x{HOME}", f"{HOME}\n"])
def test_what_people_type_is_none_of_ours(typed: str) -> None:
    assert not is_ours(typed)
    assert isinstance(entity_of(typed), str)


def test_a_key_has_room_where_we_give_the_numbers() -> None:
    """Thirty signs, of which our prefix takes three."""
    assert len(f"CC-{our_key(HOME, 25)}") <= 30
