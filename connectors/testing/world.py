"""The one deterministic world: several systems, one true clock, one schedule of faults.

It stands in for real systems in the engine's tests (`MemoryConnector`) and is the state behind every HTTP simulator.

    world = World(seed=7)
    crm = world.add("crm", KindSpec.of(
        "Account",
        FieldSpec("Name", required=True, length=80),
        FieldSpec("Phone", saves=("trim",)),
        FieldSpec("Key__c", unique=True),
        FieldSpec("Active", "boolean", default=True),
        key_field="Key__c", active_field="Active",
    ), skew=timedelta(seconds=-3), search_lag=timedelta(seconds=5))

    acme = crm.create("Account", {"Name": "Acme"}, by="user:anna")      # a Row: id, values, version, stamp, …
    world.clock.advance(60)
    crm.update("Account", acme.id, {"Phone": " 1 "}, by="user:ben")     # raises Refusal(code) where the system says no
    crm.search("Account", since=acme.stamp)                             # by (stamp, id), as late as the index is
    crm.read("Account", acme.id)                                        # a strong read
    crm.merge("Account", loser, winner, by="user:anna"); crm.delete("Account", acme.id, by="user:anna")
    crm.gone_since("Account", acme.stamp)                               # tombstones;  why=("merged",) for merges
    crm.log[-1]                                                         # what was accepted: actor, before, after, key
    crm.late(timedelta(seconds=40), lambda: crm.update(…))              # stamped now, seen in 40 seconds

    world.faults.force(Fault.LOST_AFTER, "crm.create")                  # or FaultSchedule(seed, {Fault.THROTTLED: 0.1})
    world.faults.strikes(Fault.LOST_AFTER, "crm.create")                # what connector and simulators ask, once a call

A simulator translates: `Refusal.code` into its vendor's error, `Row` into its vendor's record, and the faults it can
speak into lost sockets, status codes and bodies; it asks at the same call sites as `MemoryConnector`, so one schedule
drives both. Call sites are `<system>.<call>` with the call one of
`changes keys read find_created deleted merged describe check create update archive note login`, and for one item of
a batch `<system>.<call>:<kind>/<id or key>`.

Actors are `user:<name>` or `MIDDLEWARE`; the log is the only thing a checker may believe.
"""

from hashlib import blake2b
from typing import Any

from connectors.testing.clock import START, SimulatedClock
from connectors.testing.faults import Fault, FaultSchedule
from connectors.testing.metadata import FieldSpec, KindSpec, Refusal
from connectors.testing.system import MIDDLEWARE, System
from connectors.testing.table import LogEntry, Row

__all__ = [
    "MIDDLEWARE",
    "START",
    "Fault",
    "FaultSchedule",
    "FieldSpec",
    "KindSpec",
    "LogEntry",
    "Refusal",
    "Row",
    "SimulatedClock",
    "System",
    "World",
]


class World:
    """Systems that share a true clock and a schedule of faults."""

    def __init__(
        self, seed: int = 0, *, clock: SimulatedClock | None = None, faults: FaultSchedule | None = None
    ) -> None:
        """An empty world; the same seed and the same calls give the same log, to the byte."""
        self.clock = clock or SimulatedClock()
        self.faults = faults or FaultSchedule(seed)
        self.systems: dict[str, System] = {}

    def add(self, name: str, *kinds: KindSpec, sort: type[System] = System, **options: Any) -> System:
        """A new system; options are those of `System`, or of that `sort` of it."""
        system = sort(name, self.clock, kinds, **{"faults": self.faults, **options})
        self.systems[name] = system
        return system

    def log(self) -> list[LogEntry]:
        """What all systems accepted, by true time and then by system."""
        entries = [entry for system in self.systems.values() for entry in system.log]
        return sorted(entries, key=lambda entry: (entry.at, entry.system, entry.n))

    def digest(self) -> str:
        """A hash over all logs: two runs that did the same have the same."""
        return blake2b(repr(self.log()).encode(), digest_size=16).hexdigest()
