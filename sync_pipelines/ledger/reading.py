"""How far was read, what has to be read again, and what cannot go on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from connectors.contract import RecordRef, Watermark
from mappings.fieldmap import Gap
from sync_pipelines.ledger.claims import by_kind
from sync_pipelines.ledger.shelves import (
    DIRTY,
    GAP,
    GAP_RECORD,
    QUARANTINE,
    WATERMARK,
    Dirty,
    GapHead,
    GapRecord,
    Mark,
)
from sync_pipelines.ledger.store import Kept, Key, reads, writes, writes_all
from sync_pipelines.model.records import OpenGap, Quarantined


def _key_of(entry: Quarantined) -> Key:
    return (entry.ref.system, entry.ref.kind, entry.ref.id, entry.entity, entry.reason, entry.field)


class Reading(Kept):
    """Watermarks, the dirty list, quarantine and gaps."""

    def watermark(self, system: str, kind: str, flow: str) -> Watermark | None:
        mark = self._store.get(WATERMARK, [(system, kind, flow)]).get((system, kind, flow))
        return mark.to if mark else None

    @writes
    def advance(self, system: str, kind: str, flow: str, to: Watermark) -> None:
        known = self.watermark(system, kind, flow)
        if known is None or to.at >= known.at:
            self._store.put(WATERMARK, [Mark(system, kind, flow, to)])

    @writes
    def rewind(self, system: str, kind: str, flow: str, to: Watermark | None) -> None:
        if to is None:
            self._store.drop(WATERMARK, [(system, kind, flow)])
        else:
            self._store.put(WATERMARK, [Mark(system, kind, flow, to)])

    @writes
    def mark_dirty(self, refs: Sequence[RecordRef], reason: str) -> None:
        self._store.put(DIRTY, [Dirty(ref, reason) for ref in refs])

    def dirty(self, system: str, kind: str) -> Sequence[RecordRef]:
        return [each.ref for each in self._store.find(DIRTY, {"system": [system], "kind": [kind]})]

    @writes_all
    def clean(self, refs: Sequence[RecordRef]) -> None:
        self._store.drop(DIRTY, [(ref.system, ref.kind, ref.id) for ref in refs])

    @writes_all
    def quarantine(self, entries: Sequence[Quarantined]) -> None:
        """What waits already keeps its `since` and its place."""
        known = self._store.get(QUARANTINE, {_key_of(entry) for entry in entries})
        for entry in entries:
            before = known.get(_key_of(entry))
            known[_key_of(entry)] = replace(entry, since=before.since) if before else entry
        self._store.put(QUARANTINE, list(known.values()))

    def quarantined(self, *, entity: str = "", system: str = "") -> Sequence[Quarantined]:
        asked = {"entity": entity, "system": system}
        return self._store.find(QUARANTINE, {column: [value] for column, value in asked.items() if value})

    @writes
    def release(self, refs: Sequence[RecordRef], entity: str, reason: str = "") -> None:
        for system, kind, ids in by_kind(refs):
            where = {"system": [system], "kind": [kind], "record_id": ids, "entity": [entity]}
            found = self._store.find(QUARANTINE, {**where, "reason": [reason]} if reason else where)
            self._store.drop(QUARANTINE, [_key_of(entry) for entry in found])

    @writes
    def note_gaps(self, map_name: str, gaps: Sequence[tuple[RecordRef, Gap]], now: datetime) -> None:
        heads = {(g.table, map_name, g.code, g.way): GapHead(g.table, map_name, g.code, g.way, now) for _, g in gaps}
        known = self._store.get(GAP, heads.keys())
        self._store.put(GAP, [head for key, head in heads.items() if key not in known])
        self._store.put(GAP_RECORD, [GapRecord(g.table, map_name, g.code, g.way, ref) for ref, g in gaps])

    @reads
    def gaps(self) -> Sequence[OpenGap]:
        waiting: dict[Key, list[RecordRef]] = {}
        for each in self._store.find(GAP_RECORD, {}):
            waiting.setdefault((each.table, each.map, each.code, each.way), []).append(each.ref)
        return [
            OpenGap(g.table, g.map, g.code, g.way, g.since, tuple(waiting.get((g.table, g.map, g.code, g.way), ())))
            for g in self._store.find(GAP, {})
        ]

    @writes
    def close_gap(self, table: str, map_name: str, code: str, way: str) -> None:
        where = {"table": [table], "map": [map_name], "code": [code], "way": [way]}
        waiting = [each.ref for each in self._store.find(GAP_RECORD, where)]
        self._store.drop(GAP_RECORD, [(table, map_name, code, way, ref.system, ref.kind, ref.id) for ref in waiting])
        self._store.drop(GAP, [(table, map_name, code, way)])
