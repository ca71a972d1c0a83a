"""Maps and fields, from their shapes to what reading and writing are compiled from."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mappings.book import CodeTable, FieldSpec
from mappings.codec import Codec, CodecError, Option, Takes
from mappings.codecs import ADDRESS_PARTS, CODECS, PART_TYPES, SHAPES, TYPES
from mappings.codecs_codes import word_of
from mappings.codecs_time import zone_of
from mappings.compiling import in_reading_order, leaned_on
from mappings.complaints import Complaints
from mappings.fieldmap import KindMap, Line
from mappings.loading.shapes import FieldShape, LineShape, MapShape
from mappings.loading.strict_yaml import Parsed
from mappings.paths import PathError, parse
from mappings.values import Where, scoped

Path = tuple[str | int, ...]
# A field of these types may also be read by a code table, whose canonical codes are then the field's values.
_BY_TABLE = frozenset({"choice", "country", "currency", "text"})
_FIXED = re.compile(r"[A-Z]{2,3}")  # a country or currency written into an option, where a field could stand


def field_spec(name: str, said: FieldShape, place: Where) -> FieldSpec:
    """A field as the engine knows it; its items stand where it stands."""
    return FieldSpec(
        name=name,
        type=said.type,
        means=said.means,
        privacy=said.privacy,
        length=said.length,
        choices=tuple(said.choices),
        refers_to=said.refers_to,
        items={inner: field_spec(inner, item, place) for inner, item in said.items.items()},
        required=said.required,
        where=place,
    )


def check_fields(fields: Mapping[str, FieldSpec], entities: frozenset[str], complaints: Complaints) -> None:
    """What one look at the fields alone can find."""
    for spec in fields.values():
        for code, says, do in _field_faults(spec, entities):
            complaints.add(code, spec.where, says, do)
        if spec.type not in TYPES:
            complaints.unknown("unknown-type", spec.where, spec.type, "type", TYPES)
        check_fields(spec.items, entities, complaints)


def _field_faults(spec: FieldSpec, entities: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    if (spec.type == "choice") != bool(spec.choices):
        yield "choices", f"`{spec.name}` is a {spec.type} with {len(spec.choices)} choices", "a choice lists its words"
    if (spec.type == "reference") != bool(spec.refers_to):
        yield "refers-to", f"`{spec.name}` is a {spec.type}", "a reference, and nothing else, says refers_to"
    if spec.refers_to and spec.refers_to not in entities:
        yield "unknown-entity", f"`{spec.name}` refers to `{spec.refers_to}`, which the book does not know", ""
    if (spec.type == "list") != bool(spec.items):
        yield "items", f"`{spec.name}` is a {spec.type}", "a list, and nothing else, says what its items hold"


@dataclass(frozen=True, slots=True)
class MapReader:
    """What reading one map needs."""

    parsed: Parsed
    map: str
    fields: Mapping[str, FieldSpec]
    tables: Mapping[str, CodeTable]
    codecs: Mapping[str, Codec]
    systems: frozenset[str]
    complaints: Complaints

    def complain(self, code: str, path: Path, says: str, do: str = "") -> None:
        """About one place in the file."""
        self.complaints.add(code, self.parsed.where(*path), says, do)

    def path(self, said: str, path: Path) -> str:
        """A path into the payload."""
        try:
            parse(said)
        except PathError as error:
            self.complain("bad-path", path, str(error))
        return said


def kind_map(shape: MapShape, reader: MapReader) -> KindMap:
    """A map, not yet of any one system."""
    found = tuple(_lines(shape, reader))
    for path in (shape.scope, shape.editor, *shape.only):
        if path:
            reader.path(path, ("only", path) if path in shape.only else ())
    archived = shape.archived
    _check_lines(found, reader)
    return KindMap(
        entity=shape.entity,
        system="",
        kind=shape.kind,
        lines=in_reading_order(found, reader.codecs),
        map=reader.map,
        scope_at=shape.scope,
        only={path: tuple(values) for path, values in shape.only.items()},
        archived_at=reader.path(archived.at, ("archived", "at")) if archived else "",
        archived_is=tuple(archived.values) if archived else (),
        archived_back=archived.back if archived else None,
        editor_at=shape.editor,
        where=reader.parsed.where(),
    )


def _lines(shape: MapShape, reader: MapReader) -> Iterator[Line]:
    for name, lines in shape.fields.items():
        listed = isinstance(reader.parsed.data["fields"][name], list)
        spec = reader.fields.get(name) or FieldSpec(name, "", "")  # an unknown one is looked at all the same
        if name not in reader.fields:
            where = reader.parsed.where("fields", name)
            reader.complaints.unknown("unknown-field", where, name, "field", reader.fields)
        for number, said in enumerate(lines):
            path: Path = ("fields", name, number) if listed else ("fields", name)
            yield _line(name, said, spec, path, set(shape.fields), reader)


def _line(name: str, said: LineShape, spec: FieldSpec, path: Path, siblings: set[str], reader: MapReader) -> Line:
    inner = tuple(_inner(said, spec, path, siblings, reader))
    at = said.at if isinstance(said.at, str) else ""
    if at:
        reader.path(at, (*path, "at"))
    elif not (isinstance(said.at, dict) or said.parts):
        reader.complain("missing-key", path, "`at` is missing: the path in the payload")
    _check_codec(said, spec, path, inner, reader)
    _check_options(said, spec, path, siblings, reader)
    return Line(
        field=name,
        at=at,
        codec=said.codec,
        options=said.options,
        scope=said.scope,
        per=said.per,
        write=said.write,
        lines=inner,
        where=reader.parsed.where(*path),
    )


def _inner(said: LineShape, spec: FieldSpec, path: Path, siblings: set[str], reader: MapReader) -> Iterator[Line]:
    """The lines of an address's parts, of a list's items, or of the places of one value."""
    where, parts = ("at", said.at) if isinstance(said.at, dict) else ("parts", said.parts)
    for part, inner in parts.items():
        if said.codec == "address":
            yield from _part(part, inner, (*path, where, part), siblings, reader)
        else:
            yield _place(part, inner, (*path, where, part), reader)
    for name, item in said.items.items():
        place = (*path, "items", name)
        known = spec.items.get(name) or FieldSpec(name, "", "")
        yield _line(name, item, known, place, siblings | set(said.items), reader)
        if spec.type and name not in spec.items:
            where_ = reader.parsed.where(*place)
            reader.complaints.unknown("unknown-field", where_, name, f"item field of `{spec.name}`", spec.items)


def _place(name: str, said: str | LineShape, path: Path, reader: MapReader) -> Line:
    """One of several places of a value; the value's own codec reads it."""
    if not isinstance(said, str):
        reader.complain("wrong-shape", path, f"`{name}` should be a path")
        return Line(name, "", "text")
    return Line(name, reader.path(said, path), "text", where=reader.parsed.where(*path))


