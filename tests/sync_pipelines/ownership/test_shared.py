"""`shared`: who moved since it last agreed? Every pair of stances, on one screen for each way to settle a conflict."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from mappings.ownership import Conflict, Mode
from mappings.values import Value
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.golden import Because
from sync_pipelines.model.parts import Parts
from sync_pipelines.ownership.shared import decide_shared
from sync_pipelines.ownership.situation import Ruling
from tests.sync_pipelines.ownership.scenes import NOW, agreed, cast, rule, says, silent, situation, systems_of

STANCES: dict[str, Any] = {
    "silent": silent,
    "fresh =": lambda system: says(system, "1"),
    "fresh x": lambda system: says(system, "x"),
    "fresh ∅": lambda system: says(system, None),
    "rest": lambda system: says(system, "1", "1"),
    "to x": lambda system: says(system, "x", "1"),
    "to y": lambda system: says(system, "y", "1"),
    "to ∅": lambda system: says(system, None, "1"),
    "late x": lambda system: says(system, "x", "0"),  # its last write failed: it never saw the agreed value
}

# The agreed value is "1". Rows: the CRM; columns: the shop. 1: it stays · x, y, ∅: it becomes that · ?: a question
REVIEW = """
          silent  fresh =  fresh x  fresh ∅  rest  to x  to y  to ∅  late x
silent    1       1        ?        1        1     x     y     ∅     ?
fresh =   1       1        ?        1        1     x     y     ∅     ?
fresh x   ?       ?        ?        ?        ?     x     ?     ?     ?
fresh ∅   1       1        ?        1        1     x     y     ∅     ?
rest      1       1        ?        1        1     x     y     ∅     ?
to x      x       x        x        x        x     x     ?     ?     ?
to y      y       y        ?        y        y     ?     y     ?     ?
to ∅      ∅       ∅        ?        ∅        ∅     ?     ?     ∅     ?
late x    ?       ?        ?        ?        ?     ?     ?     ?     ?
"""
# The CRM's value by rank; a newcomer or a late one does not beat what a higher one made (the CRM did).
PREFER = """
          silent  fresh =  fresh x  fresh ∅  rest  to x  to y  to ∅  late x
