"""A question that was asked where nobody knew the book's stewards, nor what records elsewhere say."""

from dataclasses import replace
from typing import Any

import pytest

from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.claims import ARCHIVED
from sync_pipelines.model.questions import About, Question
from sync_pipelines.review.presenting import addressed, chief_steward, presented
from tests.sync_pipelines.review.desk import BOOK, NOW, ask, ref, stands

SPEC = BOOK.entities["account"]


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def asked(ledger: MemoryLedger, about: About, **evidence: Any) -> Question:
    question = ledger.question(ask(ledger, about, "topic", **evidence))
    assert question is not None
    return replace(question, steward="")


def test_a_question_without_a_steward_concerns_whoever_answers_for_most_fields(ledger: MemoryLedger) -> None:
    question = asked(ledger, About.JOIN)
    assert chief_steward(SPEC)
    assert addressed(question, SPEC).steward == chief_steward(SPEC)
    assert addressed(replace(question, steward="sally"), SPEC).steward == "sally"


def test_two_that_a_system_merged_stand_side_by_side_also_where_one_is_gone(ledger: MemoryLedger) -> None:
    stands(ledger, "crm", "e1", says={"name": "Acme"})
    stands(ledger, "crm", "e2", "2", says={"name": "Borg"})
    ledger.bury([ref("crm")], NOW)
    told: dict[str, dict[str, str]] = {"crm/Account/1": {}, "crm/Account/2": {}}
    shown = presented(ledger, asked(ledger, About.JOIN, records=told, other="e2"), SPEC).evidence["records"]
    assert {name: said["name"] for name, said in shown.items()} == {
        "crm/Account/1 (gone)": "Acme",
        "crm/Account/2": "Borg",
    }


def test_a_question_about_a_lost_create_shows_what_was_sent_beside_what_is_known(ledger: MemoryLedger) -> None:
    stands(ledger, "crm", "e1", says={"name": "Acme"})
    shown = presented(ledger, asked(ledger, About.CREATE, records={}, sent={"name": "ACME"}), SPEC).evidence["records"]
    assert shown == {"what was sent": {"name": "ACME"}, "crm/Account/1": {ARCHIVED: False, "name": "Acme"}}


def test_what_the_rest_says_is_shown_beside_a_record_that_went_out_of_use(ledger: MemoryLedger) -> None:
    stands(ledger, "crm", "e1", says={"name": "Acme"})
    stands(ledger, "erp", "e1", says={"name": "ACME"})
    question = asked(ledger, About.ARCHIVE, records={"crm": "crm/Account/1"}, others=["erp/Customer/1"])
    assert sorted(presented(ledger, question, SPEC).evidence["records"]) == ["crm/Account/1", "erp/Customer/1"]


@pytest.mark.parametrize(
    "evidence",
    [
        {"records": {"crm/Account/1": {"name": "Then"}}},  # what led to a match, as it was when it was asked
        {"values": {"crm": "1", "erp": "2"}, "records": {"crm": "crm/Account/1"}},
    ],
)
def test_what_led_to_a_question_is_shown_as_it_was(ledger: MemoryLedger, evidence: dict[str, Any]) -> None:
    stands(ledger, "crm", "e1", says={"name": "Now"})
    assert presented(ledger, asked(ledger, About.MATCH, **evidence), SPEC).evidence == evidence
