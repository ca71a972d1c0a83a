"""Conditions ask about agreed values, couplings and other entities, never about what comes in."""

from typing import Any

import pytest

from mappings.ownership import ALWAYS, Clause, Mode, When
from mappings.ownership import Test as Asks
from mappings.values import Value
from sync_pipelines.ownership.conditions import holds, rule_for
from tests.sync_pipelines.ownership.scenes import cast, rule, silent, situation

AGREED: dict[str, Value] = {
    "stage": "won", "note": None, "places": [], "amount": "0", "flag": False,
    "hold@100": "yes", "hold@200": None, "limit@100": "5",
}  # fmt: skip


def ask(clause: Clause, scope: str = "", **more: Any) -> bool:
    claims = more.pop("claims", (silent("crm"), silent("crm2")))
    return holds(When((clause,)), AGREED, situation(None, *claims, **more), cast(), scope)


@pytest.mark.parametrize(
    ("clause", "answer"),
    [
        (Clause(Asks.IN, "stage", ("won", "lost")), True),
        (Clause(Asks.IN, "stage", ("open",)), False),
        (Clause(Asks.IN, "stage", ()), False),
        (Clause(Asks.IN, "note", (None,)), True),
        (Clause(Asks.IN, "unheard", (None,)), False),  # never told is not null
        (Clause(Asks.SET, "stage"), True),
        (Clause(Asks.SET, "amount"), True),  # zero is a value
        (Clause(Asks.SET, "flag"), True),  # no is a value
        (Clause(Asks.SET, "note"), False),
        (Clause(Asks.SET, "places"), False),
        (Clause(Asks.SET, "unheard"), False),
        (Clause(Asks.UNSET, "stage"), False),
        (Clause(Asks.UNSET, "note"), True),
        (Clause(Asks.UNSET, "unheard"), True),
        (Clause(Asks.COUPLED, "crm"), True),
        (Clause(Asks.COUPLED, "erp"), False),
        (Clause(Asks.UNCOUPLED, "crm"), False),
        (Clause(Asks.UNCOUPLED, "erp"), True),
        (Clause(Asks.EXISTS, "order"), False),
        (Clause(Asks.MISSING, "order"), True),
    ],
)
def test_each_test(clause: Clause, *, answer: bool) -> None:
    assert ask(clause) is answer


def test_another_entity_that_refers_to_this_one_exists() -> None:
    assert ask(Clause(Asks.EXISTS, "order"), referred_by=frozenset({"order"}))
    assert not ask(Clause(Asks.MISSING, "order"), referred_by=frozenset({"order"}))


@pytest.mark.parametrize(("scope", "answer"), [("100", True), ("200", False), ("", False)])
def test_the_company_in_question(scope: str, *, answer: bool) -> None:
    assert ask(Clause(Asks.SCOPE, "", ("100", "300")), scope) is answer


@pytest.mark.parametrize(
    ("clause", "scope", "answer"),
    [
        (Clause(Asks.IN, "hold", ("yes",)), "100", True),
        (Clause(Asks.IN, "hold", ("yes",)), "200", False),
        (Clause(Asks.IN, "hold", ("yes",)), "", False),
        (Clause(Asks.SET, "hold"), "100", True),
        (Clause(Asks.SET, "hold"), "200", False),
        (Clause(Asks.UNSET, "limit"), "200", True),
        (Clause(Asks.IN, "stage", ("won",)), "100", True),  # the same for every company
    ],
)
def test_a_field_decided_per_company_is_read_for_that_company(clause: Clause, scope: str, *, answer: bool) -> None:
    assert ask(clause, scope) is answer


def test_all_clauses_have_to_hold_and_none_is_always_true() -> None:
    won, coupled = Clause(Asks.IN, "stage", ("won",)), Clause(Asks.COUPLED, "erp")
    now = situation(None, silent("crm"))
    assert holds(ALWAYS, {}, now, cast())
    assert not holds(When((won, coupled)), AGREED, now, cast())
    assert holds(When((won, coupled)), AGREED, situation(None, silent("erp")), cast())


def test_the_first_rule_whose_condition_holds_is_the_rule() -> None:
    lost = rule(Mode.DECIDES, "crm", when=When((Clause(Asks.IN, "stage", ("lost",)),)))
    won = rule(Mode.DECIDES, "erp", when=When((Clause(Asks.IN, "stage", ("won",)),)))
    rest = rule(Mode.DECIDES, "shop")
    now = situation(None)
    assert rule_for((lost, won, rest), AGREED, now, cast(), "") is won
    assert rule_for((lost, rest, won), AGREED, now, cast(), "") is rest
    assert rule_for((lost,), AGREED, now, cast(), "") is None
