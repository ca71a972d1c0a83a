"""Answers about who is who: not now, one of several, and taken back."""

from datetime import timedelta

import pytest

from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.early import Early, Stage
from sync_pipelines.model.questions import About, Question
from sync_pipelines.review.answering import held_until
from sync_pipelines.review.revoking import revoke
from tests.sync_pipelines.review.desk import NOW, ask, ref, say, stands

# --- not now, and never mind ------------------------------------------------------------------------------------------


def test_a_held_question_stays_open_and_nobody_is_reminded_of_it_for_two_weeks(ledger: MemoryLedger) -> None:
    question = ask(ledger, About.MATCH, "match:e2", other="e2")
    say(ledger, question, "hold")
    (held,) = ledger.questions()
    assert (held.id, held.open, held.answer, held.asked_at) == (question, True, "", NOW)
    assert held_until(held) == NOW + timedelta(days=14)
    assert [entry.did for entry in ledger.audit_trail()] == ["held a question"]
    say(ledger, question, "apart")
    assert ledger.questions() == []


def test_what_waits_for_accounting_may_be_called_another_one_and_be_made_at_once(ledger: MemoryLedger) -> None:
    stands(ledger, "crm", "e1")
    stands(ledger, "erp", "e2")
    question = ask(ledger, About.MATCH, "match:e2", other="e2")
    with pytest.raises(LedgerError, match="choose one of: link, apart"):
        say(ledger, question, "create")
    ledger.note_early("account", {"e1": [Early("erp", Stage.PROVISIONAL)]}, NOW)
    say(ledger, question, "create")
    assert ("e1", "e2") in ledger.apart("account", ["e1"])
    assert [(word.key, word.value) for word in ledger.overrides_of("account", ["e1"])["e1"]] == [
        ("_early@erp", "create")
    ]


def test_what_was_kept_apart_is_asked_again_when_that_is_revoked_and_may_be_one_after_all(ledger: MemoryLedger) -> None:
    stands(ledger, "crm", "e1")
    stands(ledger, "erp", "e2")
    question = ask(ledger, About.MATCH, "match:e2", other="e2", records={"crm/Account/1": {}, "erp/Customer/1": {}})
    say(ledger, question, "apart")
    ledger.keep_apart("account", [("e1", "e9")], "stella", NOW)
    asked = revoke(ledger, question, "bob", NOW)
    assert ledger.apart("account", ["e1", "e2"]) == {("e1", "e9"), ("e9", "e1")}
    (again,) = ledger.questions()
    assert (again.id, again.topic, again.answer) == (asked, "match:e2", "")
    assert again.evidence["before"] == "stella said apart, and it was revoked"
    assert [entry.did for entry in ledger.audit_trail(1)] == ["revoked apart of stella"]
    say(ledger, asked, "link")
    assert [c.ref.system for c in ledger.couplings_of("account", ["e2"])["e2"]] == ["crm", "erp"]


@pytest.mark.parametrize(
    ("about", "choice", "says"),
    [
        (About.MATCH, "", "has no answer that could be taken back"),
        (About.MATCH, "link", "was answered link: the two are one by now; see `concordat split`"),
        (About.VALUE, "agreed", "change that where it is decided, or take back the run"),
    ],
)
def test_what_cannot_be_revoked_says_what_to_do_instead(
    ledger: MemoryLedger, about: About, choice: str, says: str
) -> None:
    stands(ledger, "crm", "e1")
    stands(ledger, "erp", "e2")
    question = ask(ledger, about, "match:e2", other="e2", values={"agreed": "1"})
    if choice:
        say(ledger, question, choice)
    with pytest.raises(LedgerError, match=says):
        revoke(ledger, question, "bob", NOW)


def test_two_that_became_one_by_another_way_are_not_asked_about_again(ledger: MemoryLedger) -> None:
    stands(ledger, "crm", "e1")
    stands(ledger, "erp", "e2")
    question = ask(ledger, About.MATCH, "match:e2", other="e2")
    say(ledger, question, "apart")
    say(ledger, ask(ledger, About.JOIN, "join:e2", other="e2"), "link")
    with pytest.raises(LedgerError, match="is about one account by now"):
        revoke(ledger, question, "bob", NOW)


