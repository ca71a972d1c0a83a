"""Leases, runs, budgets, pins."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sync_pipelines.ledger.plans import ours
from sync_pipelines.ledger.port import LeaseLostError, LedgerError
from sync_pipelines.ledger.shelves import BUDGET, LEASE, PIN, RUN, Pin, Spent
from sync_pipelines.ledger.store import Kept, writes
from sync_pipelines.model.records import Lease, RunRecord

_NOBODY = ""


class Operation(Kept):
    """What keeps runs apart and remembers how they went."""

    @writes
    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> Lease | None:
        standing = self._store.get(LEASE, [(name,)]).get((name,))
        if standing is not None and standing.holder not in (holder, _NOBODY) and standing.until > now:
            return None
        lease = Lease(name, holder, standing.token + 1 if standing else 1, until)
        self._store.put(LEASE, [lease])
        return lease

    @writes
    def renew(self, lease: Lease, now: datetime, until: datetime) -> Lease:
        standing = self._store.get(LEASE, [(lease.name,)]).get((lease.name,))
        if standing is None or not ours(standing, lease, now):
            raise LeaseLostError(f"{lease.name}: {lease.holder} no longer has the right to write (token {lease.token})")
        renewed = Lease(lease.name, lease.holder, lease.token, until)
        self._store.put(LEASE, [renewed])
        return renewed

    @writes
    def release_lease(self, lease: Lease) -> None:
        """The token stays, so that the next one is higher."""
        standing = self._store.get(LEASE, [(lease.name,)]).get((lease.name,))
        if standing is not None and (standing.holder, standing.token) == (lease.holder, lease.token):
            self._store.put(LEASE, [Lease(lease.name, _NOBODY, lease.token, standing.until)])

    @writes
    def start_run(self, run: RunRecord) -> None:
        self._store.add(RUN, [run])

    @writes
    def end_run(self, run: str, ended_at: datetime, state: str, says: str, stats: Mapping[str, Any]) -> None:
        if not self._store.get(RUN, [(run,)]):
            raise LedgerError(f"run {run} is not in the ledger: it never began")
        to = {"ended_at": ended_at, "state": state, "says": says, "stats": stats}
        self._store.amend(RUN, ("id",), [((run,), to)])

    def runs(self, entity: str = "", limit: int = 20) -> Sequence[RunRecord]:
        return self._store.find(RUN, {"entity": [entity]} if entity else {}, newest=limit)

    def spent(self, system: str, day: str) -> int:
        known = self._store.get(BUDGET, [(system, day)]).get((system, day))
        return known.calls if known else 0

    @writes
    def spend(self, system: str, day: str, calls: int) -> int:
        known = self._store.get(BUDGET, [(system, day)]).get((system, day))
        spent = Spent(system, day, calls + (known.calls if known else 0))
        self._store.put(BUDGET, [spent])
        return spent.calls

    @writes
    def pin(self, name: str, value: str) -> str:
        kept = self._store.get(PIN, [(name,)]).get((name,))
        if kept is None:
            self._store.add(PIN, [Pin(name, value)])
        return kept.value if kept else value

    @writes
    def set_pin(self, name: str, value: str) -> None:
        self._store.put(PIN, [Pin(name, value)])

    def get_pin(self, name: str) -> str:
        kept = self._store.get(PIN, [(name,)]).get((name,))
        return kept.value if kept else ""
