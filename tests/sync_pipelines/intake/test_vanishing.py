"""Where nothing is shown any more, nothing is taken for deleted on the word of nobody."""

import pytest

from connectors.contract import Capabilities, Record
from sync_pipelines.intake.vanishing import Vanished, say_gone, unseen, vanished
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.records import Coupling
from tests.sync_pipelines.intake.rooms import NOW, record, ref
from tests.sync_pipelines.intake.told import Told, at, crawl, page

SAYS_NOTHING = Capabilities()
TELLS = Capabilities(states_deletes=True)
LISTS = Capabilities(lists_keys=True)
MERGES = Capabilities(states_merges=True)
ONE, TWO = record({"name": "one"}, "1"), record({"name": "two"}, "2")
SAYS = (
    "crm/Kind: nothing is shown any more, where there were 2 records; none is taken for deleted, and nothing is "
    "written there; may our user still see them? `concordat doctor crm`; where all of them are gone indeed, "
    "`concordat doctor crm --gone Kind`"
)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def known(ledger: MemoryLedger, can: Capabilities, *records: Record) -> None:
    crawl(ledger, Told(can, [page(*records, safe=0)]))
    ledger.couple([Coupling(one.ref, "account", f"e{one.ref.id}") for one in records])


def gone(ledger: MemoryLedger) -> list[str]:
    return sorted(ledger.record_ids("crm", "Kind", gone=True))


@pytest.mark.parametrize("can", [SAYS_NOTHING, TELLS, LISTS])
@pytest.mark.parametrize("records", [(ONE,), (ONE, TWO)])
def test_however_few_there_were_what_is_not_shown_is_not_gone(
    ledger: MemoryLedger, can: Capabilities, records: tuple[Record, ...]
) -> None:
    known(ledger, can, *records)
    found = crawl(ledger, Told(can, [page(safe=5)]), full=True)
    assert (gone(ledger), found.complete, found.halted) == ([], False, True)
    assert vanished(ledger, "crm", "Kind") == Vanished("crm", "Kind", NOW.isoformat(), len(records))


def test_it_is_said_with_what_to_do(ledger: MemoryLedger) -> None:
    known(ledger, LISTS, ONE, TWO)
    assert crawl(ledger, Told(LISTS, [page(safe=5)]), full=True).says == SAYS


def test_as_long_as_it_lasts_each_reading_is_of_everything_and_says_so(ledger: MemoryLedger) -> None:
    """A reading of changes finds nothing either, and would call it well."""
    known(ledger, LISTS, ONE, TWO)
    crawl(ledger, Told(LISTS, [page(safe=5)]), full=True)
    later = Told(LISTS, [page(safe=9)])
    for _ in range(2):
        found = crawl(ledger, later)
        assert (("changes", None) in later.asked, found.halted, found.says) == (True, True, SAYS)


def test_it_is_over_with_the_first_record_that_is_shown_and_the_other_one_is_asked_for(ledger: MemoryLedger) -> None:
    known(ledger, LISTS, ONE, TWO)
    crawl(ledger, Told(LISTS, [page(safe=5)]), full=True)
    found = crawl(ledger, Told(LISTS, [page(TWO, safe=9)]))
    assert (found.complete, found.says, gone(ledger), vanished(ledger, "crm", "Kind")) == (True, "", ["1"], None)


def test_one_that_is_there_when_it_is_asked_for_proves_that_we_may_see(ledger: MemoryLedger) -> None:
    known(ledger, LISTS, ONE, TWO)
    found = crawl(ledger, Told(LISTS, [page(safe=5)], living=[["2"]], there={"2": TWO}), full=True)
    assert (found.complete, gone(ledger)) == (True, ["1"])


def test_of_very_many_only_some_are_asked_for_while_none_is_shown(ledger: MemoryLedger) -> None:
    """Every five minutes a call for each of them would use up the day."""
    known(ledger, LISTS, *(record({"name": "n"}, f"{number:03}") for number in range(150)))
    told = Told(LISTS, [page(safe=5)])
    crawl(ledger, told, full=True)
    assert [len(ids) for what, ids in told.asked if what == "read"] == [100]


# --- who may say that it is so ---------------------------------------------------------------------------------------


def test_the_last_ones_are_gone_where_their_system_states_that_they_were_deleted(ledger: MemoryLedger) -> None:
    known(ledger, TELLS, ONE, TWO)
    found = crawl(ledger, Told(TELLS, [page(safe=5)], stones=["1", "2"]), full=True)
    assert (found.complete, gone(ledger), vanished(ledger, "crm", "Kind")) == (True, ["1", "2"], None)


