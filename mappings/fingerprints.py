"""What a book says of each entity, in two short words: equal words mean that a change of the book concerns it not.

Comments, the order of entries and the place of a line in its file are no part of them, nor is what takes effect by
itself (cadence, budgets, promises).
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from hashlib import sha256
from typing import Any, NamedTuple

from mappings.book import Book, EntitySpec, SystemSpec
from mappings.fieldmap import Line
from mappings.values import Where

_LENGTH = 16
_NO_PART = frozenset({"where", "means"})  # where a line stands, and words for people
_READS = ("name", "role", "connector", "scopes", "map", "package", "options", "may_be_empty")


class Fingerprint(NamedTuple):
    """`read` is another one: what was read may mean something else. `rules`: something else may be decided of it."""

    read: str
    rules: str


def fingerprints(book: Book) -> Mapping[str, Fingerprint]:
    """Of every entity."""
    return {name: _of(book, spec) for name, spec in book.entities.items()}


def _of(book: Book, spec: EntitySpec) -> Fingerprint:
    return Fingerprint(_word(_reading(book, spec)), _word(_deciding(book, spec)))


def _reading(book: Book, spec: EntitySpec) -> list[Any]:
    """Fields, maps, the code tables that they name, and where their systems are."""
    systems = [book.systems[name] for name in sorted(spec.maps)]
    told = {name for kind_map in spec.maps.values() for line in kind_map.lines for name in _tables(line)}
    places = [[getattr(system, part) for part in _READS] + [system.calendar.time_zone] for system in systems]
    return [spec.fields, spec.maps, [book.tables[name] for name in sorted(told) if name in book.tables], places]


def _tables(line: Line) -> Iterator[str]:
    table = line.options.get("table")
    if isinstance(table, str):
        yield table
    for part in line.lines:
        yield from _tables(part)


def _deciding(book: Book, spec: EntitySpec) -> list[Any]:
    """Who decides, who is recognised as whom, and how much may be written where."""
    rules = [rule for some in spec.ownership.rules.values() for rule in some]
    tables = sorted({rule.borrowed.table for rule in rules if rule.borrowed and rule.borrowed.table in book.tables})
    switches = [_switch(book.systems[name], spec.name) for name in sorted(spec.maps)]
    owned = replace(spec.ownership, cadence=())
    return [owned, spec.matching, [book.tables[name] for name in tables], book.guards, switches]


def _switch(system: SystemSpec, entity: str) -> tuple[Any, ...]:
    return system.name, system.role, system.rank, system.switch(entity)


# --- one spelling for equal values ----------------------------------------------------------------------------------


def _word(said: Any) -> str:
    return sha256(_spelled(said).encode()).hexdigest()[:_LENGTH]


def _spelled(said: Any) -> str:
    if is_dataclass(said) and not isinstance(said, type):
        told = {one.name: getattr(said, one.name) for one in fields(said) if one.compare and one.name not in _NO_PART}
        return "" if isinstance(said, Where) else f"{type(said).__name__}{_spelled(told)}"
    if isinstance(said, Mapping):
        return "{" + ",".join(sorted(f"{_spelled(key)}:{_spelled(value)}" for key, value in said.items())) + "}"
    if isinstance(said, list | tuple):
        return "[" + ",".join(map(_spelled, said)) + "]"
    if isinstance(said, set | frozenset):
        return "<" + ",".join(sorted(map(_spelled, said))) + ">"
    return repr(said.value) if isinstance(said, Enum) else repr(said)
