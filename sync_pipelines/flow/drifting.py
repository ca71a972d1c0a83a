"""How systems describe their kinds, kept; and what a change of it means for the maps."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import Connector, KindDescription
from connectors.errors import ConnectorError
from mappings.book import Book
from mappings.fieldmap import KindMap, Line
from mappings.values import NOWHERE
from monitoring.standing import SchemaChange
from sync_pipelines.flow.chores import DESCRIBE, chore
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.records import AuditEntry, Snapshot

NEWS = timedelta(days=7)  # so long a harmless change is told of
HARMLESS = "harmless"
PAUSED = "its map is paused"
_Field = Mapping[str, Any]


def take_snapshot(
    ledger: Ledger, connector: Connector, system: str, kind: str, maps: Sequence[KindMap], now: datetime
) -> None:
    """Ask the system how it describes a kind; kept where that is new. Raises ConnectorError.

    The first description is what the maps were made for, and so is any later one that says the same.
    """
    fresh = snapshot_of(system, connector.describe(kind), now)
    known = next(iter(ledger.snapshots(system, kind, 1)), None)
    if known is None or known.fingerprint != fresh.fingerprint:
        ledger.keep_snapshots([fresh])
    agreed = _agreed(ledger, system, kind)
    if agreed is None:
        _agree(ledger, known or fresh, maps)
        return
    as_agreed = agreed.fingerprint == fresh.fingerprint
    is_old = known is not None and now - known.taken_at >= NEWS and _is_harmless(ledger, system, kind, maps)
    if (as_agreed and agreed.lines != _lines(maps)) or (is_old and not as_agreed):
        _agree(ledger, fresh, maps)


def describe_system(ledger: Ledger, book: Book, connectors: Mapping[str, Connector], system: str, now: datetime) -> int:
    """Ask for all its kinds that the book has a map for; answers how many. Raises ConnectorError."""
    kinds = {kind: maps for (name, kind), maps in kinds_of(book).items() if name == system}
    for kind, maps in kinds.items():
        take_snapshot(ledger, connectors[system], system, kind, maps, now)
    return len(kinds)


def describe_all(ledger: Ledger, book: Book, connectors: Mapping[str, Connector], now: datetime) -> Mapping[str, str]:
    """Ask every system; one that cannot be asked is in the answer, with why."""
    untold: dict[str, str] = {}
    with chore(ledger, DESCRIBE, lambda: now):
        for system in book.systems:
            try:
                describe_system(ledger, book, connectors, system, now)
            except ConnectorError as error:
                untold[system] = str(error)
    return untold


def snapshot_of(system: str, told: KindDescription, now: datetime) -> Snapshot:
    """A description in plain words, with a fingerprint that is the same whatever the order."""
    fields = {name: json.loads(json.dumps(asdict(one))) for name, one in sorted(told.fields.items())}
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
    return Snapshot(system, told.kind, now, digest[:16], fields)


def kinds_of(book: Book) -> Mapping[tuple[str, str], list[KindMap]]:
    """Every kind that is read or written, with its maps."""
    found: dict[tuple[str, str], list[KindMap]] = {}
    for spec in book.entities.values():
        for system, kind_map in spec.maps.items():
            found.setdefault((system, kind_map.kind), []).append(kind_map)
    return found


# --- what the maps were made for ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Agreed:
    """The description that was last in order, with the lines of the maps as they were then.

    It is kept whole: a drift may stand for longer than old descriptions are kept.
    """

    fingerprint: str
    fields: Mapping[str, _Field]
    lines: Mapping[str, str]  # entity and system's field → a digest of what the map says of it


def _agree(ledger: Ledger, shot: Snapshot, maps: Sequence[KindMap]) -> None:
    told = {"fingerprint": shot.fingerprint, "fields": dict(shot.fields), "lines": _lines(maps)}
    ledger.set_pin(_pin(shot.system, shot.kind), json.dumps(told))


def _agreed(ledger: Ledger, system: str, kind: str) -> _Agreed | None:
    said = ledger.get_pin(_pin(system, kind))
    return _Agreed(**json.loads(said)) if said else None


def _pin(system: str, kind: str) -> str:
    return f"schema:{system}/{kind}"


def _lines(maps: Sequence[KindMap]) -> dict[str, str]:
    """A line that was changed since the system changed was mended; where it stands in its file says nothing."""
    found: dict[str, str] = {}
    for one in maps:
        for line in one.lines:
            name = f"{one.entity} {_first(line.at)}"
            found[name] = found.get(name, "") + repr(_anywhere(line))
    return {name: hashlib.sha256(said.encode()).hexdigest()[:16] for name, said in sorted(found.items())}


def _anywhere(line: Line) -> Line:
    return replace(line, where=NOWHERE, lines=tuple(map(_anywhere, line.lines)))


def accept(ledger: Ledger, book: Book, system: str, by: str, now: datetime) -> Sequence[str]:
    """A person says that the maps serve the system as it is now. Answers the kinds concerned."""
    accepted: list[str] = []
    for (name, kind), maps in sorted(kinds_of(book).items()):
        newest, agreed = next(iter(ledger.snapshots(name, kind, 1)), None), _agreed(ledger, name, kind)
        if name != system or newest is None or (agreed and agreed.fingerprint == newest.fingerprint):
            continue
        with ledger.transaction():
            _agree(ledger, newest, maps)
            ledger.audit([AuditEntry(now, by, "accepted how the system describes itself", f"{system}/{kind}")])
        accepted.append(kind)
    return accepted


# --- what changed ---------------------------------------------------------------------------------------------------


def schema_changes(ledger: Ledger, book: Book, now: datetime) -> Iterator[SchemaChange]:
    """What changed since the maps were made for it: as long as that is serious, and else as long as it is news."""
    for (system, kind), maps in sorted(kinds_of(book).items()):
        for newest, change in _standing(ledger, system, kind, maps):
            if change.level != HARMLESS or now - newest.taken_at < NEWS:
                yield change


def paused(ledger: Ledger, book: Book, entity: str) -> Mapping[str, str]:
    """Systems to which nothing of the entity is written, since their map no longer fits them; each with why."""
    found: dict[str, str] = {}
    for system, kind_map in book.entities[entity].maps.items():
        told = [
            change.says
            for _, change in _standing(ledger, system, kind_map.kind, [kind_map])
            if change.level != HARMLESS
        ]
        if told:
            found[system] = (
                f"{PAUSED}: {system}/{kind_map.kind}: {'; '.join(told)}: mend the map, "
                f"or say that it fits: `concordat doctor {system} --accept`"
            )
    return found


def _standing(
    ledger: Ledger, system: str, kind: str, maps: Sequence[KindMap]
) -> Iterator[tuple[Snapshot, SchemaChange]]:
    newest, agreed = next(iter(ledger.snapshots(system, kind, 1)), None), _agreed(ledger, system, kind)
    if newest is None or agreed is None or newest.fingerprint == agreed.fingerprint:
        return
    now = _lines(maps)
    serving = [replace(one, lines=tuple(_unmended(one, agreed, now))) for one in maps]
    for change in _changes(agreed.fields, newest, maps, serving):
        yield newest, change


def _is_harmless(ledger: Ledger, system: str, kind: str, maps: Sequence[KindMap]) -> bool:
    return all(change.level == HARMLESS for _, change in _standing(ledger, system, kind, maps))


def _unmended(one: KindMap, agreed: _Agreed, now: Mapping[str, str]) -> Iterator[Line]:
    for line in one.lines:
        name = f"{one.entity} {_first(line.at)}"
        if agreed.lines.get(name, now[name]) == now[name]:
            yield line


def _changes(
    old: Mapping[str, _Field], new: Snapshot, maps: Sequence[KindMap], serving: Sequence[KindMap]
) -> Iterator[SchemaChange]:
    """By what `serving` maps still say of a field; a new one that is required is served by any."""
    fills = {_first(line.at) for one in maps for line in one.lines if line.at and line.write != "never"}
    written = {_first(line.at) for one in serving for line in one.lines if line.at and line.write != "never"}
    read = {_first(line.at) for one in serving for line in one.lines if line.at}
    for name in sorted({*old, *new.fields}):
        was, now = old.get(name), new.fields.get(name)
        if was == now:
            continue
        says = _says(was, now)
        level = _level(was, now, is_read=name in read, is_written=name in written, is_filled=name in fills)
        yield SchemaChange(new.system, new.kind, new.taken_at, level, f"{name} {says}")


def _first(path: str) -> str:
    """A path begins with the system's own field."""
    return path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]


