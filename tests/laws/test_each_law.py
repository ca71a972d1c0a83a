"""Each law in one small story, so that a broken one says its own name."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Record, RecordRef, Watermark
from connectors.testing.faults import Fault
from mappings.book import Calendar, Guards, WriteSwitch
from sync_pipelines.flow.adopting import adopt
from sync_pipelines.flow.undoing import plan_undo
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import Approval, RunState, State
from sync_pipelines.model.questions import About
from tests.laws.checkers import check_all
from tests.laws.little_book import CODES, code_table, little_book
from tests.laws.little_world import LittleWorld


@pytest.fixture
def little() -> LittleWorld:
    return LittleWorld()


def shared(little: LittleWorld, **values: Any) -> str:
    """An account that exists everywhere and is at rest; answers its id in the CRM."""
    base: dict[str, Any] = {
        "Name": "Acme",
        "Tax_Id": "DE1",
        "Status": "Won",
        "Phone": "1",
        "Street": "S",
        "City": "C",
    }
    account = little.create("crm", **base, **values)
    little.settle()
    return account


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


def test_an_edit_between_our_look_and_our_write_is_not_overwritten(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")

    def somebody_is_faster(name: str) -> None:
        if name == "before-intent":
            little.checkpoint = lambda _: None
            for system in ("erp", "shop"):
                little.edit(system, little.only(system).id, Phone="9")

    little.checkpoint = somebody_is_faster
    little.run()
    assert little.only("erp").values["Phone"] == "9"  # it has conditional writes
    little.checkpoint = lambda _: None
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


# --- L4 once ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.GATEWAY_AFTER])
def test_a_create_whose_answer_is_lost_is_made_once(little: LittleWorld, fault: Fault) -> None:
    little.world.faults.force(fault, "erp.create")
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    little.run()
    little.settle()
    assert len(little.rows("erp")) == 1
    check_all(little)


@pytest.mark.parametrize(
    "point", ["before-intent", "after-intent", "after-call", "after-outcome", "in-recovery", "after-reread"]
)
def test_a_process_that_dies_anywhere_doubles_nothing(little: LittleWorld, point: str) -> None:
    account = shared(little)
    little.create("crm", Name="Borg", Tax_Id="DE2", Status="Won")
    little.edit("crm", account, Phone="2")
    if point == "in-recovery":
        little.world.faults.force(Fault.LOST_AFTER, "erp.create")
        little.run()

    def die(name: str) -> None:
        if name == point:
            little.checkpoint = lambda _: None
            raise KeyboardInterrupt

    little.checkpoint = die
    with pytest.raises(KeyboardInterrupt):
        little.run()
    little.world.clock.advance(timedelta(minutes=11))
    little.engine()
    little.settle()
    assert len(little.rows("erp")) == len(little.rows("shop")) == 2
    assert little.row("crm", account).values["Phone"] == "2"
    check_all(little)


def test_an_uncertain_create_is_a_question_where_it_cannot_be_looked_up(little: LittleWorld) -> None:
    erp = little.connectors["erp"]
    kinds = dict(erp.kinds)
    kinds["Customer"] = replace(kinds["Customer"], keyed=False, unique_key=False)
    erp._kinds = kinds  # type: ignore[attr-defined]
    little.world.faults.force(Fault.LOST_AFTER, "erp.create")
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    for _ in range(4):
        little.run()
        little.world.clock.advance(timedelta(hours=1))
    (question,) = [q for q in little.questions() if q.about is About.CREATE]
    assert len(little.rows("erp")) == 1
    little.answer(question, f"made:{little.only('erp').id}")
    little.settle()
    assert len(little.rows("erp")) == 1


# --- L5 silence, null, zero ------------------------------------------------------------------------------------------


def test_a_decider_that_empties_a_field_empties_it_everywhere(little: LittleWorld) -> None:
    shared(little)
    little.edit("erp", little.only("erp").id, Credit="5")
    little.settle()
    little.edit("erp", little.only("erp").id, Credit=None)
    little.settle()
    assert little.only("crm").values["Credit"] is None


def test_a_blank_does_not_erase_where_the_book_says_keep(little: LittleWorld) -> None:
    shared(little)
    little.edit("erp", little.only("erp").id, Tax_Id=None)
    little.settle()
    assert {little.only(system).values["Tax_Id"] for system in ("crm", "erp", "shop")} == {"DE1"}


def test_a_blank_of_a_record_that_was_just_coupled_does_not_beat_a_value(little: LittleWorld) -> None:
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Open", Street="Fresh", City="Bonn")
    little.settle()
    little.create("erp", Name="Acme", Tax_Id="DE1")
    little.settle()
    assert little.only("crm").values["Street"] == little.only("erp").values["Street"] == "Fresh"


def test_a_field_that_is_hidden_is_silent_and_empties_nothing(little: LittleWorld) -> None:
    shared(little)
    table = little.world.systems["erp"].tables["Customer"]
    table.spec = table.spec.with_fields(replace(table.spec.fields["Phone"], visible=False))
    little.settle()
    assert little.only("crm").values["Phone"] == "1"


# --- L6 absence is not deletion --------------------------------------------------------------------------------------


def test_a_record_that_a_listing_leaves_out_is_not_gone(little: LittleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    shared(little)
    monkeypatch.setattr(little.connectors["erp"], "keys", lambda _: iter(()))  # a permission was lost: an empty list
    before = len(little.written())
    little.run(full=True)
    little.run()
    assert len(little.written()) == before
    assert not little.questions()


def test_a_record_that_its_decider_archives_is_archived_elsewhere_and_not_made_again(little: LittleWorld) -> None:
    account = shared(little)
    little.world.systems["erp"].archive("Customer", little.only("erp").id, by="user:u")
    little.settle()
    assert little.row("crm", account).values["Active"] is False
    assert len(little.rows("erp")) == 1


def test_a_record_deleted_by_one_who_does_not_decide_is_a_question_and_is_not_made_again(little: LittleWorld) -> None:
    account = shared(little)
    little.world.systems["crm"].delete("Account", account, by="user:u")
    little.settle()
    assert little.rows("crm") == []
    assert [question.about for question in little.questions()] == [About.ARCHIVE]


# --- L7 isolation ----------------------------------------------------------------------------------------------------


def refuse(little: LittleWorld, system: str, name: str, **spec: Any) -> None:
    """An administrator makes a field of a system stricter."""
    (table,) = (table for kind, table in little.world.systems[system].tables.items() if kind != "Person")
    table.spec = table.spec.with_fields(replace(table.spec.fields[name], **spec))


def seven_firms(little: LittleWorld, phone: str) -> str:
    """Seven new firms, of which the fourth has a phone number of its own; answers its id."""
    made = [
        little.create("crm", Name=f"Firm {n}", Tax_Id=f"DE{n}", Status="Won", Phone=phone if n == 3 else "1")
        for n in range(7)
    ]
    return made[3]


def test_a_record_that_a_system_refuses_leaves_the_others_of_its_batch_alone(little: LittleWorld) -> None:
    bad = seven_firms(little, "2")
    refuse(little, "erp", "Phone", choices=("1",))
    (accounts, _) = little.run()
    assert len(little.rows("erp")) == 6
    assert accounts.state is RunState.WITH_REJECTS
    (waiting,) = little.ledger.quarantined(entity="account")
    assert waiting.reason == "rejected"
    little.settle()
    assert len(little.rows("erp")) == 6
    little.edit("crm", bad, Phone="1")
    little.settle()
    assert len(little.rows("erp")) == 7
    assert little.ledger.quarantined(entity="account") == []


def test_a_text_that_a_system_would_cut_is_not_sent_and_the_other_fields_are(little: LittleWorld) -> None:
    bad = seven_firms(little, "x" * 99)
    refuse(little, "erp", "Phone", length=20, cuts=True)
    (accounts, _) = little.run()
    assert [row.values["Phone"] for row in little.rows("erp")] == ["1", "1", "1", None, "1", "1", "1"]
    assert accounts.state is RunState.WITH_REJECTS
    assert little.ledger.quarantined(entity="account")[0].says == "99 characters are more than the 20 it keeps there"
    little.edit("crm", bad, Phone="1")
    little.settle()
    assert {row.values["Phone"] for row in little.rows("erp")} == {"1"}
    assert little.ledger.quarantined(entity="account") == []


def test_nothing_is_written_in_the_quiet_hours_of_a_system() -> None:
    book = little_book()
    quiet = replace(book.systems["erp"], calendar=Calendar("Europe/Berlin", ("08:00-10:00",)))
    little = LittleWorld(book=replace(book, systems={**book.systems, "erp": quiet}))
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    (accounts, _) = little.run()  # at nine in Berlin
    assert (little.rows("erp"), len(little.rows("shop"))) == ([], 1)
    assert accounts.state is RunState.INCOMPLETE
    little.world.clock.advance(timedelta(hours=2))
    little.settle()
    assert len(little.rows("erp")) == 1


def test_a_code_that_nobody_mapped_holds_its_record_until_somebody_maps_it(little: LittleWorld) -> None:
    account = shared(little)
    other = little.create("crm", Name="Borg", Tax_Id="DE2", Status="Won", Terms="N90")
    little.edit("crm", account, Phone="2")
    little.settle()
    assert little.row("crm", account).values["Phone"] == little.rows("erp")[0].values["Phone"] == "2"
    assert len(little.rows("erp")) == 1
    assert [(gap.table, gap.code) for gap in little.ledger.gaps()] == [("terms", "N90")]
    codes = {system: dict(table) for system, table in CODES.items()}
    codes["crm"]["N90"], codes["erp"]["90"] = "net90", "90d"
    codes["erp"] = {**CODES["erp"], "90": "net90"}
    codes["crm"]["N90"] = "net90"
    little.book = replace(little.book, tables={"terms": code_table(codes)})
    little.engine(little.book)
    little.settle()
    assert len(little.rows("erp")) == 2
    assert little.ledger.gaps() == []
    assert little.row("crm", other).values["Number"] == "K00002"


def test_a_system_that_is_down_leaves_the_others_alone(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")
    little.world.faults.force(Fault.SERVER_ERROR, "shop.changes")
    little.world.faults.force(Fault.SERVER_ERROR, "shop.update")
    (accounts, _) = little.run()
    assert accounts.state is RunState.INCOMPLETE
    assert little.only("erp").values["Phone"] == "2"
    little.settle()
    assert little.only("shop").values["Phone"] == "2"


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
    assert report.fields["phone"].patterns == {"erp: 9 ≠ 9": 1}
    adopt(little.house, "contact")
    little.settle()
    crm, erp = little.only("crm").values, little.only("erp").values
    assert (crm["Phone"], erp["Phone"], crm["Name"], erp["Name"]) == ("1", "2", "Acme", "ACME Ltd")
    assert erp["Remark"] == "warm"
    little.edit("crm", little.only("crm").id, Phone="3")
    little.settle()
    assert little.only("erp").values["Phone"] == "3"


# --- several more that the engine stands on --------------------------------------------------------------------------


def test_a_merge_inside_a_system_moves_the_coupling_and_makes_nothing(little: LittleWorld) -> None:
    account = shared(little)
    twin = little.create("crm", Name="Acme GmbH", Status="Open")
    little.world.clock.advance(1)
    little.world.systems["crm"].merge("Account", account, twin, by="user:u", values={"Phone": "5"})
    little.settle()
    assert len(little.rows("erp")) == len(little.rows("shop")) == 1
    assert little.only("erp").values["Phone"] == "5"


def test_an_old_page_does_not_bring_back_an_old_value(little: LittleWorld) -> None:
    account = shared(little)
    old = next(iter(little.connectors["crm"].read([RecordRef("crm", "Account", account)]).values()))
    little.edit("crm", account, Phone="2")
    little.settle()
    stale = Record(old.ref, old.payload, old.version, old.changed_at, old.changed_by)
    little.house.landing.land([stale], little.world.clock.now())
    little.settle()
    assert little.only("erp").values["Phone"] == "2"


def test_a_crawl_that_breaks_does_not_move_its_watermark(little: LittleWorld) -> None:
    shared(little)
    before = little.ledger.watermark("crm", "Account", "changes")
    for number in range(9):
        little.create("crm", Name=f"Firm {number}", Status="Open")
    little.world.faults.force(Fault.PAGE_ERROR, "crm.changes", nth=1)
    (accounts, _) = little.run()
    assert accounts.state is RunState.INCOMPLETE
    assert little.ledger.watermark("crm", "Account", "changes") == before
    little.settle()
    assert isinstance(little.ledger.watermark("crm", "Account", "changes"), Watermark)
    assert len(little.ledger.entity_ids("account")) == 10


def test_another_tenant_behind_the_same_name_halts_the_system(little: LittleWorld) -> None:
    account = shared(little)
    little.world.systems["erp"].tenant = "a clone"
    little.edit("crm", account, Phone="2")
    (accounts, _) = little.run()
    assert accounts.state is RunState.HALTED
    assert "another tenant" in " ".join(accounts.says)
    assert little.only("erp").values["Phone"] == "1"


def test_a_worker_whose_lease_was_taken_writes_nothing(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("crm", account, Phone="2")

    def falls_asleep(name: str) -> None:
        if name == "before-intent":
            little.checkpoint = lambda _: None
            now = little.world.clock.advance(timedelta(minutes=30))
            assert little.ledger.acquire("erp/Customer", "another", now, now + timedelta(minutes=5)) is not None

    little.checkpoint = falls_asleep
    (accounts, _) = little.run()
    assert little.only("erp").values["Phone"] == "1"
    assert accounts.state is RunState.INCOMPLETE
    assert not little.ledger.changes(entity="account", states=(State.INTENDED,))
