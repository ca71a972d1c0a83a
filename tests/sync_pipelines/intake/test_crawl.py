"""Reading a system: what moves a watermark, what proves that something is gone."""

from itertools import permutations

import pytest

from connectors.contract import Capabilities, Record
from connectors.errors import BudgetError, MisconfiguredError, TransientError
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.records import Coupling
from tests.sync_pipelines.intake.rooms import reader, record, ref
from tests.sync_pipelines.intake.told import Told, at, crawl, page

TELLS = Capabilities(states_deletes=True)
LISTS = Capabilities(lists_keys=True)
BOTH = Capabilities(states_deletes=True, lists_keys=True)
ONE, TWO = record({"name": "one"}, "1"), record({"name": "two"}, "2")


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def known(ledger: MemoryLedger, can: Capabilities = TELLS) -> None:
    """Two records, read to the end and coupled."""
    crawl(ledger, Told(can, [page(ONE, TWO, safe=0)], living=[["1", "2"]]))
    ledger.couple([Coupling(ref("1"), "account", "e1"), Coupling(ref("2"), "account", "e2")])


def gone(ledger: MemoryLedger) -> list[str]:
    return [claim.ref.id for claim in ledger.claims_at("account", [ref("1"), ref("2"), ref("3")]) if claim.gone]


# --- watermarks -------------------------------------------------------------------------------------------------------


def test_a_complete_reading_moves_the_watermark_once_and_to_the_safe_point(ledger: MemoryLedger) -> None:
    told = Told(pages=[page(ONE), page(TWO, safe=7)])
    result = crawl(ledger, told)
    assert (result.complete, result.tally.landed, result.says) == (True, 2, "")
    assert told.asked == [("changes", None)]
    assert ledger.watermark("crm", "Kind", "changes") == at(7)
    crawl(ledger, told)
    assert told.asked == [("changes", at(7))]


@pytest.mark.parametrize(
    ("trouble", "halted", "says"),
    [
        (TransientError("busy"), False, "crm/Kind: busy"),
        (BudgetError("no calls left"), False, "crm/Kind: no calls left (budget)"),
        (MisconfiguredError("wrong password"), True, "crm/Kind: wrong password"),
    ],
)
def test_a_reading_that_breaks_keeps_what_it_landed_and_moves_nothing(
    ledger: MemoryLedger, trouble: Exception, says: str, *, halted: bool
) -> None:
    result = crawl(ledger, Told(pages=[page(ONE), trouble]))
    assert (result.complete, result.halted, result.says, result.tally.landed) == (False, halted, says, 1)
    assert ledger.watermark("crm", "Kind", "changes") is None


