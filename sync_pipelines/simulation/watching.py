"""Watches a history from outside while it is played: every write as it happens, and every run as it ends."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from connectors.testing.faults import Fault
from connectors.testing.records import SLOW
from connectors.testing.table import LogEntry
from connectors.testing.world import MIDDLEWARE, System
from sync_pipelines.intake.crawl import FLOW_CHANGES
from sync_pipelines.ledger.keeping import KeptLedger
from sync_pipelines.ledger.shelves import LEASE
from sync_pipelines.model.changes import Change, State
from sync_pipelines.simulation.little_world import LittleWorld
from sync_pipelines.simulation.testimony import Archived, Made, Overwritten, Pass, Ref, Sent

_UNSENT = (State.PLANNED,)
_SENT = (State.INTENDED, State.UNCERTAIN)


class _Log(list[LogEntry]):
    """The log of a system; each write of ours is looked up in the ledger at the instant at which it is executed."""

    def __init__(self, entries: list[LogEntry], watch: "Watch") -> None:
        super().__init__(entries)
        self._watch = watch

    def append(self, entry: LogEntry) -> None:
        if entry.actor == MIDDLEWARE and entry.writes:
            entry = self._watch.executed(entry)
        super().append(entry)


@dataclass
class Watch:
    """Evidence that has to be taken on the spot."""

    little: LittleWorld
    tell: Callable[[str], None]
    passes: list[Pass] = field(default_factory=list)
    unannounced: list[str] = field(default_factory=list)
    unleased: list[str] = field(default_factory=list)
    overwritten: list[Overwritten] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    archived: list[Archived] = field(default_factory=list)

    def __post_init__(self) -> None:
        """From now on."""
        for system in self.little.world.systems.values():
            system.log = _Log(system.log, self)
        self._calls = self._called()
        self._slow = ("", self.little.world.clock.now())
        faults = self.little.world.faults
        self._tells, faults.when_struck = faults.when_struck, self.struck

    def executed(self, entry: LogEntry) -> LogEntry:
        """A system executes a write of ours. Over HTTP an update has no room for its key: it is found and noted."""
        self.tell(f"    → {entry.op} {entry.system}/{entry.id} {_moved(entry)}")
        ledger = self.little.ledger
        planned = any(_is_by(entry, change) for change in ledger.changes(system=entry.system, states=_UNSENT))
        if planned and not any(c.sent_at and _is_by(entry, c) for c in ledger.changes(system=entry.system)):
            self.unannounced.append(f"{entry.op} {entry.system}/{entry.id} was executed and only planned so far")
        sent = (change for change in ledger.changes(system=entry.system, states=_SENT) if _is_by(entry, change))
        change = next(sent, None)
        if change is None:
            return entry
        self._decided_on(entry, change)
        self._under_lease(entry)
        return entry._replace(key=entry.key or change.key)

    def struck(self, fault: str, site: str) -> None:
        """A call is about to take a minute: what it brings was sent now."""
        if self._tells is not None:
            self._tells(fault, site)
        if fault == Fault.SLOW_CALL:
            self._slow = (site, self.little.world.clock.now())

    def _sent_at(self, entry: LogEntry) -> datetime:
        site, at = self._slow
        now = self.little.world.clock.now()
        return at if site == f"{entry.system}.{entry.op}" and now - at <= SLOW else now

    def _under_lease(self, entry: LogEntry) -> None:
        """Somebody has to have the right to write there at this very instant, or when it was sent over a slow line."""
        name, now = f"{entry.system}/{entry.kind}", self._sent_at(entry)
        standing = cast("KeptLedger", self.little.ledger).store.get(LEASE, [(name,)]).get((name,))
        if standing is None or not standing.holder or standing.until <= now:
            self.unleased.append(f"{entry.op} {entry.system}/{entry.id} at {now}, and the lease was {standing}")

    def _decided_on(self, entry: LogEntry, change: Change) -> None:
        """What it was written for, or over, and what was sent."""
        self.sent.append(
            Sent(entry.system, entry.kind, entry.id, self.little.in_our_words(entry.system, change.payload))
        )
        if entry.op == "update":
            there, now = entry.before or {}, entry.after or {}
            self.overwritten += [
                Overwritten(entry.system, entry.id, key, field.old, there, now, entry.n)
                for key, field in change.fields.items()
            ]
        elif entry.op == "create":
            self.made.append(Made(entry.system, entry.kind, entry.id, self._coupled(change), entry.at, change.sent_at))
        elif entry.op == "archive":
            self.archived.append(Archived((entry.system, entry.kind, entry.id), entry.n, self._coupled(change)))

    def _coupled(self, change: Change) -> frozenset[Ref]:
        found = self.little.ledger.couplings_of(change.entity, [change.entity_id])[change.entity_id]
        return frozenset((c.ref.system, c.ref.kind, c.ref.id) for c in found)

    def ran(self, operation: int, *, rewound: bool = False) -> None:
        """An operation with runs is over."""
        now = self._called()
        calls = {system: now[system] - before for system, before in self._calls.items()}
        self._calls = now
        marks = {}
        for system, kind in self.little.places:
            mark = self.little.ledger.watermark(system, kind, FLOW_CHANGES)
            if mark is not None:
                marks[system, kind, FLOW_CHANGES] = mark.at
        logged = {name: len(system.log) for name, system in self.little.world.systems.items()}
        self.passes.append(Pass(operation, calls, self._records(), marks, rewound, logged))

    def _called(self) -> dict[str, int]:
        return {name: _sum(system) for name, system in self.little.world.systems.items()}

    def _records(self) -> int:
        return sum(len(table.rows) for system in self.little.world.systems.values() for table in system.tables.values())


def _is_by(entry: LogEntry, change: Change) -> bool:
    if entry.key:
        return entry.key in (change.key, change.create_key)
    place = (entry.system, entry.kind, entry.id, entry.op)
    return place == (change.system, change.kind, change.record_id, change.op.value)


def _moved(entry: LogEntry) -> dict[str, object]:
    before, after = entry.before or {}, entry.after or {}
    return {name: value for name, value in after.items() if before.get(name) != value}


def _sum(system: System) -> int:
    calls: Counter[str] = system.calls
    return calls.total()
