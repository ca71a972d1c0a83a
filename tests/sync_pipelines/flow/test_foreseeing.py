"""What an answer would lead to is said before it is given, and is what then happens."""

import pytest

from sync_pipelines.flow.foreseeing import foresee
from sync_pipelines.model.changes import Change
from sync_pipelines.model.questions import Question
from tests.laws.little_world import LittleWorld


@pytest.fixture
def little() -> LittleWorld:
    return LittleWorld()


def said(changes: tuple[Change, ...]) -> set[tuple[str, str, str, object]]:
    return {
        (change.system, change.op.value, key, field.new) for change in changes for key, field in change.fields.items()
    }


def doubt(little: LittleWorld) -> Question:
    """Sales knows Acme with a tax id, accounting has one without."""
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won", Phone="1")
    little.create("erp", Name="acme", Phone="1")
    little.settle()
    (question,) = little.questions()
    return question


def test_a_link_would_write_into_the_records_that_are_there_and_apart_would_make_new_ones(little: LittleWorld) -> None:
    question = doubt(little)
    linked, apart = foresee(little.house, question, "link"), foresee(little.house, question, "apart")
    assert ("erp", "update", "tax_id", "DE1") in said(linked.changes)
    assert {change.op.value for change in linked.changes if change.system == "erp"} == {"update"}
    assert "erp" in {change.system for change in apart.changes if change.op.value == "create"}


@pytest.mark.parametrize("choice", ["link", "apart"])
def test_what_was_foreseen_is_what_the_next_plan_writes(little: LittleWorld, choice: str) -> None:
    question = doubt(little)
    foreseen = foresee(little.house, question, choice)
    before = little.ledger.changes(entity="account")
    little.answer(question, choice)
    little.world.clock.advance(60)
    little.house.run("account")
    written = [change for change in little.ledger.changes(entity="account") if change not in before]
    assert said(tuple(written)) == said(foreseen.changes)


def test_foreseeing_leaves_nothing_behind(little: LittleWorld) -> None:
    question = doubt(little)
    ids, trail = list(little.ledger.entity_ids("account")), little.ledger.audit_trail()
    state = (little.ledger.golden_of("account", ids), little.ledger.couplings_of("account", ids), little.ledger.plans())
    for choice in question.choices:
        foresee(little.house, question, choice)
    assert little.questions() == [question]
    assert little.ledger.audit_trail() == trail
    assert state == (
        little.ledger.golden_of("account", ids), little.ledger.couplings_of("account", ids), little.ledger.plans(),
    )  # fmt: skip
