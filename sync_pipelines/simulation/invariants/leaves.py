"""How much is written without anybody's leave."""

from collections import Counter
from collections.abc import Iterator

from connectors.testing.world import LogEntry
from sync_pipelines.simulation.invariants.words import ADDRESS, by_key, emptied, moved, written
from sync_pipelines.simulation.testimony import Evidence, Leave, Planned

_AT_LEAST = 1  # changes that the tight book lets through in any case, and these shares of the records there
_SHARES = {"create": 0.2, "update": 0.3, "blank": 0.05, "archive": 0.02}
_NOT_BY_ITSELF = frozenset({"Places", *(part.title() for parts in ADDRESS.values() for part in parts)})


def no_more_than_usual(evidence: Evidence) -> Iterator[str]:
    """I18: of one plan no more is written to a system than its limit, but what a person let through before."""
    if "tight_guards" not in evidence.kinds:
        return
    counted: Counter[tuple[str, str, str, str]] = Counter()
    seen: set[str] = set()
    journal = by_key(evidence)
    for entry in written(evidence):
        line = journal.get((entry.system, entry.key))
        if line is None or line.key in seen or entry.key in evidence.forgotten:
            continue
        seen.add(line.key)
        part = (line.plan, line.system, line.entity, _op(entry))
        counted[part] += 1
        if counted[part] > _usual(evidence, entry, part[3]) and not _is_let_through(evidence, entry, line, part[3]):
            yield f"{entry.op} {entry.system}/{entry.id} is number {counted[part]} of {part}, and nobody let it through"


def _op(entry: LogEntry) -> str:
    """A guard counts an update that empties a field as a blank; one that empties a part of a field is told apart."""
    if entry.op != "update" or not (left := emptied(entry)):
        return entry.op
    if not left - _NOT_BY_ITSELF:
        return "unclear"
    return "blank" if left <= moved(entry) else entry.op


def _usual(evidence: Evidence, entry: LogEntry, op: str) -> float:
    records = len(evidence.world.systems[entry.system].tables[entry.kind].rows)  # more than are coupled
    return max(_AT_LEAST, int(_SHARES.get(op, 1.0) * records))


def _is_let_through(evidence: Evidence, entry: LogEntry, line: Planned, op: str) -> bool:
    return any(leave.at <= entry.at and _covers(leave, line, op) for leave in evidence.leaves)


def _covers(leave: Leave, line: Planned, op: str) -> bool:
    named = (leave.system or line.system, leave.entity or line.entity, leave.op or op)
    return named == (line.system, line.entity, op)
