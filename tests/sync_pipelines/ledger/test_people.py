"""Questions, answers, and what is kept apart."""

from dataclasses import replace

import pytest

from sync_pipelines.ledger.port import Ledger, LedgerError
from tests.sync_pipelines.ledger.facts import ACCOUNT, NOW, at, question


def test_a_question_comes_back_as_it_was_asked(ledger: Ledger) -> None:
    ids = ledger.ask([question("a1"), replace(question("a2"), id="mine")])
    assert ids == ["q1", "mine"]
    assert ledger.question("q1") == replace(question("a1"), id="q1")
    assert ledger.question("q9") is None


def test_while_it_is_open_a_question_is_asked_once_and_brought_up_to_date(ledger: Ledger) -> None:
    (first,) = ledger.ask([question("a1")])
    later = replace(question("a1", asks="Still, which one?"), asked_at=at(60), evidence={"erp": 1}, id="another")
    assert ledger.ask([question("a2"), later, question("a1", "field:name"), later]) == ["q2", first, "q3", first]
    assert ledger.questions() == [
        replace(later, id=first, asked_at=NOW),
        replace(question("a2"), id="q2"),
        replace(question("a1", "field:name"), id="q3"),
    ]


def test_a_held_question_is_held_as_long_as_its_evidence_is_the_same(ledger: Ledger) -> None:
    held = {**question("a1").evidence, "held": {"by": "ada", "until": "2026-03-09"}}
    ledger.ask([question("a1")])
    ledger.ask([replace(question("a1"), evidence=held)])
    ledger.ask([question("a1")])
    assert ledger.questions()[0].evidence == held
    ledger.ask([replace(question("a1"), evidence={"erp": 7})])
    assert ledger.questions()[0].evidence == {"erp": 7}


def test_who_is_kept_apart_may_meet_again_and_others_stay_apart(ledger: Ledger) -> None:
    ledger.keep_apart(ACCOUNT, [("a1", "a2"), ("a1", "a3")], "ada", NOW)
    ledger.forget_apart(ACCOUNT, ["a1", "a2"])
    assert ledger.apart(ACCOUNT, ["a1"]) == {("a1", "a3"), ("a3", "a1")}


def test_an_answer_closes_and_the_same_doubt_may_come_again(ledger: Ledger) -> None:
    (first,) = ledger.ask([question("a1")])
    ledger.answer(first, "crm", "ada", at(5))
    assert ledger.questions() == []
    answered = replace(question("a1"), id=first, answer="crm", answered_by="ada", answered_at=at(5), open=False)
    assert ledger.questions(open_only=False) == [answered]
    assert ledger.ask([question("a1")]) == ["q2"]


def test_only_an_open_question_is_answered(ledger: Ledger) -> None:
    first, second = ledger.ask([question("a1"), question("a2")])
    ledger.answer(first, "crm", "ada", at(5))
    ledger.withdraw(ACCOUNT, [("a2", "field:phone")])
    with pytest.raises(LedgerError, match="question q1 is closed: ada said 'crm'"):
        ledger.answer(first, "erp", "bob", at(6))
    with pytest.raises(LedgerError, match="question q2 is closed: the doubt is gone by itself"):
        ledger.answer(second, "erp", "bob", at(6))
    with pytest.raises(LedgerError, match="question q9 is unknown: `concordat review list` shows"):
        ledger.answer("q9", "erp", "bob", at(6))


def test_withdrawn_are_closed_without_an_answer(ledger: Ledger) -> None:
    ledger.ask([question("a1"), question("a1", "field:name"), question("a2"), question("a1", entity="contact")])
    ledger.withdraw(ACCOUNT, [("a1", "field:phone"), ("a2", "never asked")])
    assert [each.id for each in ledger.questions()] == ["q2", "q3", "q4"]
    withdrawn = ledger.questions(open_only=False)[0]
    assert (withdrawn.open, withdrawn.answer) == (False, "")


def test_questions_are_found_by_entity_and_ids(ledger: Ledger) -> None:
    ledger.ask([question("a2"), question("a1"), question("a1", entity="contact"), question("a3")])
    assert [each.id for each in ledger.questions(entity=ACCOUNT)] == ["q1", "q2", "q4"]
    assert [each.id for each in ledger.questions(entity=ACCOUNT, entity_ids=["a1", "a2", "a9"])] == ["q1", "q2"]
    assert [each.id for each in ledger.questions(entity_ids=["a1"])] == ["q2", "q3"]


def test_pairs_are_kept_apart_both_ways_round(ledger: Ledger) -> None:
    ledger.keep_apart(ACCOUNT, [("b", "a"), ("a", "c"), ("x", "y")], "ada", NOW)
    ledger.keep_apart(ACCOUNT, [("a", "b")], "bob", at(1))
    assert ledger.apart(ACCOUNT, ["a", "z"]) == {("a", "b"), ("b", "a"), ("a", "c"), ("c", "a")}
    assert ledger.apart(ACCOUNT, ["c"]) == {("a", "c"), ("c", "a")}
    assert ledger.apart("contact", ["a"]) == frozenset()
