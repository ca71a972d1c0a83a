"""From canonical fields to a partial payload in a system's words: only what was asked for. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mappings.book import Book, CodeTable, FieldSpec
from mappings.codec import Codec, CodecError, UnknownCodeError
from mappings.codecs import CODECS
from mappings.compiling import Bound, Frame, bind
from mappings.fieldmap import Fault, Gap, KindMap, Line, Writing
from mappings.paths import setter
from mappings.values import Value, Values, field_of, scope_of, scoped


@dataclass(slots=True)
class _Draft:
    """The payload so far. Lines fill it."""

    payload: dict[str, Any] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def refused(self, key: str, error: CodecError) -> None:
        """A value that cannot be written leaves the other fields alone."""
        if isinstance(error, UnknownCodeError):
            self.gaps.append(Gap(key, error.table, error.code, "encode"))
        else:
            self.faults.append(Fault(key, str(error)))


_Put = Callable[[str, Value, Values, _Draft], None]


@dataclass(frozen=True, slots=True)
class Writer:
    """Called with what shall be written and with all agreed values, which codecs may have to look at."""

    kind_map: KindMap
    puts: Mapping[str, _Put]
    lines: Mapping[str, tuple[Line, ...]]  # by field

    def __call__(self, changed: Values, all_values: Values | None = None, *, creating: bool = False) -> Writing:
        """A payload of just the changed fields, with a fault or a gap for each that cannot be written."""
        draft, siblings = _Draft(), {**(all_values or {}), **changed}
        for key, value in changed.items():
            self._put(key, value, siblings, draft, creating=creating)
        return Writing(draft.payload, tuple(draft.gaps), tuple(draft.faults))

    def back_into_use(self) -> Mapping[str, Any]:
        """The payload that takes an archived record back into use; empty where the map tells of none."""
        payload: dict[str, Any] = {}
        if self.kind_map.archived_at and self.kind_map.archived_back is not None:
            setter(self.kind_map.archived_at)(payload, self.kind_map.archived_back)
        return payload

    def _put(self, key: str, value: Value, siblings: Values, draft: _Draft, *, creating: bool) -> None:
        line = _chosen(self.lines.get(field_of(key), ()), scope_of(key), self.kind_map)
        if line is None or not _open(line, creating=creating):
            draft.faults.append(Fault(key, "has no place to be written to there"))
            return
        try:
            self.puts[_name(line)](key, value, siblings, draft)
        except CodecError as error:
            draft.refused(key, error)


def compile_writer(
    kind_map: KindMap,
    fields: Mapping[str, FieldSpec],
    tables: Mapping[str, CodeTable],
    time_zone: str = "UTC",
    codecs: Mapping[str, Codec] = CODECS,
) -> Writer:
    """A writer of one map. Raises LookupError or PathError where the map names what is not there."""
    frame = Frame(kind_map, fields, tables, time_zone, codecs)
    return Writer(kind_map, {_name(line): _put(line, frame) for line in kind_map.lines}, _by_field(kind_map))


def writer_of(book: Book, entity: str, system: str) -> Writer:
    """The writer of one system's records of an entity. Raises LookupError where the book has no such map."""
    spec, zone = book.entities[entity], book.systems[system].calendar.time_zone
    return compile_writer(spec.maps[system], spec.fields, book.tables, zone, {**CODECS, **book.codecs})


def line_of(kind_map: KindMap, key: str) -> Line | None:
    """The line that holds a value: one of its very scope, one kept per scope, or the field's only one."""
    return _chosen(_by_field(kind_map).get(field_of(key), ()), scope_of(key), kind_map)


def _by_field(kind_map: KindMap) -> Mapping[str, tuple[Line, ...]]:
    found: dict[str, tuple[Line, ...]] = {}
    for line in kind_map.lines:
        found[line.field] = (*found.get(line.field, ()), line)
    return found


def _chosen(lines: tuple[Line, ...], scope: str, kind_map: KindMap) -> Line | None:
    pinned = [line for line in lines if line.scope == scope]
    broad = [line for line in lines if line.per or (kind_map.scope_at and not line.scope)] if scope else []
    return next(iter((*pinned, *broad)), None)