def test_one_that_it_does_not_state_keeps_the_doubt_until_it_does(ledger: MemoryLedger) -> None:
    known(ledger, TELLS, ONE, TWO)
    crawl(ledger, Told(TELLS, [page(safe=5)], stones=["1"]), full=True)
    doubted = vanished(ledger, "crm", "Kind")
    assert (gone(ledger), doubted and doubted.records) == (["1"], 1)
    assert crawl(ledger, Told(TELLS, [page(safe=6)], stones=["2"])).complete
    assert (gone(ledger), vanished(ledger, "crm", "Kind")) == (["1", "2"], None)


def test_a_person_who_has_looked_may_say_so_and_is_written_down(ledger: MemoryLedger) -> None:
    known(ledger, LISTS, ONE, TWO)
    crawl(ledger, Told(LISTS, [page(safe=5)]), full=True)
    say_gone(ledger, "crm", "Kind", "olga", NOW)
    for _ in range(2):
        found = crawl(ledger, Told(LISTS, [page(safe=9)]))
        assert (found.complete, found.says, gone(ledger)) == (True, "", ["1", "2"])
    (entry,) = ledger.audit_trail()
    assert (entry.who, entry.did, entry.about) == ("olga", "said that all 2 records are gone", "crm/Kind")


def test_that_word_is_over_with_the_next_record_that_is_shown(ledger: MemoryLedger) -> None:
    """It was about those of that day, and says nothing of what comes later."""
    known(ledger, LISTS, ONE)
    crawl(ledger, Told(LISTS, [page(safe=5)]), full=True)
    say_gone(ledger, "crm", "Kind", "olga", NOW)
    crawl(ledger, Told(LISTS, [page(safe=6)]))
    crawl(ledger, Told(LISTS, [page(TWO, safe=7)]))
    assert vanished(ledger, "crm", "Kind") is None
    assert crawl(ledger, Told(LISTS, [page(safe=8)]), full=True).halted
    assert gone(ledger) == ["1"]


def test_nobody_says_it_of_what_is_not_missed(ledger: MemoryLedger) -> None:
    known(ledger, LISTS, ONE)
    with pytest.raises(LedgerError, match="crm/Kind: nothing has vanished there"):
        say_gone(ledger, "crm", "Kind", "olga", NOW)


# --- what others live in now -----------------------------------------------------------------------------------------


def merged_into_one_that_is_not_shown(ledger: MemoryLedger) -> None:
    known(ledger, MERGES, ONE)
    crawl(ledger, Told(MERGES, [page(safe=3)], merges=[("1", "2")]))


def test_what_another_was_merged_into_is_missed_though_nobody_ever_saw_it(ledger: MemoryLedger) -> None:
    merged_into_one_that_is_not_shown(ledger)
    assert crawl(ledger, Told(MERGES, [page(safe=5)]), full=True).halted
    assert (gone(ledger), ledger.couplings_of("account", ["e1"])["e1"][-1].ref) == (["1"], ref("2"))


def test_once_it_is_shown_nobody_misses_it(ledger: MemoryLedger) -> None:
    merged_into_one_that_is_not_shown(ledger)
    assert crawl(ledger, Told(MERGES, [page(TWO, safe=5)]), full=True).complete
    assert (gone(ledger), unseen(ledger, "crm", "Kind")) == (["1"], set())


def test_where_others_are_shown_and_it_is_not_it_is_gone(ledger: MemoryLedger) -> None:
    merged_into_one_that_is_not_shown(ledger)
    assert crawl(ledger, Told(MERGES, [page(record({"name": "x"}, "3"), safe=5)]), full=True).complete
    assert ([stone.ref.id for stone in ledger.tombstones("crm", "Kind")], unseen(ledger, "crm", "Kind")) == (
        ["1", "2"],
        set(),
    )


def test_where_it_is_there_and_in_no_listing_it_is_read(ledger: MemoryLedger) -> None:
    merged_into_one_that_is_not_shown(ledger)
    assert crawl(ledger, Told(MERGES, [page(safe=5)], there={"2": TWO}), full=True).complete
    assert list(ledger.record_ids("crm", "Kind")) == ["2"]
    assert unseen(ledger, "crm", "Kind") == set()


def test_where_it_was_deleted_since_its_system_says_so(ledger: MemoryLedger) -> None:
    both = Capabilities(states_merges=True, states_deletes=True)
    known(ledger, both, ONE)
    crawl(ledger, Told(both, [page(safe=3)], merges=[("1", "2")], safe=at(3)))
    found = crawl(ledger, Told(both, [page(safe=5)], stones=["2"]), full=True)
    assert (found.complete, unseen(ledger, "crm", "Kind")) == (True, set())
