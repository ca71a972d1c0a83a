"""What checkers let pass where a steward parted two, and what looks like it and is a fault."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.testing.world import MIDDLEWARE
from sync_pipelines.simulation.invariants.agreement import agreement
from sync_pipelines.simulation.invariants.emptying import silence_is_not_null
from sync_pipelines.simulation.testimony import Decided
from tests.sync_pipelines.simulation.told import ERP, FIRST, USER, Told


def _said(value: Any) -> Decided:
    return Decided(value, "", "split", None, "")


def _of_one(name: str, by: str, *, parted: bool = True) -> Told:
    """A firm in the CRM that says something in one field; nothing is agreed there, since it was parted from another."""
    told = Told()
    row = told.world.world.systems["crm"].create("Account", {"Name": "Acme", "Status": "Open"}, by=USER)
    told.world.world.systems["crm"].update("Account", row.id, {name: "7"}, by=by)
    ref = ("crm", "Account", row.id)
    told.coupled("A", ref)
    golden = {"name": _said("Acme"), "status": _said("open"), "credit_limit": _said(None), "phone": _said(None)}
    told.evidence.told = replace(told.evidence.told, golden={("account", "A"): golden})
    return told.parted(ref, ERP) if parted else told


def test_what_a_person_typed_where_nobody_decides_stays_once_it_was_parted() -> None:
    assert list(agreement(_of_one("Credit", USER).evidence)) == []


@pytest.mark.parametrize(
    ("name", "by", "parted"),
    [("Credit", MIDDLEWARE, True), ("Phone", USER, True), ("Credit", USER, False)],
    ids=["we wrote it", "somebody there decides", "nobody parted it"],
)
def test_what_else_differs_from_what_was_agreed_is_a_fault(name: str, by: str, *, parted: bool) -> None:
    (fault,) = agreement(_of_one(name, by, parted=parted).evidence)
    assert "'7', agreed was None" in fault


@pytest.mark.parametrize(("again", "faults"), [("\ufeffab", 0), ("ab\u200b ", 0), ("AB", 1), ("abc", 1)], ids=repr)
def test_who_types_what_is_there_with_signs_that_nobody_sees_has_said_nothing(again: str, faults: int) -> None:
    told = Told().coupled("A", ERP, FIRST).line("create", FIRST, MIDDLEWARE, Remark="ab")
    told = told.line("update", FIRST, Remark=again).parted(FIRST, ERP).line("update", FIRST, MIDDLEWARE, Remark=None)
    assert len(list(silence_is_not_null(told.evidence))) == faults


@pytest.mark.parametrize(
    ("left", "faults"),
    [(["A"], 0), (["A", "B"], 0), (["A", "C"], 1), (["C"], 1)],
    ids=["people took one out", "people saved it again", "people put one in", "people replaced them"],
)
def test_what_is_left_of_a_list_of_ours_may_go_when_it_is_parted(left: list[str], faults: int) -> None:
    ours, theirs = ([{"code": name, "town": "Ulm"} for name in names] for names in (["A", "B"], left))
    told = Told().coupled("A", ERP, FIRST).line("create", FIRST, MIDDLEWARE, Places=ours)
    told = told.line("update", FIRST, Places=theirs).parted(FIRST, ERP).line("update", FIRST, MIDDLEWARE, Places=None)
    assert len(list(silence_is_not_null(told.evidence))) == faults


@pytest.mark.parametrize(
    ("address", "faults"),
    [({"street": "S", "city": None}, 0), ({"street": None, "city": "B"}, 1), (None, 1)],
    ids=["without a city", "with a city", "none"],
)
def test_who_says_which_address_stands_says_so_of_each_part(address: dict[str, Any] | None, faults: int) -> None:
    told = Told().coupled("A", ERP, FIRST).line("create", ERP, City="B").verdict("A", "address", address)
    told = told.line("update", ERP, MIDDLEWARE, City=None, Street="S")
    assert len(list(silence_is_not_null(told.evidence))) == faults


@pytest.mark.parametrize(("value", "by"), [("9", USER), (None, MIDDLEWARE)], ids=["decided anew", "written since"])
def test_what_a_person_typed_is_no_excuse_for_what_happens_since(value: str | None, by: str) -> None:
    told = _of_one("Credit", USER)
    crm = told.world.world.systems["crm"]
    told.world.world.clock.advance(600)
    if by == MIDDLEWARE:
        crm.update("Account", crm.living("Account")[0].id, {"Credit": "666"}, by=by)
    golden = {**told.evidence.told.golden["account", "A"], "credit_limit": _said(value)}
    told.evidence.told = replace(told.evidence.told, golden={("account", "A"): golden})
    assert len(list(agreement(told.evidence))) == 1