def _level(was: _Field | None, now: _Field | None, *, is_read: bool, is_written: bool, is_filled: bool) -> str:
    if now is not None and now["required"] and not is_filled and not (was and was["required"]):
        return "write_fails"  # every create would be refused
    if now is None:
        return "write_fails" if is_written else "map_affected" if is_read else HARMLESS
    if was is None or not is_read:
        return HARMLESS
    if is_written and (_shorter(was, now) or (was["writable"] and not now["writable"]) or _fewer(was, now)):
        return "write_fails"
    return "map_affected" if was["type"] != now["type"] or was["refers_to"] != now["refers_to"] else HARMLESS


def _shorter(was: _Field, now: _Field) -> bool:
    return any(now[n] is not None and (was[n] is None or now[n] < was[n]) for n in ("length", "scale"))


def _fewer(was: _Field, now: _Field) -> bool:
    return now["choices"] is not None and (was["choices"] is None or bool(set(was["choices"]) - set(now["choices"])))


def _says(was: _Field | None, now: _Field | None) -> str:
    if was is None:
        return "is new" + (" and required" if now and now["required"] else "")
    if now is None:
        return "is gone"
    changed = [name for name in sorted(was) if was[name] != now.get(name)]
    return "; ".join(f"{name}: {_short(was[name])} → {_short(now.get(name))}" for name in changed)


def _short(value: Any) -> str:
    return f"{len(value)} words" if isinstance(value, list) else "any" if value is None else str(value)
