"""Everything together or not at all."""

from collections.abc import Generator
from contextlib import contextmanager, suppress

import pytest

from sync_pipelines.ledger.port import Ledger, LedgerError, TakenError
from tests.sync_pipelines.ledger.facts import (
    ACCOUNT,
    NOW,
    agreed,
    change,
    claim,
    coupling,
    crm,
    decided,
    head,
    held_back,
    question,
    run_record,
)


class Interrupted(Exception):  # noqa: N818 - what happens, not an error of anybody's
    """The process goes away in the middle."""


@contextmanager
def interrupted(ledger: Ledger) -> Generator[None]:
    """A transaction that is broken off at the end of the block."""
    with suppress(Interrupted), ledger.transaction():
        yield
        raise Interrupted


def write_a_bit_of_everything(ledger: Ledger) -> None:
    ledger.land([claim(crm("1"), name="new"), claim(crm("3"))])
    ledger.bury([crm("2")], NOW)
    ledger.uncouple(ACCOUNT, [crm("1")])
    ledger.couple([coupling(crm("3"), "a3")])
    ledger.agree([(crm("3"), ACCOUNT, "", agreed(name="3"))])
    ledger.index_keys(ACCOUNT, [(crm("1"), "", ["new"])])
    ledger.decide(ACCOUNT, {"a1": {"name": decided("new")}})
    ledger.settle(ACCOUNT, ["a1"])
    ledger.save_plan(head("p2"), [change("k2", "p2")])
    ledger.release([crm("1")], ACCOUNT)
    ledger.answer("q1", "crm", "ada", NOW)
    ledger.end_run("r1", NOW, "complete", "", {})


def attend_and_answer(ledger: Ledger) -> None:
    with ledger.transaction():
        ledger.attend(ACCOUNT, ["within"])
        ledger.answer("q9", "crm", "ada", NOW)


def all_of_it(ledger: Ledger) -> object:
    return (
        ledger.claims_at(ACCOUNT, [crm(number) for number in "123"]),
        ledger.couplings_of(ACCOUNT, ["a1", "a3"]),
        ledger.tombstones("crm", "Account"),
        ledger.find_keys(ACCOUNT, ["old", "new"]),
        ledger.golden_of(ACCOUNT, ["a1"]),
        ledger.history(ACCOUNT, "a1"),
        ledger.attended(ACCOUNT),
        (ledger.plans(), ledger.changes()),
        ledger.quarantined(),
        ledger.questions(open_only=False),
        ledger.runs(),
    )


@pytest.fixture
def before(ledger: Ledger) -> object:
    """A ledger with something in it."""
    return filled(ledger)


def filled(ledger: Ledger) -> object:
    ledger.land([claim(crm("1")), claim(crm("2"))])
    ledger.couple([coupling(crm("1"), "a1")])
    ledger.agree([(crm("1"), ACCOUNT, "", agreed(name="1"))])
    ledger.index_keys(ACCOUNT, [(crm("1"), "", ["old"])])
    ledger.decide(ACCOUNT, {"a1": {"name": decided("old")}})
    ledger.attend(ACCOUNT, ["a1"])
    ledger.save_plan(head("p1"), [change("k1")])
    ledger.quarantine([held_back(crm("1")), held_back(crm("2"))])
    ledger.ask([question("a1"), question("a2")])
    ledger.start_run(run_record("r1"))
    return all_of_it(ledger)


def test_an_interrupted_transaction_leaves_everything_as_it_was(ledger: Ledger, before: object) -> None:
    with interrupted(ledger):
        write_a_bit_of_everything(ledger)
        assert all_of_it(ledger) != before
    assert all_of_it(ledger) == before


def test_a_finished_transaction_keeps_what_was_done_in_it(ledger: Ledger, before: object) -> None:
    with ledger.transaction():
        write_a_bit_of_everything(ledger)
        within = all_of_it(ledger)
    assert all_of_it(ledger) == within != before


def test_order_survives_a_roll_back(ledger: Ledger, before: object) -> None:
    with interrupted(ledger):
        ledger.release([crm("1")], ACCOUNT)
        ledger.quarantine([held_back(crm("1"))])
    assert [entry.ref for entry in ledger.quarantined()] == [crm("1"), crm("2")]
    assert all_of_it(ledger) == before


def test_an_inner_transaction_is_kept_or_lost_with_the_outer_one(ledger: Ledger) -> None:
    with interrupted(ledger), ledger.transaction():
        ledger.attend(ACCOUNT, ["a"])
    with ledger.transaction(), ledger.transaction():
        ledger.attend(ACCOUNT, ["b"])
    assert ledger.attended(ACCOUNT) == ["b"]


def test_a_refused_call_changes_nothing_and_the_transaction_goes_on(ledger: Ledger) -> None:
    ledger.couple([coupling(crm("1"), "a1")])
    with ledger.transaction():
        ledger.attend(ACCOUNT, ["before"])
        with pytest.raises(TakenError):
            ledger.couple([coupling(crm("3"), "a3"), coupling(crm("2"), "a1")])
        with pytest.raises(LedgerError, match="q9 is unknown"):
            attend_and_answer(ledger)
        ledger.attend(ACCOUNT, ["after"])
    assert ledger.attended(ACCOUNT) == ["after", "before"]
    assert ledger.entity_ids(ACCOUNT) == ["a1"]


def test_a_key_that_is_taken_in_the_database_is_refused_and_the_transaction_goes_on(ledger: Ledger) -> None:
    ledger.save_plan(head("p1"), [change("k1")])
    with ledger.transaction():
        with pytest.raises(TakenError):
            ledger.save_plan(head("p2"), [change("k2", "p2"), change("k1", "p2")])
        ledger.attend(ACCOUNT, ["after"])
    assert ledger.attended(ACCOUNT) == ["after"]
    assert [plan.state for plan in ledger.plans()] == ["planned"]


def test_after_a_lost_transaction_the_ledger_goes_on(ledger: Ledger) -> None:
    for _ in range(3):
        with interrupted(ledger):
            ledger.attend(ACCOUNT, ["lost"])
    ledger.attend(ACCOUNT, ["kept"])
    assert ledger.attended(ACCOUNT) == ["kept"]
