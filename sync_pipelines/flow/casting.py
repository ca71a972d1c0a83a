"""From the book: who plays which role for an entity, and what may be written where."""

from collections.abc import Mapping
from functools import cache, lru_cache

from connectors.contract import Capabilities, Connector
from connectors.errors import MisconfiguredError
from mappings.book import Book, EntitySpec
from mappings.fieldmap import KindMap
from mappings.once import This
from mappings.values import scoped
from sync_pipelines.intake.readers import map_version
from sync_pipelines.model.parts import Parts
from sync_pipelines.ownership.situation import Cast
from sync_pipelines.planning.target import Target

_KEPT = 256  # of the books of one process; every plan asks for those of all its systems


def cast_of(book: Book, spec: EntitySpec) -> Cast:
    """Roles, ranks, the parts of addresses and lists that each system keeps, and who tells departments."""
    return _cast(This(book), This(spec))


@lru_cache(maxsize=_KEPT)
def _cast(this_book: This, this_spec: This) -> Cast:
    book: Book = this_book.value
    spec: EntitySpec = this_spec.value
    parts = {
        (system, name): kept
        for system, kind_map in spec.maps.items()
        for name, kept in _parts(kind_map).items()
        if kept is not None
    }
    departments = frozenset(system for system, kind_map in spec.maps.items() if kind_map.editor_at)
    return Cast({name: system.role for name, system in book.systems.items()}, cache(book.ranked), parts, departments)


def targets_of(book: Book, spec: EntitySpec, connectors: Mapping[str, Connector]) -> list[Target]:
    """Every system that has a map for the entity, in the order of the book."""
    systems = sorted(spec.maps, key=lambda name: (book.systems[name].role, book.systems[name].rank, name))
    can = {name: _abilities(connectors, name, spec.maps[name].kind) for name in systems if name in connectors}
    return [_target(This(book), This(spec), name, c.creates, c.updates, c.archives) for name, c in can.items()]


@lru_cache(maxsize=_KEPT)
def _target(this_book: This, this_spec: This, name: str, creates: bool, updates: bool, archives: bool) -> Target:  # noqa: FBT001 - a part of what it is kept under
    book: Book = this_book.value
    spec: EntitySpec = this_spec.value
    kind_map, system = spec.maps[name], book.systems[name]
    return Target(
        system=name,
        role=system.role,
        kind=kind_map.kind,
        fields={scoped(line.field, line.scope): line.write for line in kind_map.lines},
        creates=creates,
        updates=updates,
        archives=archives,
        scopes=frozenset(system.scopes),
        map_version=map_version(kind_map, book.tables),
        scoped_records=bool(kind_map.scope_at),
    )


def _abilities(connectors: Mapping[str, Connector], name: str, kind: str) -> Capabilities:
    """A system that cannot be opened was not read, so nothing of the plan is sent to it: it may seem to do anything."""
    try:
        return connectors[name].kinds[kind]
    except MisconfiguredError:
        return Capabilities(archives=True)


def _parts(kind_map: KindMap) -> Mapping[str, Parts]:
    return {line.field: tuple(part.field for part in line.lines) if line.lines else None for line in kind_map.lines}