# --- which of several -------------------------------------------------------------------------------------------------


@pytest.fixture
def which(ledger: MemoryLedger) -> tuple[MemoryLedger, str]:
    """The ERP's record (e1) is the one of the CRM (e2), or that of the shop (e3), or both, or neither."""
    for system, entity_id in (("erp", "e1"), ("crm", "e2"), ("shop", "e3")):
        stands(ledger, system, entity_id)
    choices = dict.fromkeys(("crm", "shop", "join", "apart"), "")
    evidence = {
        "other": "e2",
        "others": {"crm": "e2", "shop": "e3"},
        "records": {str(ref(system)): {} for system in ("erp", "crm", "shop")},
    }
    told = Question("account", "e1", "match:e2+e3", About.MATCH, "sally", "?", choices, evidence, asked_at=NOW)
    return ledger, ledger.ask([told])[0]


@pytest.mark.parametrize(
    ("choice", "homes", "apart"),
    [
        ("crm", {"e2": ["crm", "erp"], "e3": ["shop"]}, [("e2", "e3")]),
        ("shop", {"e2": ["crm"], "e3": ["erp", "shop"]}, [("e2", "e3")]),
        ("join", {"e2": ["crm", "erp", "shop"]}, []),
        ("apart", {"e1": ["erp"], "e2": ["crm"], "e3": ["shop"]}, [("e1", "e2"), ("e1", "e3")]),
    ],
)
def test_a_record_that_may_be_one_of_several_becomes_what_the_person_says(
    which: tuple[MemoryLedger, str], choice: str, homes: dict[str, list[str]], apart: list[tuple[str, str]]
) -> None:
    ledger, question = which
    say(ledger, question, choice)
    couplings = ledger.couplings_of("account", ["e1", "e2", "e3"])
    assert {i: sorted(c.ref.system for c in some) for i, some in couplings.items() if some} == homes
    kept = ledger.apart("account", ["e1", "e2", "e3"])
    assert {pair for pair in kept if all(one in ("e1", "e2", "e3") for one in pair)} >= {*apart}
    assert (("e2", "e3") in kept) == (("e2", "e3") in apart)
    assert ledger.questions() == []


def test_of_several_that_become_one_meanwhile_there_is_one_left_to_ask_about(which: tuple[MemoryLedger, str]) -> None:
    ledger, _ = which
    say(ledger, ask(ledger, About.MATCH, "match:e2", "e3", other="e2"), "link")
    (question,) = ledger.questions()
    assert (question.entity_id, question.topic, question.others) == ("e1", "match:e2", ("e2",))
    assert set(question.choices) == {"link", "apart"}


def test_a_candidate_that_became_another_one_is_asked_about_by_its_new_name(which: tuple[MemoryLedger, str]) -> None:
    ledger, _ = which
    stands(ledger, "crm", "e4", "4")
    say(ledger, ask(ledger, About.MATCH, "match:e4", "e3", other="e4"), "link")
    (question,) = ledger.questions()
    assert (question.topic, question.evidence["others"]) == ("match:e2+e4", {"crm": "e2", "shop": "e4"})
    assert set(question.choices) == {"crm", "shop", "join", "apart"}


def test_an_older_sheet_may_say_link_where_the_question_says_join_by_now(ledger: MemoryLedger) -> None:
    stands(ledger, "crm", "e1")
    stands(ledger, "erp", "e2")
    say(ledger, ask(ledger, About.MATCH, "match:e2", other="e2"), "join")
    assert [c.ref.system for c in ledger.couplings_of("account", ["e2"])["e2"]] == ["crm", "erp"]


def test_of_several_it_is_not_guessed_whom_link_means(which: tuple[MemoryLedger, str]) -> None:
    ledger, question = which
    with pytest.raises(LedgerError, match="choose one of: crm, shop, join, apart"):
        say(ledger, question, "link")
