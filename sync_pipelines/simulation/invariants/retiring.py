"""Who is put out of use, and on whose word."""

from collections.abc import Iterator, Mapping

from connectors.testing.world import LogEntry
from sync_pipelines.simulation.invariants.words import OP_WRITES, by_key, by_users, written
from sync_pipelines.simulation.testimony import Evidence, Ref

_GOES = ("archive", "delete", "merge")


def nothing_deleted(evidence: Evidence) -> Iterator[str]:
    """I17: the middleware deletes nothing, and archives only who was archived, deleted or merged elsewhere, or undone.

    A system that shows nothing any more looks as if somebody had; then a person says what becomes of it.
    """
    ours = written(evidence)
    yield from (f"we did {e.op} {e.system}/{e.id}" for e in ours if e.op not in OP_WRITES)
    archived = [e for e in ours if e.op == "archive"]
    if archived:
        homes = {(c.system, c.kind, c.id): c.entity_id for c in evidence.told.couplings}
        lines = by_key(evidence)
        for entry in archived:
            line = lines.get((entry.system, entry.key))
            undone = line.plan in evidence.undoing if line else bool(evidence.undoing)
            mine = {homes.get(_place(entry), ""), line.entity_id if line else ""} - {""}
            if not undone and not _has_reason(evidence, entry, mine, homes):
                yield f"archived and nobody had: {entry.system}/{entry.id}"


def _has_reason(evidence: Evidence, entry: LogEntry, mine: set[str], homes: Mapping[Ref, str]) -> bool:
    """Somebody retired one of the same entity before, or said so."""
    retired = {_place(e) for e in by_users(evidence) if e.at <= entry.at and (e.op in _GOES or _switched_off(e.after))}
    then = [one.of for one in evidence.archived if (one.ref, one.n) == (_place(entry), entry.n)]
    now = {place for place, home in homes.items() if home in mine} | _parted_from(evidence, _place(entry))
    known = then[0] if then else now  # a restored ledger may know them no more
    return bool(known & retired or mine & evidence.let_go)


def _parted_from(evidence: Evidence, place: Ref) -> set[Ref]:
    return {
        ref for one in evidence.ever_parted if place in (one.leaves, *one.stays) for ref in (one.leaves, *one.stays)
    }


def _place(entry: LogEntry) -> Ref:
    return entry.system, entry.kind, entry.id


def _switched_off(after: dict[str, object] | None) -> bool:
    return after is not None and after.get("Active") is False
