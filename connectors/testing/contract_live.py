"""The contract suite on a system that people use: its own checks, with the connector's hands instead of people's.

Nothing can be broken there on purpose, nobody but us edits, and nothing is ever deleted. What this leaves untried is
said with the reason, and never counted as kept. All records are made through one tally, so that they can be archived.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any, Protocol, cast

from connectors.contract import (
    Archive,
    Connector,
    Create,
    ItemResult,
    Payload,
    Record,
    RecordRef,
    Update,
    Watermark,
    Written,
)
from connectors.errors import ConnectorError, MisconfiguredError, RejectedError, TransientError
from connectors.testing.contract_bench import Bench, is_claimed, offers_of, proven
from connectors.testing.contract_suite import ConnectorContract, checks

_LOOK_AGAIN = 1.0  # seconds
_A_STAMP = 1.1  # seconds: the coarsest stamps count whole ones
_KEYS_AT_ONCE = 50
_NEEDS_A_FAULT = "a fault cannot be brought about on a live system"
_NEEDS_A_PERSON = "it takes a person's hands; here only the connector's own user works"
_IMPOSSIBLE = {
    "merge": "a connector never merges: it takes a person's hands",
    "notes": "only people see what is noted",
    "burst": "records of one stamp cannot be made on purpose",
    "lose_answer": _NEEDS_A_FAULT,
    "throttle": _NEEDS_A_FAULT,
    "break_page": _NEEDS_A_FAULT,
    "write_calls": _NEEDS_A_FAULT,
}
_UNTRIED = {
    "test_the_editor_is_told_and_is_not_us": _NEEDS_A_PERSON,
    "test_a_record_that_a_user_made_tells_no_key_of_ours": _NEEDS_A_PERSON,
    "test_a_change_that_shows_late_is_in_this_crawl_or_the_next": "when it shows cannot be chosen on a live system",
    "test_a_later_crawl_leaves_out_what_has_long_rested": "it takes waiting for longer than the look-back",
    "test_a_batch_beyond_the_limit_is_refused_before_anything_is_sent": (
        "a connector that breaks it would make a whole batch of records"
    ),
}
_ELSEWHERE = frozenset(  # by the reading half, by `doctor`, and by nobody: closing would take the connection away
    {
        "test_it_claims_what_the_bench_expects",
        "test_the_fingerprint_of_the_tenant_stays",
        "test_a_healthy_system_passes_its_own_check",
        "test_closing_twice_is_no_harm",
    }
)


class Verdict(StrEnum):
    """What became of a promise."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One promise of one kind."""

    kind: str
    promise: str
    verdict: Verdict
    says: str = ""


class NotTriedError(Exception):
    """The promise cannot be tried here, and why."""


class Sample(Protocol):
    """Values for test records of one kind."""

    def fresh(self) -> Payload:
        """Another record at each call. Raises NotTriedError where a required field has no value."""
        ...

    def changed(self) -> Payload:
        """Another value at each call, some field of `fresh` left out. Raises NotTriedError."""
        ...

    def refused(self) -> Payload:
        """What the system has to refuse. Raises NotTriedError."""
        ...

    def clearable(self) -> str:
        """A field that may be emptied. Raises NotTriedError."""
        ...

    def is_archived(self, record: Record) -> bool:
        """Is this record out of use? Raises NotTriedError."""
        ...


@dataclass(slots=True)
class Tally:
    """Every record that was made and every key that was sent, for a kind each; at most so many.

    Every value we send bears the `mark`: what does not bear it may be somebody's, and is never touched.
    """

    most: int
    mark: str
    made: dict[RecordRef, None] = field(default_factory=dict)
    keys: dict[str, dict[str, None]] = field(default_factory=dict)

    def sending(self, batch: Sequence[Create]) -> None:
        """Before anything is sent, so that nothing is forgotten when its answer is lost."""
        for item in batch:
            self.keys.setdefault(item.kind, {})[item.key] = None
        if any(len(keys) > self.most for keys in self.keys.values()):
            raise NotTriedError(f"more than {self.most} records of a kind would be made")

    def answered(self, results: Sequence[ItemResult]) -> None:
        """What came of it."""
        records = [one.record for one in results if isinstance(one, Written) and one.created]
        self.made.update({record.ref: None for record in records if self.is_ours(record)})

    def is_ours(self, record: Record) -> bool:
        """Whether it bears the mark; a system may have changed its letters to capitals."""
        return self.mark.casefold() in str(dict(record.payload)).casefold()


