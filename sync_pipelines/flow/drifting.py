"""How systems describe their kinds, kept; and what a change of it means for the maps."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import Connector, KindDescription
from mappings.book import Book
from mappings.fieldmap import KindMap
from monitoring.standing import SchemaChange
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.records import Snapshot

NEWS = timedelta(days=7)  # so long a change is told of, unless another description follows
_Field = Mapping[str, Any]


def take_snapshot(ledger: Ledger, connector: Connector, system: str, kind: str, now: datetime) -> None:
    """Ask the system how it describes a kind; kept where that is new. Raises ConnectorError."""
    fresh = snapshot_of(system, connector.describe(kind), now)
    known = next(iter(ledger.snapshots(system, kind, 1)), None)
    if known is None or known.fingerprint != fresh.fingerprint:
        ledger.keep_snapshots([fresh])


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


def schema_changes(ledger: Ledger, book: Book, now: datetime) -> Iterator[SchemaChange]:
    """What changed from the description before to the newest one, where that is news."""
    for (system, kind), maps in sorted(kinds_of(book).items()):
        known = ledger.snapshots(system, kind, 2)
        if len(known) > 1 and now - known[0].taken_at < NEWS:
            yield from _changes(known[1], known[0], maps)


def _changes(old: Snapshot, new: Snapshot, maps: list[KindMap]) -> Iterator[SchemaChange]:
    written = {_first(line.at) for one in maps for line in one.lines if line.at and line.write != "never"}
    read = {_first(line.at) for one in maps for line in one.lines if line.at}
    for name in sorted({*old.fields, *new.fields}):
        was, now = old.fields.get(name), new.fields.get(name)
        if was == now:
            continue
        says = _says(was, now)
        level = _level(was, now, is_read=name in read, is_written=name in written)
        yield SchemaChange(new.system, new.kind, new.taken_at, level, f"{name} {says}")


def _first(path: str) -> str:
    """A path begins with the system's own field."""
    return path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]


def _level(was: _Field | None, now: _Field | None, *, is_read: bool, is_written: bool) -> str:
    if now is not None and now["required"] and not is_written and not (was and was["required"]):
        return "write_fails"  # every create would be refused
    if now is None:
        return "write_fails" if is_written else "map_affected" if is_read else "harmless"
    if was is None or not is_read:
        return "harmless"
    if is_written and (_shorter(was, now) or (was["writable"] and not now["writable"]) or _fewer(was, now)):
        return "write_fails"
    return "map_affected" if was["type"] != now["type"] or was["refers_to"] != now["refers_to"] else "harmless"


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
