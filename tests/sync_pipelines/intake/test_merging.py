"""A now lives in B, by the system's own word."""

import pytest

from connectors.contract import Capabilities
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.claims import Agreed
from sync_pipelines.model.questions import About, Question
from sync_pipelines.model.records import Coupling
from tests.sync_pipelines.intake.rooms import record, ref
from tests.sync_pipelines.intake.told import Told, crawl, page

MERGES = Capabilities(states_merges=True)
RECORDS = {number: record({"name": f"n{number}"}, number) for number in ("1", "2", "3", "4")}


@pytest.fixture
def ledger() -> MemoryLedger:
    """Record 1 is account e1, and has agreed to its name."""
    kept = MemoryLedger()
    crawl(kept, Told(MERGES, [page(RECORDS["1"], safe=0)]))
    kept.couple([Coupling(ref("1"), "account", "e1")])
    kept.agree([(ref("1"), "account", "", {"name": Agreed("n1", "n1")})])
    return kept


def merge(ledger: MemoryLedger, *pairs: str, there: str = "234") -> Told:
    """`1>2`: 1 went into 2. What is there can be read."""
    told = Told(MERGES, [page(safe=5)], merges=[(p[0], p[2]) for p in pairs], there={n: RECORDS[n] for n in there})
    assert crawl(ledger, told).complete
    return told


def places(ledger: MemoryLedger, entity_id: str = "e1") -> dict[str, bool]:
    """record → whether it is the first one"""
    return {c.ref.id: c.primary for c in ledger.couplings_of("account", [entity_id])[entity_id]}


def test_a_winner_nobody_knew_is_read_and_takes_the_losers_place_and_baseline(ledger: MemoryLedger) -> None:
    merge(ledger, "1>2")
    assert places(ledger) == {"1": False, "2": True}
    (heir,) = ledger.claims_at("account", [ref("2")])
    assert (heir.values["name"], heir.baseline["name"]) == ("n2", Agreed("n1", "n1"))
    assert ledger.claims_at("account", [ref("1")])[0].gone
    assert ledger.attended("account") == ["e1"]


def test_a_winner_that_was_gone_before_anybody_read_it_gives_way_to_a_twin_that_lives(ledger: MemoryLedger) -> None:
    can = Capabilities(states_merges=True, states_deletes=True)
    crawl(ledger, Told(can, [page(RECORDS["3"], safe=1)]))
    ledger.couple([Coupling(ref("3"), "account", "e1", primary=False)])
    crawl(ledger, Told(can, [page(safe=5)], merges=[("1", "2")], stones=["2"]))
    assert places(ledger) == {"1": False, "2": False, "3": True}
    (heir,) = ledger.claims_at("account", [ref("2")])
    assert (heir.gone, heir.values["name"]) == (True, "n1"), "it said what had gone into it"


def test_a_chain_of_merges_ends_at_its_last_winner(ledger: MemoryLedger) -> None:
    merge(ledger, "1>2", "2>3", "3>4", there="4")
    assert places(ledger) == {"1": False, "4": True}


def test_a_chain_told_in_two_readings_ends_there_too(ledger: MemoryLedger) -> None:
    merge(ledger, "1>2")
    merge(ledger, "2>3")
    assert places(ledger) == {"1": False, "2": False, "3": True}


def test_a_chain_that_bites_its_own_tail_ends(ledger: MemoryLedger) -> None:
    merge(ledger, "1>2", "2>1", there="")
    assert len(places(ledger)) <= 2


def test_a_winner_that_is_the_same_account_leaves_the_loser_as_a_twin(ledger: MemoryLedger) -> None:
    crawl(ledger, Told(MERGES, [page(RECORDS["2"], safe=2)]))
    ledger.couple([Coupling(ref("2"), "account", "e1", primary=False)])
    ledger.couple([Coupling(ref("1"), "account", "e1", primary=False), Coupling(ref("2"), "account", "e1")])
    merge(ledger, "1>2")
    assert places(ledger) == {"1": False, "2": True}
    assert ledger.questions() == []


def test_a_twin_that_the_first_record_is_merged_into_takes_its_place_and_what_it_had_agreed_to(
    ledger: MemoryLedger,
) -> None:
    crawl(ledger, Told(MERGES, [page(RECORDS["2"], safe=2)]))
    ledger.couple([Coupling(ref("2"), "account", "e1", primary=False)])
    merge(ledger, "1>2")
    assert places(ledger) == {"1": False, "2": True}
    (heir,) = ledger.claims_at("account", [ref("2")])
    assert heir.baseline["name"] == Agreed("n1", "n1")
    merge(ledger, "1>2")  # a look-back tells it twice
    assert places(ledger) == {"1": False, "2": True}


def test_what_the_loser_was_sent_unseen_says_nothing_of_its_winner(ledger: MemoryLedger) -> None:
    ledger.agree([(ref("1"), "account", "", {"name": Agreed("n22", "n22", shown=False)})])
    merge(ledger, "1>2")
    (heir,) = ledger.claims_at("account", [ref("2")])
    assert (heir.values["name"], heir.baseline) == ("n2", {})


def test_a_winner_that_is_another_account_is_a_question_and_joins_nothing(ledger: MemoryLedger) -> None:
    crawl(ledger, Told(MERGES, [page(RECORDS["2"], safe=2)]))
    ledger.couple([Coupling(ref("2"), "account", "e2")])
    merge(ledger, "1>2")
    (question,) = ledger.questions()
    assert (question.about, question.entity_id, question.topic) == (About.JOIN, "e1", "join:e2")
    assert question.asked_at is not None, "a question without an age alerts nobody"
    assert (places(ledger), places(ledger, "e2")) == ({"1": False}, {"2": True})
    assert ledger.attended("account") == ["e1", "e2"]


def test_two_that_another_system_merged_the_other_way_round_are_asked_about_once(ledger: MemoryLedger) -> None:
    crawl(ledger, Told(MERGES, [page(RECORDS["2"], safe=2)]))
    ledger.couple([Coupling(ref("2"), "account", "e2")])
    choices = {"link": "", "apart": ""}
    ledger.ask([Question("account", "e2", "join:e1", About.JOIN, "", "?", choices, {"other": "e1"})])
    merge(ledger, "1>2")
    assert [question.topic for question in ledger.questions()] == ["join:e1"]


def test_a_merge_that_is_told_again_does_nothing_again(ledger: MemoryLedger) -> None:
    crawl(ledger, Told(MERGES, [page(RECORDS["2"], safe=2)]))
    ledger.couple([Coupling(ref("2"), "account", "e2")])
    merge(ledger, "1>2")
    ledger.withdraw("account", [("e1", "join:e2")])  # as an answer closes it
    merge(ledger, "1>2")  # a look-back tells it twice
    assert ledger.questions() == []


def test_a_loser_nobody_knew_is_no_concern(ledger: MemoryLedger) -> None:
    told = merge(ledger, "3>4")
    assert (places(ledger), ledger.questions()) == ({"1": True}, [])
    assert told.asked[1] == ("read", ["4"])


def test_the_winners_of_many_merges_are_looked_up_together(ledger: MemoryLedger) -> None:
    told = merge(ledger, "1>2", "3>4")
    assert [what for what, _ in told.asked] == ["merged", "read", "changes"]
