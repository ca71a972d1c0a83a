"""Apply a judged plan: intent, call, outcome, each in a commit of its own. Writing is narrow.

A call whose answer is lost leaves its changes `uncertain`; they are never sent again from here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from connectors.contract import Archive, Connector, Create, ItemResult, RecordRef, Update, Written
from connectors.errors import (
    BudgetError,
    ConnectorError,
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
)
from sync_pipelines.applying.outcome import Recorder, Sum
from sync_pipelines.applying.seams import Seams
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.port import LeaseLostError, Ledger, LedgerError
from sync_pipelines.model.changes import Change, Op, Part, State
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.records import Lease
from sync_pipelines.planning.guards import part_id

_ORDER = {Op.CREATE: 0, Op.UPDATE: 1, Op.ARCHIVE: 2}


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

    def total(self, name: str) -> int:
        """A figure over all systems."""
        return sum(getattr(one, name) for one in self.sums.values())


@dataclass(frozen=True, slots=True)
class Applier:
    """Writes the passed parts of one plan."""

    ledger: Ledger
    connectors: Mapping[str, Connector]
    recorder: Recorder
    resolver: Resolver
    seams: Seams
    run: str

    def apply(self, changes: Sequence[Change], parts: Sequence[Part]) -> Applied:
        """Write what passed, system by system; what goes wrong at one leaves the others alone."""
        applied = Applied()
        passed = {part.id for part in parts if part.passed}
        due = [change for change in changes if part_id(change) in passed]
        applied.blocked = len(changes) - len(due)
        for (system, kind, op), group in _groups(due):
            if system not in self.connectors:
                applied.incomplete[system] = "it is not connected in this run"
            elif system not in applied.halted and system not in applied.incomplete:
                self._group(applied, system, kind, op, group)
        return applied

    def _group(self, applied: Applied, system: str, kind: str, op: Op, group: Sequence[Change]) -> None:
        name = f"{system}/{kind}"
        now = self.seams.clock()
        lease = self.ledger.acquire(name, self.seams.holder, now, now + self.seams.lease_for)
        if lease is None:
            applied.incomplete[system] = f"another run is writing to {name}; this one leaves it alone"
            return
        try:
            self._batches(applied, system, kind, op, group, lease)
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

    def _batches(self, applied: Applied, system: str, kind: str, op: Op, group: Sequence[Change], lease: Lease) -> None:
        size = max(1, self.connectors[system].kinds[kind].max_batch)
        for start in range(0, len(group), size):
            chunk = self._still_true(applied, group[start : start + size], op)
            if chunk:
                lease = self.ledger.renew(lease, self.seams.clock(), self.seams.clock() + self.seams.lease_for)
                self._send(applied, chunk, op, lease)

    # --- just before -------------------------------------------------------------------------------------------------

    def _still_true(self, applied: Applied, chunk: Sequence[Change], op: Op) -> list[Change]:
        """Drop what is no longer as it was when it was planned. Without conditional writes, look once more now."""
        if op is Op.CREATE:
            return list(chunk)
        refs = [RecordRef(change.system, change.kind, change.record_id) for change in chunk]
        connector = self.connectors[chunk[0].system]
        if not connector.kinds[chunk[0].kind].conditional:
            there = connector.read(refs)
            self.recorder.landing.land([there[ref] for ref in refs if ref in there], self.seams.clock(), strong=True)
            self.seams.checkpoint("after-reread")
        claims = self.resolver.resolve(chunk[0].entity, self.ledger.claims_at(chunk[0].entity, refs))
        known = {(claim.ref.id, claim.scope): claim for claim in claims}
        kept = [change for change in chunk if _stands(change, known.get((change.record_id, change.scope)))]
        self._drop(applied, [change for change in chunk if change not in kept])
        return [replace(change, version=known[change.record_id, change.scope].version) for change in kept]

    def _drop(self, applied: Applied, stale: Sequence[Change]) -> None:
        if stale:
            self.ledger.resolve([(c.key, State.DROPPED, "the record changed since the plan was made") for c in stale])
            applied.of(stale[0].system).stale += len(stale)

    # --- the call ----------------------------------------------------------------------------------------------------

    def _send(self, applied: Applied, chunk: Sequence[Change], op: Op, lease: Lease) -> None:
        now = self.seams.clock()
        intents = [replace(change, sent_at=now, run=self.run) for change in chunk]
        self.seams.checkpoint("before-intent")
        self.ledger.intend(intents, lease, now)
        self.seams.checkpoint("after-intent")
        self._attempt(applied, intents, op, lease)

    def _attempt(self, applied: Applied, intents: Sequence[Change], op: Op, lease: Lease) -> None:
        """One call; a batch that is refused as a whole is cut in two until the bad record stands alone."""
        self._refuse_if_late(lease)
        try:
            results = self._call(intents, op)
        except RejectedError as error:
            if len(intents) > 1:
                self._halve(applied, intents, op, lease)
                return
            results = [error]
        except (TransientError, MisconfiguredError) as error:
            self.recorder.undone(intents, str(error))
            raise
        except StaleError as error:
            results = [error for _ in intents]
        except UncertainError as error:
            results = [error for _ in intents]
        self.seams.checkpoint("after-call")
        results = _matched(intents, results)
        self.recorder.record(applied.of(intents[0].system), intents, results)
        self.seams.checkpoint("after-outcome")
        self._tell_editors(intents, results)

    def _refuse_if_late(self, lease: Lease) -> None:
        """A process that stood still since its intent may have been taken for dead, and its work done by another."""
        if self.seams.clock() >= lease.until:
            raise LeaseLostError(f"{lease.name}: {lease.holder} stood still until its right to write was over")

    def _halve(self, applied: Applied, intents: Sequence[Change], op: Op, lease: Lease) -> None:
        half = len(intents) // 2
        try:
            self._attempt(applied, intents[:half], op, lease)
        except ConnectorError as error:
            self.recorder.undone(intents[half:], f"not tried again: {error}")
            raise
        self._attempt(applied, intents[half:], op, lease)

    def _call(self, intents: Sequence[Change], op: Op) -> Sequence[ItemResult]:
        connector = self.connectors[intents[0].system]
        if op is Op.CREATE:
            return connector.create([Create(c.create_key, c.kind, c.payload) for c in intents])
        refs = [RecordRef(c.system, c.kind, c.record_id) for c in intents]
        if op is Op.ARCHIVE:
            return connector.archive([Archive(c.key, ref, c.version) for c, ref in zip(intents, refs, strict=True)])
        return connector.update(
            [Update(c.key, ref, c.payload, version=c.version) for c, ref in zip(intents, refs, strict=True)]
        )

    def _tell_editors(self, intents: Sequence[Change], results: Sequence[ItemResult]) -> None:
        """A note to whoever edited what another system decides. That it fails harms nothing and is not repeated."""
        connector = self.connectors[intents[0].system]
        if not connector.kinds[intents[0].kind].notes:
            return
        for change, result in zip(intents, results, strict=True):
            taken_back = [key for key, f in change.fields.items() if f.reverts]
            if isinstance(result, Written) and taken_back:
                self._note(connector, result.record.ref, change, taken_back)

    def _note(self, connector: Connector, ref: RecordRef, change: Change, taken_back: Sequence[str]) -> None:
        says = "; ".join(f"{key} is decided elsewhere ({change.fields[key].why})" for key in taken_back)
        try:
            connector.note(ref, f"Concordat took back an edit: {says}.")
        except ConnectorError as error:
            self.recorder.note_failed(change, str(error))


def _groups(changes: Sequence[Change]) -> Iterator[tuple[tuple[str, str, Op], list[Change]]]:
    def place(change: Change) -> tuple[int, str, str]:
        return (_ORDER[change.op], change.system, change.kind)

    for _, group in groupby(sorted(changes, key=place), key=place):
        members = list(group)
        yield (members[0].system, members[0].kind, members[0].op), members


def _stands(change: Change, claim: Claim | None) -> bool:
    if claim is None or claim.gone:
        return False
    return all(key in claim.values and claim.values[key] == f.old for key, f in change.fields.items())


def _matched(intents: Sequence[Change], results: Sequence[ItemResult]) -> list[ItemResult]:
    """One result for each change. A connector that answers fewer or more has told us nothing we may rely on."""
    if len(results) != len(intents):
        says = f"{len(results)} answers to {len(intents)} writes"
        return [UncertainError(says) for _ in intents]
    return [
        result if _is_about(change, result) else UncertainError("the answer is about another record")
        for change, result in zip(intents, results, strict=True)
    ]


def _is_about(change: Change, result: ItemResult) -> bool:
    """A proof names the write it is for, and the record that was meant."""
    if not isinstance(result, Written):
        return True
    if change.op is Op.CREATE:
        return result.key == change.create_key
    return result.key == change.key and result.record.ref.id == change.record_id
