"""The calls that one batch of intents takes, and what they came to. Nothing here knows the ledger.

It runs beside the engine, in the thread that makes the calls to one system.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeAlias

from connectors.contract import Archive, Connector, Create, ItemResult, Payload, RecordRef, Update, Written
from connectors.errors import (
    ConnectorError,
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
)
from sync_pipelines.ledger.port import LeaseLostError
from sync_pipelines.model.changes import Change, Op
from sync_pipelines.model.records import Lease

_Call: TypeAlias = Callable[[Sequence[Change]], Sequence[ItemResult]]
_NOTHING: Mapping[str, Payload] = {}
_TOO_MANY = "429"
_OVER = "not sent: the work on this system had ended"


@dataclass(slots=True)
class Told:
    """What became of a batch."""

    answered: list[tuple[Change, ItemResult]] = field(default_factory=list)
    unsent: list[tuple[Change, str]] = field(default_factory=list)  # surely not executed, and why
    error: ConnectorError | LeaseLostError | None = None  # with which the work on this system ends


@dataclass(slots=True)
class Line:
    """The calls to one system, one after the other; after one that ends the work no more are made."""

    connector: Connector
    executor: Executor
    clock: Callable[[], datetime]
    over: bool = False

    def send(
        self, intents: Sequence[Change], op: Op, lease: Lease, expected: Mapping[str, Payload] = _NOTHING
    ) -> Future[Told]:
        """Hand over a batch. `expected`, by key: what stood there when we looked; where versions are known, nothing."""
        return self.executor.submit(self._sent, intents, lease, partial(self._call, op=op, expected=expected))

    def close(self) -> None:
        """What was handed over and not begun is not done; the call in the air is waited for."""
        self.over = True
        self.executor.shutdown(cancel_futures=True)

    def _sent(self, intents: Sequence[Change], lease: Lease, call: _Call) -> Told:
        told = Told()
        if self.over:
            told.unsent = [(change, _OVER) for change in intents]
            return told
        try:
            self._attempt(told, intents, lease, call)
        except BaseException:
            self.over = True
            raise
        if told.error is not None:
            self.over = True
        return told

    def _attempt(self, told: Told, intents: Sequence[Change], lease: Lease, call: _Call) -> None:
        """One call; a batch that is refused as a whole is cut in two until the bad record stands alone."""
        results: Sequence[ItemResult]
        try:
            results = _matched(intents, self._in_time(intents, lease, call))
        except RejectedError as error:
            if len(intents) > 1:
                self._halve(told, intents, lease, call)
                return
            results = [error]
        except (TransientError, MisconfiguredError) as error:
            told.unsent += [(change, str(error)) for change in intents]
            told.error = error
            return
        except LeaseLostError as error:
            told.error = error
            return
        except (StaleError, UncertainError) as error:
            results = [error for _ in intents]
        told.answered += zip(intents, results, strict=True)

    def _in_time(self, intents: Sequence[Change], lease: Lease, call: _Call) -> Sequence[ItemResult]:
        """A call that came too early was surely not executed, and goes out once more when the system said it may.

        The pace of the system has heard when that is, and waits.
        """
        self._refuse_if_late(lease)
        try:
            return call(intents)
        except TransientError as error:
            if error.code != _TOO_MANY or error.retry_after is None:
                raise
        self._refuse_if_late(lease)
        return call(intents)

    def _refuse_if_late(self, lease: Lease) -> None:
        """A process that stood still since its intent may have been taken for dead, and its work done by another."""
        if self.clock() >= lease.until:
            raise LeaseLostError(f"{lease.name}: {lease.holder} stood still until its right to write was over")

    def _halve(self, told: Told, intents: Sequence[Change], lease: Lease, call: _Call) -> None:
        half = len(intents) // 2
        self._attempt(told, intents[:half], lease, call)
        if told.error is None:
            self._attempt(told, intents[half:], lease, call)
        elif isinstance(told.error, ConnectorError):
            told.unsent += [(change, f"not tried again: {told.error}") for change in intents[half:]]

    def _call(self, intents: Sequence[Change], *, op: Op, expected: Mapping[str, Payload]) -> Sequence[ItemResult]:
        if op is Op.CREATE:
            return self.connector.create([Create(c.create_key, c.kind, c.payload) for c in intents])
        pairs = [(c, RecordRef(c.system, c.kind, c.record_id)) for c in intents]
        if op is Op.ARCHIVE:
            return self.connector.archive([Archive(c.key, ref, c.version) for c, ref in pairs])
        return self.connector.update(
            [Update(c.key, ref, c.payload, expected.get(c.key, {}), c.version) for c, ref in pairs]
        )


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