def _part(part: str, said: str | LineShape, path: Path, siblings: set[str], reader: MapReader) -> Iterator[Line]:
    if part not in ADDRESS_PARTS:
        reader.complaints.unknown("unknown-part", reader.parsed.where(*path), part, "part of an address", ADDRESS_PARTS)
        return
    kind = PART_TYPES.get(part, "text")
    line = said if isinstance(said, LineShape) else LineShape.model_validate({"at": said, "as": kind})
    if line.codec == "region":  # it means nothing without the country beside it
        line = line.model_copy(update={"options": {"country": "country", **line.options}})
    yield _line(part, line, FieldSpec(part, kind, ""), path, siblings | set(ADDRESS_PARTS), reader)


def _check_codec(said: LineShape, spec: FieldSpec, path: Path, inner: tuple[Line, ...], reader: MapReader) -> None:
    known = (*reader.codecs, *SHAPES)
    if said.codec not in known:
        reader.complaints.unknown("unknown-codec", reader.parsed.where(*path, "as"), said.codec, "codec", known)
        return
    own = said.codec not in CODECS and said.codec not in SHAPES
    fits = said.codec == spec.type or own or (said.codec == "code" and spec.type in _BY_TABLE)
    if not fits and spec.type in TYPES:
        says = f"`{spec.name}` is a {spec.type} and is read as a {said.codec}"
        reader.complain("codec-mismatch", (*path, "as"), says, f"write as: {spec.type}")
    if said.codec in SHAPES and not inner and not (said.items or said.parts or isinstance(said.at, dict)):
        what = "items" if said.codec == "list" else "parts"
        reader.complain("missing-key", path, f"`{what}` is missing", f"as: {said.codec} says where they are")


def _check_options(said: LineShape, spec: FieldSpec, path: Path, siblings: set[str], reader: MapReader) -> None:
    codec = reader.codecs.get(said.codec)
    known: dict[str, Option] = dict(codec.options) if codec else {"key": Option(Takes.TEXT)}
    for name, value in said.options.items():
        place = (*path, "with", name)
        if name == "empty":
            _check_empty(value, place, reader)
        elif name not in known:
            where = reader.parsed.where(*place)
            reader.complaints.unknown("unknown-option", where, name, f"option of {said.codec}", (*known, "empty"))
        else:
            _check_option(name, value, known[name], place, siblings, reader)
    for name, option in known.items():
        if option.required and name not in said.options:
            reader.complain("missing-option", path, f"`{name}` is missing: {said.codec} needs it")
    if said.codec == "choice":
        _check_choices(said, spec, path, reader)