def writable(kind_map: KindMap, key: str, *, creating: bool = False) -> bool:
    """Whether a value has a place there that we may write to."""
    line = line_of(kind_map, key)
    return line is not None and _open(line, creating=creating)


def _open(line: Line, *, creating: bool) -> bool:
    return line.write == "always" or (line.write == "create" and creating)


def _name(line: Line) -> str:
    return scoped(line.field, line.scope)


def _put(line: Line, frame: Frame) -> _Put:
    if line.codec == "list":
        return _list(line, frame)
    if line.codec == "address":
        return _address(line, frame)
    if line.lines:
        return _compound(line, frame)
    return _per_scope(line, frame) if line.per else _single(line, frame)


def _single(line: Line, frame: Frame) -> _Put:
    put, bound = setter(line.at), bind(line, frame)
    return lambda _, value, siblings, draft: put(draft.payload, bound.encode(value, siblings))


def _per_scope(line: Line, frame: Frame) -> _Put:
    put, bound = setter(line.at), bind(line, frame)

    def write(key: str, value: Value, siblings: Values, draft: _Draft) -> None:
        inner: dict[str, Any] = {}
        put(inner, {scope_of(key): bound.encode(value, siblings)})
        _merge(draft.payload, inner)

    return write


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, inner in more.items():
        held = into.get(name)
        if isinstance(held, dict) and isinstance(inner, Mapping):
            _merge(held, inner)
        else:
            into[name] = inner


def _address(line: Line, frame: Frame) -> _Put:
    inner = frame.parts_of(line)
    parts = [(part.field, setter(_joined(line.at, part.at)), bind(part, inner)) for part in line.lines]
    names = {part.field for part in line.lines}

    def write(_: str, value: Value, siblings: Values, draft: _Draft) -> None:
        said = _checked(value, names)
        beside = {**siblings, **said}
        raws = [(put, _encoded(name, bound, said[name], beside)) for name, put, bound in parts if name in said]
        for put, raw in raws:
            put(draft.payload, raw)

    return write


def _compound(line: Line, frame: Frame) -> _Put:
    """One value that the system keeps in several places: the codec gives them by name."""
    places, bound = {part.field: setter(_joined(line.at, part.at)) for part in line.lines}, bind(line, frame)

    def write(_: str, value: Value, siblings: Values, draft: _Draft) -> None:
        raws = bound.encode(value, siblings)
        for name, put in places.items():
            put(draft.payload, raws.get(name) if isinstance(raws, Mapping) else None)

    return write


def _joined(*paths: str) -> str:
    return ".".join(path for path in paths if path)


def _checked(value: Value, names: set[str]) -> Mapping[str, Value]:
    """The parts to write; null takes all of them away."""
    if value is None:
        return dict.fromkeys(names)
    if not isinstance(value, dict):
        raise CodecError("is no address")
    homeless = [name for name, part in value.items() if name not in names and part is not None]
    if homeless:
        raise CodecError(f"has a {homeless[0]}, for which there is no place")
    return value


def _encoded(name: str, bound: Bound, value: Value, siblings: Values) -> Any:
    try:
        return bound.encode(value, siblings)
    except UnknownCodeError:
        raise
    except CodecError as error:
        raise CodecError(f"{name}: {error}") from None


def _list(line: Line, frame: Frame) -> _Put:
    put, inner = setter(line.at), frame.items_of(line)
    puts = {item.field: _put(item, inner) for item in line.lines if item.write != "never"}

    def write(_: str, value: Value, siblings: Values, draft: _Draft) -> None:
        put(draft.payload, None if value is None else [_item(item, puts, siblings) for item in _records(value)])

    return write


def _records(value: Value) -> Iterator[dict[str, Value]]:
    if not isinstance(value, list):
        raise CodecError("is no list of records")
    for item in value:
        if not isinstance(item, dict):
            raise CodecError("holds an item that is no record")
        yield item


def _item(item: dict[str, Value], puts: Mapping[str, _Put], siblings: Values) -> dict[str, Any]:
    draft, beside = _Draft(), {**siblings, **item}
    for name, value in item.items():
        if name in puts:
            puts[name](name, value, beside, draft)
    return draft.payload
