"""What a record says by itself in a list, whatever we wrote to the whole of it."""

from typing import Any

import pytest

from connectors.contract import RecordRef
from sync_pipelines.flow.own_words import OwnWords, alike, as_executed
from sync_pipelines.model.changes import NOT_SEEN, Change, FieldChange, Op, State
from sync_pipelines.model.claims import Claim

A: Any
B: Any
C: Any
A, B, C = ({"code": name, "city": "Bonn", "hint": None} for name in "ABC")
A_MOVED: Any = {**A, "city": "Ulm"}
PLAIN_C: Any = {"code": "C", "city": "Bonn"}


def own(now: list[Any] | None, *writes: tuple[list[Any], list[Any]]) -> list[Any]:
    told = OwnWords({"ship_to": "code"})
    for old, new in writes:
        told.hear(Change("k", "p", Op.UPDATE, "erp", "Customer", "account", "e", {"ship_to": FieldChange(old, new)}))
    claim = Claim(RecordRef("erp", "Customer", "C1"), "account", {} if now is None else {"ship_to": now})
    return list(told.own_items(claim, "ship_to").values())


@pytest.mark.parametrize(
    ("now", "writes", "says"),
    [
        ([A], [], [A]),  # we wrote nothing
        ([A], [([], [A])], []),  # ours
        ([A, B], [([A], [A, B])], [A]),  # its own, and ours beside it
        ([], [([A], [])], [A]),  # we took it out
        ([A], [([A, B], [A])], [A, B]),
        ([A, C], [([], [A])], [C]),  # put in since
        ([A, C], [([], [A]), ([A, PLAIN_C], [A, C])], [PLAIN_C]),  # put in between two writes of ours
        ([C, A], [([], [A]), ([PLAIN_C, A], [C, A])], [PLAIN_C]),
        ([A_MOVED], [([], [A]), ([A_MOVED], [A_MOVED])], [A_MOVED]),  # ours, of which they changed it in between
        ([A], [([], [A]), ([A, C], [A, C])], []),  # put in between, and taken out since
        ([B], [([A], [A, B]), ([B], [B])], []),  # its own was taken out by people
        ([A_MOVED], [([A], [A_MOVED])], [A]),  # its own, of which we changed the city
        ([A_MOVED], [([], [A])], [A_MOVED]),  # ours, of which people changed the city
        ([{"code": "A", "city": "Bonn"}], [([], [A])], []),  # what is blank is not always mentioned
        (None, [([A], [A, B])], [A]),
    ],
)
def test_what_a_list_says_by_itself(now: list[Any] | None, writes: list[Any], says: list[Any]) -> None:
    assert alike(own(now, *writes), says), own(now, *writes)


@pytest.mark.parametrize(
    ("value", "apart"),
    [
        ([A, B], True),
        ([], True),
        ([A, A_MOVED], False),  # two of one name
        ([A, {**B, "code": None}], False),
        ([A, {"city": "Ulm"}], False),
        (["A", "B"], False),
        (None, False),
    ],
)
def test_only_items_with_names_of_their_own_are_told_apart(value: Any, apart: bool) -> None:
    assert OwnWords({"ship_to": "code"}).tells_apart("ship_to", value) is apart
    assert not OwnWords({}).tells_apart("ship_to", value)


def test_a_list_that_once_had_two_of_a_name_is_one_value() -> None:
    told = OwnWords({"ship_to": "code"})
    fields = {"ship_to": FieldChange([A, A_MOVED], [B])}
    told.hear(Change("k", "p", Op.UPDATE, "erp", "Customer", "account", "e", fields))
    assert not told.tells_apart("ship_to", [B])


def test_what_a_record_of_our_making_was_made_with_nobody_typed_there() -> None:
    told = OwnWords({"ship_to": "code"}, made={"ship_to": FieldChange(None, [A])})
    claim = Claim(RecordRef("erp", "Customer", "C1"), "account", {"ship_to": [A, C]})
    assert (list(told.own_items(claim, "ship_to")), list(told.typed(claim, "ship_to"))) == (["A", "C"], ["C"])


def test_lists_are_alike_in_another_order_and_with_blanks_unsaid() -> None:
    assert alike([A, PLAIN_C], [C, A])
    assert not alike([A], [A, C])
    assert not alike([A], [A_MOVED])


@pytest.mark.parametrize(
    ("state", "reason", "says", "ours"),
    [
        (State.DONE, "", "anything", True),
        (State.DROPPED, NOT_SEEN, "22", True),  # it may have been executed, and the record says so
        (State.DROPPED, NOT_SEEN, "555", False),
        (State.DROPPED, "crm.update: not done (throttled), try again later", "22", False),  # people typed it there
    ],
)
def test_a_write_counts_where_it_was_done_or_may_have_been_and_its_record_says_so(
    state: State, reason: str, says: str, *, ours: bool
) -> None:
    claim = Claim(RecordRef("crm", "Account", "1"), "account", {"phone": says})
    sent = {"phone": FieldChange(None, "22")}
    change = Change("k", "p", Op.UPDATE, "crm", "Account", "account", "e", sent, state=state, reason=reason)
    assert as_executed(change, claim).fields == (sent if ours else {})
