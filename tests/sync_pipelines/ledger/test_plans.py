"""Plans, verdicts, intents and outcomes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sync_pipelines.ledger.port import LeaseLostError, Ledger, LedgerError, TakenError
from sync_pipelines.model.changes import Approval, Change, State
from sync_pipelines.model.decisions import Agreement, EntityDecision
from sync_pipelines.model.golden import HandOver
from sync_pipelines.model.records import Lease
from tests.sync_pipelines.ledger.facts import (
    ACCOUNT,
    NOW,
    agreed,
    at,
    change,
    coupling,
    crm,
    decided,
    head,
    part,
    question,
)


def a_lease(ledger: Ledger, holder: str = "me") -> Lease:
    lease = ledger.acquire("erp/party", holder, NOW, at(10))
    assert lease is not None
    return lease


def states(ledger: Ledger) -> Mapping[str, State]:
    return {each.key: each.state for each in ledger.changes()}


def intend(ledger: Ledger, *keys: str) -> None:
    ledger.intend([replace(change(key), payload={"n": 1}) for key in keys], a_lease(ledger), NOW)


def test_a_plan_comes_back_as_it_went_in(ledger: Ledger) -> None:
    ledger.save_plan(head("p1"), [change("k2"), change("k1")])
    assert ledger.plan("p1") == head("p1")
    assert ledger.plan("p2") is None
    assert ledger.changes(plan="p1") == [change("k2"), change("k1")]


def test_a_plan_keeps_all_it_decided(ledger: Ledger) -> None:
    decision = EntityDecision(
        "a1",
        couplings=(coupling(crm("1"), "a1"),),
        golden={"name": decided("A")},
        agreements=(Agreement(crm("1"), "100", agreed(name=None), accepted=True),),
        hand_overs=(HandOver(ACCOUNT, "a1", "name", "crm", "erp", "taken", "r1", NOW),),
        questions=(question("a1"),),
        withdrawn=("field:phone",),
        settled=False,
    )
    ledger.save_plan(head("p1"), [], [EntityDecision("a2"), decision])
    assert ledger.decisions("p1") == [decision, EntityDecision("a2")]
    ledger.save_plan(head("p2"), [])
    assert ledger.decisions("p1") == []


def test_a_plan_is_kept_in_parts_and_is_one_with_the_last(ledger: Ledger) -> None:
    ledger.draft_plan(head("p1"), [change("k2")], [EntityDecision("a2")])
    ledger.draft_plan(head("p1"), [], [EntityDecision("a3")])
    drafted = ledger.plan("p1")
    assert drafted is not None
    assert drafted.state == "drafting"
    ledger.save_plan(head("p1"), [change("k1")], [EntityDecision("a1")])
    assert ledger.plans() == [head("p1")]
    assert ledger.changes(plan="p1") == [change("k2"), change("k1")]
    assert [each.entity_id for each in ledger.decisions("p1")] == ["a1", "a2", "a3"]


def test_a_plan_that_was_cut_off_is_replaced_and_takes_no_further_part(ledger: Ledger) -> None:
    ledger.draft_plan(head("p1"), [change("k1")], [EntityDecision("a1")])
    ledger.save_plan(head("p2"), [change("k2", "p2")])
    assert states(ledger) == {"k1": State.DROPPED, "k2": State.PLANNED}
    assert ledger.decisions("p1") == []
    for more in (ledger.draft_plan, ledger.save_plan):
        with pytest.raises(TakenError, match="p1 of account is superseded already"):
            more(head("p1"), [change("k3")], [])
    assert "k3" not in states(ledger)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_plan_is_read_in_pages(ledger: Ledger, size: int) -> None:
    keys, ids = ["k3", "k1", "k2"], ["a1", "a2", "a3"]
    ledger.save_plan(head("p1"), [change(key) for key in keys], [EntityDecision(each) for each in ids])
    ledger.save_plan(head("p2", entity="contact"), [change("other", "p2")], [EntityDecision("a2")])
    changes, decisions = list(ledger.change_pages("p1", size)), list(ledger.decision_pages("p1", size))
    assert [each.key for page in changes for each in page] == keys
    assert [each.entity_id for page in decisions for each in page] == ids
    assert max(len(page) for page in [*changes, *decisions]) == min(size, 3)
    assert not [*ledger.change_pages("none", size), *ledger.decision_pages("none", size)]


def test_a_newer_plan_supersedes_those_that_were_never_applied(ledger: Ledger) -> None:
    ledger.save_plan(head("p1"), [change("k1")])
    ledger.close_plan("p1", "applied")
    ledger.save_plan(head("p2"), [change("k2", "p2"), change("k3", "p2")])
    ledger.judge("p2", [part("x")])
    ledger.save_plan(head("other", entity="contact"), [change("k4", "other")])
    intend(ledger, "k2")
    ledger.save_plan(head("p3"), [change("k5", "p3")])
    assert {plan.id: plan.state for plan in ledger.plans()} == {
        "p1": "applied",
        "p2": "superseded",
        "p3": "planned",
        "other": "planned",
    }
    assert states(ledger) == {
        "k1": State.PLANNED,
        "k2": State.INTENDED,
        "k3": State.DROPPED,
        "k4": State.PLANNED,
        "k5": State.PLANNED,
    }


def test_plans_come_newest_first_and_cut(ledger: Ledger) -> None:
    for plan in ("p2", "p1", "p3"):
        ledger.save_plan(head(plan), [])
    ledger.save_plan(head("contacts", entity="contact"), [])
    assert [plan.id for plan in ledger.plans(limit=3)] == ["contacts", "p3", "p1"]
    assert [plan.id for plan in ledger.plans(ACCOUNT, limit=2)] == ["p3", "p1"]


def test_a_plan_and_a_key_are_saved_once(ledger: Ledger) -> None:
    ledger.save_plan(head("p1"), [change("k1")])
    with pytest.raises(TakenError):
        ledger.save_plan(head("p1"), [])
    with pytest.raises(TakenError):
        ledger.save_plan(head("p2"), [change("k9", "p2"), change("k1", "p2")])
    with pytest.raises(LedgerError, match="change k3 is of plan 'p1', not of p3"):
        ledger.save_plan(head("p3"), [change("k3", "p1")])
    assert [(plan.id, plan.state) for plan in ledger.plans()] == [("p1", "planned")]
    assert states(ledger) == {"k1": State.PLANNED}


def test_a_verdict_marks_the_plan_and_replaces_an_older_one(ledger: Ledger) -> None:
    ledger.save_plan(head("p1"), [])
    assert ledger.parts("p1") == []
    ledger.judge("p1", [part("x"), part("b")])
    ledger.judge("p1", [part("b", passed=False), part("a")])
    assert ledger.parts("p1") == [part("b", passed=False), part("a")]
    assert ledger.plan("p1") == replace(head("p1"), judged=True, state="judged")


@pytest.mark.parametrize("act", ["judge", "close"])
def test_an_unknown_plan_is_neither_judged_nor_closed(ledger: Ledger, act: str) -> None:
    with pytest.raises(LedgerError, match="plan p9 is not in the ledger"):
        ledger.judge("p9", [part("x")]) if act == "judge" else ledger.close_plan("p9", "applied")
    assert ledger.parts("p9") == []


def test_approvals_come_newest_first(ledger: Ledger) -> None:
    one = Approval("ada", NOW, part="x")
    bound = Approval("bob", at(1), system="erp", entity=ACCOUNT, op="archive", up_to=300, until=at(600))
    ledger.approve(one)
    ledger.approve(bound)
    assert ledger.approvals() == [bound, one]


def test_closing_a_plan_as_superseded_drops_what_was_not_sent(ledger: Ledger) -> None:
    ledger.save_plan(head("p1"), [change("k1")])
    ledger.close_plan("p1", "superseded")
    assert states(ledger) == {"k1": State.DROPPED}


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ({}, ["k3", "k1", "k2", "k4"]),
        ({"plan": "p1"}, ["k3", "k1", "k2"]),
        ({"entity": ACCOUNT, "entity_id": "a1"}, ["k3", "k4"]),
        ({"system": "shop"}, ["k2"]),
        ({"run": "r7"}, ["k1"]),
        ({"states": (State.DROPPED, State.INTENDED)}, ["k1"]),
        ({"plan": "p1", "states": (State.PLANNED,), "system": "erp"}, ["k3"]),
        ({"plan": "p1", "entity_id": "a9"}, []),
    ],
)
def test_changes_are_found_by_what_is_given_in_the_order_they_were_planned(
    ledger: Ledger, asked: Mapping[str, Any], keys: list[str]
) -> None:
    several = [change("k3"), change("k1", entity_id="a2", run="r7"), change("k2", entity_id="a3", system="shop")]
    ledger.save_plan(head("p1"), several)
    ledger.save_plan(head("p2", entity="contact"), [change("k4", "p2")])
    ledger.resolve([("k1", State.DROPPED, "stale")])
    assert [each.key for each in ledger.changes(**asked)] == keys


def test_an_intent_freezes_the_payload_and_keeps_what_was_judged(ledger: Ledger) -> None:
    ledger.save_plan(head("p1"), [change("k1"), change("k2")])
    frozen = replace(change("k1"), payload={"Name": "new"}, version="v2", run="r2", create_key="ck")
    ledger.intend([replace(frozen, fields={}, record_id="another", system="shop")], a_lease(ledger), at(1))
    assert ledger.changes(states=[State.INTENDED]) == [replace(frozen, state=State.INTENDED, sent_at=at(1))]
    assert states(ledger)["k2"] is State.PLANNED


@pytest.mark.parametrize("how", ["taken by another", "expired", "given back", "never had"])
def test_an_intent_without_the_lease_keeps_nothing(ledger: Ledger, how: str) -> None:
    ledger.save_plan(head("p1"), [change("k1")])
    lease = a_lease(ledger)
    now = at(20) if how == "expired" else at(1)
    if how == "taken by another":
        assert ledger.acquire(lease.name, "another", at(11), at(30)) is not None
    elif how == "given back":
        ledger.release_lease(lease)
    elif how == "never had":
        lease = replace(lease, name="erp/other")
    with pytest.raises(LeaseLostError, match=r"me no longer has the right to write \(token 1\)"):
        ledger.intend([replace(change("k1"), payload={"n": 1})], lease, now)
    assert ledger.changes() == [change("k1")]


def test_a_zombie_whose_lease_was_taken_and_given_back_is_refused(ledger: Ledger) -> None:
    ledger.save_plan(head("p1"), [change("k1")])
    old = a_lease(ledger)
    ledger.release_lease(old)
    again = a_lease(ledger)
    assert again.token > old.token
    with pytest.raises(LeaseLostError):
        ledger.intend([change("k1")], old, at(1))
    ledger.intend([change("k1")], again, at(1))


@pytest.mark.parametrize("state", [State.DONE, State.DROPPED, State.QUARANTINED, State.UNCERTAIN, State.INTENDED])
def test_only_what_is_planned_is_intended(ledger: Ledger, state: State) -> None:
    ledger.save_plan(head("p1"), [change("k1"), change("k2")])
    intend(ledger, "k1")
    if state is not State.INTENDED:
        ledger.resolve([("k1", state, "so it went")])
    with pytest.raises(LedgerError, match=f"change k1 is {state}: it cannot become intended"):
        intend(ledger, "k2", "k1")
    assert states(ledger) == {"k1": state, "k2": State.PLANNED}


def test_a_change_of_no_plan_is_neither_intended_nor_resolved(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="change k9 is in no plan of the ledger"):
        intend(ledger, "k9")
    with pytest.raises(LedgerError, match="change k9 is in no plan of the ledger"):
        ledger.resolve([("k9", State.DONE, "")])


def test_outcomes_keep_their_reason(ledger: Ledger) -> None:
    ledger.save_plan(head("p1"), [change("k1"), change("k2"), change("k3")])
    intend(ledger, "k1", "k2")
    ledger.resolve([("k1", State.DONE, ""), ("k2", State.UNCERTAIN, "no answer"), ("k3", State.DROPPED, "stale")])
    ledger.resolve([("k2", State.QUARANTINED, "refused: name"), ("k1", State.DONE, "")])
    assert [(each.key, each.state, each.reason) for each in ledger.changes()] == [
        ("k1", State.DONE, ""),
        ("k2", State.QUARANTINED, "refused: name"),
        ("k3", State.DROPPED, "stale"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (State.PLANNED, State.DONE),
        (State.PLANNED, State.UNCERTAIN),
        (State.DONE, State.DROPPED),
        (State.DROPPED, State.DONE),
        (State.QUARANTINED, State.UNCERTAIN),
    ],
)
def test_a_change_lives_forwards_only(ledger: Ledger, before: State, after: State) -> None:
    ledger.save_plan(head("p1"), [change("k1"), change("k2")])
    if before is not State.PLANNED:
        intend(ledger, "k1")
        ledger.resolve([("k1", before, "")])
    with pytest.raises(LedgerError, match=f"change k1 is {before}: it cannot become {after}"):
        ledger.resolve([("k2", State.DROPPED, ""), ("k1", after, "")])
    assert states(ledger) == {"k1": before, "k2": State.PLANNED}


def test_a_long_plan_keeps_its_order(ledger: Ledger) -> None:
    changes: list[Change] = [change(f"k{-number}") for number in range(3_000)]
    ledger.save_plan(head("p1"), changes)
    assert [each.key for each in ledger.changes(plan="p1")] == [each.key for each in changes]
