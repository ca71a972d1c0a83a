"""An open question follows its records: told anew when they say something else, gone when they contradict."""

from dataclasses import replace

import pytest

from mappings.book import Book
from mappings.matching import Scoring, Weighed
from sync_pipelines.model.questions import About, Question
from tests.laws.checkers import check_all
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld

SCORING = Scoring(
    {
        "name": Weighed("company"),
        "tax_id": Weighed("number"),
        "phone": Weighed("number", {"same": 5, "different": -1}),
        "address": Weighed("address"),
    }
)
HOME = {"Street": "Hauptstraße 12", "City": "Köln"}


def weighing() -> Book:
    """The small book without a level."""
    book = little_book()
    account = book.entities["account"]
    matching = replace(account.matching, levels=(), scoring=SCORING)
    return replace(book, entities={**book.entities, "account": replace(account, matching=matching)})


@pytest.fixture(params=["levels", "scores"])
def little(request: pytest.FixtureRequest) -> LittleWorld:
    return LittleWorld(book=weighing() if request.param == "scores" else little_book())


def matches(little: LittleWorld) -> list[Question]:
    return [question for question in little.questions() if question.about is About.MATCH]


def two(little: LittleWorld) -> tuple[str, str]:
    """Two of a rare name, and a question about them."""
    crm, erp = (little.create(system, Name="Acme Werkzeugbau", Status="Open") for system in ("crm", "erp"))
    little.settle()
    assert len(matches(little)) == 1
    return crm, erp


def test_a_question_goes_when_its_records_come_to_contradict_each_other(little: LittleWorld) -> None:
    crm, erp = two(little)
    little.edit("crm", crm, Tax_Id="DE1")
    little.edit("erp", erp, Tax_Id="DE2")
    little.settle()
    assert matches(little) == []
    (was,) = [q for q in little.ledger.questions(entity="account", open_only=False) if q.about is About.MATCH]
    assert (was.open, was.answer) == (False, "")
    assert len(little.ledger.entity_ids("account")) == 2
    check_all(little)


def test_it_comes_back_when_the_contradiction_was_a_slip(little: LittleWorld) -> None:
    crm, erp = two(little)
    little.edit("crm", crm, Tax_Id="DE1")
    little.edit("erp", erp, Tax_Id="DE2")
    little.settle()
    little.edit("erp", erp, Tax_Id="DE1")
    little.settle()
    (question,) = matches(little)
    little.answer(question, "join")
    little.settle()
    assert len(little.ledger.entity_ids("account")) == 1
    check_all(little)


def test_a_question_goes_when_nothing_speaks_for_it_any_more(little: LittleWorld) -> None:
    crm, _ = two(little)
    little.edit("crm", crm, Name="Zwölfender Papier")
    little.settle()
    assert matches(little) == []


def test_what_changed_is_shown_and_a_question_that_was_held_is_asked_again(little: LittleWorld) -> None:
    crm, _ = two(little)
    (before,) = matches(little)
    little.answer(before, "hold")
    little.edit("crm", crm, Tax_Id="DE1")
    little.settle()
    (after,) = matches(little)
    assert (after.id, after.topic, after.choices) == (before.id, before.topic, before.choices)
    assert after.evidence["records"][f"crm/Account/{crm}"]["tax_id"] == "DE1"
    assert "held" not in after.evidence


def test_what_does_not_matter_to_it_leaves_it_as_it_was_and_held(little: LittleWorld) -> None:
    crm, _ = two(little)
    (before,) = matches(little)
    little.answer(before, "hold")
    (held,) = matches(little)
    little.edit("crm", crm, Rating="A")
    little.settle()
    assert matches(little) == [held]


def test_of_several_that_it_may_be_one_that_contradicts_falls_out(little: LittleWorld) -> None:
    little.create("crm", Name="Acme Werkzeugbau", Tax_Id="DE1", Status="Test")
    little.create("shop", Name="Acme Werkzeugbau", Tax_Id="DE2")
    little.settle()
    erp = little.create("erp", Name="Acme Werkzeugbau", Status="Test")
    little.settle()
    (which,) = matches(little)
    assert (len(which.others), set(which.choices)) == (2, {"crm", "shop", "apart"})
    little.edit("erp", erp, Tax_Id="DE1")
    little.settle()
    (question,) = matches(little)
    assert (question.others, set(question.choices)) == ((which.evidence["others"]["crm"],), {"link", "apart"})
    little.answer(question, "link")
    little.settle()
    assert (matches(little), len(little.ledger.entity_ids("account"))) == ([], 2)


# --- by scores --------------------------------------------------------------------------------------------------------


@pytest.fixture
def weighed() -> LittleWorld:
    return LittleWorld(book=weighing())


def apart(weighed: LittleWorld) -> tuple[str, str]:
    """Two that have little in common, in two systems."""
    crm = weighed.create("crm", Name="Acme Werkzeugbau", Status="Test", Phone="49221998877", **HOME)
    erp = weighed.create(
        "erp", Name="AWB", Status="Test", Phone="4989123456", Street="Königsallee 3", City="Düsseldorf"
    )
    weighed.settle()
    assert (matches(weighed), len(weighed.ledger.entity_ids("account"))) == ([], 2)
    return crm, erp


def test_an_edit_by_which_two_that_are_known_come_to_look_alike_is_heard_by_scores(weighed: LittleWorld) -> None:
    _, erp = apart(weighed)
    weighed.edit("erp", erp, Phone="49221998877")
    weighed.settle()
    assert matches(weighed) == []  # a phone alone says too little
    weighed.edit("erp", erp, Name="Acme Werkzeug-Bau", **HOME)
    weighed.settle()
    (question,) = matches(weighed)
    assert (set(question.choices), len(question.evidence["for"])) == ({"join", "apart"}, 3)
    weighed.answer(question, "join")
    weighed.settle()
    assert len(weighed.ledger.entity_ids("account")) == 1
    check_all(weighed)


def test_what_a_person_keeps_apart_is_asked_again_on_more_than_was_to_be_seen_and_once(weighed: LittleWorld) -> None:
    crm, erp = apart(weighed)
    weighed.edit("erp", erp, Name="Acme Werkzeugbau", **HOME)
    weighed.settle()
    (question,) = matches(weighed)
    weighed.answer(question, "apart")
    weighed.edit("erp", erp, Name="Acme Werkzeug-Bau")  # nothing that was not to be seen
    weighed.settle()
    assert matches(weighed) == []
    weighed.edit("erp", erp, Phone="49221998877")
    weighed.settle()
    (again,) = matches(weighed)
    assert again.evidence["before"].startswith("stella kept them apart when score")
    weighed.answer(again, "apart")
    weighed.edit("crm", crm, Name="Acme Werkzeugbau KG")
    weighed.settle()
    assert matches(weighed) == []
