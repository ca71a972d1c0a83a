"""Payloads become claims, once each."""

from dataclasses import astuple, fields, replace
from typing import Any

import pytest

from connectors.contract import Record
from connectors.errors import MisconfiguredError
from sync_pipelines.identity.keys import OUR_KEY
from sync_pipelines.intake.landing import Tally, payload_digest
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim, Stance
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.model.records import Coupling
from tests.sync_pipelines.intake.rooms import NOW, landing, read, reader, record, ref, shouting


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def claim(ledger: MemoryLedger, number: str = "1", entity: str = "account") -> Claim:
    (found,) = ledger.claims_at(entity, [ref(number)])
    return found


def land(ledger: MemoryLedger, *records: Record, strong: bool = False, **more: Any) -> tuple[int, int, int, int]:
    """(read, landed, unchanged, held)"""
    tally = landing(ledger, reader(**more)).land(list(records), NOW, strong=strong)
    return tally.read, tally.landed, tally.unchanged, tally.held


def test_a_sum_of_readings_forgets_none_of_its_counts() -> None:
    total, counts = Tally(), range(1, len(fields(Tally)) + 1)
    for _ in range(2):
        total.add(Tally(*counts))
    assert astuple(total) == tuple(2 * number for number in counts)


def test_a_record_becomes_a_claim(ledger: MemoryLedger) -> None:
    said = record({"name": "Acme", "tax_id": "T1"}, version="7", key="e1", changed_by="ben")
    assert land(ledger, said) == (1, 1, 0, 0)
    found = claim(ledger)
    assert found.values == {"name": "Acme", "tax_id": "T1", ARCHIVED: False, OUR_KEY: "e1"}
    assert (found.version, found.editor, found.changed_at, found.map_version) == ("7", "ben", NOW, "v1")
    assert [c.ref for c in ledger.find_keys("account", ["tax:t1"])["tax:t1"]] == [ref()]


def test_nothing_lands_from_an_empty_page(ledger: MemoryLedger) -> None:
    assert land(ledger) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("payload", "minute", "version", "tells"),
    [
        ({"name": "Acme"}, 0, "v1", (1, 0, 1, 0)),  # the same
        ({"name": "Borg"}, 1, "v1", (1, 1, 0, 0)),
        ({"name": "Borg"}, 0, "v1", (1, 1, 0, 0)),  # two edits within one tick of a coarse clock
        ({"name": "Borg"}, -1, "v1", (1, 0, 1, 0)),  # an old page comes late
        ({"name": "Borg"}, None, "v1", (1, 1, 0, 0)),  # a system without stamps
        ({"name": "Acme"}, 0, "v2", (1, 1, 0, 0)),  # the same under another map
        ({"name": None}, 1, "v1", (1, 1, 0, 0)),
        ({}, 1, "v1", (1, 1, 0, 0)),
    ],
)
def test_what_lands_again(
    ledger: MemoryLedger, payload: dict[str, Any], minute: int | None, version: str, tells: tuple[int, ...]
) -> None:
    land(ledger, record({"name": "Acme"}))
    assert land(ledger, record(payload, minute=minute), version=version) == tells


def test_the_order_of_a_payload_s_keys_is_no_change() -> None:
    assert payload_digest({"a": 1, "b": None}) == payload_digest({"b": None, "a": 1})
    assert payload_digest({"a": None}) != payload_digest({})
    assert payload_digest({"a": 0}) != payload_digest({"a": False})
    assert payload_digest({"a": ""}) != payload_digest({"a": None})


def test_an_unchanged_record_with_a_new_version_is_only_stamped_anew(ledger: MemoryLedger) -> None:
    land(ledger, record({"name": "Acme"}, version="7"))
    ledger.couple([Coupling(ref(), "account", "e1")])
    assert land(ledger, record({"name": "Acme"}, version="8", minute=5)) == (1, 0, 1, 0)
    assert claim(ledger).version == "8"
    assert ledger.attended("account") == []
    land(ledger, record({"name": "Borg"}, minute=4))  # older than the stamp that is known now
    assert claim(ledger).values["name"] == "Acme"


@pytest.mark.parametrize("turned", [False, True])
def test_a_record_that_comes_twice_in_a_page_counts_as_it_is_newest(ledger: MemoryLedger, *, turned: bool) -> None:
    page = [record({"name": "old"}), record({"name": "new"}, minute=1)]
    land(ledger, *(page[::-1] if turned else page))
    assert claim(ledger).values["name"] == "new"


