"""Golden records, history, standing words, attention."""

from dataclasses import replace

import pytest

from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.golden import Because, Decided, Golden, HandOver, Override
from tests.sync_pipelines.ledger.facts import ACCOUNT, NOW, at, coupling, crm, decided


def test_decided_values_merge_key_by_key(ledger: Ledger) -> None:
    first, second = decided("A"), decided(["B", {"c": None}], "r2", 5)
    ledger.decide(ACCOUNT, {"a1": {"name": first, "phone": first}})
    ledger.decide(ACCOUNT, {"a1": {"phone": second, "credit_limit@100": second}})
    fields = {"name": first, "phone": second, "credit_limit@100": second}
    assert ledger.golden_of(ACCOUNT, ["a2", "a1"]) == {"a1": Golden(ACCOUNT, "a1", fields)}
    assert ledger.golden_of("contact", ["a1"]) == {}


def test_removed_keys_are_taken_out_and_the_others_stay(ledger: Ledger) -> None:
    ledger.decide(ACCOUNT, {"a1": {"name": decided("A"), "phone": decided("1")}})
    ledger.decide(ACCOUNT, {}, {"a1": {"phone": decided(None), "never there": decided(None)}})
    assert list(ledger.golden_of(ACCOUNT, ["a1"])["a1"].fields) == ["name"]


def test_what_is_taken_out_leaves_a_step_that_says_who_and_why_and_what_was_before(ledger: Ledger) -> None:
    ledger.decide(ACCOUNT, {"a1": {"phone": decided("1")}})
    gone = Decided("of no account", Because.REMOVED, "steward:ada", run="r2", at=decided("1").at)
    ledger.decide(ACCOUNT, {}, {"a1": {"phone": gone, "never there": gone}})
    first, last = ledger.history(ACCOUNT, "a1")
    assert (first.new, last.old, last.had_old, last.new) == ("1", "1", True, None)
    assert (last.because, last.by, last.run) == (Because.REMOVED, "steward:ada", "r2")


def test_each_decision_is_a_step_that_knows_what_was_before(ledger: Ledger) -> None:
    ledger.decide(ACCOUNT, {"a1": {"name": decided(None), "phone": decided("1")}})
    ledger.decide(ACCOUNT, {"a2": {"name": decided("B", "r2", 1)}, "a1": {"name": decided("A", "r2", 1)}})
    steps = ledger.history(ACCOUNT, "a1", "name")
    assert [(step.old, step.new, step.had_old, step.run, step.at) for step in steps] == [
        (None, None, False, "r1", NOW),
        (None, "A", True, "r2", at(1)),
    ]
    assert [step.key for step in ledger.history(ACCOUNT, "a1")] == ["name", "phone", "name"]
    assert [(step.entity_id, step.because) for step in ledger.steps_of_run("r2")] == [
        ("a1", "changed"),
        ("a2", "changed"),
    ]


def test_a_value_without_its_moment_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="a1 name: a decided value says when"):
        ledger.decide(ACCOUNT, {"a1": {"phone": decided("1"), "name": replace(decided("A"), at=None)}})
    assert ledger.golden_of(ACCOUNT, ["a1"]) == {}


def test_hand_overs_come_oldest_first(ledger: Ledger) -> None:
    second = HandOver(ACCOUNT, "a1", "tax_id", "crm", "erp", "taken", "r2", at(9))
    first = HandOver(ACCOUNT, "a1", "name", "shop", "crm", "asked", "r1", None)
    ledger.hand_over([second])
    ledger.hand_over([first, replace(first, entity_id="a2")])
    assert ledger.hand_overs(ACCOUNT, "a1") == [second, first]


def test_a_standing_word_stands_until_it_is_replaced_or_revoked(ledger: Ledger) -> None:
    name, phone = Override("name", {"x": [1, True]}, "ada", NOW), Override("phone", None, "bob", None)
    ledger.override(ACCOUNT, "a1", phone)
    ledger.override(ACCOUNT, "a1", Override("name", "before", "ada", NOW))
    ledger.override(ACCOUNT, "a1", name)
    assert ledger.overrides_of(ACCOUNT, ["a1", "a2"]) == {"a1": [name, phone], "a2": []}
    ledger.revoke(ACCOUNT, "a1", "name")
    ledger.revoke(ACCOUNT, "a1", "never said")
    assert ledger.overrides_of(ACCOUNT, ["a1"]) == {"a1": [phone]}


