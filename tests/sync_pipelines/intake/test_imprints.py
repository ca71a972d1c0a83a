"""What is known by its imprint is not made a record; whoever goes by imprints comes to what one comes to who looks."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Listed, Record
from connectors.listing import imprinted, listed
from sync_pipelines.ledger.memory import MemoryLedger
from tests.sync_pipelines.intake.rooms import NOW, landing, read, reader, record, ref, shouting


def rows(*told: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in told]


def listing(some: Sequence[dict[str, Any]], made: list[str], *, version: str = "1") -> Sequence[Record]:
    """Rows with an id; `made` is told which of them were made a record."""

    def make(row: dict[str, Any]) -> Record:
        made.append(row["id"])
        return record({name: value for name, value in row.items() if name != "id"}, row["id"])

    return listed("crm", "Kind", some, lambda row: str(row["id"]), make, version=version)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def test_what_was_listed_before_just_so_is_not_made_a_record(ledger: MemoryLedger) -> None:
    first, again, other = list[str](), list[str](), list[str]()
    here = landing(ledger)
    here.land(listing(rows({"id": "1", "name": "A"}, {"id": "2", "name": "B"}), first), NOW)
    tally = here.land(listing(rows({"id": "1", "name": "A"}, {"id": "2", "name": "B"}), again), NOW)
    here.land(listing(rows({"id": "1", "name": "A"}, {"id": "2", "name": "C"}), other), NOW)
    assert (first, again, other) == (["1", "2"], [], ["2"])
    assert (tally.read, tally.unchanged) == (2, 2)


@pytest.mark.parametrize("by", ["another map", "another version of the connector", "a tombstone", "a read by id"])
def test_it_is_looked_at_again_after(ledger: MemoryLedger, by: str) -> None:
    made = list[str]()
    some = rows({"id": "1", "name": "A"})
    landing(ledger).land(listing(some, []), NOW)
    if by == "a tombstone":
        ledger.bury([ref()], NOW)
    if by == "a read by id":
        landing(ledger).land([record({"name": "B"})], NOW, strong=True)
    here = landing(ledger, reader(version="v2", how=shouting)) if by == "another map" else landing(ledger)
    here.land(listing(some, made, version="2" if by == "another version of the connector" else "1"), NOW)
    assert made == ["1"]


def test_a_record_that_is_held_is_not_known_by_its_imprint(ledger: MemoryLedger) -> None:
    landing(ledger).land(listing(rows({"id": "1", "name": "A"}), []), NOW)
    held = rows({"id": "1", "name": "B", "_gap": "N30"})
    tallies = [landing(ledger).land(listing(held, []), NOW) for _ in range(2)]
    assert [tally.held for tally in tallies] == [1, 1]


def test_what_no_json_can_spell_is_looked_at() -> None:
    some = [{"id": "1", "number": 2**70}]
    assert not isinstance(listing(some, []), Listed)


def test_a_slice_of_a_listing_is_of_records() -> None:
    made = list[str]()
    some = listing(rows(*({"id": str(n)} for n in range(4))), made)
    assert [one.ref.id for one in some[1:3]] == ["1", "2"]
    assert some[-1] is some[3]
    assert made == ["1", "2", "3"]


# --- the law ----------------------------------------------------------------------------------------------------------

_RECORDS = st.builds(
    lambda number, more, minute: record({"name": "A", **more}, number, minute=minute),
    st.sampled_from("112"),
    st.sampled_from([{}, {"name": "B"}, {"_gap": "N30"}, {"_fault": "name"}, {"_theirs": True}]),
    st.sampled_from([0, 0, 0, 1]),
)
_PAGES = st.lists(st.lists(_RECORDS, min_size=1, max_size=2), min_size=2, max_size=2)  # few, so that they come again
_STEPS = st.lists(
    st.tuples(st.sampled_from(["list", "list", "list", "read", "bury", "map"]), st.sampled_from([0, 1])),
    min_size=4,
    max_size=10,
)


def _all_of(ledger: MemoryLedger) -> list[Any]:
    refs = [ref(number) for number in "12"]
    claims = [ledger.claims_at(entity, refs) for entity in ("account", "contact")]
    return [*claims, ledger.quarantined(), ledger.dirty("crm", "Kind"), ledger.gaps()]


@given(_PAGES, _STEPS)
def test_who_goes_by_imprints_comes_to_what_one_comes_to_who_looks(
    pages: list[list[Record]], steps: list[tuple[str, int]]
) -> None:
    by_imprint, by_look = MemoryLedger(), MemoryLedger()
    how = read
    for step, which in steps:
        some = pages[which]
        if step == "bury":
            for ledger in (by_imprint, by_look):
                ledger.bury([one.ref for one in some], NOW)
            continue
        how = shouting if step == "map" else how
        readers = [reader(entity, version=how.__name__, how=how) for entity in ("account", "contact")]
        told = imprinted("crm", "Kind", some) if step == "list" else some
        tallies = [
            landing(ledger, *readers).land(records, NOW, strong=step == "read")
            for ledger, records in ((by_imprint, told), (by_look, some))
        ]
        assert tallies[0] == tallies[1]
        assert _all_of(by_imprint) == _all_of(by_look)
