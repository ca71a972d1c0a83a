"""The first decision about an entity: each field after all that its conditions ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations

import pytest

from connectors.contract import RecordRef
from mappings.ownership import Clause, Mode, Ownership, Rule, When
from mappings.ownership import Test as Asks
from mappings.values import Where
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.ownership.deciding import decide_entity
from sync_pipelines.ownership.situation import Ruling, Situation
from tests.sync_pipelines.ownership.scenes import cast, situation

IF = Where("if", 1)
ELSE = Where("else", 2)


def when(*clauses: tuple[Asks, str]) -> When:
    return When(tuple(Clause(test, subject, ("yes",)) for test, subject in clauses))


def book(rules: Mapping[str, Sequence[tuple[Asks, str]]]) -> Ownership:
    """Where its condition holds the ERP decides a field, else the CRM. Without a condition the CRM does."""

    def of(name: str, clauses: Sequence[tuple[Asks, str]]) -> tuple[Rule, ...]:
        otherwise = Rule(name, Mode.DECIDES, ("crm",), where=ELSE)
        return (Rule(name, Mode.DECIDES, ("erp",), when=when(*clauses), where=IF), otherwise)[not clauses :]

    return Ownership("account", {name: of(name, clauses) for name, clauses in rules.items()})


def both_say(names: Sequence[str]) -> tuple[Claim, ...]:
    return tuple(
        Claim(RecordRef(system, "Kind", system), "account", dict.fromkeys(names, word))
        for system, word in (("crm", "yes"), ("erp", "no"))
    )


def deciders(rulings: Sequence[Ruling]) -> dict[str, str]:
    return {ruling.key: ruling.decided.by for ruling in rulings if ruling.decided is not None}


def next_run(said: Situation, rulings: Sequence[Ruling]) -> Situation:
    """The same records, once all of them have what was decided."""
    golden = {ruling.key: ruling.decided for ruling in rulings if ruling.decided is not None}
    values = {key: decided.value for key, decided in golden.items()}
    agreed = {key: Agreed(value, value) for key, value in values.items()}
    return situation(golden, *(replace(claim, values=values, baseline=agreed) for claim in said.claims))


YES = Asks.IN
CHAIN = {"a": (), "b": ((YES, "a"),), "c": ((Asks.SET, "b"),), "d": ((Asks.UNSET, "c"),)}


@pytest.mark.parametrize(
    ("rules", "first"),
    [
        ({"a": (), "b": ((YES, "a"),)}, {"a": "crm", "b": "erp"}),
        (CHAIN, {"a": "crm", "b": "erp", "c": "erp", "d": "crm"}),
        # b came to "no", by the ERP: c, which asks for "yes", stays with the CRM
        ({"a": (), "b": ((YES, "a"),), "c": ((YES, "b"),)}, {"a": "crm", "b": "erp", "c": "crm"}),
        ({"a": (), "b": ((YES, "a"),), "c": ((YES, "a"), (Asks.SET, "b"))}, {"a": "crm", "b": "erp", "c": "erp"}),
        # whether a record is coupled is known from the start
        ({"a": ((Asks.COUPLED, "shop"),), "b": ((YES, "a"),)}, {"a": "crm", "b": "erp"}),
        # two that ask for each other read one another as never agreed; what asks for them comes after
        ({"a": ((YES, "b"),), "b": ((YES, "a"),), "c": ((YES, "a"),)}, {"a": "crm", "b": "crm", "c": "erp"}),
        (
            {"a": ((Asks.SET, "b"), (YES, "z")), "b": ((Asks.UNSET, "a"),), "z": ()},
            {"a": "crm", "b": "erp", "z": "crm"},
        ),
        # so does one that asks for itself
        ({"a": ((YES, "a"),), "b": ((YES, "a"),)}, {"a": "crm", "b": "erp"}),
    ],
)
def test_a_condition_on_a_conditional_field_is_read_on_what_came_of_that(
    rules: Mapping[str, Sequence[tuple[Asks, str]]], first: Mapping[str, str]
) -> None:
    for order in permutations(rules):
        owned = book({name: rules[name] for name in order})
        rulings = decide_entity(owned, situation(None, *both_say(list(rules))), cast())
        assert deciders(rulings) == first
        assert [ruling.key for ruling in rulings] == list(order)


@pytest.mark.parametrize("asked", [Asks.IN, Asks.SET, Asks.UNSET])
def test_the_second_run_reads_every_condition_as_the_first_did(asked: Asks) -> None:
    names = ["a", "b", "c", "d", "e"]
    owned = book({name: [(asked, names[place - 1])] if place else [] for place, name in enumerate(names)})
    said = situation(None, *both_say(names))
    first = decide_entity(owned, said, cast())
    second = decide_entity(owned, next_run(said, first), cast())
    assert [ruling.rule.where for ruling in second] == [ruling.rule.where for ruling in first]
    assert [ruling.decided for ruling in second] == [ruling.decided for ruling in first]
