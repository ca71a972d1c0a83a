"""From a system's payload to canonical fields. Pure; compiled once per map, then run for every record."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mappings.book import Book, CodeTable, FieldSpec
from mappings.codec import Codec, CodecError, UnknownCodeError
from mappings.codecs import CODECS
from mappings.compiling import Bound, Frame, bind, in_reading_order
from mappings.fieldmap import Fault, Gap, KindMap, Line, Reading
from mappings.paths import MISSING, PathError, fetched, getter, lister
from mappings.values import Value, Values, scoped

Reader = Callable[[Mapping[str, Any]], Reading]


@dataclass(slots=True)
class _Found:
    """What a record has told so far. Lines fill it, in reading order."""

    values: dict[str, Value] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    outer: Values = field(default_factory=dict)  # of an item in a list: what its record has told so far

    @property
    def siblings(self) -> Values:
        """What an option may name."""
        return {**self.outer, **self.values} if self.outer else self.values

    def refused(self, key: str, error: Exception) -> None:
        """A value that cannot be read spoils its own field: a gap where a table may learn it, else a fault."""
        if isinstance(error, UnknownCodeError):
            self.gaps.append(Gap(key, error.table, error.code, "decode"))
        else:
            self.faults.append(Fault(key, str(error)))


_Take = Callable[[Mapping[str, Any], _Found], None]


def compile_reader(
    kind_map: KindMap,
    fields: Mapping[str, FieldSpec],
    tables: Mapping[str, CodeTable],
    time_zone: str = "UTC",
    codecs: Mapping[str, Codec] = CODECS,
) -> Reader:
    """A reader of one map. Raises LookupError or PathError where the map names what is not there."""
    frame = Frame(kind_map, fields, tables, time_zone, codecs)
    takes = [_take(line, frame, scoped(line.field, line.scope)) for line in in_reading_order(kind_map.lines, codecs)]
    about = _about(kind_map)

    def read(payload: Mapping[str, Any]) -> Reading:
        scope, archived, editor, takes_part = about(payload)
        found = _Found()
        for take in takes:
            take(payload, found)
        values = _in_scope(found.values, scope, per_scope) if scope else found.values
        return Reading(values, scope, archived, editor, takes_part, tuple(found.gaps), tuple(found.faults))

    per_scope = frozenset(name for name, spec in fields.items() if spec.per)
    return read


def reader_of(book: Book, entity: str, system: str) -> Reader:
    """The reader of one system's records of an entity. Raises LookupError where the book has no such map."""
    spec, zone = book.entities[entity], book.systems[system].calendar.time_zone
    return compile_reader(spec.maps[system], spec.fields, book.tables, zone, {**CODECS, **book.codecs})


def _in_scope(values: dict[str, Value], scope: str, per_scope: frozenset[str]) -> dict[str, Value]:
    """A record of one company speaks, in fields that are decided per company, for that company only."""
    return {scoped(key, scope) if key in per_scope else key: value for key, value in values.items()}


def _take(line: Line, frame: Frame, key: str) -> _Take:
    if line.codec == "list":
        return _list(line, frame, key)
    if line.codec == "address":
        return _address(line, frame, key)
    if line.lines:
        return _compound(line, frame, key)
    return _per_scope(line, frame) if line.per else _single(bind(line, frame), key)


def _single(bound: Bound, key: str) -> _Take:
    get, context, empties, linked = getter(bound.line.at), bound.context, bound.empties, bool(bound.setting.links)
    decode = bound.codec.decode

    def take(payload: Mapping[str, Any], found: _Found) -> None:
        try:
            raw = get(payload)
            if raw is MISSING:
                return
            if raw is None:
                found.values[key] = None
            elif linked or empties:
                found.values[key] = bound.decode(raw, found.siblings)
            else:
                found.values[key] = decode(raw, context)
        except Exception as error:  # noqa: BLE001 - a codec may be anybody's; a bad field spoils itself, not the record
            found.refused(key, _told(error))

    return take


def _told(error: Exception) -> Exception:
    known = isinstance(error, CodecError | PathError)
    return error if known else CodecError(f"its codec failed with {type(error).__name__}")


def _per_scope(line: Line, frame: Frame) -> _Take:
    get, bound = getter(line.at), bind(line, frame)

    def take(payload: Mapping[str, Any], found: _Found) -> None:
        held = _fetch(get, payload, line.field, found)
        if isinstance(held, Mapping):
            for scope, raw in held.items():
                _decoded(bound, scoped(line.field, str(scope)), raw, found)
        elif held is not MISSING and held is not None:
            found.faults.append(Fault(line.field, "is not kept per company there"))

    return take


def _fetch(get: Callable[[Mapping[str, Any]], Any], payload: Mapping[str, Any], key: str, found: _Found) -> Any:
    try:
        return get(payload)
    except PathError as error:
        found.refused(key, error)
        return MISSING


def _decoded(bound: Bound, key: str, raw: Any, found: _Found) -> None:
    try:
        found.values[key] = bound.decode(raw, found.siblings)
    except CodecError as error:
        found.refused(key, error)


def _address(line: Line, frame: Frame, key: str) -> _Take:
    get = getter(line.at) if line.at else None
    parts = [(part.field, getter(part.at), bind(part, frame.parts_of(line))) for part in line.lines]

    def take(payload: Mapping[str, Any], found: _Found) -> None:
        try:
            base = get(payload) if get else payload
            said = _parts(base, parts, found.siblings)
        except (CodecError, PathError) as error:
            found.refused(key, error)
            return
        if said is not MISSING:
            found.values[key] = said

    return take