def test_attention_is_paid_once_and_until_it_is_settled(ledger: Ledger) -> None:
    ledger.attend(ACCOUNT, ["b", "a", "b"])
    ledger.attend(ACCOUNT, ["a"])
    ledger.attend("contact", ["c"])
    assert ledger.attended(ACCOUNT) == ["a", "b"]
    ledger.settle(ACCOUNT, ["a", "c"])
    assert (ledger.attended(ACCOUNT), ledger.attended("contact")) == (["b"], ["c"])


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_those_that_wait_come_in_pages_each_once_and_in_order(ledger: Ledger, size: int) -> None:
    ledger.attend(ACCOUNT, ["e", "b", "d", "a", "c"])
    ledger.settle(ACCOUNT, ["c"])
    pages = list(ledger.attended_pages(ACCOUNT, size))
    assert [each for page in pages for each in page] == ["a", "b", "d", "e"]
    assert all(len(page) <= size for page in pages)
    assert list(ledger.attended_pages("contact", size)) == []


@pytest.mark.parametrize("size", [1, 2, 3])
def test_entities_come_in_pages_each_once_however_many_records_they_have(ledger: Ledger, size: int) -> None:
    ledger.couple([coupling(crm("1"), "b"), coupling(crm("2"), "a"), coupling(crm("3"), "c")])
    ledger.couple([replace(coupling(crm("4"), "b"), primary=False)])
    pages = list(ledger.entity_id_pages(ACCOUNT, size))
    assert [each for page in pages for each in page] == ["a", "b", "c"] == ledger.entity_ids(ACCOUNT)
    assert all(len(page) <= size for page in pages)
    assert (ledger.count_entities(ACCOUNT), ledger.count_entities("contact")) == (3, 0)


def test_a_mark_rises_with_each_attention_and_survives_settling(ledger: Ledger) -> None:
    ledger.attend(ACCOUNT, ["a", "b", "b"])
    ledger.attend(ACCOUNT, ["a"])
    ledger.settle(ACCOUNT, ["a", "never attended"])
    assert ledger.marks(ACCOUNT, ["a", "b", "c"]) == {"a": 2, "b": 1}
    ledger.attend(ACCOUNT, ["a"])
    assert (ledger.marks(ACCOUNT, ["a"]), ledger.attended(ACCOUNT)) == ({"a": 3}, ["a", "b"])


def test_whom_an_entity_refers_to_is_replaced_and_both_ways_are_found(ledger: Ledger) -> None:
    came = ledger.refer("contact", {"c1": [(ACCOUNT, "a1"), (ACCOUNT, "a2")], "c2": [(ACCOUNT, "a1")]})
    assert [(each.entity_id, each.told_id) for each in came] == [("c1", "a1"), ("c1", "a2"), ("c2", "a1")]
    assert ledger.referred_by(ACCOUNT, ["a1", "a2", "a3"]) == {
        "a1": frozenset({"contact"}),
        "a2": frozenset({"contact"}),
        "a3": frozenset(),
    }
    moved = ledger.refer("contact", {"c1": [(ACCOUNT, "a1"), (ACCOUNT, "a3")], "c2": []})
    assert [(each.entity_id, each.told_id) for each in moved] == [("c1", "a2"), ("c1", "a3"), ("c2", "a1")]
    assert ledger.referred_by(ACCOUNT, ["a1", "a2"]) == {"a1": frozenset({"contact"}), "a2": frozenset()}
    assert ledger.refer("contact", {"c1": [(ACCOUNT, "a3"), (ACCOUNT, "a1")]}) == []
    ledger.refer("order", {"o1": [(ACCOUNT, "a1")]})
    assert ledger.referred_by(ACCOUNT, ["a1"]) == {"a1": frozenset({"contact", "order"})}
    assert [(each.entity, each.entity_id, each.told_id) for each in ledger.referring(ACCOUNT, ["a1", "a3", "a9"])] == [
        ("contact", "c1", "a1"),
        ("contact", "c1", "a3"),
        ("order", "o1", "a1"),
    ]
    assert ledger.referring(ACCOUNT, []) == []
