"""What befalls a connector in memory: each fault has its error, and does to the system what it says and no more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Capabilities, Create, RecordRef, Update, Watermark, Written
from connectors.errors import BudgetError, MisconfiguredError, RejectedError, StaleError, TransientError, UncertainError
from connectors.testing.memory import MemoryConnector
from connectors.testing.world import Fault, FaultSchedule, FieldSpec, KindSpec, System, World

KEYED = Capabilities(keyed=True, conditional=True, states_deletes=True, states_merges=True, lists_keys=True)
ACCOUNT = KindSpec.of("Account", FieldSpec("Name"), FieldSpec("Phone"), FieldSpec("Key", unique=True), key_field="Key")


def a_crm(
    can: Capabilities = KEYED, faults: FaultSchedule | None = None, **options: Any
) -> tuple[System, MemoryConnector]:
    system = World(faults=faults).add("crm", ACCOUNT, **options)
    return system, MemoryConnector(system, {"Account": can}, page_size=2)


def _batch(count: int) -> list[Create]:
    return [Create(f"k{n}", "Account", {"Name": f"N{n}"}) for n in range(count)]


@pytest.mark.parametrize(("fault", "done"), [(Fault.LOST_BEFORE, 0), (Fault.LOST_AFTER, 4), (Fault.GATEWAY_AFTER, 4)])
def test_a_lost_answer_is_uncertain_for_every_item_whatever_was_done(fault: Fault, done: int) -> None:
    system, crm = a_crm()
    system.faults.force(fault, "crm.create")
    results = crm.create(_batch(4))
    assert [type(result) for result in results] == [UncertainError] * 4
    assert len(system.living("Account")) == done


def test_a_batch_lost_midway_is_done_in_part_and_uncertain_whole() -> None:
    counts = set()
    for seed in range(20):
        system, crm = a_crm(faults=FaultSchedule(seed))
        system.faults.force(Fault.LOST_MIDWAY, "crm.create")
        assert [type(result) for result in crm.create(_batch(4))] == [UncertainError] * 4
        counts.add(len(system.living("Account")))
    assert {1, 2, 3} <= counts <= {0, 1, 2, 3}


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.SERVER_ERROR, Fault.BODY_ERROR])
@pytest.mark.parametrize("call", ["create", "read", "changes", "keys", "find_created", "describe", "check", "deleted"])
def test_trouble_before_the_work_is_transient_for_the_whole_call_and_passes(fault: Fault, call: str) -> None:
    system, crm = a_crm()
    ref, since = RecordRef("crm", "Account", "x"), Watermark(system.now())
    calls: dict[str, Callable[[], object]] = {
        "create": lambda: crm.create(_batch(2)),
        "read": lambda: crm.read([ref]),
        "changes": lambda: list(crm.changes("Account", None)),
        "keys": lambda: list(crm.keys("Account")),
        "find_created": lambda: crm.find_created("Account", ["k"]),
        "describe": lambda: crm.describe("Account"),
        "check": crm.check,
        "deleted": lambda: crm.deleted("Account", since),
    }
    system.faults.force(fault, f"crm.{call}")
    with pytest.raises(TransientError) as error:
        calls[call]()
    assert error.value.retry_after == (30.0 if fault is Fault.THROTTLED else None)
    assert system.log == []
    calls[call]()


def test_a_locked_item_is_transient_and_the_others_are_done() -> None:
    system, crm = a_crm()
    system.faults.force(Fault.PARTIAL_BATCH, "crm.create:Account/k1")
    results = crm.create(_batch(3))
    assert [type(result) for result in results] == [Written, TransientError, Written]
    assert isinstance(crm.create(_batch(2)[1:])[0], Written)


def test_a_poisoned_record_is_refused_each_time_until_the_world_heals() -> None:
    system, crm = a_crm(faults=FaultSchedule(1, {Fault.POISON: 0.5}))
    first = [type(result) for result in crm.create(_batch(20))]
    assert set(first) == {Written, RejectedError}
    refused = [item for item, kind in zip(_batch(20), first, strict=True) if kind is RejectedError]
    assert {type(result) for result in crm.create(refused)} == {RejectedError}
    system.faults.heal()
    assert {type(result) for result in crm.create(refused)} == {Written}


def test_a_stale_read_tells_the_version_before_the_last() -> None:
    system, crm = a_crm()
    row = system.create("Account", {"Name": "A"}, by="user:anna")
    system.update("Account", row.id, {"Name": "B"}, by="user:ben")
    ref = RecordRef("crm", "Account", row.id)
    system.faults.force(Fault.STALE_READ, f"crm.read:Account/{row.id}")
    assert (crm.read([ref])[ref].payload["Name"], crm.read([ref])[ref].payload["Name"]) == ("A", "B")


@pytest.mark.parametrize("nth", [0, 1, 2])
def test_a_crawl_breaks_at_the_very_page(nth: int) -> None:
    system, crm = a_crm()
    for n in range(5):
        system.create("Account", {"Name": str(n)}, by="user:anna")
    system.faults.force(Fault.PAGE_ERROR, "crm.changes", nth=nth)
    pages: list[Watermark | None] = []
    with pytest.raises(TransientError):
        pages.extend(page.safe_point for page in crm.changes("Account", None))
    assert pages == [None] * nth
    assert len(list(crm.changes("Account", None))) == 3


def test_a_late_index_hides_a_write_from_the_crawl_and_not_from_the_read() -> None:
    system, crm = a_crm()
    system.faults.force(Fault.SEARCH_LAG, "crm.index")
    [written] = crm.create(_batch(1))
    assert isinstance(written, Written)
    assert [list(page.records) for page in crm.changes("Account", None)] == [[]]
    assert written.record.ref in crm.read([written.record.ref])
    assert crm.find_created("Account", ["k0"])["k0"][0].ref == written.record.ref
    system.clock.advance(30)
    assert len(next(iter(crm.changes("Account", None))).records) == 1


def test_a_used_up_quota_is_a_matter_of_budget_and_nothing_is_sent() -> None:
    system, crm = a_crm(daily_calls=1)
    crm.create(_batch(1))
    with pytest.raises(BudgetError):
        crm.create(_batch(2))
    assert len(system.log) == 1


def test_a_kind_that_is_not_there_is_a_matter_for_a_person() -> None:
    with pytest.raises(MisconfiguredError, match="knows no Nothing"):
        a_crm()[1].describe("Nothing")


@pytest.mark.parametrize(
    ("values", "error"),
    [({"Name": 7}, RejectedError), ({"Nmae": "x"}, RejectedError), ({"Key": "k0"}, RejectedError)],
)
def test_what_the_system_refuses_is_rejected_with_its_field(values: dict[str, object], error: type[Exception]) -> None:
    system, crm = a_crm()
    crm.create(_batch(1))
    row = system.create("Account", {"Name": "A"}, by="user:anna")
    [result] = crm.update([Update("u", RecordRef("crm", "Account", row.id), values)])
    assert isinstance(result, error)
    assert isinstance(result, RejectedError)
    assert result.field == next(iter(values))


def test_an_update_of_what_is_gone_is_stale() -> None:
    system, crm = a_crm()
    row = system.create("Account", {"Name": "A"}, by="user:anna")
    system.delete("Account", row.id, by="user:anna")
    [result] = crm.update([Update("u", RecordRef("crm", "Account", row.id), {"Name": "B"})])
    assert isinstance(result, StaleError)


def test_deletions_beyond_the_retention_are_said_to_be_incomplete() -> None:
    system, crm = a_crm(retention=timedelta(days=15))
    since = Watermark(system.now())
    assert crm.deleted("Account", since).complete_since is None
    system.clock.advance(timedelta(days=16))
    assert crm.deleted("Account", since).complete_since == system.now() - timedelta(days=15)


def test_our_key_is_in_the_log_of_every_write() -> None:
    system, crm = a_crm()
    [written] = crm.create(_batch(1))
    assert isinstance(written, Written)
    crm.update([Update("u-1", written.record.ref, {"Name": "B"}, version=written.record.version)])
    assert [entry.key for entry in system.written()] == ["k0", "u-1"]


def test_nothing_done_to_a_payload_reaches_the_system() -> None:
    system, crm = a_crm()
    [written] = crm.create(_batch(1))
    assert isinstance(written, Written)
    assert isinstance(written.record.payload, dict)
    written.record.payload["Name"] = "changed"
    assert system.living("Account")[0].values["Name"] == "N0"