def _compound(line: Line, frame: Frame, key: str) -> _Take:
    """One value that the system keeps in several places: the codec is given them by name."""
    get, bound = getter(line.at) if line.at else None, bind(line, frame)
    places = {part.field: getter(part.at) for part in line.lines}

    def take(payload: Mapping[str, Any], found: _Found) -> None:
        try:
            base = get(payload) if get else payload
            raws = _places(base, places)
        except (CodecError, PathError) as error:
            found.refused(key, error)
            return
        if raws is not MISSING:
            _decoded(bound, key, raws, found)

    return take


def _places(base: Any, places: Mapping[str, Any]) -> Any:
    if base is None or base is MISSING:
        return base
    raws = {name: get(base) for name, get in places.items()}
    silent = [name for name, raw in raws.items() if raw is MISSING]
    if len(silent) == len(raws):
        return MISSING
    if silent:
        raise CodecError(f"is told without its {silent[0]}")
    return raws if any(raw is not None for raw in raws.values()) else None


def _parts(base: Any, parts: list[tuple[str, Any, Bound]], siblings: Values) -> Any:
    """All parts that the map knows. An address told in part only would blank the rest, so it is refused."""
    if base is None or base is MISSING:
        return base
    raws = [(name, get(base), bound) for name, get, bound in parts]
    silent = [name for name, raw, _ in raws if raw is MISSING]
    if len(silent) == len(raws):
        return MISSING
    if silent:
        raise CodecError(f"is told without its {silent[0]}")
    told: dict[str, Value] = {}
    for name, raw, bound in sorted(raws, key=_leans):
        told[name] = _part(name, bound, raw, {**siblings, **told} if bound.setting.links else siblings)
    told = {name: told[name] for name, _, _ in raws}
    return told if any(value is not None for value in told.values()) else None


def _leans(part: tuple[str, Any, Bound]) -> bool:
    return bool(part[2].setting.links)


def _part(name: str, bound: Bound, raw: Any, siblings: Values) -> Value:
    try:
        return bound.decode(raw, siblings)
    except UnknownCodeError:
        raise
    except CodecError as error:
        raise CodecError(f"{name}: {error}") from None


def _list(line: Line, frame: Frame, key: str) -> _Take:
    get, inner = lister(line.at), frame.items_of(line)
    takes = [_take(item, inner, item.field) for item in in_reading_order(line.lines, frame.codecs)]
    by = line.options.get("key", "")

    def take(payload: Mapping[str, Any], found: _Found) -> None:
        elements = _fetch(get, payload, key, found)
        if elements is MISSING or elements is None:
            found.values.update({} if elements is MISSING else {key: None})
            return
        items = [_item(element, takes, found.values) for element in elements]
        if not _spoilt(items, key, found):
            _keep(key, [item.values for item in items], by, found)

    return take


def _item(element: Any, takes: list[_Take], outer: Values) -> _Found:
    item = _Found(outer=outer)
    if not isinstance(element, Mapping):
        item.faults.append(Fault("", "is no record"))
        return item
    for take in takes:
        take(element, item)
    return item


def _spoilt(items: list[_Found], key: str, found: _Found) -> bool:
    """A list with one unreadable item is not told at all: without that item it would look shortened."""
    for number, item in enumerate(items, 1):
        found.gaps += [Gap(key, gap.table, gap.code, gap.way) for gap in item.gaps]
        found.faults += [Fault(key, f"item {number}, {fault.field}: {fault.says}") for fault in item.faults]
    return any(item.gaps or item.faults for item in items)


def _keep(key: str, items: list[dict[str, Value]], by: str, found: _Found) -> None:
    """Keyed items stand in the order of their keys, so that two orders are one value."""
    keys = [str(item.get(by)) for item in items] if by else []
    if len(set(keys)) < len(keys) or "None" in keys:
        found.faults.append(Fault(key, f"has items with the same {by}, or without one"))
        return
    ordered = sorted(items, key=lambda item: str(item[by])) if by else items
    found.values[key] = list(ordered)


def _about(kind_map: KindMap) -> Callable[[Mapping[str, Any]], tuple[str, bool, str, bool]]:
    """What a record says of itself: its scope, whether it is out of use, who touched it, whether it is ours."""
    only = [(getter(path), allowed) for path, allowed in kind_map.only.items()]
    scope, archived = _optional(kind_map.scope_at), _optional(kind_map.archived_at)
    editor = _optional(kind_map.editor_at)

    def about(payload: Mapping[str, Any]) -> tuple[str, bool, str, bool]:
        ours = all(_among(get(payload), allowed) for get, allowed in only)
        return _word(scope(payload)), _among(archived(payload), kind_map.archived_is), _word(editor(payload)), ours

    return about


def _optional(path: str) -> Callable[[Mapping[str, Any]], Any]:
    return getter(path) if path else lambda _: None


def _word(raw: Any) -> str:
    """Half of a character, which nothing can keep, becomes a mark: a word that no book names."""
    word = str(raw) if isinstance(raw, str | int) else ""
    return word if word.isascii() else word.encode(errors="replace").decode()


def _among(raw: Any, allowed: tuple[Any, ...]) -> bool:
    return any(type(raw) is type(one) and raw == one for one in allowed)


def paths(kind_map: KindMap) -> tuple[str, ...]:
    """The vendor's paths that a map reads, and no others: what is not needed is not fetched."""
    about = (kind_map.scope_at, kind_map.archived_at, kind_map.editor_at, *kind_map.only)
    found = {path for at in about if at for path in fetched(at)}
    return tuple(sorted(found.union(_paths(kind_map.lines))))


def _paths(lines: tuple[Line, ...], prefix: str = "") -> Iterator[str]:
    for line in lines:
        at = ".".join(part for part in (prefix, line.at) if part)
        if line.lines:
            yield from _paths(line.lines, at)
        else:
            yield from fetched(at)
