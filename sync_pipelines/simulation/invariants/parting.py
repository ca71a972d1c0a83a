"""What was taken for one and is two again."""

from collections.abc import Iterator

from sync_pipelines.simulation.invariants.words import canonical, moved, written
from sync_pipelines.simulation.testimony import Evidence, Parted, Ref

_NOT_COMPARED = frozenset({"Key", "Active", "AccountId"})  # whom it referred to may have another record by now


def stays_two(evidence: Evidence) -> Iterator[str]:
    """L13: who was parted by a person is not joined again, unless a person does or a system merges them."""
    homes = {(c.entity, c.system, c.kind, c.id): c.entity_id for c in evidence.told.couplings}
    for one in evidence.parted:
        home = homes.get((one.entity, *one.leaves))
        merged = _merged(evidence, one)
        for other in one.stays:
            if home is not None and home == homes.get((one.entity, *other)) and not {one.leaves, other} & merged:
                yield f"{'/'.join(one.leaves)} was parted from {'/'.join(other)}, and both are {home} again"


def _merged(evidence: Evidence, parted: Parted) -> set[Ref]:
    """Records that went into others after that; or before, into one of those that were parted."""
    both = {parted.leaves, *parted.stays}
    merges = [e for e in evidence.world.log() if e.op == "merge"]
    return {(e.system, e.kind, e.id) for e in merges if e.at >= parted.at or (e.system, e.kind, e.other) in both}


def own_values_come_back(evidence: Evidence) -> Iterator[str]:
    """L13: what a split writes to a record that record had said before; as far as its system kept it."""
    plans = {line.key for line in evidence.told.journal if line.plan in {one.plan for one in evidence.parted}}
    for entry in written(evidence) if plans else ():
        if entry.key in plans:
            for name in sorted(moved(entry) - _NOT_COMPARED):
                value = _spelled((entry.after or {}).get(name))
                said = _said_before(evidence, entry.system, entry.id, entry.n, name)
                is_cut = evidence.done.get("cut_field", 0) > 0 and any(str(one).startswith(str(value)) for one in said)
                if not _was_said(value, said) and not is_cut:
                    yield f"a split wrote {name}={value!r:.80} to {entry.system}/{entry.id}, which never said so"


def _was_said(value: object, said: set[object]) -> bool:
    """Of a list each item."""
    if not isinstance(value, tuple):
        return value in said
    return set(value) <= {item for one in said if isinstance(one, tuple) for item in one}


def _said_before(evidence: Evidence, system: str, record_id: str, n: int, name: str) -> set[object]:
    log = evidence.world.systems[system].log
    mine = [entry for entry in log if entry.id == record_id and entry.n < n]
    return {_spelled((entry.after or {}).get(name)) for entry in mine}


def _spelled(value: object) -> object:
    """The order of a list's items says nothing, nor does a part of one that is blank."""
    if not isinstance(value, list):
        return canonical(value)
    items = [{name: part for name, part in item.items() if part is not None} for item in value]
    return tuple(sorted(str(canonical(sorted(item.items()))) for item in items))