class Counted:
    """A connector whose creates are counted, and that changes nothing but what they made."""

    def __init__(self, connector: Connector, tally: Tally) -> None:
        """One tally may serve several."""
        self._connector, self._tally = connector, tally

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        """As the connector does."""
        self._tally.sending(batch)
        results = self._connector.create(batch)
        self._tally.answered(results)
        return results

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        """As the connector does."""
        self._only_ours([item.ref for item in batch])
        return self._connector.update(batch)

    def archive(self, batch: Sequence[Archive]) -> Sequence[ItemResult]:
        """As the connector does."""
        self._only_ours([item.ref for item in batch])
        return self._connector.archive(batch)

    def _only_ours(self, refs: Sequence[RecordRef]) -> None:
        strange = [ref for ref in refs if ref not in self._tally.made]
        assert not strange, f"{strange[0]} was given as made, and does not hold what was sent: it is left alone"


@dataclass(frozen=True, slots=True)
class Live:
    """What a live bench needs besides values: the clock, how to wait and how long, and how our keys begin."""

    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    patience: timedelta
    prefix: str


class LiveBench(Bench):
    """One kind of a system that is there."""

    page_size = 1  # a live connector's pages hold more than anybody wants to make: two pages are not asked for

    def __init__(self, connector: Connector, kind: str, sample: Sample, live: Live, tally: Tally) -> None:
        """`connector` is the one that is tried."""
        self.connector = cast("Connector", Counted(connector, tally))
        self.kind, self.capabilities = kind, connector.kinds[kind]
        self._sample, self._live = sample, live
        self.prefix = live.prefix
        self._touched: set[str] = set()
        self._start: Watermark | None = None
        self._n = 0

    def starts(self) -> None:
        """Every check has keys of its own, and waits for its own records only."""
        self._n += 1
        self.prefix = f"{self._live.prefix}-{self._n}"
        self._touched.clear()

    def fresh(self) -> Payload:
        return self._sample.fresh()

    def changed(self) -> Payload:
        return self._sample.changed()

    def make(self, values: Payload) -> str:
        self._n += 1
        record = proven(self.connector.create([Create(f"{self.prefix}-made-{self._n}", self.kind, values)])[0]).record
        self._touched.add(record.ref.id)
        return record.ref.id

    def created(self, key: str, values: Payload | None = None) -> Record:
        record = super().created(key, values)
        self._touched.add(record.ref.id)
        return record

    def edit(self, record_id: str, values: Payload) -> None:
        proven(self.connector.update([Update(self.key("edit"), self.ref(record_id), values)])[0])
        self._touched.add(record_id)

    def delete(self, record_id: str) -> None:
        del record_id
        raise NotTriedError("a connector never deletes: it takes a person's hands")

    def tick(self) -> None:
        self._live.sleep(_A_STAMP)

    def settle(self) -> None:
        """Until a crawl tells what was touched as a strong read does; what stays hidden is the check's to find."""
        until = self._live.clock() + self._live.patience
        while not self._is_seen() and self._live.clock() < until:
            self._live.sleep(_LOOK_AGAIN)

    def _is_seen(self) -> bool:
        refs = [self.ref(one) for one in sorted(self._touched)]
        there = self.connector.read(refs).values() if refs else ()
        told = self.crawl(self._start).told()
        return all(self._is_told(record, told.get(record.ref.id)) for record in there)

    def _is_told(self, record: Record, told: Record | None) -> bool:
        """What is out of use need not be told."""
        if told is not None:
            return told.payload == record.payload
        try:
            return self.is_archived(record)
        except NotTriedError:
            return False

    def begin(self) -> None:
        """Crawls that only wait need not reach back before us; and is a test record taken at all?"""
        self._start = self.crawl(None).safe_point
        first = self.connector.create([self.create(self.key("first"))])[0]
        if isinstance(first, RejectedError):
            raise NotTriedError(f"the system refuses the test record ({first}); give it values with --set")

    def refused(self) -> Payload:
        return self._sample.refused()

    def clearable(self) -> str:
        return self._sample.clearable()

    def is_archived(self, record: Record) -> bool:
        return self._sample.is_archived(record)


# --- trying -----------------------------------------------------------------------------------------------------------