def _check_empty(value: Any, path: Path, reader: MapReader) -> None:
    if not isinstance(value, list) or not value:
        reader.complain("wrong-option", path, "`empty` should be a list of spellings")


def _check_option(name: str, value: Any, option: Option, path: Path, siblings: set[str], reader: MapReader) -> None:
    says = _option_fault(value, option, siblings)
    if says:
        reader.complain("wrong-option", path, f"`{name}` {says}")
    elif option.takes is Takes.TABLE:
        _check_table(str(value), path, reader)


def _option_fault(value: Any, option: Option, siblings: set[str]) -> str:
    text = isinstance(value, str)
    if option.takes is Takes.WORD and value not in option.among:
        return f"should be one of {', '.join(option.among)}"
    if option.takes is Takes.NUMBER and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        return "should be a whole number"
    if option.takes is Takes.WORDS and not _are_words(value):
        return "should be a map of words"
    if option.takes is Takes.SIBLING and not (text and _names_something(value, siblings)):
        return "should be another field of this map, or a fixed value as DE or EUR"
    if option.takes in {Takes.TEXT, Takes.TABLE, Takes.ZONE} and not text:
        return "should be a text"
    return _zone_fault(value) if option.takes is Takes.ZONE else ""


def _names_something(value: str, siblings: set[str]) -> bool:
    return value.partition(".")[0] in siblings or _FIXED.fullmatch(value) is not None


def _are_words(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _zone_fault(value: str) -> str:
    try:
        zone_of(value)
    except CodecError as error:
        return f"is wrong: {error}"
    return ""


def _check_table(name: str, path: Path, reader: MapReader) -> None:
    if name not in reader.tables:
        reader.complaints.unknown("unknown-table", reader.parsed.where(*path), name, "table in codes/", reader.tables)
    elif not reader.tables[name].decode.keys() & {reader.map, *reader.systems}:
        reader.complain("no-column", path, f"`{name}` has no column `{reader.map}`", f"add one in codes/{name}.csv")


def _check_choices(said: LineShape, spec: FieldSpec, path: Path, reader: MapReader) -> None:
    values = said.options.get("values", {})
    for word, ours in values.items() if isinstance(values, dict) else ():
        if spec.choices and ours not in spec.choices:
            where = reader.parsed.where(*path, "with", "values", word)
            reader.complaints.unknown("unknown-choice", where, str(ours), f"choice of `{spec.name}`", spec.choices)
        elif word_of(word) != word:
            reader.complain("wrong-option", (*path, "with", "values", word), f"`{word}` has blanks around it")


def _check_lines(lines: tuple[Line, ...], reader: MapReader) -> None:
    """What one line cannot see: another line of the same value, or at the same place, or a ring of options."""
    values: dict[str, Line] = {}
    places: dict[str, Line] = {}
    for line in lines:
        first = values.setdefault(scoped(line.field, line.scope), line)
        if first is not line:
            says = f"`{line.field}` is already mapped in line {first.where.line}"
            reader.complaints.add("double-line", line.where, says, "give each its own scope")
        for place in _written(line):
            other = places.setdefault(place, line)
            if other is not line:
                says = f"`{line.field}` writes to `{place}`, and so does `{other.field}` in line {other.where.line}"
                reader.complaints.add("double-path", line.where, says, "set write: never in one of them")
    _check_rings(lines, reader)


def _written(line: Line) -> Iterator[str]:
    if line.write == "never":
        return
    if line.lines and line.codec != "list":
        yield from (".".join(at for at in (line.at, part.at) if at) for part in line.lines)
    elif line.at:
        yield line.at


def _check_rings(lines: tuple[Line, ...], reader: MapReader) -> None:
    fields = {line.field for line in lines}
    leans = {line.field: set(leaned_on([line], reader.codecs)) & fields for line in lines}
    for line in lines:
        reached, fresh = set[str](), set(leans[line.field])
        while fresh:
            reached |= fresh
            fresh = {onward for name in fresh for onward in leans[name]} - reached
        if line.field in reached:
            says = f"`{line.field}` needs itself to be read"
            reader.complaints.add("option-ring", line.where, says, "break the ring")
