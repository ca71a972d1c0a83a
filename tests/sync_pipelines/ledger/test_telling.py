"""What a ledger tells of what was committed to it, and what it keeps to itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.contract import RecordRef
from monitoring.journal import Happened, Teller, What
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import LeaseLostError, Ledger
from sync_pipelines.ledger.telling import telling
from sync_pipelines.model.changes import Change, FieldChange, Op, State
from sync_pipelines.model.questions import About, Question
from sync_pipelines.model.records import Coupling, KeptAlert, OutgoingMessage, PlanHead, Quarantined, RunRecord
from tests.sync_pipelines.ledger.conftest import AT

LATER = AT + timedelta(minutes=10)
CHANGE = Change("k1", "p1", Op.CREATE, "erp", "Customer", "account", "e1", {"phone": FieldChange(None, "+49 30 555")})


class _Heard(list[Happened]):
    def what(self) -> list[What]:
        return [each.what for each in self]


@pytest.fixture
def heard() -> _Heard:
    return _Heard()


@pytest.fixture
def ledger(heard: _Heard) -> Ledger:
    return telling(MemoryLedger(b"key"), Teller(heard.append, lambda: AT), ("read",))


def _intended(ledger: Ledger) -> None:
    ledger.save_plan(PlanHead("p1", "account", "r1", "b", AT), [CHANGE])
    lease = ledger.acquire("erp/Customer", "we", AT, LATER)
    assert lease is not None
    ledger.intend([replace(CHANGE, run="r1", payload={"phone": "+49 30 555"})], lease, AT)


def _begin_and_break(ledger: Ledger, run: str, entity: str) -> None:
    with ledger.transaction():
        ledger.start_run(RunRecord(run, entity, "sync", AT))
        raise ZeroDivisionError


def test_what_is_taken_back_was_never_told(ledger: Ledger, heard: _Heard) -> None:
    with pytest.raises(ZeroDivisionError):
        _begin_and_break(ledger, "r1", "account")
    assert heard == []


def test_of_a_transaction_in_another_only_its_own_words_are_taken_back(ledger: Ledger, heard: _Heard) -> None:
    with ledger.transaction():
        ledger.start_run(RunRecord("r1", "account", "sync", AT))
        with pytest.raises(ZeroDivisionError):
            _begin_and_break(ledger, "r2", "contact")
        assert heard == [], "told before it was true"
    assert [(each.what, each.entity) for each in heard] == [(What.RUN_BEGUN, "account")]


def test_a_step_is_no_run(ledger: Ledger, heard: _Heard) -> None:
    ledger.start_run(RunRecord("r1.crm", "crm/Account", "read", AT))
    ledger.end_run("r1.crm", AT, "complete", "", {})
    assert heard == []


def test_a_write_is_told_with_the_record_that_it_made_and_without_what_it_says(ledger: Ledger, heard: _Heard) -> None:
    _intended(ledger)
    with ledger.transaction():
        ref = RecordRef("erp", "Customer", "C7")
        ledger.couple([Coupling(ref, "account", "e1", because="created")])
        ledger.resolve([("k1", State.DONE, "")])
    sent, done = heard[1:]
    assert (sent.what, sent.run, sent.entity_id, sent.kind, sent.record) == (
        What.WRITE_SENT, "r1", "e1", "Customer", "",
    )  # fmt: skip
    assert (done.what, done.key, done.record, done.op) == (What.WRITE_DONE, "k1", "erp/Customer/C7", "create")
    assert "+49" not in repr(heard)


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (State.UNCERTAIN, What.WRITE_UNCERTAIN),
        (State.QUARANTINED, What.WRITE_REFUSED),
        (State.DROPPED, What.WRITE_DROPPED),
    ],
)
def test_a_write_that_did_not_go_well_is_told_without_the_words_of_the_system(
    ledger: Ledger, heard: _Heard, state: State, what: What
) -> None:
    _intended(ledger)
    ledger.resolve([("k1", state, "Anna Example is no customer")])
    assert heard.what()[-1] is what
    assert "Anna" not in repr(heard)


def test_what_a_recovery_finds_is_told_though_another_process_sent_it(heard: _Heard) -> None:
    plain = MemoryLedger(b"key")
    _intended(telling(plain, Teller(lambda _: None, lambda: AT)))
    again = telling(plain, Teller(heard.append, lambda: AT))
    again.changes(entity="account", states=(State.INTENDED, State.UNCERTAIN))
    again.resolve([("k1", State.DONE, "found by recovery")])
    assert [(each.what, each.key, each.run) for each in heard] == [(What.WRITE_DONE, "k1", "r1")]


def test_a_change_that_was_never_sent_is_no_write(ledger: Ledger, heard: _Heard) -> None:
    ledger.save_plan(PlanHead("p1", "account", "r1", "b", AT), [CHANGE])
    ledger.resolve([("k1", State.DROPPED, "not sent in this run")])
    assert heard == []


def test_who_lost_the_right_to_write_is_told_at_once(ledger: Ledger, heard: _Heard) -> None:
    lease = ledger.acquire("erp/Customer", "we", AT, LATER)
    assert lease is not None
    assert ledger.acquire("erp/Customer", "they", AT, LATER) is None
    ledger.acquire("erp/Customer", "they", LATER, LATER + timedelta(minutes=10))
    with pytest.raises(LeaseLostError), ledger.transaction():
        ledger.renew(lease, LATER, LATER)
    with pytest.raises(LeaseLostError):
        ledger.intend([CHANGE], lease, LATER)
    assert heard.what() == [
        What.LEASE_TAKEN, What.LEASE_REFUSED, What.LEASE_TAKEN, What.LEASE_FENCED, What.LEASE_FENCED,
    ]  # fmt: skip
    assert [each.key for each in heard] == [
        "erp/Customer#1", "", "erp/Customer#2", "erp/Customer#1", "erp/Customer#1",
    ]  # fmt: skip


def test_a_lease_between_chores_is_nobodys_news(ledger: Ledger, heard: _Heard) -> None:
    ledger.acquire("alerts", "we", AT, LATER)
    assert heard == []


def test_a_question_is_told_once_and_neither_who_answers_nor_what(ledger: Ledger, heard: _Heard) -> None:
    asks = Question("account", "e1", "field:phone", About.VALUE, "sales", "+49 30 555 or 666?", {"crm": "+49 30 555"})
    (name,) = ledger.ask([asks])
    ledger.ask([asks])
    ledger.answer(name, "crm", "Anna Example", AT)
    assert [(each.what, each.key, each.reason) for each in heard] == [
        (What.QUESTION_ASKED, name, "value"), (What.QUESTION_ANSWERED, name, "value"),
    ]  # fmt: skip
    assert not {"Anna", "555"} & {word for word in ("Anna", "555") if word in repr(heard)}


def test_a_doubt_that_went_away_is_told_only_where_there_was_one(ledger: Ledger, heard: _Heard) -> None:
    ledger.ask([Question("account", "e1", "field:phone", About.VALUE, "sales", "?", {})])
    ledger.withdraw("account", [("e1", "field:phone"), ("e2", "field:phone")])
    ledger.withdraw("account", [("e1", "field:phone")])
    assert heard.what() == [What.QUESTION_ASKED, What.QUESTION_WITHDRAWN]


def test_what_cannot_go_on_is_told_by_reason_and_field_alone(ledger: Ledger, heard: _Heard) -> None:
    ref = RecordRef("erp", "Customer", "C7")
    ledger.quarantine([Quarantined(ref, "account", "rejected", "anna@firm.example is taken", "email", change="k1")])
    (told,) = heard
    assert (told.what, told.record, told.reason, told.field) == (
        What.RECORD_QUARANTINED, "erp/Customer/C7", "rejected", "email",
    )  # fmt: skip
    assert "anna" not in repr(told)


def test_an_alert_is_told_by_its_name_since_its_key_may_be_a_code(ledger: Ledger, heard: _Heard) -> None:
    facts = {"word": "begun", "alert": {"facts": {"system": "erp", "steward": "finance"}}}
    message = OutgoingMessage("m1", "unknown_code:erp/payment_terms/SECRET", "mail", AT, facts)
    ledger.keep_alerts([KeptAlert(message.alert, AT, open=True)], [message])
    ledger.sent(message, None)
    ledger.sent(message, AT)
    assert [(each.what, each.reason, each.system, each.channel, each.state) for each in heard] == [
        (What.ALERT_UNSENT, "unknown_code", "erp", "mail", "begun"),
        (What.ALERT_SENT, "unknown_code", "erp", "mail", "begun"),
    ]
    assert "SECRET" not in repr(heard)
