"""Leases, runs, budgets, pins, suppression, alerts."""

from dataclasses import replace

import pytest

from sync_pipelines.ledger.port import LeaseLostError, Ledger, LedgerError, TakenError
from sync_pipelines.model.changes import RunState
from sync_pipelines.model.records import KeptAlert, Lease, OutgoingMessage, RunRecord
from tests.sync_pipelines.ledger.facts import ACCOUNT, NOW, at, run_record


def test_while_a_lease_stands_nobody_else_gets_it(ledger: Ledger) -> None:
    assert ledger.acquire("erp/party", "me", NOW, at(10)) == Lease("erp/party", "me", 1, at(10))
    assert ledger.acquire("erp/party", "another", at(9), at(20)) is None
    assert ledger.acquire("crm/Account", "another", at(9), at(20)) == Lease("crm/Account", "another", 1, at(20))


def test_an_expired_or_returned_lease_goes_on_with_a_higher_token(ledger: Ledger) -> None:
    ledger.acquire("x", "me", NOW, at(10))
    taken = ledger.acquire("x", "another", at(10), at(20))
    assert taken == Lease("x", "another", 2, at(20))
    ledger.release_lease(taken)
    assert ledger.acquire("x", "third", at(11), at(20)) == Lease("x", "third", 3, at(20))
    assert ledger.acquire("x", "third", at(12), at(30)) == Lease("x", "third", 4, at(30))


def test_renewing_keeps_the_token_and_is_refused_to_who_lost_it(ledger: Ledger) -> None:
    lease = ledger.acquire("x", "me", NOW, at(10))
    assert lease is not None
    renewed = ledger.renew(lease, at(5), at(15))
    assert renewed == replace(lease, until=at(15))
    assert ledger.acquire("x", "another", at(12), at(20)) is None
    with pytest.raises(LeaseLostError):
        ledger.renew(renewed, at(15), at(30))
    ledger.acquire("x", "another", at(15), at(20))
    with pytest.raises(LeaseLostError):
        ledger.renew(renewed, at(16), at(30))
    with pytest.raises(LeaseLostError):
        ledger.renew(replace(renewed, name="unknown"), at(16), at(30))


def test_giving_back_what_is_no_longer_ours_changes_nothing(ledger: Ledger) -> None:
    lease = ledger.acquire("x", "me", NOW, at(10))
    assert lease is not None
    ledger.acquire("x", "another", at(10), at(20))
    ledger.release_lease(lease)
    ledger.release_lease(replace(lease, name="unknown"))
    assert ledger.acquire("x", "third", at(11), at(20)) is None


def test_runs_come_newest_first_as_they_ended_or_stand(ledger: Ledger) -> None:
    for run in ("r2", "r1", "r3"):
        ledger.start_run(run_record(run))
    ledger.start_run(run_record("other", "contact"))
    ledger.end_run("r1", at(3), RunState.WITH_REJECTS, "2 refused", {"written": {"erp": 3}, "share": 0.5})
    assert [run.id for run in ledger.runs(limit=2)] == ["other", "r3"]
    ended = RunRecord(
        "r1", ACCOUNT, "sync", NOW, at(3), "complete_with_rejects", "2 refused", {"written": {"erp": 3}, "share": 0.5}
    )
    assert ledger.runs(ACCOUNT) == [run_record("r3"), ended, run_record("r2")]


def test_a_run_begins_once_and_only_then_ends(ledger: Ledger) -> None:
    ledger.start_run(run_record("r1"))
    with pytest.raises(TakenError):
        ledger.start_run(run_record("r1"))
    with pytest.raises(LedgerError, match="run r9 is not in the ledger"):
        ledger.end_run("r9", NOW, "complete", "", {})


def test_calls_add_up_by_system_and_day(ledger: Ledger) -> None:
    assert [ledger.spend("crm", "2026-03-01", calls) for calls in (3, 0, 4)] == [3, 3, 7]
    assert (ledger.spent("crm", "2026-03-01"), ledger.spent("crm", "2026-03-02")) == (7, 0)
    assert (ledger.spend("crm", "2026-03-02", 1), ledger.spend("erp", "2026-03-01", 2)) == (1, 2)


def test_a_pin_stays_unless_it_is_set_on_purpose(ledger: Ledger) -> None:
    assert ledger.get_pin("tenant:crm") == ""
    assert ledger.pin("tenant:crm", "00D1") == "00D1"
    assert ledger.pin("tenant:crm", "00D2") == "00D1"
    ledger.set_pin("tenant:crm", "00D3")
    assert ledger.get_pin("tenant:crm") == "00D3"


def test_the_suppressed_are_known_by_their_digest(ledger: Ledger) -> None:
    ledger.suppress(["d1", "d2"], NOW)
    ledger.suppress(["d1"], at(1))
    assert ledger.suppressed(["d1", "d3"]) == {"d1"}
    assert ledger.suppressed([]) == frozenset()


def test_alerts_that_are_not_over_are_known_and_a_message_is_put_out_once(ledger: Ledger) -> None:
    down, late = KeptAlert("down:crm", NOW, open=True, facts={"says": "x"}), KeptAlert("late:account", NOW, open=True)
    message = OutgoingMessage("m1", "down:crm", "pager", NOW, {"word": "new"})
    ledger.keep_alerts([down, late], [message, replace(message, id="m2", channel="mail")])
    ledger.keep_alerts([replace(late, open=False)], [replace(message, made_at=at(5))])
    assert ledger.open_alerts() == [down]
    assert [(each.id, each.made_at) for each in ledger.outgoing()] == [("m1", NOW), ("m2", NOW)]


def test_a_message_waits_until_somebody_takes_it(ledger: Ledger) -> None:
    message = OutgoingMessage("m1", "down:crm", "pager", NOW)
    ledger.keep_alerts([], [message])
    ledger.sent(message, None)
    (again,) = ledger.outgoing()
    assert (again.tries, again.waiting) == (1, True)
    ledger.sent(again, at(1))
    assert ledger.outgoing() == []
    ledger.keep_alerts([], [message])
    assert ledger.outgoing() == [], "what was told is not told again"
