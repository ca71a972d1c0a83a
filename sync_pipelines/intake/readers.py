"""How each kind of each system is read: compiled once, from the book."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

import xxhash

from connectors.contract import Payload
from mappings.book import Book, CodeTable, EntitySpec, FieldSpec, SystemSpec
from mappings.codecs import VERSION as CODECS_VERSION
from mappings.fieldmap import KindMap, Line, Reading
from mappings.matching import Matching
from mappings.once import This, once
from mappings.reading import reader_of
from mappings.values import NOWHERE
from mappings.writing import Writer, writer_of


@dataclass(frozen=True, slots=True)
class Reader:
    """How one kind of one system speaks of one entity."""

    system: str
    kind: str
    entity: str
    read: Callable[[Payload], Reading]
    version: str  # changes when the map, its tables or a codec changes
    matching: Matching
    item_keys: Mapping[str, str] = field(default_factory=dict)  # list field → key of its items
    references: Mapping[str, str] = field(default_factory=dict)  # reference field → entity
    map_name: str = ""
    codec_lines: tuple[Line, ...] = ()
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    writer: Callable[[], Writer] | None = None  # how the same is written; seldom asked for


@once
def readers_of(book: Book) -> Mapping[tuple[str, str], tuple[Reader, ...]]:
    """All readers by (system, kind): one kind may speak of several entities."""
    found: dict[tuple[str, str], list[Reader]] = {}
    for entity in book.entities.values():
        for system, kind_map in sorted(entity.maps.items()):
            found.setdefault((system, kind_map.kind), []).append(_reader(book, entity, book.systems[system], kind_map))
    return {place: tuple(readers) for place, readers in found.items()}


def map_name_of(system: SystemSpec) -> str:
    """The map that serves a system, by which code tables know it."""
    return system.map or system.connector


def references_of(entity: EntitySpec) -> Mapping[str, str]:
    """The reference fields of an entity and what they refer to."""
    return {name: spec.refers_to for name, spec in entity.fields.items() if spec.refers_to}


def map_version(kind_map: KindMap, tables: Mapping[str, CodeTable]) -> str:
    """A fingerprint of everything that decides how a payload is read, except where it stands in the file."""
    return _version(This(kind_map), This(tables))


@lru_cache(maxsize=1_024)  # every plan asks for those of all its systems
def _version(this_map: This, these_tables: This) -> str:
    kind_map: KindMap = this_map.value
    tables: Mapping[str, CodeTable] = these_tables.value
    lines = [_unplaced(line) for line in kind_map.lines]
    told = (CODECS_VERSION, lines, kind_map.scope_at, sorted(kind_map.only.items()), kind_map.archived_at)
    named = sorted({str(line.options.get("table", "")) for line in kind_map.lines} & tables.keys())
    codes = [(name, sorted((system, sorted(d.items())) for system, d in tables[name].decode.items())) for name in named]
    told_all = (told, kind_map.archived_is, kind_map.editor_at, codes)
    return xxhash.xxh64_hexdigest(repr(told_all).encode())


def _reader(book: Book, entity: EntitySpec, system: SystemSpec, kind_map: KindMap) -> Reader:
    rules = entity.ownership.rules
    return Reader(
        system=system.name,
        kind=kind_map.kind,
        entity=entity.name,
        read=reader_of(book, entity.name, system.name),
        version=map_version(kind_map, book.tables),
        matching=entity.matching,
        item_keys={name: rule.each.key for name, (rule, *_) in rules.items() if rule.each},
        references=references_of(entity),
        map_name=map_name_of(system),
        codec_lines=kind_map.lines,
        fields=entity.fields,
        writer=partial(writer_of, book, entity.name, system.name),
    )


def _unplaced(line: Line) -> Line:
    return replace(
        line, where=NOWHERE, options=dict(sorted(line.options.items())), lines=tuple(_unplaced(x) for x in line.lines)
    )
