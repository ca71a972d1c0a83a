"""L9 reasons, L10 the same plan, L11 order, L13 undo, and day one: each in small stories."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.testing.faults import Fault
from mappings.book import Guards, WriteSwitch
from sync_pipelines.flow.adopting import adopt
from sync_pipelines.flow.undoing import plan_undo
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import Approval, RunState
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld, shared

# --- L9 reasons, L10 same plan ---------------------------------------------------------------------------------------


def test_a_hand_over_is_recorded_when_a_higher_decider_comes_to_know_the_account(little: LittleWorld) -> None:
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Open")
    little.settle()
    little.create("erp", Name="Acme", Tax_Id="DE1")
    little.settle()
    (entity_id,) = little.ledger.entity_ids("account")
    steps = [(h.key, h.from_, h.to, h.outcome) for h in little.ledger.hand_overs("account", entity_id)]
    assert ("tax_id", "crm", "erp", "agreed") in steps


def test_what_is_applied_is_the_very_plan_that_was_judged(little: LittleWorld) -> None:
    shared(little)
    result = little.house.begin("account", "sync")
    little.house.refresh(result)
    little.house.plan(result)
    with pytest.raises(LedgerError, match="has not been judged"):
        little.house.apply(result)
    little.house.judge(result)
    little.edit("crm", little.only("crm").id, Phone="2")  # later than the plan
    before = len(little.written())
    little.house.apply(result)
    assert len(little.written()) == before
    with pytest.raises(LedgerError, match="applied already"):
        little.house.apply(result)


def test_what_changes_between_a_plan_and_its_application_is_neither_written_over_nor_forgotten(
    little: LittleWorld,
) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")
    result = little.house.begin("account", "sync")
    little.house.refresh(result)
    little.house.plan(result)
    little.house.judge(result)
    little.edit("shop", little.only("shop").id, Remark="new")
    little.house.crawl("shop", "Buyer")  # somebody else's run lands it meanwhile
    little.house.apply(result)
    assert little.only("erp").values["Phone"] == "1"
    little.settle()
    assert little.only("erp").values["Phone"] == "2"
    assert little.only("erp").values["Remark"] == "new"


def test_only_the_part_that_is_too_much_is_held_until_somebody_approves_it() -> None:
    little = LittleWorld(book=little_book(guards=Guards(at_least=2, creates=0.0)))
    account = little.create("crm", Name="Acme", Tax_Id="DE0", Status="Won")
    little.settle()
    for number in range(1, 5):
        little.create("crm", Name=f"Firm {number}", Tax_Id=f"DE{number}", Status="Won")
    little.edit("crm", account, Phone="2")
    (accounts, _) = little.run()
    assert accounts.state is RunState.INCOMPLETE
    assert little.rows("erp")[0].values["Phone"] == "2"
    assert len(little.rows("erp")) == 1
    now = little.world.clock.now()
    little.ledger.approve(Approval("olga", now, system="erp", op="create", up_to=4, until=now + timedelta(hours=1)))
    little.run()
    assert len(little.rows("erp")) == 5
    assert len(little.rows("shop")) == 1


def test_a_system_in_shadow_is_planned_for_and_not_written_to() -> None:
    little = LittleWorld(book=little_book(switches={"erp": WriteSwitch.OFF}))
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    (accounts, _) = little.run()
    assert little.rows("erp") == []
    assert [(part.system, part.passed) for part in accounts.parts] == [("erp", False), ("shop", True)]
    assert accounts.state is RunState.COMPLETE


# --- L11 order -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page_size", [1, 2, 50])
def test_the_size_of_pages_changes_nothing(page_size: int) -> None:
    def play(size: int) -> list[dict[str, Any]]:
        little = LittleWorld(page_size=size)
        for number in range(9):
            little.create("crm", Name=f"Firm {number}", Tax_Id=f"DE{number}", Status="Won")
        little.settle()
        for row in little.rows("erp"):
            little.edit("erp", row.id, Credit="7")
        little.settle()
        return sorted(
            ({k: v for k, v in r.values.items() if k not in ("Key", "Number")} for r in little.rows("crm")), key=str
        )

    assert play(page_size) == play(4)


# --- L13 undo --------------------------------------------------------------------------------------------------------


def test_a_run_is_taken_back_where_nobody_edited_since(little: LittleWorld) -> None:
    one = shared(little)
    two = little.create("crm", Name="Borg", Tax_Id="DE2", Status="Won", Phone="1")
    little.settle()
    for account in (one, two):
        little.edit("crm", account, Phone="2")
    (accounts, _) = little.run()
    assert [row.values["Phone"] for row in little.rows("erp")] == ["2", "2"]
    little.edit("erp", little.rows("erp")[1].id, Phone="7")
    undo = plan_undo(little.house, accounts.run)
    little.house.apply(undo)
    assert [row.values["Phone"] for row in little.rows("erp")] == ["1", "7"]
    assert [row.values["Phone"] for row in little.rows("shop")] == ["1", "1"]
    assert any("edited since: phone" in held.because for held in undo.held)
    little.settle()
    assert little.rows("erp")[0].values["Phone"] == "1"
    little.edit("crm", one, Phone="5")
    little.settle()
    assert little.rows("erp")[0].values["Phone"] == "5"


def test_a_run_that_was_taken_back_has_nothing_left_to_take_back(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")
    (accounts, _) = little.run()
    little.house.apply(plan_undo(little.house, accounts.run))
    assert plan_undo(little.house, accounts.run).changes == 0


def test_nothing_is_adopted_where_not_everything_could_be_read(little: LittleWorld) -> None:
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Open")
    little.world.faults.force(Fault.SERVER_ERROR, "erp.changes")
    with pytest.raises(LedgerError, match="nothing was adopted"):
        adopt(little.house, "account")
    assert little.ledger.entity_ids("account") == []


def test_a_verdict_can_be_taken_back_by_a_later_edit(little: LittleWorld) -> None:
    account = shared(little, Segment="gold")
    little.edit("erp", little.only("erp").id, Segment="iron")
    little.settle()
    little.answer(little.questions()[0], "agreed")
    little.settle()
    assert little.only("erp").values["Segment"] == "gold"
    little.edit("crm", account, Segment="tin")
    little.settle()
    assert little.only("erp").values["Segment"] == "tin"


# --- day one ---------------------------------------------------------------------------------------------------------


def test_adoption_overwrites_nothing_and_fills_blanks(little: LittleWorld) -> None:
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Open", Phone="1", Remark="warm")
    little.create("erp", Name="ACME Ltd", Tax_Id="DE1", Phone="2")
    report = adopt(little.house, "account")
    assert report.shared == 1
    assert report.fields["phone"].differ == 1
    assert report.fields["phone"].patterns == {"erp against crm: other signs of the same shape (9)": 1}
    adopt(little.house, "contact")
    little.settle()
    crm, erp = little.only("crm").values, little.only("erp").values
    assert (crm["Phone"], erp["Phone"], crm["Name"], erp["Name"]) == ("1", "2", "Acme", "ACME Ltd")
    assert erp["Remark"] == "warm"
    little.edit("crm", little.only("crm").id, Phone="3")
    little.settle()
    assert little.only("erp").values["Phone"] == "3"