silent    1       1        1        1        1     x     y     ∅     1
fresh =   1       1        1        1        1     x     y     ∅     1
fresh x   x       x        x        x        x     x     x     x     x
fresh ∅   1       1        1        1        1     x     y     ∅     1
rest      1       1        1        1        1     x     y     ∅     1
to x      x       x        x        x        x     x     x     x     x
to y      y       y        y        y        y     y     y     y     y
to ∅      ∅       ∅        ∅        ∅        ∅     ∅     ∅     ∅     ∅
late x    x       x        x        x        x     x     x     x     x
"""


def table(text: str) -> dict[tuple[str, str], str]:
    """(row, column) → cell."""
    head, *rows = [line for line in text.splitlines() if line]
    starts = [head.index(name) for name in STANCES]
    ends = [*starts[1:], len(head) + 9]
    cells: dict[tuple[str, str], str] = {}
    for row in rows:
        name = row[: starts[0]].strip()
        cells |= {
            (name, column): row[start:end].strip() for column, start, end in zip(STANCES, starts, ends, strict=True)
        }
    return cells


def decide(*claims: Claim, golden: Value = "1", by: str = "crm", **more: Any) -> Ruling:
    said = situation(agreed(golden, by), *claims, asked=more.pop("asked", {}))
    parts: dict[tuple[str, str], Parts] = more.pop("parts", {})
    return decide_shared("field", rule(Mode.SHARED, "crm", "shop", **more), said, cast(parts))


@pytest.mark.parametrize(("conflict", "expected"), [(Conflict.REVIEW, REVIEW), (Conflict.PREFER, PREFER)])
def test_every_pair_of_stances(conflict: Conflict, expected: str) -> None:
    cells = table(expected)
    assert set(cells) == set(product(STANCES, STANCES))
    wrong = {}
    for (crm, shop), cell in cells.items():
        ruling = decide(STANCES[crm]("crm"), STANCES[shop]("shop"), conflict=conflict)
        said = "?" if ruling.question else {None: "∅"}.get(ruling.value, ruling.value)  # type: ignore[arg-type]  # text
        if said != cell:
            wrong[crm, shop] = (cell, said)
    assert not wrong


def test_while_a_question_is_open_the_agreed_value_stands_and_the_movers_are_left_alone() -> None:
    ruling = decide(says("crm", "2", "1"), says("shop", "3", "1"))
    assert ruling.value == "1"
    assert systems_of(ruling.held) == {"crm", "shop"}
    assert ruling.question is not None
    assert ruling.question.evidence["values"] == {"agreed": "1", "crm": "2", "shop": "3"}


def test_before_anything_was_agreed_two_that_differ_are_a_question_without_an_agreed_value() -> None:
    said = situation(None, says("crm", "2"), says("shop", "3"))
    ruling = decide_shared("field", rule(Mode.SHARED, "crm", "shop"), said, cast())
    assert ruling.decided is None
    assert ruling.question is not None
    assert list(ruling.question.choices) == ["crm", "shop"]


@pytest.mark.parametrize(
    ("first", "second", "value", "by"),
    [("1", "1", "1", "crm"), ("1", None, "1", "crm"), (None, "1", "1", "shop")],
)
def test_the_first_word_is_the_value(first: Value, second: Value, value: Value, by: str) -> None:
    said = situation(None, says("crm", first), says("shop", second))
    decided = decide_shared("field", rule(Mode.SHARED, "crm", "shop"), said, cast()).decided
    assert decided is not None
    assert (decided.value, decided.by, decided.because) == (value, by, Because.FIRST)


def test_blanks_alone_agree_on_nothing() -> None:
    said = situation(None, says("crm", None), says("shop", []))
    assert decide_shared("field", rule(Mode.SHARED, "crm", "shop"), said, cast()).decided is None


def test_one_who_does_not_share_is_taken_back() -> None:
    ruling = decide(says("crm", "1", "1"), says("erp", "9", "1"))
    assert (ruling.value, systems_of(ruling.reverted)) == ("1", {"erp"})


@pytest.mark.parametrize(("keep", "value", "reverted"), [(True, "1", {"shop"}), (False, None, set())])
def test_a_sharers_blank(*, keep: bool, value: Value, reverted: set[str]) -> None:
    ruling = decide(says("crm", "1", "1"), says("shop", None, "1"), keep_on_blank=keep)
    assert (ruling.value, systems_of(ruling.reverted)) == (value, reverted)


def test_two_sharers_of_different_parts_do_not_contradict_each_other() -> None:
    whole: Value = {"street": "S", "country": "DE"}
    claims = (says("crm", {"street": "T", "country": "DE"}, whole), says("shop", {"street": "T"}, {"street": "S"}))
    ruling = decide(*claims, golden=whole, parts={("shop", "field"): ("street",)})
    assert (ruling.value, ruling.question) == ({"street": "T", "country": "DE"}, None)


def test_a_sharer_of_some_parts_leaves_the_others_as_they_were() -> None:
    whole: Value = {"street": "S", "country": "DE"}
    claims = (says("crm", whole, whole), says("shop", {"street": "T"}, {"street": "S"}))
    ruling = decide(*claims, golden=whole, parts={("shop", "field"): ("street",)})
    assert ruling.value == {"street": "T", "country": "DE"}


# --- rank after a while, and by the clocks ---------------------------------------------------------------------------


@pytest.mark.parametrize(("asked_ago", "value"), [(None, "1"), (timedelta(days=2), "1"), (timedelta(days=3), "2")])
def test_rank_settles_what_nobody_answered_for_a_while(asked_ago: timedelta | None, value: str) -> None:
    asked = {} if asked_ago is None else {"field:field": NOW - asked_ago}
    after: dict[str, Any] = {"conflict": Conflict.RANK_AFTER, "conflict_after": timedelta(days=3)}
    ruling = decide(says("crm", "2", "1"), says("shop", "3", "1"), asked=asked, **after)
    assert (ruling.value, ruling.question is None) == (value, value == "2")


def dated(system: str, value: Value, base: object, hour: int | None) -> Claim:
    known = {} if base is None else {"base": base}
    return says(system, value, *known.values(), changed_at=NOW.replace(hour=hour) if hour is not None else None)


@pytest.mark.parametrize(
    ("crm", "shop", "value"),
    [
        (dated("crm", "2", "1", 8), dated("shop", "3", "1", 9), "3"),
        (dated("crm", "2", "1", 9), dated("shop", "3", "1", 8), "2"),
        (dated("crm", "2", "1", None), dated("shop", "3", "1", 8), "?"),  # one has no clock
        (dated("crm", "1", "1", 9), dated("shop", "3", None, 8), "1"),  # an old record comes to an agreed value
        (dated("crm", "1", "1", 8), dated("shop", "3", None, 9), "3"),
        (dated("crm", "1", "1", None), dated("shop", "3", None, 9), "?"),
    ],
)
def test_the_latest_stands_for_those_who_trust_their_clocks(crm: Claim, shop: Claim, value: str) -> None:
    ruling = decide(crm, shop, conflict=Conflict.LATEST)
    assert ("?" if ruling.question else ruling.value) == value
