"""What reading and writing share: a line, bound to its codec, its table and the fields it leans on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from typing import Any

from mappings.book import CodeTable, FieldSpec
from mappings.codec import Codec, CodecError, Context, Setting, Takes
from mappings.codecs import CODECS
from mappings.codecs_codes import word_of
from mappings.fieldmap import KindMap, Line
from mappings.values import Value, Values


@dataclass(frozen=True, slots=True)
class Frame:
    """What all lines of one map are bound to."""

    kind_map: KindMap
    fields: Mapping[str, FieldSpec]
    tables: Mapping[str, CodeTable]
    time_zone: str = "UTC"
    codecs: Mapping[str, Codec] = attribute(default_factory=lambda: CODECS)
    items: tuple[Line, ...] = ()  # inside a list, the lines of its records; inside an address, its parts

    @property
    def names(self) -> frozenset[str]:
        """The fields that an option may name: the record's own and, inside a list, the item's."""
        return frozenset(line.field for line in (*self.kind_map.lines, *self.items))

    def parts_of(self, line: Line) -> "Frame":
        """The frame of the parts of an address: they may name each other."""
        return replace(self, items=(*self.items, *line.lines))

    def items_of(self, line: Line) -> "Frame":
        """The frame of the records in a list."""
        spec = self.fields.get(line.field)
        return Frame(self.kind_map, spec.items if spec else {}, self.tables, self.time_zone, self.codecs, line.lines)


@dataclass(frozen=True, slots=True)
class Bound:
    """A line with everything it needs."""

    line: Line
    codec: Codec
    setting: Setting
    context: Context  # for codecs that look at nothing but the value
    empties: tuple[Any, ...] = ()

    def beside(self, siblings: Values) -> Context:
        """The context in a record; the same for all records where the line names no other field."""
        return Context(self.setting, siblings) if self.setting.links else self.context

    def says_nothing(self, raw: Any) -> bool:
        """Whether this is one of the spellings by which the system says null."""
        if raw is None or not self.empties:
            return raw is None
        return any(type(raw) is type(empty) and raw == empty for empty in self.empties)

    def decode(self, raw: Any, siblings: Values) -> Value:
        """The canonical value of something that is not silence. Raises CodecError."""
        return None if self.says_nothing(raw) else guarded(self.codec.decode, raw, self.beside(siblings))

    def encode(self, value: Value, siblings: Values) -> Any:
        """The system's spelling. Raises CodecError."""
        if value is None:
            return self.empties[0] if self.empties else None
        raw = guarded(self.codec.encode, value, self.beside(siblings))
        if self._read_back(raw, siblings) != value:
            raise CodecError("would be read back there as another value")
        return raw

    def _read_back(self, raw: Any, siblings: Values) -> Value:
        """What has no way back in this very record (its country may differ) is refused before it is sent."""
        try:
            return self.decode(raw, siblings)
        except CodecError as error:
            raise CodecError(f"could not be read back there: {error}") from None


def guarded(way: Any, value: Any, context: Context) -> Any:
    """One way of a codec. Whatever a user's codec raises spoils its own field only."""
    try:
        return way(value, context)
    except CodecError:
        raise
    except Exception as error:  # noqa: BLE001 - a codec may be anybody's; a bad field spoils itself, not the run
        raise CodecError(f"its codec failed with {type(error).__name__}") from None


def bind(line: Line, frame: Frame) -> Bound:
    """A line of one value, ready to read and write. Raises LookupError for a codec or table that is not there."""
    codec = frame.codecs[line.codec]
    setting = setting_of(line, frame, codec)
    empty = line.options.get("empty", ())
    return Bound(line, codec, setting, Context(setting), tuple(empty))


def setting_of(line: Line, frame: Frame, codec: Codec) -> Setting:
    """The line's options, with table and choices resolved for this system."""
    spec = frame.fields.get(line.field)
    decodes, encodes = words_of(line, frame)
    return Setting(
        field=line.field,
        options={name: said for name, said in line.options.items() if name != "empty"},
        links=dict(_links(line, frame, codec)),
        places=tuple(place.field for place in line.lines),
        choices=spec.choices if spec else (),
        length=spec.length if spec else None,
        table=str(line.options.get("table", "")),
        decodes=decodes,
        encodes=encodes,
        scope=line.scope,
        time_zone=frame.time_zone,
        system=frame.kind_map.system,
        map=frame.kind_map.map,
    )


def words_of(line: Line, frame: Frame) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The closed list a line reads by, both ways: its table's column, its `values`, or the field's choices."""
    if "table" in line.options:
        table, names = frame.tables[line.options["table"]], (frame.kind_map.system, frame.kind_map.map)
        return _column(table.decode, names), _column(table.encode, names)
    if line.codec != "choice":
        return {}, {}
    spec = frame.fields.get(line.field)
    said = line.options.get("values", {choice: choice for choice in spec.choices} if spec else {})
    decodes = {word_of(word): ours for word, ours in said.items()}
    encodes: dict[str, str] = {}
    for word, ours in decodes.items():
        encodes.setdefault(ours, word)
    return decodes, encodes


def _column(columns: Mapping[str, Mapping[str, str]], names: tuple[str, ...]) -> Mapping[str, str]:
    return next((columns[name] for name in names if name in columns), {})


def _links(line: Line, frame: Frame, codec: Codec) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in _sibling_options(codec):
        said = line.options.get(name)
        if isinstance(said, str) and said.partition(".")[0] in frame.names:
            yield name, tuple(said.split("."))


def _sibling_options(codec: Codec) -> Iterator[str]:
    return (name for name, option in codec.options.items() if option.takes is Takes.SIBLING)


def in_reading_order(lines: tuple[Line, ...], codecs: Mapping[str, Codec]) -> tuple[Line, ...]:
    """Lines so that a field named by another line's options is read before it. Rings keep their order."""
    by_field: dict[str, list[Line]] = {}
    for line in lines:
        by_field.setdefault(line.field, []).append(line)
    leans = {field: tuple(leaned_on(same, codecs)) for field, same in by_field.items()}
    placed: dict[str, None] = {}
    for field in by_field:
        _place(field, leans, placed, ())
    return tuple(line for field in placed for line in by_field[field])


def _place(field: str, leans: Mapping[str, tuple[str, ...]], placed: dict[str, None], way: tuple[str, ...]) -> None:
    if field in placed or field in way or field not in leans:
        return
    for other in leans[field]:
        _place(other, leans, placed, (*way, field))
    placed.setdefault(field)


def leaned_on(lines: Iterable[Line], codecs: Mapping[str, Codec]) -> Iterator[str]:
    """The fields (or fixed values) that lines name in their options, those of parts and items included."""
    for line in lines:
        codec = codecs.get(line.codec)
        named = _sibling_options(codec) if codec else ()
        yield from (str(line.options[name]).partition(".")[0] for name in named if name in line.options)
        yield from leaned_on(line.lines, codecs)
