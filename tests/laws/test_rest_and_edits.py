"""L1 rest, L2 agreement, L3 no lost edit, L8 sovereignty: small stories, so that a broken law says its own name."""

from typing import Any

import pytest

from connectors.testing.faults import Fault
from sync_pipelines.model.questions import About
from tests.laws.checkers import check_all
from tests.laws.little_world import LittleWorld, shared

# --- L1 rest, L2 agreement -------------------------------------------------------------------------------------------


def test_a_run_after_a_settled_run_plans_and_writes_nothing(little: LittleWorld) -> None:
    shared(little)
    before = len(little.written())
    assert [result.changes for result in little.run(full=True)] == [0, 0]
    assert len(little.written()) == before


def test_an_account_is_made_where_the_book_wants_it_and_its_number_comes_back(little: LittleWorld) -> None:
    account = shared(little)
    assert little.only("erp").values["Number"] == "K00001"
    assert little.row("crm", account).values["Number"] == "K00001"
    assert little.only("shop").values["Number"] == "K00001"
    check_all(little)


def test_an_account_that_is_not_won_waits_in_the_crm(little: LittleWorld) -> None:
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Open")
    little.settle()
    assert little.rows("erp") == []


def test_a_create_waits_for_what_it_needs_and_says_so(little: LittleWorld) -> None:
    little.create("crm", Name="Acme", Status="Won")
    (accounts, _) = little.run()
    assert little.rows("erp") == []
    assert [(held.system, held.because) for held in accounts.held] == [("erp", "it waits for tax_id")]


# --- L3 no lost edit -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "edit", "elsewhere"),
    [
        ("crm", {"Name": "Borg"}, {"erp": ("Name", "Borg"), "shop": ("Name", "BORG")}),
        ("crm", {"Phone": "2"}, {"erp": ("Phone", "2"), "shop": ("Phone", "2")}),
        ("shop", {"Phone": "3"}, {"crm": ("Phone", "3"), "erp": ("Phone", "3")}),
        ("erp", {"Credit": "500.50"}, {"crm": ("Credit", "500.5")}),
        ("erp", {"Credit": "0"}, {"crm": ("Credit", "0")}),
        ("erp", {"Tax_Id": "DE9"}, {"crm": ("Tax_Id", "DE9"), "shop": ("Tax_Id", "DE9")}),
        ("erp", {"Terms": "60"}, {"crm": ("Terms", "N60")}),
        ("erp", {"Street": "New"}, {"crm": ("Street", "New")}),
    ],
)
def test_a_lone_edit_by_one_who_decides_reaches_everyone(
    little: LittleWorld, system: str, edit: dict[str, Any], elsewhere: dict[str, tuple[str, object]]
) -> None:
    shared(little)
    little.edit(system, little.only(system).id, **edit)
    little.settle()
    for other, (name, value) in elsewhere.items():
        assert little.only(other).values[name] == value
    check_all(little)


def test_an_edit_made_while_the_other_systems_write_was_refused_is_not_lost(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")
    little.world.faults.force(Fault.SERVER_ERROR, "erp.update")
    little.run()
    assert little.only("erp").values["Phone"] == "1"
    little.edit("shop", little.only("shop").id, Phone="3")
    little.settle()
    assert {little.only(system).values["Phone"] for system in ("crm", "erp", "shop")} == {"3"}


@pytest.mark.parametrize("system", ["erp", "shop"])
def test_an_edit_between_our_look_and_our_write_is_not_overwritten(little: LittleWorld, system: str) -> None:
    """The ERP refuses a version that is no longer; of the shop what we saw is compared just before the call."""
    account = shared(little)
    little.edit("crm", account, Phone="2")
    at = little.world.systems[system]
    at.meanwhile = lambda _what, _kind, record: little.edit(system, record, Phone="9")
    there = little.only(system)
    little.world.faults.force(Fault.EDITED_BETWEEN, f"{system}.update:{there.kind}/{there.id}")
    little.run()
    assert little.only(system).values["Phone"] == "9"
    little.run()
    assert [question.topic for question in little.questions()] == ["field:phone"]


def test_two_that_moved_since_they_agreed_are_a_question_and_the_answer_reaches_all(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")
    little.edit("shop", little.only("shop").id, Phone="3")
    little.settle()
    (question,) = little.questions()
    assert question.evidence["values"] == {"agreed": "1", "crm": "2", "shop": "3"}
    assert little.only("erp").values["Phone"] == "1"
    little.answer(question, "shop")
    little.settle()
    assert {little.only(system).values["Phone"] for system in ("crm", "erp", "shop")} == {"3"}
    assert little.questions() == []


def test_a_conflict_that_goes_by_rank_asks_nobody(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("shop", little.only("shop").id, Remark="from the shop")
    little.edit("crm", account, Remark="from the crm")
    little.settle()
    assert {little.only(system).values["Remark"] for system in ("crm", "erp", "shop")} == {"from the crm"}


# --- L8 sovereignty --------------------------------------------------------------------------------------------------


def test_an_edit_by_one_who_does_not_decide_is_taken_back_and_its_editor_told(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("erp", little.only("erp").id, Credit="100")
    little.settle()
    little.edit("crm", account, Credit="999999")
    little.settle()
    assert little.row("crm", account).values["Credit"] == little.only("erp").values["Credit"] == "100"
    (note,) = little.world.systems["crm"].notes("Account", account)
    assert "credit_limit is decided elsewhere" in note


def test_an_edit_by_one_who_does_not_decide_is_proposed_where_the_book_says_so(little: LittleWorld) -> None:
    account = shared(little, Segment="gold")
    little.edit("erp", little.only("erp").id, Segment="iron")
    little.settle()
    assert little.row("crm", account).values["Segment"] == "gold"
    (question,) = little.questions()
    assert question.about is About.PROPOSAL
    little.answer(question, "erp")
    little.settle()
    assert little.row("crm", account).values["Segment"] == little.only("erp").values["Segment"] == "iron"


def test_an_edit_by_one_who_does_not_decide_is_only_reported_where_the_book_says_so(little: LittleWorld) -> None:
    account = shared(little, Rating="A")
    little.edit("erp", little.only("erp").id, Rating="B")
    little.settle()
    assert (little.row("crm", account).values["Rating"], little.only("erp").values["Rating"]) == ("A", "B")
    little.edit("crm", account, Rating="C")
    little.settle()
    assert little.only("erp").values["Rating"] == "C"


def test_nobody_seizes_a_field_by_writing_its_own_permission(little: LittleWorld) -> None:
    account = little.create("crm", Name="Acme", Tax_Id="DE1", Status="Open", Terms="N30")
    little.settle()
    little.create("erp", Name="Acme", Tax_Id="DE1", Terms="30")
    little.settle()
    little.edit(
        "crm", account, Status="Won", Terms="N60"
    )  # until it is won the CRM decides: this very edit is its last
    little.settle()
    assert little.only("erp").values["Terms"] == "60"
    little.edit("crm", account, Terms="COD")
    little.settle()
    assert little.row("crm", account).values["Terms"] == "N60"
