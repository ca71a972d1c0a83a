"""What an answer does, and which answers cannot be given."""

from typing import Any

import pytest

from connectors.contract import RecordRef
from mappings.values import Value
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import LedgerError, TakenError
from sync_pipelines.model.changes import Change, FieldChange, Op, State
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim, Stance
from sync_pipelines.model.golden import JOINED, Because, Decided
from sync_pipelines.model.questions import About
from sync_pipelines.model.records import Coupling, PlanHead
from sync_pipelines.review.answering import answer
from sync_pipelines.review.joined import now_called
from tests.sync_pipelines.flow.stints import stints_book
from tests.sync_pipelines.review.desk import NOW, ask, golden, ref, say, stands, value

# --- answers that cannot be given -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("about", "choice", "says"),
    [
        (About.VALUE, "nobody", "cannot be answered 'nobody'; choose one of: agreed, crm, shop"),
        (About.VALUE, "", "choose one of"),
        (About.VALUE, "crm:1", "choose one of"),
        (About.MATCH, "yes", "choose one of: link, apart"),
        (About.CREATE, "made", "say which record was made: made:<id in erp>"),
        (About.CREATE, "made:", "say which record was made"),
        (About.CREATE, "perhaps:7", "choose one of: made, not_made"),
    ],
)
def test_a_wrong_choice_says_which_there_are_and_changes_nothing(
    ledger: MemoryLedger, about: About, choice: str, says: str
) -> None:
    question = ask(ledger, about, "create:erp" if about is About.CREATE else "field:phone", values={}, other="e2")
    with pytest.raises(LedgerError, match=says):
        say(ledger, question, choice)
    assert ledger.questions()[0].open
    assert ledger.audit_trail() == []


def test_a_question_nobody_asked() -> None:
    with pytest.raises(LedgerError, match="there is no question q7"):
        say(MemoryLedger(), "q7", "keep")


def test_a_question_is_answered_once(ledger: MemoryLedger) -> None:
    question = ask(ledger, About.ARCHIVE, "archive", records={})
    say(ledger, question, "keep")
    with pytest.raises(LedgerError, match="was answered already: keep, by stella"):
        say(ledger, question, "archive")
    assert value(ledger, ARCHIVED) is None


def test_a_question_that_went_away_cannot_be_answered(ledger: MemoryLedger) -> None:
    question = ask(ledger, About.VALUE, "field:phone", values={"crm": "1"})
    ledger.withdraw("account", [("e1", "field:phone")])
    with pytest.raises(LedgerError, match="gone by itself"):
        say(ledger, question, "crm")


def test_an_answer_is_on_record_and_its_account_is_looked_at(ledger: MemoryLedger) -> None:
    say(ledger, ask(ledger, About.ARCHIVE, "archive", records={}), "keep")
    assert [(e.who, e.did, e.about) for e in ledger.audit_trail()] == [
        ("stella", "answered keep", "account/e1 archive")
    ]
    assert ledger.attended("account") == ["e1"]


# --- whose value stands -----------------------------------------------------------------------------------------------


@pytest.fixture
def contested(ledger: MemoryLedger) -> tuple[MemoryLedger, str]:
    """CRM says 2, shop says 3, agreed is 1."""
    golden(ledger, phone="1")
    for system, said in (("crm", "2"), ("shop", "3")):
        stands(ledger, system, "e1", says={"phone": said}, base={"phone": "1"})
    records = {"crm": str(ref("crm")), "shop": str(ref("shop"))}
    return ledger, ask(
        ledger, About.VALUE, "field:phone", values={"agreed": "1", "crm": "2", "shop": "3"}, records=records
    )


@pytest.mark.parametrize(("choice", "stands_now"), [("agreed", "1"), ("crm", "2"), ("shop", "3")])
def test_the_chosen_value_stands_by_the_person_s_word(
    contested: tuple[MemoryLedger, str], choice: str, stands_now: str
) -> None:
    ledger, question = contested
    say(ledger, question, choice)
    word = ledger.golden_of("account", ["e1"])["e1"].fields["phone"]
    assert (word.value, word.because, word.by) == (stands_now, Because.VERDICT, "steward:stella")
    assert (word.at, word.rule) == (NOW, f"question {question}")


def test_what_each_said_when_asked_is_acknowledged_and_only_later_edits_count(
    contested: tuple[MemoryLedger, str],
) -> None:
    ledger, question = contested
    ledger.land([Claim(ref("shop"), "account", {"phone": "4"})])  # edited again before the answer came
    say(ledger, question, "crm")
    stances = {c.system: c.stance("phone") for c in ledger.claims_at("account", [ref("crm"), ref("shop")])}
    assert stances == {"crm": Stance.REST, "shop": Stance.MOVED}


def test_an_answer_about_some_parts_leaves_the_others(ledger: MemoryLedger) -> None:
    golden(ledger, address={"street": "S", "country": "DE"})
    question = ask(ledger, About.PROPOSAL, "field:address", values={"agreed": None, "erp": {"street": "T"}}, records={})
    say(ledger, question, "erp")
    assert value(ledger, "address") == {"street": "T", "country": "DE"}