def test_a_coupled_record_that_changed_is_looked_at_and_keeps_its_baseline(ledger: MemoryLedger) -> None:
    land(ledger, record({"name": "Acme"}))
    ledger.couple([Coupling(ref(), "account", "e1")])
    ledger.agree([(ref(), "account", "", {"name": Agreed("Acme", "Acme")})])
    land(ledger, record({"name": "Borg"}, minute=1))
    assert ledger.attended("account") == ["e1"]
    assert claim(ledger).stance("name") is Stance.MOVED


# --- what cannot be read ----------------------------------------------------------------------------------------------


def test_an_unknown_code_holds_its_record_and_leaves_what_it_said_before(ledger: MemoryLedger) -> None:
    land(ledger, record({"name": "Acme"}))
    assert land(ledger, record({"name": "Borg", "_gap": "N90"}, minute=1)) == (1, 0, 0, 1)
    assert claim(ledger).values["name"] == "Acme"
    (waiting,) = ledger.quarantined(entity="account")
    assert (waiting.reason, waiting.says) == ("gap", "terms: code 'N90' is not in table terms")
    assert [(gap.code, gap.refs) for gap in ledger.gaps()] == [("N90", (ref(),))]


def test_a_held_record_that_can_be_read_again_is_let_go(ledger: MemoryLedger) -> None:
    land(ledger, record({"_gap": "N90"}))
    land(ledger, record({"name": "Acme"}, minute=1))
    assert ledger.quarantined() == []


def test_a_field_that_cannot_be_read_spoils_itself_alone_until_it_is_mended(ledger: MemoryLedger) -> None:
    tally = landing(ledger).land([record({"name": "Acme", "_fault": "phone"})], NOW)
    assert (tally.landed, tally.faults) == (1, 1)
    assert [(q.reason, q.field, q.says) for q in ledger.quarantined()] == [("fault", "phone", "cannot be read")]
    land(ledger, record({"name": "Acme", "phone": "1"}, minute=1))
    assert ledger.quarantined() == []


def test_one_bad_record_leaves_the_others_of_its_page_alone(ledger: MemoryLedger) -> None:
    page = [record({"name": n, **more}, n) for n, more in (("a", {}), ("b", {"_gap": "?"}), ("c", {}))]
    assert land(ledger, *page) == (3, 2, 0, 1)


def test_what_is_none_of_ours_does_not_land(ledger: MemoryLedger) -> None:
    tally = landing(ledger).land([record({"name": "Acme", "_theirs": True})], NOW)
    assert (tally.landed, tally.out_of_scope) == (0, 1)
    assert ledger.claims_at("account", [ref()]) == []


def test_one_record_may_speak_of_two_entities(ledger: MemoryLedger) -> None:
    both = landing(ledger, reader("account"), reader("contact"))
    both.land([record({"name": "Anna"})], NOW)
    assert claim(ledger, entity="account").values == claim(ledger, entity="contact").values
    assert both.land([record({"name": "Anna"})], NOW).unchanged == 1


# --- gone, and listed again -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("strong", "gone", "dirty"), [(False, True, [ref()]), (True, False, [])])
def test_only_a_read_by_id_brings_back_what_its_system_said_is_gone(
    ledger: MemoryLedger, dirty: list[Any], *, strong: bool, gone: bool
) -> None:
    land(ledger, record({"name": "Acme"}))
    ledger.bury([ref()], NOW)
    land(ledger, record({"name": "Acme"}), strong=strong)  # a slow index still lists it
    assert claim(ledger).gone is gone
    assert ledger.dirty("crm", "Kind") == dirty


# --- another map ------------------------------------------------------------------------------------------------------


def agreed(ledger: MemoryLedger, *, stored: str = "Acme", by: str = "crm") -> None:
    """The record rests on what was agreed."""
    land(ledger, record({"name": "Acme", "site": "x"}))
    ledger.couple([Coupling(ref(), "account", "e1")])
    ledger.agree([(ref(), "account", "", {"name": Agreed("Acme", stored)})])
    ledger.decide("account", {"e1": {"name": Decided("Acme", Because.FIRST, by=by, run="r1", at=NOW)}})


def test_the_same_payload_under_another_map_is_no_edit(ledger: MemoryLedger) -> None:
    agreed(ledger)
    land(ledger, record({"name": "Acme", "site": "x"}), how=shouting, version="v2")
    found = claim(ledger)
    assert (found.values["name"], found.stance("name")) == ("ACME", Stance.REST)
    assert found.baseline["name"] == Agreed("ACME", "ACME")
    golden = ledger.golden_of("account", ["e1"])["e1"].fields["name"]
    assert (golden.value, golden.because) == ("ACME", Because.UNCHANGED)


