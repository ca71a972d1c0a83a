"""Who takes part no longer: left alone, put into the archive, or asked about."""

from dataclasses import replace

import pytest

from mappings.book import Book
from mappings.ownership import TakesPart
from sync_pipelines.model.claims import ARCHIVED
from sync_pipelines.model.golden import Because
from sync_pipelines.model.questions import About
from tests.laws.little_book import STAYS_OUT, little_book
from tests.laws.little_world import LittleWorld, shared


def book(on_leave: str) -> Book:
    told = little_book()
    account = told.entities["account"]
    ownership = replace(account.ownership, takes_part=TakesPart(STAYS_OUT, on_leave))
    return replace(told, entities={**told.entities, "account": replace(account, ownership=ownership)})


def in_use(little: LittleWorld) -> list[str]:
    return [system for system in ("crm", "erp", "shop") for row in little.rows(system) if row.values["Active"]]


def left(on_leave: str) -> tuple[LittleWorld, str]:
    """An account that stood everywhere, and has become a test account."""
    little = LittleWorld(book=book(on_leave))
    firm = shared(little)
    assert in_use(little) == ["crm", "erp", "shop"]
    little.edit("crm", firm, Status="Test", Phone="2")
    little.settle()
    return little, firm


@pytest.mark.parametrize(
    ("on_leave", "stay"),
    [("freeze", ["crm", "erp", "shop"]), ("archive", ["erp"]), ("review", ["crm", "erp", "shop"])],
)
def test_what_becomes_of_one_who_leaves_is_what_the_book_says(on_leave: str, stay: list[str]) -> None:
    little, _ = left(on_leave)
    assert in_use(little) == stay
    assert [row.values["Phone"] for row in little.rows("erp")] == ["1"], "nothing else is written to it any more"
    assert [q.about for q in little.questions()] == ([About.ARCHIVE] if on_leave == "review" else [])


def test_an_archive_by_leaving_says_who_and_why() -> None:
    little, _ = left("archive")
    (golden,) = little.ledger.golden_of("account", little.ledger.entity_ids("account")).values()
    word = golden.fields[ARCHIVED]
    assert (word.value, word.because, word.by) == (True, Because.LEFT, "crm")


def test_one_who_never_took_part_is_not_archived() -> None:
    little = LittleWorld(book=book("archive"))
    little.create("crm", Name="Rival", Tax_Id="DE9", Status="Test")
    little.settle()
    assert in_use(little) == ["crm"]


def test_a_record_that_a_person_takes_back_into_use_is_not_archived_again() -> None:
    little, firm = left("archive")
    little.edit("crm", firm, Active=True)
    little.settle()
    assert in_use(little) == ["crm", "erp"]
    assert [question.topic for question in little.questions()] == ["archive"]


def test_who_comes_back_is_written_to_again_where_it_is_in_use() -> None:
    little, firm = left("archive")
    little.edit("crm", firm, Status="Won", Active=True, Phone="3")
    little.settle()
    assert [row.values["Phone"] for row in little.rows("erp")] == ["3"]
    (golden,) = little.ledger.golden_of("account", little.ledger.entity_ids("account")).values()
    assert golden.fields[ARCHIVED].value is False


@pytest.mark.parametrize(("choice", "stay"), [("keep", ["crm", "erp", "shop"]), ("archive", ["erp"])])
def test_who_is_asked_about_goes_the_way_that_is_answered_and_nobody_asks_again(choice: str, stay: list[str]) -> None:
    little, _ = left("review")
    (question,) = little.questions()
    little.settle()
    assert [q.id for q in little.questions()] == [question.id], "asked once"
    little.answer(question, choice)
    little.settle()
    assert (in_use(little), little.questions()) == (stay, [])


def test_a_doubt_about_one_who_comes_back_is_gone() -> None:
    little, firm = left("review")
    little.edit("crm", firm, Status="Won")
    little.settle()
    assert little.questions() == []
    assert [row.values["Phone"] for row in little.rows("erp")] == ["2"]
