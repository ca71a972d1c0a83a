"""What is not needed for ever, and how systems described themselves."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sync_pipelines.ledger.shelves import ALERT, CHANGE, DECISION, INBOX, OUTBOX, PART, PLAN, RUN, SNAPSHOT, VISIT
from sync_pipelines.ledger.store import Kept, reads, writes
from sync_pipelines.model.changes import State
from sync_pipelines.model.records import RunRecord, Snapshot


class Upkeep(Kept):
    """Claims, couplings, golden records with their history, and the audit are not touched by any of this."""

    @writes
    def prune(self, before: datetime, keep: int) -> Mapping[str, int]:
        return {
            "runs": self._prune_runs(before, keep),
            "plans": self._prune_plans(before),
            "messages": self._prune_messages(before),
            "alerts": self._prune_alerts(before),
            "snapshots": self._prune_snapshots(before),
            "deliveries": self._prune_deliveries(before),
            "visits": self._prune_visits(before),
        }

    def _prune_runs(self, before: datetime, keep: int) -> int:
        kept: defaultdict[tuple[str, str], list[RunRecord]] = defaultdict(list)
        for run in self._store.find(RUN, {}):
            kept[run.entity, run.kind].append(run)
        older = (run for runs in kept.values() for run in (runs[:-keep] if keep else runs))
        old = [(run.id,) for run in older if run.ended_at is not None and run.ended_at < before]
        self._store.drop(RUN, old)
        return len(old)

    def _prune_plans(self, before: datetime) -> int:
        """Those that were never applied. One with a change that was sent stays: recovery, undo and why ask for it."""
        superseded = self._store.find(PLAN, {"state": ["superseded"]})
        old = {head.id for head in superseded if head.made_at < before}
        changes = self._store.pick(CHANGE, {"plan": old}, ("plan", "key", "state", "sent_at"))
        old -= {plan for plan, _, state, sent_at in changes if state is not State.DROPPED or sent_at is not None}
        self._store.drop(CHANGE, [(key,) for plan, key, *_ in changes if plan in old])
        self._store.drop(PART, self._store.pick(PART, {"plan": old}, ("plan", "part")))
        self._store.drop(DECISION, self._store.pick(DECISION, {"plan": old}, ("plan", "entity_id")))
        self._store.drop(PLAN, [(plan,) for plan in old])
        return len(old)

    def _prune_messages(self, before: datetime) -> int:
        sent = self._store.pick(OUTBOX, {"waiting": [False]}, ("id", "made_at"))
        old = [(id_,) for id_, made_at in sent if made_at < before]
        self._store.drop(OUTBOX, old)
        return len(old)

    def _prune_alerts(self, before: datetime) -> int:
        over = self._store.pick(ALERT, {"open": [False]}, ("alert", "since"))
        old = [(alert,) for alert, since in over if since < before]
        self._store.drop(ALERT, old)
        return len(old)

    def _prune_snapshots(self, before: datetime) -> int:
        """The newest of each kind stays, however old it is."""
        keys = sorted(self._store.pick(SNAPSHOT, {}, SNAPSHOT.key))
        newest = {(system, kind): (system, kind, taken_at) for system, kind, taken_at in keys}
        old = [key for key in keys if key[2] < before and key not in newest.values()]
        self._store.drop(SNAPSHOT, old)
        return len(old)

    def _prune_deliveries(self, before: datetime) -> int:
        """Those that wait, too: whatever they hinted at was read by many a run since."""
        kept = self._store.pick(INBOX, {}, ("system", "id", "received_at"))
        old = [(system, id_) for system, id_, received_at in kept if received_at < before]
        self._store.drop(INBOX, old)
        return len(old)

    def _prune_visits(self, before: datetime) -> int:
        old = [(digest,) for digest, until in self._store.pick(VISIT, {}, ("digest", "until")) if until < before]
        self._store.drop(VISIT, old)
        return len(old)

    @writes
    def keep_snapshots(self, snapshots: Sequence[Snapshot]) -> None:
        self._store.put(SNAPSHOT, snapshots)

    @reads
    def snapshots(self, system: str, kind: str, limit: int = 2) -> Sequence[Snapshot]:
        return self._store.find(SNAPSHOT, {"system": [system], "kind": [kind]}, newest=limit)
