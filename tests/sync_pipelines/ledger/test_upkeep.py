"""What goes with time, and what never does."""

from collections.abc import Mapping
from dataclasses import replace

from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import State
from sync_pipelines.model.records import Delivery, KeptAlert, OutgoingMessage, Snapshot, Visit
from tests.sync_pipelines.ledger.facts import ACCOUNT, NOW, at, change, head, part, run_record

NOTHING = {"runs": 0, "plans": 0, "messages": 0, "alerts": 0, "snapshots": 0, "deliveries": 0, "visits": 0}


def pruned(ledger: Ledger, minutes: int = 60, keep: int = 0) -> Mapping[str, int]:
    return {name: count for name, count in ledger.prune(at(minutes), keep).items() if count}


def run(ledger: Ledger, name: str, minutes: int, entity: str = ACCOUNT) -> None:
    ledger.start_run(replace(run_record(name, entity), started_at=at(minutes)))
    ledger.end_run(name, at(minutes + 1), "complete", "", {})


def test_old_runs_go_and_the_newest_of_each_sort_stay(ledger: Ledger) -> None:
    for minutes in range(4):
        run(ledger, f"r{minutes}", minutes)
    run(ledger, "c0", 0, "contact")
    assert pruned(ledger, keep=2) == {"runs": 2}
    assert [each.id for each in ledger.runs()] == ["c0", "r3", "r2"]


def test_a_run_that_is_younger_or_has_not_ended_stays(ledger: Ledger) -> None:
    run(ledger, "young", 60)
    ledger.start_run(run_record("open"))
    assert pruned(ledger) == {}
    assert {each.id for each in ledger.runs()} == {"young", "open"}


def superseded(ledger: Ledger) -> None:
    ledger.save_plan(head("p1"), [change("k1"), change("k2")])
    ledger.judge("p1", [part("x")])
    ledger.save_plan(replace(head("p2"), made_at=at(90)), [change("k3", "p2")])


def test_a_plan_that_was_superseded_goes_with_all_its_parts(ledger: Ledger) -> None:
    superseded(ledger)
    assert pruned(ledger) == {"plans": 1}
    assert [each.id for each in ledger.plans()] == ["p2"]
    assert [each.key for each in ledger.changes()] == ["k3"]
    assert ledger.parts("p1") == []


def test_a_plan_of_which_anything_was_sent_stays_for_recovery_undo_and_why(ledger: Ledger) -> None:
    ledger.save_plan(head("p1"), [change("k1"), change("k2")])
    lease = ledger.acquire("erp/party", "me", NOW, at(10))
    assert lease is not None
    ledger.intend([replace(change("k1"), payload={"n": 1})], lease, NOW)
    ledger.save_plan(head("p2"), [])
    assert pruned(ledger) == {}
    assert {each.key: each.state for each in ledger.changes()} == {"k1": State.INTENDED, "k2": State.DROPPED}


def test_a_plan_that_waits_stays_however_old_it_is(ledger: Ledger) -> None:
    ledger.save_plan(head("p1"), [change("k1")])
    assert pruned(ledger) == {}


def test_a_message_that_was_taken_and_an_alert_that_is_over_go(ledger: Ledger) -> None:
    taken, waiting = (OutgoingMessage(name, "a", "mail", NOW) for name in ("taken", "waiting"))
    ledger.keep_alerts([KeptAlert("over", NOW, open=False), KeptAlert("open", NOW, open=True)], [taken, waiting])
    ledger.sent(taken, at(1))
    assert pruned(ledger) == {"messages": 1, "alerts": 1}
    assert [each.id for each in ledger.outgoing()] == ["waiting"]
    assert [each.alert for each in ledger.open_alerts()] == ["open"]


def test_the_newest_description_of_a_kind_stays_and_older_ones_go(ledger: Ledger) -> None:
    some = [Snapshot("erp", kind, at(minutes), "f", {"name": "x"}) for kind in "AB" for minutes in (0, 1, 2)]
    ledger.keep_snapshots([*some, Snapshot("erp", "A", at(70), "f")])
    assert pruned(ledger) == {"snapshots": 5}
    assert [each.taken_at for each in ledger.snapshots("erp", "A")] == [at(70)]
    assert ledger.snapshots("erp", "B") == [some[-1]]


def test_deliveries_go_with_time_also_those_that_nobody_read_for(ledger: Ledger) -> None:
    for name, minutes in (("old", 0), ("new", 70)):
        ledger.receive(Delivery("crm", name, at(minutes), body="e30="))
    assert pruned(ledger) == {"deliveries": 1}
    assert [each.id for each in ledger.deliveries()] == ["new"]


def test_a_visit_goes_once_it_is_over(ledger: Ledger) -> None:
    ledger.begin_visit(Visit("over", "ada", NOW, at(30)))
    ledger.begin_visit(Visit("lasts", "ada", NOW, at(90)))
    assert pruned(ledger) == {"visits": 1}
    assert (ledger.visit("over"), ledger.visit("lasts")) == (None, Visit("lasts", "ada", NOW, at(90)))


def test_descriptions_are_answered_newest_first(ledger: Ledger) -> None:
    ledger.keep_snapshots([Snapshot("erp", "A", at(minutes), str(minutes)) for minutes in (1, 3, 2)])
    assert [each.fingerprint for each in ledger.snapshots("erp", "A", 2)] == ["3", "2"]


def test_in_an_empty_ledger_nothing_goes(ledger: Ledger) -> None:
    assert ledger.prune(at(0), 20) == NOTHING