def tried(bench: LiveBench) -> Iterator[Outcome]:
    """Every promise of the suite that this kind makes and that reading alone did not try."""
    if not __debug__:
        raise MisconfiguredError("the checks are asserts, which python -O leaves out: run without it")
    if not bench.capabilities.creates:
        yield Outcome(bench.kind, "writes", Verdict.NOT_TRIED, "the connector makes no records of this kind")
        return
    if trouble := _begun(bench):
        yield trouble
        return
    contract = ConnectorContract()
    for name in checks():
        check: Callable[[Bench], None] = getattr(contract, name)
        if name not in _ELSEWHERE and is_claimed(check, bench.capabilities):
            yield _outcome(name, check, bench)


def _begun(bench: LiveBench) -> Outcome | None:
    """Nothing more is made where not even the first test record can be."""
    untried = Outcome(bench.kind, "writes", Verdict.NOT_TRIED)
    try:
        bench.begin()
    except (NotTriedError, ConnectorError) as reason:
        return replace(untried, says=str(reason))
    except Exception as error:  # noqa: BLE001 - a connector is somebody's code, and may raise anything
        says = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
        return replace(untried, promise="a crawl and a create to begin with", verdict=Verdict.BROKEN, says=says)
    return None


def _outcome(name: str, check: Callable[[Bench], None], bench: LiveBench) -> Outcome:
    untried = Outcome(bench.kind, name.removeprefix("test_").replace("_", " "), Verdict.NOT_TRIED)
    reasons = [_UNTRIED.get(name, ""), *(_IMPOSSIBLE.get(offer, "") for offer in offers_of(check))]
    if any(reasons):
        return replace(untried, says=next(filter(None, reasons)))
    try:
        bench.starts()
        check(bench)
    except NotTriedError as reason:
        return replace(untried, says=str(reason))
    except TransientError as error:
        return replace(untried, says=f"the system could not be asked: {error}")
    except AssertionError as broken:
        return replace(untried, verdict=Verdict.BROKEN, says=str(broken) or "it is not so")
    except Exception as error:  # noqa: BLE001 - a connector is somebody's code, and may raise anything
        return replace(untried, verdict=Verdict.BROKEN, says=f"{type(error).__name__}: {error}")
    return replace(untried, verdict=Verdict.KEPT)


# --- cleaning up ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Left:
    """A record of ours that is still there: out of use, or in use, and then why."""

    ref: RecordRef
    is_archived: bool
    says: str = ""


def cleaned(connector: Connector, tally: Tally) -> Sequence[Left]:
    """Take everything out of use that was made, the last first: it may refer to what was made before."""
    refs, lost = dict(tally.made), []
    for kind, keys in tally.keys.items():
        try:
            refs.update(_found(connector, kind, list(keys), tally))
        except Exception as error:  # noqa: BLE001 - whatever it is, what is known is still to be cleaned up
            says = f"more may have been made, which could not be looked for: {error}"
            lost.append(Left(RecordRef(connector.system, kind, "?"), is_archived=False, says=says))
    batches = _batches(connector, list(reversed(refs)))
    return [*(one for batch in batches for one in _archived(connector, batch)), *lost]


def _found(connector: Connector, kind: str, keys: Sequence[str], tally: Tally) -> Mapping[RecordRef, None]:
    """By our keys also those whose answer was lost, or was a lie."""
    if not connector.kinds[kind].keyed:
        return {}
    parts = [keys[start : start + _KEYS_AT_ONCE] for start in range(0, len(keys), _KEYS_AT_ONCE)]
    told = [records for part in parts for records in connector.find_created(kind, part).values()]
    return {record.ref: None for records in told for record in records if tally.is_ours(record)}


def _archived(connector: Connector, refs: Sequence[RecordRef]) -> Sequence[Left]:
    """One batch of one kind."""
    if not connector.kinds[refs[0].kind].archives:
        return [Left(ref, is_archived=False, says="the connector archives nothing of this kind") for ref in refs]
    try:
        results = connector.archive([Archive(f"certify-archive-{ref.id}", ref) for ref in refs])
    except Exception as error:  # noqa: BLE001 - whatever it is, the others are still to be cleaned up
        return [Left(ref, is_archived=False, says=f"{type(error).__name__}: {error}") for ref in refs]
    says = ["" if isinstance(result, Written) else str(result) for result in results]
    return [Left(ref, is_archived=not why, says=why) for ref, why in zip(refs, says, strict=True)]


def _batches(connector: Connector, refs: Sequence[RecordRef]) -> Iterator[Sequence[RecordRef]]:
    for kind, some in groupby(refs, attrgetter("kind")):
        ours, size = list(some), connector.kinds[kind].max_batch
        yield from (ours[start : start + size] for start in range(0, len(ours), size))
