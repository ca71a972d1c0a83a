"""Apply a judged plan: intent, call, outcome, each in a commit of its own. Writing is narrow.

A call whose answer is lost leaves its changes `uncertain`; they are never sent again from here.

While the calls of one batch are under way, the next one is looked at once more, its intents are kept, and the outcome
of the one before is recorded: a call goes out only when its intents are kept, no record is written to again before its
outcome is, and after a call that ends the work on a system nothing more is sent there.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeAlias

from connectors.contract import Connector, ItemResult, Payload, Record, RecordRef, Written
from connectors.errors import BudgetError, ConnectorError, MisconfiguredError, TransientError
from sync_pipelines.applying.calling import Line, Told
from sync_pipelines.applying.lanes import Steps, beside, outcome
from sync_pipelines.applying.outcome import Recorder, Sum
from sync_pipelines.applying.seams import Seams
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.changes import Change, Op, Part, State
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.records import Lease
from sync_pipelines.planning.guards import part_id

_MOVED = "the record changed since the plan was made, or is not shown any more"
_ORDER = (Op.CREATE, Op.UPDATE, Op.ARCHIVE)
_Look: TypeAlias = Future[Mapping[RecordRef, Record]]


@dataclass(slots=True)
class Applied:
    """What applying a plan came to."""

    sums: dict[str, Sum] = field(default_factory=dict)  # by system
    blocked: int = 0  # changes of parts that did not pass
    halted: dict[str, str] = field(default_factory=dict)  # system → what a person has to mend
    incomplete: dict[str, str] = field(default_factory=dict)  # system → why it could not finish

    def of(self, system: str) -> Sum:
        """The sum of one system."""
        return self.sums.setdefault(system, Sum())

    def sort(self, systems: Sequence[str]) -> None:
        """Told in one order, whichever system was the quickest."""
        for told in (self.sums, self.halted, self.incomplete):
            known: dict[str, Any] = {system: told[system] for system in systems if system in told}
            told.clear()
            told.update(known)

    def total(self, name: str) -> int:
        """A figure over all systems."""
        return sum(getattr(one, name) for one in self.sums.values())


@dataclass(slots=True)
class _Work:
    """Changes of one sort to one kind of one system, under one lease."""

    line: Line
    lease: Lease
    op: Op
    rereads: bool
    ahead: deque[tuple[Sequence[Change], _Look | None]] = field(default_factory=deque)  # looked at once more
    flying: deque[Future[Told]] = field(default_factory=deque)  # handed over, and without a kept outcome
    expected: dict[str, Payload] = field(default_factory=dict)  # by key: what the look found where we will write


def all_of(changes: Sequence[Change]) -> Sequence[Change]:
    """Nothing has to be done before they are written."""
    return changes


@dataclass(frozen=True, slots=True)
class Applier:
    """Writes the passed parts of one plan."""

    ledger: Ledger
    connectors: Mapping[str, Connector]
    recorder: Recorder
    resolver: Resolver
    seams: Seams
    run: str
    ready: Callable[[Sequence[Change]], Sequence[Change]] = all_of  # what of a batch may be written, when it is due

    def apply(self, plan: str, parts: Sequence[Part]) -> Applied:
        """Write what passed, systems beside each other; what goes wrong at one leaves the others alone."""
        applied = Applied(blocked=sum(part.count for part in parts if not part.passed))
        passed = {part.id for part in parts if part.passed}
        systems = _in_order(part for part in parts if part.passed)
        beside([self._system(applied, plan, system, passed) for system in systems])
        applied.sort(systems)
        return applied

    def _system(self, applied: Applied, plan: str, system: str, passed: Collection[str]) -> Steps[None]:
        """Creates come first."""
        if system not in self.connectors:
            applied.incomplete[system] = "it is not connected in this run"
            return
        for op in _ORDER:
            for kind, group in groupby(self._due(plan, system, op, passed), key=attrgetter("kind")):
                yield from self._group(applied, system, kind, op, group)
                if system in applied.halted or system in applied.incomplete:
                    return

    def _due(self, plan: str, system: str, op: Op, passed: Collection[str]) -> Iterator[Change]:
        for page in self.ledger.change_pages(plan, system=system, op=op):
            yield from (change for change in page if part_id(change) in passed)

    def _group(self, applied: Applied, system: str, kind: str, op: Op, group: Iterable[Change]) -> Steps[None]:
        name = f"{system}/{kind}"
        now = self.seams.clock()
        lease = self.ledger.acquire(name, self.seams.holder, now, now + self.seams.lease_for)
        if lease is None:
            applied.incomplete[system] = f"another run is writing to {name}; this one leaves it alone"
            return
        try:
            yield from self._written(applied, system, kind, op, group, lease)
        except LedgerError as error:  # another one holds the lease, or a newer plan took the place of this one
            applied.incomplete[system] = str(error)
        except BudgetError as error:
            applied.incomplete[system] = f"budget: {error}"
        except TransientError as error:
            applied.incomplete[system] = str(error)
        except MisconfiguredError as error:
            applied.halted[system] = str(error)
        finally:
            self.ledger.release_lease(lease)

    def _written(
        self, applied: Applied, system: str, kind: str, op: Op, group: Iterable[Change], lease: Lease
    ) -> Steps[None]:
        connector = self.connectors[system]
        can = connector.kinds[kind]
        with closing(Line(connector, self.seams.caller(), self.seams.clock)) as line:
            work = _Work(line, lease, op, rereads=op is not Op.CREATE and not can.conditional)
            try:
                yield from self._batches(applied, work, _batches(group, max(1, can.max_batch)))
            except (ConnectorError, LedgerError):
                line.over = True
                while work.flying:
                    with suppress(ConnectorError, LedgerError):  # the first one is told
                        yield from self._record_next(applied, work)
                raise

    def _batches(self, applied: Applied, work: _Work, batches: Iterable[Sequence[Change]]) -> Steps[None]:
        """Up to two are handed over: the calls of one and the look at the next follow without a pause."""
        for batch in batches:
            if not batch:
                yield from self._finish(applied, work)
            elif due := self.ready(batch):
                work.ahead.append((due, self._look(work, due)))
            while len(work.ahead) > 1:
                yield from self._write_next(applied, work)
        yield from self._finish(applied, work)

    def _finish(self, applied: Applied, work: _Work) -> Steps[None]:
        while work.ahead:
            yield from self._write_next(applied, work)
        while work.flying:
            yield from self._record_next(applied, work)

    def _write_next(self, applied: Applied, work: _Work) -> Steps[None]:
        batch, look = work.ahead.popleft()
        due = yield from self._still_true(applied, work, batch, look)
        if due and not work.line.over:
            self._hand_over(work, due)
        while len(work.flying) > 1:
            yield from self._record_next(applied, work)

    # --- just before -------------------------------------------------------------------------------------------------

    def _look(self, work: _Work, chunk: Sequence[Change]) -> _Look | None:
        """Without conditional writes, look once more."""
        if not work.rereads:
            return None
        refs = [RecordRef(change.system, change.kind, change.record_id) for change in chunk]
        return work.line.executor.submit(work.line.connector.read, refs)

    def _still_true(
        self, applied: Applied, work: _Work, chunk: Sequence[Change], look: _Look | None
    ) -> Steps[Sequence[Change]]:
        """Drop what is no longer as it was when it was planned, and what is not shown: nobody writes blindly."""
        if work.op is Op.CREATE:
            return chunk
        shown: Collection[RecordRef] | None = None
        refs = [RecordRef(change.system, change.kind, change.record_id) for change in chunk]
        if look is not None:
            there = yield from outcome(look)
            work.lease = self._still_ours(work.lease)
            self.recorder.landing.land([there[ref] for ref in refs if ref in there], self.seams.clock(), strong=True)
            if work.op is Op.UPDATE:
                seen = _seen(chunk, there)
                work.expected |= {change.key: _expected(change.payload, record.payload) for change, record in seen}
            shown = there.keys()
            self.seams.checkpoint("after-reread")
        claims = self.resolver.resolve(chunk[0].entity, self.ledger.claims_at(chunk[0].entity, refs))
        known = {(claim.ref.id, claim.scope): claim for claim in claims}
        stands = {
            change.key: (shown is None or ref in shown) and _stands(change, known.get((change.record_id, change.scope)))
            for change, ref in zip(chunk, refs, strict=True)
        }
        self._drop(applied, [change for change in chunk if not stands[change.key]])
        kept = (change for change in chunk if stands[change.key])
        return [replace(change, version=known[change.record_id, change.scope].version) for change in kept]

    def _still_ours(self, lease: Lease) -> Lease:
        """Who stood still for that long may have looked before others wrote: what was seen then is landed no more."""
        now = self.seams.clock()
        return lease if now < lease.until else self.ledger.renew(lease, now, now + self.seams.lease_for)

    def _drop(self, applied: Applied, stale: Sequence[Change]) -> None:
        if stale:
            self.ledger.resolve([(c.key, State.DROPPED, _MOVED) for c in stale])
            applied.of(stale[0].system).stale += len(stale)

    # --- the call ----------------------------------------------------------------------------------------------------

    def _hand_over(self, work: _Work, due: Sequence[Change]) -> None:
        """Keep what is about to be done, then let it be done."""
        now = self.seams.clock()
        work.lease = self.ledger.renew(work.lease, now, now + self.seams.lease_for)
        intents = [replace(change, sent_at=now, run=self.run) for change in due]
        self.seams.checkpoint("before-intent")
        self.ledger.intend(intents, work.lease, now)
        self.seams.checkpoint("after-intent")
        expected = {change.key: work.expected.pop(change.key, {}) for change in intents}
        work.flying.append(work.line.send(intents, work.op, work.lease, expected))

    def _record_next(self, applied: Applied, work: _Work) -> Steps[None]:
        told = yield from outcome(work.flying.popleft())
        self.seams.checkpoint("after-call")
        self.recorder.record(applied.sums, told)
        self.seams.checkpoint("after-outcome")
        yield from self._tell_editors(work.line, told.answered)
        if told.error is not None:
            raise told.error

    def _tell_editors(self, line: Line, answered: Sequence[tuple[Change, ItemResult]]) -> Steps[None]:
        """A note to whoever edited what another system decides. That it fails harms nothing and is not repeated."""
        if not answered or not line.connector.kinds[answered[0][0].kind].notes:
            return
        for change, result in answered:
            taken_back = [key for key, f in change.fields.items() if f.reverts]
            if isinstance(result, Written) and taken_back:
                yield from self._note(line, result.record.ref, change, taken_back)

    def _note(self, line: Line, ref: RecordRef, change: Change, taken_back: Sequence[str]) -> Steps[None]:
        says = "; ".join(f"{key} is decided elsewhere ({change.fields[key].why})" for key in taken_back)
        try:
            yield from outcome(line.executor.submit(line.connector.note, ref, f"Concordat took back an edit: {says}."))
        except ConnectorError as error:
            self.recorder.note_failed(change, str(error))


def _in_order(parts: Iterable[Part]) -> list[str]:
    """The systems, first those in which something is made."""
    ranks = {"create": 0, "archive": 2}
    return list(dict.fromkeys(part.system for part in sorted(parts, key=lambda p: (ranks.get(p.op, 1), p.system))))


def _batches(changes: Iterable[Change], size: int) -> Iterator[Sequence[Change]]:
    """An empty one where a record comes again: its first write has to have an outcome before it is looked at."""
    batch: list[Change] = []
    met: set[str] = set()
    for change in changes:
        if change.record_id and change.record_id in met:
            yield from (batch, ())
            batch, met = [], set()
        batch.append(change)
        met.add(change.record_id)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


def _seen(changes: Sequence[Change], there: Mapping[RecordRef, Record]) -> Iterator[tuple[Change, Record]]:
    for change in changes:
        ref = RecordRef(change.system, change.kind, change.record_id)
        if ref in there:
            yield change, there[ref]


def _expected(sent: Payload, there: Payload) -> Payload:
    """In the system's own words, at the places that are written. Lists are not compared: each tells them in its way."""
    found: dict[str, Any] = {}
    for name in sent.keys() & there.keys():
        told, held = sent[name], there[name]
        if isinstance(told, Mapping) and isinstance(held, Mapping):
            held = _expected(told, held)
            found |= {name: held} if held else {}
        elif not isinstance(held, Mapping | list | tuple):
            found[name] = held
    return found


def _stands(change: Change, claim: Claim | None) -> bool:
    if claim is None or claim.gone:
        return False
    return all(key in claim.values and claim.values[key] == f.old for key, f in change.fields.items())