def test_a_last_page_that_could_not_be_kept_moves_nothing(
    ledger: MemoryLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies there reads the page again."""
    monkeypatch.setattr(ledger, "land", _full)
    with pytest.raises(LedgerError):
        crawl(ledger, Told(pages=[page(ONE, safe=7)]))
    assert ledger.watermark("crm", "Kind", "changes") is None


def _full(_claims: object) -> None:
    raise LedgerError("the ledger's disk is full")


def test_a_reading_that_ends_without_a_safe_point_was_not_complete(ledger: MemoryLedger) -> None:
    result = crawl(ledger, Told(pages=[page(ONE), page(TWO)]))
    assert (result.complete, result.says) == (False, "crm/Kind: the reading ended without a safe point")
    assert ledger.watermark("crm", "Kind", "changes") is None


def test_where_the_systems_clock_was_set_back_all_is_read_and_deletions_are_asked_for_from_before(
    ledger: MemoryLedger,
) -> None:
    """What changed since may lie before our position."""
    crawl(ledger, Told(TELLS, pages=[page(ONE, safe=100)]))
    told = Told(TELLS, pages=[page(ONE, TWO, safe=40)])
    crawl(ledger, told)
    assert told.asked == [("changes", at(100)), ("changes", None), ("deleted", at(-20))]
    assert ledger.watermark("crm", "Kind", "changes") == at(40)


def test_a_minute_is_no_clock_that_was_set_back(ledger: MemoryLedger) -> None:
    """Servers of one system do not agree to the second."""
    crawl(ledger, Told(pages=[page(ONE, safe=100)]))
    told = Told(pages=[page(ONE, safe=99)])
    crawl(ledger, told)
    assert told.asked == [("changes", at(100))]


def test_a_reading_of_everything_asks_from_the_beginning(ledger: MemoryLedger) -> None:
    known(ledger)
    told = Told(TELLS, [page(ONE, TWO, safe=5)])
    crawl(ledger, told, full=True)
    assert ("changes", None) in told.asked


THREE = record({"name": "three"}, "3")


@pytest.mark.parametrize("order", [*permutations([(ONE,), (TWO, THREE), (ONE, THREE), ()])])
def test_pages_that_come_in_another_order_are_landed_alike(
    ledger: MemoryLedger, order: tuple[tuple[Record, ...], ...]
) -> None:
    windows = Capabilities(windows=4)
    *early, last = order
    crawl(ledger, Told(windows, [*(page(*records) for records in early), page(*last, safe=7)]))
    assert [claim.values["name"] for claim in ledger.claims_at("account", [ref("1"), ref("2"), ref("3")])] == [
        "one",
        "two",
        "three",
    ]
    assert ledger.watermark("crm", "Kind", "changes") == at(7)
    assert gone(ledger) == []


def test_after_a_strong_reading_of_everything_no_key_is_asked_for(ledger: MemoryLedger) -> None:
    strong = Capabilities(lists_keys=True, states_deletes=True, reads_strongly=True)
    known(ledger, strong)
    told = Told(strong, [page(TWO, safe=5)], told_since=at(3), there={})
    assert crawl(ledger, told, full=True).complete
    assert (gone(ledger), "keys" in dict(told.asked)) == (["1"], False)


def test_a_strong_system_is_asked_for_its_keys_where_only_changes_were_read(ledger: MemoryLedger) -> None:
    strong = Capabilities(lists_keys=True, states_deletes=True, reads_strongly=True)
    known(ledger, strong)
    told = Told(strong, [page(safe=5)], told_since=at(3), living=[["2"]], there={})
    crawl(ledger, told)
    assert (gone(ledger), "keys" in dict(told.asked)) == (["1"], True)


def test_a_changed_map_has_everything_read_anew_once(ledger: MemoryLedger) -> None:
    known(ledger)
    told = Told(TELLS, [page(ONE, TWO, safe=5)])
    for since in (None, at(5)):
        crawl(ledger, told, readers=(reader(version="v2"),))
        assert ("changes", since) in told.asked


def test_a_changed_map_is_not_forgotten_when_the_reading_breaks(ledger: MemoryLedger) -> None:
    known(ledger)
    crawl(ledger, Told(TELLS, [page(ONE), TransientError("busy")]), readers=(reader(version="v2"),))
    told = Told(TELLS, [page(ONE, TWO, safe=5)])
    crawl(ledger, told, readers=(reader(version="v2"),))
    assert ("changes", None) in told.asked


# --- what waits to be read by id --------------------------------------------------------------------------------------


def test_what_was_left_undone_is_read_by_id_in_one_call_and_once(ledger: MemoryLedger) -> None:
    known(ledger)
    ledger.mark_dirty([ref("1"), ref("2")], "left undone")
    told = Told(TELLS, [page(safe=5)], there={"1": record({"name": "new"}, "1", minute=3), "2": TWO})
    crawl(ledger, told)
    assert told.asked[0] == ("read", ["1", "2"])  # before the changes
    assert ledger.claims_at("account", [ref("1")])[0].values["name"] == "new"
    assert ledger.dirty("crm", "Kind") == []


def test_what_could_not_be_read_by_id_stays_on_the_list(ledger: MemoryLedger) -> None:
    known(ledger)
    ledger.mark_dirty([ref("1")], "left undone")

    class Down(Told):
        def read(self, _refs: object) -> dict[object, object]:  # type: ignore[override]  # it never answers
            raise TransientError("busy")

    assert not crawl(ledger, Down(TELLS, [page(safe=5)])).complete
    assert ledger.dirty("crm", "Kind") == [ref("1")]


# --- absence is not deletion ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("can", [TELLS, LISTS, BOTH, Capabilities()])
def test_what_a_reading_of_changes_does_not_show_is_not_gone(ledger: MemoryLedger, can: Capabilities) -> None:
    known(ledger, can)
    crawl(ledger, Told(can, [page(safe=5)], living=[["1"]]))
    assert gone(ledger) == []


def test_the_systems_own_word_counts_where_the_record_is_really_not_there(ledger: MemoryLedger) -> None:
    known(ledger)
    told = Told(TELLS, [page(safe=5)], stones=["1", "2", "9"], there={"2": TWO})  # 2 was brought back; 9 is unknown
    result = crawl(ledger, told)
    assert (gone(ledger), result.tally.gone) == (["1"], 1)
    assert ("read", ["1", "2"]) in told.asked
    assert ledger.attended("account") == ["e1"]


@pytest.mark.parametrize("can", [LISTS, BOTH])
def test_a_complete_list_of_keys_and_a_look_at_the_record_prove_that_it_is_gone(
    ledger: MemoryLedger, can: Capabilities
) -> None:
    known(ledger, can)
    told = Told(can, [page(ONE, TWO, safe=5)], living=[["2"]], there={})
    assert crawl(ledger, told, full=True).complete
    assert gone(ledger) == ["1"]


def test_a_record_that_the_list_leaves_out_and_that_is_there_is_not_gone(ledger: MemoryLedger) -> None:
    known(ledger, LISTS)
    crawl(ledger, Told(LISTS, [page(safe=5)], living=[[]], there={"1": ONE, "2": TWO}), full=True)
    assert gone(ledger) == []


def test_a_list_of_keys_that_breaks_off_proves_nothing(ledger: MemoryLedger) -> None:
    known(ledger, LISTS)
    told = Told(LISTS, [page(ONE, TWO, safe=5)], living=[["1"], TransientError("busy")])
    assert not crawl(ledger, told, full=True).complete
    assert gone(ledger) == []


def test_a_complete_reading_of_everything_asks_for_what_it_did_not_show(ledger: MemoryLedger) -> None:
    known(ledger, Capabilities())
    crawl(ledger, Told(Capabilities(), [page(TWO, safe=5)], there={}), full=True)
    assert gone(ledger) == ["1"]


def test_where_deletions_are_no_longer_told_the_keys_are_compared(ledger: MemoryLedger) -> None:
    known(ledger, BOTH)
    told = Told(BOTH, [page(safe=5)], told_since=at(3), living=[["2"]], there={})  # we asked from 0
    crawl(ledger, told)
    assert gone(ledger) == ["1"]


def test_where_they_are_no_longer_told_and_there_is_no_list_the_next_reading_is_of_everything(
    ledger: MemoryLedger,
) -> None:
    known(ledger)
    crawl(ledger, Told(TELLS, [page(safe=5)], told_since=at(3)))
    assert gone(ledger) == []
    told = Told(TELLS, [page(TWO, safe=9)], there={})
    crawl(ledger, told)
    assert ("changes", None) in told.asked
    assert gone(ledger) == ["1"]
    crawl(ledger, told)
    assert ("changes", at(9)) in told.asked


def test_where_all_deletions_are_told_no_key_is_asked_for(ledger: MemoryLedger) -> None:
    known(ledger, BOTH)
    told = Told(BOTH, [page(safe=5)], told_since=at(0))
    crawl(ledger, told)
    assert ("keys", None) not in told.asked


def test_deletions_are_asked_for_from_where_the_reading_stood(ledger: MemoryLedger) -> None:
    told = Told(TELLS, [page(ONE, safe=7)])
    crawl(ledger, told)
    assert ("deleted", at(7)) in told.asked
    crawl(ledger, Told(TELLS, [page(safe=8)], safe=at(9)))
    assert ledger.watermark("crm", "Kind", "deleted") == at(9)


# --- a twin takes the place -------------------------------------------------------------------------------------------


def test_a_twin_in_the_same_system_takes_the_place_of_the_first_record_that_is_gone(ledger: MemoryLedger) -> None:
    crawl(ledger, Told(TELLS, [page(ONE, TWO, safe=0)]))
    ledger.couple([Coupling(ref("1"), "account", "e1"), Coupling(ref("2"), "account", "e1", primary=False)])
    crawl(ledger, Told(TELLS, [page(safe=5)], stones=["1"]))
    assert {c.ref.id: c.primary for c in ledger.couplings_of("account", ["e1"])["e1"]} == {"1": False, "2": True}
    assert ledger.attended("account") == ["e1"]


def test_a_twin_that_is_gone_changes_nothing_for_the_first_record(ledger: MemoryLedger) -> None:
    crawl(ledger, Told(TELLS, [page(ONE, TWO, safe=0)]))
    ledger.couple([Coupling(ref("1"), "account", "e1"), Coupling(ref("2"), "account", "e1", primary=False)])
    crawl(ledger, Told(TELLS, [page(safe=5)], stones=["2"]))
    assert {c.ref.id: c.primary for c in ledger.couplings_of("account", ["e1"])["e1"]} == {"1": True, "2": False}
    assert ledger.tombstones("crm", "Kind")[0].ref == ref("2")


def test_a_twin_that_comes_back_takes_the_place_of_the_first_record_that_stays_gone(ledger: MemoryLedger) -> None:
    crawl(ledger, Told(TELLS, [page(ONE, TWO, safe=0)]))
    ledger.couple([Coupling(ref("1"), "account", "e1"), Coupling(ref("2"), "account", "e1", primary=False)])
    crawl(ledger, Told(TELLS, [page(safe=5)], stones=["1", "2"]))
    back = record({"name": "two"}, "2", minute=6)
    crawl(ledger, Told(TELLS, [page(back, safe=9)], there={"2": back}))
    assert {c.ref.id: c.primary for c in ledger.couplings_of("account", ["e1"])["e1"]} == {"1": False, "2": True}