# --- are they one -----------------------------------------------------------------------------------------------------


def test_apart_is_kept_for_both_accounts_and_their_records(ledger: MemoryLedger) -> None:
    stands(ledger, "crm", "e1")
    stands(ledger, "erp", "e2")
    say(
        ledger,
        ask(ledger, About.MATCH, "match:e2", other="e2", records={"crm/Account/1": {}, "erp/Customer/1": {}}),
        "apart",
    )
    assert ("erp/Customer/1", "crm/Account/1") in ledger.apart("account", ["erp/Customer/1"])
    assert ("e1", "e2") in ledger.apart("account", ["e1"])
    assert ledger.attended("account") == ["e1", "e2"]


@pytest.mark.parametrize("about", [About.MATCH, About.JOIN])
def test_two_become_one_and_the_old_name_still_leads_there(ledger: MemoryLedger, about: About) -> None:
    stands(ledger, "crm", "e1", base={"phone": "1"})
    stands(ledger, "erp", "e2", base={"phone": "1"})
    say(ledger, ask(ledger, about, "match:e2", other="e2"), "link")
    couplings = ledger.couplings_of("account", ["e1", "e2"])
    assert (couplings["e1"], {c.ref.system: c.primary for c in couplings["e2"]}) == ([], {"crm": True, "erp": True})
    assert {c.because for c in couplings["e2"] if c.ref.system == "crm"} == {"steward:stella"}
    (moved,) = ledger.claims_at("account", [ref("crm")])
    assert moved.baseline == {}  # what it agreed to was another account's
    assert now_called(ledger, "account", ["e1", "e2"]) == {"e1": "e2", "e2": "e2"}
    assert value(ledger, JOINED) == "e2"


def test_a_second_record_of_a_system_becomes_a_twin(ledger: MemoryLedger) -> None:
    stands(ledger, "crm", "e1", "1")
    stands(ledger, "crm", "e2", "2")
    say(ledger, ask(ledger, About.MATCH, "match:e2", other="e2"), "link")
    assert {c.ref.id: c.primary for c in ledger.couplings_of("account", ["e2"])["e2"]} == {"1": False, "2": True}


def test_a_name_leads_on_through_all_that_were_joined(ledger: MemoryLedger) -> None:
    for number, entity_id in enumerate(("e1", "e2", "e3")):
        stands(ledger, "crm", entity_id, str(number))
    say(ledger, ask(ledger, About.MATCH, "match:e2", "e1", other="e2"), "link")
    say(ledger, ask(ledger, About.MATCH, "match:e3", "e2", other="e3"), "link")
    assert now_called(ledger, "account", ["e1", "e7"]) == {"e1": "e3", "e7": "e7"}


def test_doubts_about_the_one_that_is_no_more_are_put_to_the_one_that_stays(ledger: MemoryLedger) -> None:
    for number, entity_id in enumerate(("e1", "e2", "e3", "e4")):
        stands(ledger, "crm", entity_id, str(number))
    link = ask(ledger, About.MATCH, "match:e2", "e1", other="e2")
    ask(ledger, About.MATCH, "match:e3", "e1", other="e3")
    ask(ledger, About.MATCH, "match:e1", "e4", other="e1")
    ask(ledger, About.VALUE, "field:phone", "e1", values={})
    ask(ledger, About.MATCH, "match:e1", "e2", other="e1")  # the same doubt, asked the other way round
    say(ledger, link, "link")
    assert sorted((q.entity_id, q.topic) for q in ledger.questions()) == [("e2", "match:e3"), ("e4", "match:e2")]
    assert {"e2", "e3", "e4"} <= set(ledger.attended("account"))


def test_a_value_s_doubt_goes_with_the_one_that_is_no_more_and_is_decided_anew(ledger: MemoryLedger) -> None:
    stands(ledger, "crm", "e1")
    stands(ledger, "erp", "e2")
    link = ask(ledger, About.MATCH, "match:e2", other="e2")
    ask(ledger, About.VALUE, "field:phone", values={})
    say(ledger, link, "link")
    assert ledger.questions() == []


# --- whoever refers to them -------------------------------------------------------------------------------------------


def contact(ledger: MemoryLedger, name: str, account: str, *systems: str, **more: Any) -> None:
    for system in systems:
        here = RecordRef(system, "Person", name)
        ledger.land([Claim(here, "contact", {"name": name})])
        ledger.couple([Coupling(here, "contact", name)])
    because = more.get("because", Because.FIRST)
    ledger.decide("contact", {name: {"account": Decided(account, because, by="crm", at=NOW)}})


