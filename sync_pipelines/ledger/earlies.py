"""Early records: since when they are known, and since when they wait."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sync_pipelines.ledger.shelves import EARLY
from sync_pipelines.ledger.store import Kept, reads, writes
from sync_pipelines.model.early import Early, KeptEarly, Stage


class Earlies(Kept):
    """One row for each entity and role; a row that is over stays, and tells how long it took."""

    @reads
    def early(
        self, *, entity: str = "", entity_ids: Sequence[str] = (), stages: Sequence[Stage] = (), open_only: bool = True
    ) -> Sequence[KeptEarly]:
        where: dict[str, Any] = {}
        if entity:
            where["entity"] = [entity]
        if entity_ids:
            where["entity_id"] = set(entity_ids)
        if stages:
            where["stage"] = set(stages)
        if open_only:
            where["open"] = [True]
        return self._store.find(EARLY, where)

    @writes
    def note_early(self, entity: str, early: Mapping[str, Sequence[Early]], now: datetime) -> None:
        keys = [(entity, entity_id, each.role) for entity_id, some in early.items() for each in some]
        known = self._store.get(EARLY, keys)
        told = [(entity_id, each) for entity_id, some in early.items() for each in some]
        fresh = [_kept(entity, i, each, known.get((entity, i, each.role)), now) for i, each in told]
        self._store.put(EARLY, [row for row in fresh if known.get((entity, row.entity_id, row.role)) != row])

    @writes
    def end_early(self, entity: str, ended: Mapping[tuple[str, str], Stage], now: datetime) -> None:
        known = self._store.get(EARLY, [(entity, entity_id, role) for entity_id, role in ended])
        over = [
            replace(row, stage=ended[row.entity_id, row.role], since=now, lacks=(), open=False)
            for row in known.values()
            if row.open
        ]
        self._store.put(EARLY, over)


def _kept(entity: str, entity_id: str, early: Early, before: KeptEarly | None, now: datetime) -> KeptEarly:
    if before is None or not before.open:
        return KeptEarly(entity, entity_id, early.role, early.stage, now, now, early.lacks, early.there)
    since = before.since if before.stage is early.stage else now
    return replace(before, stage=early.stage, since=since, lacks=early.lacks, there=early.there)