def test_the_word_of_another_system_is_not_restated(ledger: MemoryLedger) -> None:
    agreed(ledger, by="erp")
    land(ledger, record({"name": "Acme", "site": "x"}), how=shouting, version="v2")
    assert ledger.golden_of("account", ["e1"])["e1"].value("name") == "Acme"


def test_an_edit_that_was_under_way_stays_an_edit_under_another_map(ledger: MemoryLedger) -> None:
    agreed(ledger)
    land(ledger, record({"name": "Borg", "site": "x"}, minute=1))
    land(ledger, record({"name": "Borg", "site": "x"}, minute=1), how=shouting, version="v2")
    assert claim(ledger).stance("name") is Stance.MOVED


def test_an_edit_that_comes_together_with_another_map_is_an_edit(ledger: MemoryLedger) -> None:
    agreed(ledger)
    land(ledger, record({"name": "Borg", "site": "x"}, minute=1), how=shouting, version="v2")
    assert (claim(ledger).values["name"], claim(ledger).stance("name")) == ("BORG", Stance.MOVED)


def test_a_field_that_the_new_map_adds_speaks_for_the_first_time(ledger: MemoryLedger) -> None:
    agreed(ledger)

    def wider(payload: Any) -> Any:
        return replace(read(payload), values={**payload, "site": "new"})

    land(ledger, record({"name": "Acme", "site": "x"}), how=wider, version="v2")
    assert claim(ledger).stance("site") is Stance.FRESH
    assert claim(ledger).stance("name") is Stance.REST


def test_a_reference_is_not_restated_since_its_baseline_speaks_of_entities(ledger: MemoryLedger) -> None:
    agreed(ledger)
    land(ledger, record({"name": "Acme", "site": "x"}), how=shouting, version="v2", references={"name": "account"})
    assert claim(ledger).baseline["name"] == Agreed("Acme", "Acme")


@pytest.mark.parametrize(
    ("payload", "minute", "waits"),
    [
        ({"name": "Borg"}, 1, False),
        ({"name": "Borg"}, 0, True),  # an edit within one tick, or the page of a slow index
        ({"name": "Borg"}, -1, True),  # an old page, or a clock that was set back
        ({"name": "Acme"}, -1, False),
        ({"name": "Borg"}, None, False),
    ],
)
def test_what_cannot_be_told_from_an_old_page_is_read_again_by_id(
    ledger: MemoryLedger, payload: dict[str, Any], minute: int | None, waits: bool
) -> None:
    land(ledger, record({"name": "Acme"}))
    land(ledger, record(payload, minute=minute))
    assert bool(ledger.dirty("crm", "Kind")) == waits


def test_a_record_that_one_page_tells_twice_is_read_again_by_id(ledger: MemoryLedger) -> None:
    land(ledger, record({"name": "Acme"}), record({"name": "Borg"}))
    assert ledger.dirty("crm", "Kind") == [ref()]


def test_a_strong_read_is_believed_whatever_its_stamp(ledger: MemoryLedger) -> None:
    land(ledger, record({"name": "Acme"}))
    assert land(ledger, record({"name": "Borg"}, minute=-1), strong=True) == (1, 1, 0, 0)
    assert ledger.dirty("crm", "Kind") == []


@pytest.mark.parametrize("times", [1, 2])
def test_what_a_strong_read_told_after_a_clock_was_set_back_is_not_lost_to_a_slow_index(
    ledger: MemoryLedger, times: int
) -> None:
    land(ledger, record({"name": "Acme"}))
    for _ in range(times):
        land(ledger, record({"name": "Borg"}, minute=-1), strong=True)
    land(ledger, record({"name": "Acme"}))
    assert ledger.dirty("crm", "Kind") == [ref()], "it is read by id before anybody decides"


def test_half_of_a_character_is_no_reason_not_to_land_the_rest() -> None:
    assert payload_digest({"a": "\ud800"}) != payload_digest({"a": "\ud801"})


@pytest.mark.parametrize(
    "said", [{"number": "1\ud800"}, {"version": "\udfff"}, {"key": "e\ud800"}, {"changed_by": "\ud83d"}]
)
def test_half_a_character_in_what_a_record_is_known_by_is_one_clear_error(
    ledger: MemoryLedger, said: dict[str, Any]
) -> None:
    with pytest.raises(MisconfiguredError, match="crm/Kind tells a record whose id, version, editor or key") as refused:
        land(ledger, record({"name": "Acme"}, number="2"), record({"name": "Borg"}, **said))
    str(refused.value).encode()
    assert ledger.seen("crm", "Kind", ["1", "2"]) == {}
