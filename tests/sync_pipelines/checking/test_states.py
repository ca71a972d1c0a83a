"""Looking at one value of each class proves the same as looking at every value."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.ownership import ALWAYS, Clause, Mode, Rule, When
from mappings.ownership import Test as Asked
from sync_pipelines.checking.states import MOST, Odd, State, TooManyStatesError, World, applies, field_reach

CLOSED: tuple[Any, ...] = ("a", "b", "c")
OPEN: tuple[Any, ...] = (*CLOSED, "some value that no condition names")
WORLD = World({"closed": CLOSED}, frozenset({"crm", "erp"}), frozenset({"shop"}))


def rule(*clauses: Clause) -> Rule:
    return Rule("field", Mode.DECIDES, ("crm",), when=When(clauses))


def every_state() -> list[State]:
    """All states of the world, value by value."""
    fields = product((*CLOSED, None, Odd.UNTOLD), (*OPEN, None, Odd.UNTOLD))
    roles = [(crm, erp) for crm, erp in product((True, False), repeat=2) if crm or erp]
    return [
        State({"closed": closed, "open": opened}, {"crm": crm, "erp": erp, "shop": False}, {"order": order}, scope)
        for (closed, opened), (crm, erp), order, scope in product(list(fields), roles, (True, False), ("1", "2"))
    ]


STATES = every_state()
words = st.lists(st.sampled_from(CLOSED), min_size=1, max_size=3, unique=True).map(tuple)
clauses = st.one_of(
    st.builds(Clause, st.just(Asked.IN), st.sampled_from(("closed", "open")), words),
    st.builds(Clause, st.sampled_from((Asked.SET, Asked.UNSET)), st.sampled_from(("closed", "open"))),
    st.builds(Clause, st.sampled_from((Asked.COUPLED, Asked.UNCOUPLED)), st.sampled_from(("crm", "erp", "shop"))),
    st.builds(Clause, st.sampled_from((Asked.EXISTS, Asked.MISSING)), st.just("order")),
    st.builds(Clause, st.just(Asked.SCOPE), st.just("scope"), st.sampled_from((("1",), ("2",), ("1", "2"), ("3",)))),
)
whens = st.lists(clauses, max_size=3, unique_by=lambda clause: clause.subject).map(lambda some: When(tuple(some)))


def applying(rules: Sequence[Rule], state: State) -> int | None:
    return next((place for place, one in enumerate(rules) if applies(one.when, state)), None)


@given(
    st.lists(whens.map(lambda when: Rule("field", Mode.DECIDES, ("crm",), when=when)), min_size=1, max_size=4), whens
)
def test_a_sentence_is_dead_or_lacking_exactly_where_no_single_value_says_otherwise(
    rules: list[Rule], gate: When
) -> None:
    reach = field_reach(rules, gate, WORLD, ("1", "2"))
    first = {applying(rules, state) for state in STATES if applies(gate, state)}
    assert {place for place, one in enumerate(reach.rules) if one.states} == first - {None}
    assert (reach.uncovered is not None) == (None in first)


@given(st.lists(whens.map(lambda when: Rule("field", Mode.DECIDES, ("crm",), when=when)), min_size=1, max_size=4))
def test_the_state_that_is_named_is_one_that_no_sentence_covers(rules: list[Rule]) -> None:
    reach = field_reach(rules, ALWAYS, WORLD, ("1", "2"))
    if reach.uncovered is not None:
        assert applying(rules, reach.uncovered) is None


def test_an_entity_has_a_record_somewhere() -> None:
    nowhere = rule(Clause(Asked.UNCOUPLED, "crm"), Clause(Asked.UNCOUPLED, "erp"))
    assert not field_reach([nowhere], ALWAYS, WORLD).living


def test_a_role_that_keeps_none_has_none() -> None:
    assert not field_reach([rule(Clause(Asked.COUPLED, "shop"))], ALWAYS, WORLD).living


def test_a_role_that_no_system_plays_yet_may_have_one() -> None:
    assert field_reach([rule(Clause(Asked.COUPLED, "service"))], ALWAYS, WORLD).living


@pytest.mark.parametrize("codes", [2, 20, 2000])
def test_the_number_of_states_follows_from_the_conditions_and_not_from_the_codes(codes: int) -> None:
    world = World({"terms": tuple(f"net{number}" for number in range(codes))}, frozenset({"crm"}))
    asked = [When((Clause(Asked.IN, "terms", ("net0",)),)), When((Clause(Asked.SET, "terms"),))]
    assert len(list(world.states(asked))) == 3  # net0, any other, none


def test_more_states_than_anybody_looks_at_are_told_and_not_looked_at() -> None:
    many = When(tuple(Clause(Asked.IN, f"field{number}", ("a",)) for number in range(16)))
    assert MOST < 2**16
    with pytest.raises(TooManyStatesError):
        list(World({}, frozenset({"crm"})).states([many]))
    assert field_reach([Rule("field", Mode.DECIDES, ("crm",), when=many)], ALWAYS, World({}, frozenset())).too_many


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State({}, {}, {}), "always"),
        (State({"stage": "won"}, {}, {}), "`stage` is `won`"),
        (State({"blocked": False}, {}, {}), "`blocked` is `no`"),
        (State({"stage": None}, {}, {}), "`stage` has no value"),
        (State({"stage": Odd.UNTOLD}, {}, {}), "`stage` has no value"),
        (State({"stage": Odd.OTHER}, {}, {}), "`stage` has some other value"),
        (State({}, {"erp": True}, {}), "there is an erp record"),
        (State({}, {"crm": False}, {}), "there is no crm record"),
        (State({}, {}, {"order": True}), "there is an order"),
        (State({}, {}, {"quote": False}), "there is no quote"),
        (State({"stage": "won"}, {}, {}, "100"), "`stage` is `won` and the company is 100"),
    ],
)
def test_a_state_can_be_read(state: State, told: str) -> None:
    assert str(state) == told
