"""A department inside a system decides: what becomes of an edit there, where the map tells it and where not.

The CRM tells the person who edited, and keeps that person's department in `Rating`.
"""

from dataclasses import replace

import pytest

from mappings.book import Book
from mappings.ownership import Elsewhere, Mode, Rule
from mappings.values import Value
from sync_pipelines.model.golden import Because
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld, shared


def book(editor_at: str) -> Book:
    """The order desk in the CRM decides the remark."""
    whole = little_book()
    account = whole.entities["account"]
    desk = Rule("remark", Mode.DECIDES, ("crm",), by="desk", edited_elsewhere=Elsewhere.REVERT)
    ownership = replace(account.ownership, rules={**account.ownership.rules, "remark": (desk,)})
    maps = {**account.maps, "crm": replace(account.maps["crm"], editor_at=editor_at)}
    account = replace(account, ownership=ownership, maps=maps)
    return replace(whole, entities={**whole.entities, "account": account})


def remarks(little: LittleWorld) -> list[Value]:
    return [little.only(system).values["Remark"] for system in ("crm", "erp", "shop")]


@pytest.mark.parametrize(
    ("editor_at", "department", "stands", "because"),
    [
        ("", "desk", "new", Because.DEPARTMENT_UNTOLD),  # L3: it may be the department's own
        ("", "sales", "new", Because.DEPARTMENT_UNTOLD),
        ("Rating", "desk", "new", Because.CHANGED),
        ("Rating", "sales", "old", None),  # L8: it is known not to be
    ],
)
def test_an_edit_in_the_deciding_system(editor_at: str, department: str, stands: str, because: Because | None) -> None:
    little = LittleWorld(book=book(editor_at))
    account = shared(little, Remark="old", Rating="desk")
    little.edit("crm", account, Remark="new", Rating=department)
    little.settle()
    assert remarks(little) == [stands] * 3
    ((_, golden),) = little.ledger.golden_of("account", little.ledger.entity_ids("account")).items()
    assert because in (None, golden.fields["remark"].because)
    assert little.settle() == 1
