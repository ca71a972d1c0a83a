"""What was intended and has no outcome is looked up before anything else happens."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Capabilities
from connectors.errors import TransientError, UncertainError
from mappings.values import Value
from sync_pipelines.model.changes import Change
from sync_pipelines.model.claims import Agreed, Stance
from sync_pipelines.model.golden import JOINED, Because, Decided
from sync_pipelines.model.questions import About
from tests.sync_pipelines.applying.bench import Bench, archive, create, ref, update

KEYED = Capabilities(keyed=True, unique_key=True, archives=True)
FOUND_LATE = Capabilities(keyed=True, archives=True)  # it would take a second record with our key
BLIND = Capabilities(archives=True)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def told(bench: Bench) -> tuple[int, int, int, int]:
    """(done, dropped, waiting, asked)"""
    result = bench.recover()
    return result.done, result.dropped, result.waiting, result.asked


def is_there(bench: Bench, number: str, key: str, **values: Value) -> None:
    bench.systems["erp"].rows[number] = {"Key": key, **values}


# --- creates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("can", "found", "minutes", "tells", "state"),
    [
        (KEYED, 1, 0, (1, 0, 0, 0), "done"),
        (KEYED, 0, 9, (0, 0, 1, 0), "uncertain"),  # it may still be executed, and its key be free again by then
        (KEYED, 0, 11, (0, 1, 0, 0), "dropped"),
        (KEYED, 2, 0, (0, 0, 0, 1), "uncertain"),
        (FOUND_LATE, 1, 0, (1, 0, 0, 0), "done"),
        (FOUND_LATE, 0, 9, (0, 0, 1, 0), "uncertain"),  # it may still be executed
        (FOUND_LATE, 0, 11, (0, 1, 0, 0), "dropped"),
        (FOUND_LATE, 2, 11, (0, 0, 0, 1), "uncertain"),
        (BLIND, 1, 0, (0, 0, 0, 1), "uncertain"),  # there is no way to look
        (BLIND, 0, 99, (0, 0, 0, 1), "uncertain"),
    ],
)
def test_a_create_without_an_outcome(
    bench: Bench, can: Capabilities, found: int, minutes: int, tells: tuple[int, ...], state: str
) -> None:
    bench.systems["erp"].can = can
    bench.intend(create("k1", "e1", name="Acme"))
    for number in range(found):
        is_there(bench, f"C{number}", "e1", name="Acme")
    bench.wait(minutes=minutes)
    assert told(bench) == tells
    assert bench.states() == {"k1": state}
    assert ("create", ["e1"]) not in bench.systems["erp"].calls
    coupled = [c.ref.id for c in bench.ledger.couplings_of("account", ["e1"])["e1"]]
    assert coupled == (["C0"] if state == "done" else [])


def test_a_create_that_is_found_agrees_to_what_was_sent_so_that_later_edits_count(bench: Bench) -> None:
    bench.intend(create("k1", "e1", name="Acme"))
    is_there(bench, "C1", "e1", name="Edited since")
    bench.recover()
    assert bench.claim("C1").baseline["name"] == Agreed("Acme", "Acme")
    assert bench.claim("C1").stance("name") is Stance.MOVED


def test_the_question_about_a_create_says_what_was_sent_and_what_was_found(bench: Bench) -> None:
    bench.intend(create("k1", "e1", name="Acme"))
    for number in ("C1", "C2"):
        is_there(bench, number, "e1", name="Acme")
    bench.recover()
    (question,) = bench.ledger.questions()
    assert (question.about, question.topic, question.entity_id) == (About.CREATE, "create:erp", "e1")
    assert set(question.evidence["records"]) == {"erp/Customer/C1", "erp/Customer/C2"}
    assert question.evidence["sent"] == {"name": "Acme"}
    assert question.asked_at is not None, "a question without an age alerts nobody"


def test_a_create_is_asked_about_once(bench: Bench) -> None:
    bench.systems["erp"].can = BLIND
    bench.intend(create("k1", "e1"))
    bench.recover()
    bench.recover()
    assert len(bench.ledger.questions(open_only=False)) == 1


def test_many_creates_are_looked_up_in_one_call(bench: Bench) -> None:
    bench.intend(*(create(f"k{n}", f"e{n}") for n in range(5)))
    bench.recover()
    assert [name for name, _ in bench.systems["erp"].calls] == ["find"]


def test_what_was_never_executed_is_looked_at_again(bench: Bench) -> None:
    bench.intend(create("k1", "e1"))
    bench.wait(minutes=11)
    bench.recover()
    assert bench.ledger.attended("account") == ["e1"]


def test_a_create_for_an_account_that_was_joined_meanwhile_belongs_to_the_one_that_stays(bench: Bench) -> None:
    word = Decided("e2", Because.VERDICT, by="steward:sally", at=bench.now)
    bench.stands("C7", "e2", name="Acme")
    bench.intend(create("k1", "e1"), create("k2", "e3"))
    bench.ledger.decide("account", {"e1": {JOINED: word}, "e3": {JOINED: Decided("e1", Because.VERDICT, at=bench.now)}})
    is_there(bench, "C1", "e1", name="Acme")
    bench.wait(minutes=11)
    assert told(bench) == (1, 1, 0, 0)
    places = {c.ref.id: c.primary for c in bench.ledger.couplings_of("account", ["e2"])["e2"]}
    assert places == {"C7": True, "C1": False}  # a twin, since there is one already
    assert bench.ledger.couplings_of("account", ["e1"])["e1"] == []
    assert "e2" in bench.ledger.attended("account")


def test_what_was_made_for_an_account_of_which_the_first_record_is_gone_takes_its_place(bench: Bench) -> None:
    bench.stands("C7", "e2", name="Acme")
    bench.ledger.bury([ref("C7")], bench.now)
    bench.intend(create("k1", "e1"))
    bench.ledger.decide("account", {"e1": {JOINED: Decided("e2", Because.VERDICT, by="steward:sally", at=bench.now)}})
    is_there(bench, "C1", "e1", name="Acme")
    bench.recover()
    places = {c.ref.id: c.primary for c in bench.ledger.couplings_of("account", ["e2"])["e2"]}
    assert places == {"C7": False, "C1": True}


@pytest.mark.parametrize("order", [1, -1])
def test_two_creates_that_were_merged_since_are_found_in_one_record_and_asked_about(bench: Bench, order: int) -> None:
    bench.intend(*[create("k1", "e1", name="Acme"), create("k2", "e2", name="Borg")][::order])
    is_there(bench, "C1", "e2", name="Borg")
    record = bench.systems["erp"]._record("C1")
    bench.systems["erp"].find_created = lambda _kind, keys: {key: [record] for key in keys}  # type: ignore[method-assign]  # as where both keys are kept
    assert told(bench) == (2, 0, 0, 0)
    assert {c.ref.id for c in bench.ledger.couplings_of("account", ["e2"])["e2"]} == {"C1"}, "it bears that key"
    (question,) = bench.ledger.questions()
    assert (question.about, question.entity_id, question.topic) == (About.JOIN, "e1", "join:e2")
    assert bench.claim("C1").baseline["name"] == Agreed("Borg", "Borg"), "it has agreed to nothing of the other one's"


def test_what_was_made_and_merged_into_a_blanker_record_has_emptied_nothing(bench: Bench) -> None:
    bench.intend(create("k1", "e1", name="Acme", phone="1"))
    bench.systems["erp"].rows["C1"] = {"name": "Acme Ltd", "phone": None}  # a user's own
    record = bench.systems["erp"]._record("C1")
    bench.systems["erp"].find_created = lambda _kind, keys: {key: [record] for key in keys}  # type: ignore[method-assign]  # as it lives there now
    assert told(bench) == (1, 0, 0, 0)
    claim = bench.claim("C1")
    assert (claim.entity_id, claim.stance("name"), claim.stance("phone")) == ("e1", Stance.MOVED, Stance.FRESH)


def test_a_create_that_met_another_account_s_record_is_a_question(bench: Bench) -> None:
    bench.stands("C1", "e2", name="Acme")
    bench.intend(create("k1", "e1"))
    bench.systems["erp"].rows["C1"]["Key"] = "e1"
    bench.recover()
    (question,) = bench.ledger.questions()
    assert (question.about, question.entity_id, question.evidence["other"]) == (About.JOIN, "e1", "e2")
    assert question.asked_at is not None, "a question without an age alerts nobody"


# --- updates and archives ---------------------------------------------------------------------------------------------

CHANGE = update("k1", "C1", "e1", "Acme", "Borg")


@pytest.mark.parametrize(
    ("change", "now", "minutes", "tells", "state"),
    [
        (CHANGE, {"name": "Borg"}, 0, (1, 0, 0, 0), "done"),
        (CHANGE, {"name": "Acme"}, 9, (0, 0, 1, 0), "uncertain"),  # it may still be executed
        (CHANGE, {"name": "Acme"}, 11, (0, 1, 0, 0), "dropped"),
        (CHANGE, {"name": "Other"}, 11, (0, 1, 0, 0), "dropped"),  # edited over since
        (CHANGE, None, 0, (0, 1, 0, 0), "dropped"),  # the record is gone
        (archive("k1", "C1", "e1"), {"name": "Acme", "Active": False}, 0, (1, 0, 0, 0), "done"),
        (archive("k1", "C1", "e1"), {"name": "Acme"}, 9, (0, 0, 1, 0), "uncertain"),
        (archive("k1", "C1", "e1"), {"name": "Acme"}, 11, (0, 1, 0, 0), "dropped"),
    ],
)
def test_a_write_on_a_record_without_an_outcome(
    bench: Bench, change: Change, now: dict[str, Value] | None, minutes: int, tells: tuple[int, ...], state: str
) -> None:
    bench.stands("C1", "e1", name="Acme")
    bench.intend(change)
    bench.systems["erp"].rows = {} if now is None else {"C1": now}
    bench.wait(minutes=minutes)
    assert told(bench) == tells
    assert bench.states() == {"k1": state}
    assert [name for name, _ in bench.systems["erp"].calls] == ["read"]  # a stored write is never sent again


def missing(bench: Bench, can: Capabilities, *, listed: tuple[str, ...] = ()) -> tuple[int, ...]:
    """An update had no answer, and its record is not shown."""
    bench.systems["erp"].can, bench.systems["erp"].listed = can, listed
    bench.stands("C1", "e1", name="Acme")
    bench.intend(CHANGE)
    bench.systems["erp"].rows = {}
    bench.wait(minutes=11)
    return told(bench)


WAITS, LOST = (0, 0, 1, 0), (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("can", "listed", "tells"),
    [
        (replace(KEYED, states_deletes=True), (), WAITS),  # a reading will tell
        (replace(KEYED, lists_keys=True), (), WAITS),  # nothing is shown at all: that proves nothing
        (replace(KEYED, lists_keys=True), ("C1", "C2"), WAITS),  # it is there
        (replace(KEYED, lists_keys=True), ("C2",), LOST),  # others are there, and it is not
        (replace(KEYED, lists_keys=True, states_deletes=True), ("C2",), LOST),
        (KEYED, (), LOST),  # nobody will ever tell
    ],
)
def test_a_write_to_what_is_not_shown_waits_as_long_as_it_may_be_hidden(
    bench: Bench, can: Capabilities, listed: tuple[str, ...], tells: tuple[int, ...]
) -> None:
    assert missing(bench, can, listed=listed) == tells
    bench.ledger.bury([ref("C1")], bench.now)
    assert told(bench) == (LOST if tells == WAITS else (0, 0, 0, 0))


def test_a_write_to_what_nobody_reads_any_more_waits_for_no_reading(bench: Bench) -> None:
    book = bench.resolver.book
    spec = book.entities["account"]
    maps = {system: one for system, one in spec.maps.items() if system != "erp"}
    bench.resolver = replace(
        bench.resolver, book=replace(book, entities={**book.entities, "account": replace(spec, maps=maps)})
    )
    assert missing(bench, replace(KEYED, states_deletes=True)) == LOST


def test_an_update_that_took_place_has_agreed_and_a_later_edit_counts(bench: Bench) -> None:
    bench.stands("C1", "e1", name="Acme", phone="1")
    bench.intend(CHANGE)
    bench.systems["erp"].rows["C1"] = {"name": "Borg", "phone": "2"}
    bench.recover()
    claim = bench.claim("C1")
    assert claim.baseline["name"] == Agreed("Borg", "Borg")
    assert claim.stance("phone") is Stance.MOVED


@pytest.mark.parametrize(
    ("old", "said", "expected"),
    [
        ("Acme", "Borg Han", (1, 0, 0, 0)),
        ("Borg", "Borg", (0, 1, 0, 0)),  # it says what it said before: the write did not arrive
        ("Acme", "Borg Handels GmbH", (1, 0, 0, 0)),
    ],
)
def test_an_update_of_which_the_beginning_is_there_took_place(
    bench: Bench, old: str, said: str, expected: tuple[int, ...]
) -> None:
    bench.stands("C1", "e1", name=old)
    bench.intend(update("k1", "C1", "e1", old, "Borg Handels GmbH"))
    bench.systems["erp"].rows["C1"] = {"name": said}
    bench.wait(minutes=11)
    assert told(bench) == expected


def test_a_text_that_was_cut_by_a_write_whose_answer_was_lost_is_told_and_nobodys_edit(bench: Bench) -> None:
    bench.intend(create("k1", "e1", name="Café Ünï"))
    is_there(bench, "C1", "e1", name="Caf")
    bench.recover()
    assert bench.claim("C1").stance("name") is Stance.REST
    (entry,) = bench.ledger.quarantined()
    assert (entry.field, entry.says) == ("name", "the system took name and kept the first 3 of 8 signs of it")


# --- systems that cannot be asked -------------------------------------------------------------------------------------


def test_a_system_that_cannot_be_asked_keeps_its_writes_waiting(bench: Bench) -> None:
    def down(*_: Any) -> Any:
        raise TransientError("down")

    bench.intend(create("k1"))
    bench.systems["erp"].find_created = down  # type: ignore[method-assign, assignment]  # it is down
    result = bench.recover()
    assert (result.unreachable, result.waiting) == ({"erp": "down"}, 1)
    assert bench.states() == {"k1": "intended"}


def test_a_system_that_is_not_connected_keeps_its_writes_waiting(bench: Bench) -> None:
    bench.intend(create("k1"))
    bench.systems.clear()
    result = bench.recover()
    assert (result.unreachable, result.waiting) == ({"erp": "it is not connected in this run"}, 1)
    assert bench.states() == {"k1": "intended"}


def test_an_uncertain_answer_is_looked_up_and_never_repeated(bench: Bench) -> None:
    bench.systems["erp"].answers = [lambda _: [UncertainError("lost")]]  # done, and the answer lost
    bench.apply(create("k1", "e1"))
    assert told(bench) == (1, 0, 0, 0)
    assert [name for name, _ in bench.systems["erp"].calls] == ["create", "find"]
    assert len(bench.systems["erp"].rows) == 1


def test_nothing_open_asks_nobody(bench: Bench) -> None:
    assert told(bench) == (0, 0, 0, 0)
    assert bench.systems["erp"].calls == []