def test_who_refers_to_the_lost_one_is_looked_at_and_recognised_anew_where_it_stands_alone(
    ledger: MemoryLedger,
) -> None:
    stands(ledger, "crm", "e1")
    stands(ledger, "erp", "e2")
    contact(ledger, "alone", "e1", "crm")
    contact(ledger, "shared", "e1", "crm", "erp")
    contact(ledger, "judged", "e1", "crm", because=Because.VERDICT)
    contact(ledger, "staying", "e2", "erp")
    say(ledger, ask(ledger, About.MATCH, "match:e2", other="e2"), "link")
    assert [c.ref.id for c in ledger.uncoupled("contact")] == ["alone"]
    assert ledger.attended("contact") == ["alone", "judged", "shared"]


def test_who_names_the_lost_one_in_a_list_is_looked_at_and_keeps_its_own_identity(ledger: MemoryLedger) -> None:
    stands(ledger, "crm", "e1")
    stands(ledger, "erp", "e2")
    contact(ledger, "alone", "e2", "crm")
    stints: Value = [{"code": "1", "account": "e2"}, {"code": "2", "account": "e1"}]
    ledger.decide("contact", {"alone": {"stints": Decided(stints, Because.FIRST, by="crm", at=NOW)}})
    question = ask(ledger, About.MATCH, "match:e2", other="e2")
    answer(ledger, stints_book(), question, "link", "stella", NOW)
    assert (ledger.uncoupled("contact"), ledger.attended("contact")) == ([], ["alone"])


# --- was it made ------------------------------------------------------------------------------------------------------


@pytest.fixture
def uncertain(ledger: MemoryLedger) -> tuple[MemoryLedger, str]:
    """A create in the ERP whose answer was lost, and which cannot be looked up."""
    fields = {"name": FieldChange(None, "Acme")}
    change = Change("k1", "p", Op.CREATE, "erp", "Customer", "account", "e1", fields, create_key="e1")
    ledger.save_plan(PlanHead("p", "account", "r", "1", NOW), [change])
    lease = ledger.acquire("erp", "x", NOW, NOW.replace(hour=10))
    assert lease is not None
    ledger.intend([change], lease, NOW)
    return ledger, ask(ledger, About.CREATE, "create:erp", change="k1")


def test_it_was_made(uncertain: tuple[MemoryLedger, str]) -> None:
    ledger, question = uncertain
    say(ledger, question, "made:C-9")
    assert [c.ref.id for c in ledger.couplings_of("account", ["e1"])["e1"]] == ["C-9"]
    assert ledger.changes()[0].state is State.DONE
    assert ledger.dirty("erp", "Customer") == [ref("erp", "C-9")]


def test_it_was_not_made(uncertain: tuple[MemoryLedger, str]) -> None:
    ledger, question = uncertain
    say(ledger, question, "not_made")
    assert (ledger.changes()[0].state, ledger.couplings_of("account", ["e1"])["e1"]) == (State.DROPPED, [])


def test_a_record_that_is_somebody_else_s_was_not_made_for_this_one(uncertain: tuple[MemoryLedger, str]) -> None:
    ledger, question = uncertain
    stands(ledger, "erp", "e2", "C-9")
    with pytest.raises(TakenError, match="e2 already"):
        say(ledger, question, "made:C-9")
    assert ledger.changes()[0].state is State.INTENDED
    assert ledger.questions()[0].open


def test_what_was_made_for_one_that_is_no_more_belongs_to_the_one_that_stays(
    uncertain: tuple[MemoryLedger, str],
) -> None:
    ledger, question = uncertain
    golden(ledger, **{JOINED: "e2"})
    say(ledger, question, "made:C-9")
    assert [c.ref.id for c in ledger.couplings_of("account", ["e2"])["e2"]] == ["C-9"]


def test_an_answer_that_comes_after_the_outcome_was_found_changes_nothing(uncertain: tuple[MemoryLedger, str]) -> None:
    ledger, question = uncertain
    ledger.resolve([("k1", State.DONE, "found")])
    say(ledger, question, "made:C-9")
    assert ledger.couplings_of("account", ["e1"])["e1"] == []


# --- what of an archive -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "out", "gone", "choice", "agreed", "now"),
    [
        (None, True, False, "keep", Agreed(sent=False, stored=True), None),
        (None, True, False, "archive", Agreed(sent=True, stored=True), True),
        (None, False, True, "keep", Agreed(sent=False, stored=True), None),
        (None, False, True, "archive", Agreed(sent=True, stored=True), True),
        (True, False, False, "keep", Agreed(sent=True, stored=False), True),  # taken back, and stays in use
        (True, False, False, "archive", Agreed(sent=False, stored=False), True),  # taken back, and follows again
    ],
)
def test_what_a_record_agrees_to(
    ledger: MemoryLedger, was: Value, choice: str, agreed: Agreed, now: Value, *, out: bool, gone: bool
) -> None:
    here = stands(ledger, "crm", "e1", says={ARCHIVED: out})
    if was is not None:
        golden(ledger, **{ARCHIVED: was})
    if gone:
        ledger.bury([here], NOW)
    say(ledger, ask(ledger, About.ARCHIVE, "archive", records={"crm": str(here)}), choice)
    assert ledger.claims_at("account", [here])[0].baseline[ARCHIVED] == agreed
    assert value(ledger, ARCHIVED) is now
