"""Where an entity may be written, and with what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mappings.references import References, Told, named, translated
from mappings.values import Value, field_of, scope_of


@dataclass(frozen=True, slots=True)
class Target:
    """One system's side of an entity: what its map and its kind allow."""

    system: str
    role: str
    kind: str
    fields: Mapping[str, str]  # field, or field@scope where a line is for one → always | create | never
    creates: bool = True
    updates: bool = True
    archives: bool = False
    scopes: frozenset[str] = frozenset()  # companies it keeps; empty: all
    map_version: str = ""
    scoped_records: bool = False  # its records belong to one company each

    def takes(self, key: str, record_scope: str, *, create: bool = False) -> bool:
        """Whether a key may be written to a record of this system that belongs to a scope."""
        mode = self.fields.get(key) or self.fields.get(field_of(key), "never")
        if mode == "never" or (mode == "create" and not create):
            return False
        scope = scope_of(key)
        return not scope or (scope == record_scope if self.scoped_records else self.keeps(scope))

    def keeps(self, scope: str) -> bool:
        """Whether this system keeps a company."""
        return not self.scopes or scope in self.scopes


@dataclass(frozen=True, slots=True)
class Links:
    """Which record another entity has in a system: what references are written as."""

    refers_to: References
    records: Mapping[tuple[str, str, str], str] = field(default_factory=dict)  # (system, entity, entity_id) → record id
    left: Mapping[tuple[str, str, str], str] = field(default_factory=dict)  # the same of those that are out of use
    many: frozenset[tuple[str, str, str]] = frozenset()  # places of those whom a record of many serves

    def missing(self, system: str, key: str, value: Value, said: Value = None) -> bool:
        """Whether a reference cannot be written yet, because what it refers to has no record there that is in use.

        `said` is what the record says now. A list is written as a whole: an item may go on naming one who left.
        """
        told = self.refers_to.get(field_of(key))
        if told is None:
            return False
        old = {(system, *pair) for pair in named(said, told)} & self.left.keys()
        return any(place not in self.records and place not in old for place in _places(system, value, told))

    def served(self, system: str, key: str, value: Value) -> bool:
        """Whether a reference leads to one whom a record of many serves there."""
        told = self.refers_to.get(field_of(key))
        return told is not None and any(place in self.many for place in _places(system, value, told))

    def spelled(self, system: str, key: str, value: Value) -> Value:
        """A value as it is written there: with record ids, and None for what is not known there."""

        def record_id(entity: str, entity_id: str) -> str | None:
            place = (system, entity, entity_id)
            return self.records.get(place) or self.left.get(place)

        return translated(value, self.refers_to.get(field_of(key)), record_id)


def _places(system: str, value: Value, told: Told) -> Iterator[tuple[str, str, str]]:
    return ((system, *pair) for pair in named(value, told))
