"""From what a record says to what is decided on: ids of records become ids of entities."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mappings.book import EntitySpec
from mappings.references import References, named, references_in, translated
from mappings.values import Value, Values, field_of
from sync_pipelines.model.parts import ordered


@dataclass(frozen=True, slots=True)
class Referring:
    """Where an entity refers to others."""

    told: References
    keys: Mapping[str, str]  # by list: the field by which its items are told apart, where that one is a reference

    @classmethod
    def of(cls, spec: EntitySpec) -> "Referring":
        """As the book says."""
        told = references_in(spec.fields)
        each = {name: rule.each.key for name, (rule, *_) in spec.ownership.rules.items() if rule.each}
        lines = {line.field: str(line.options.get("key", "")) for m in spec.maps.values() for line in m.lines}
        keys = {name: each.get(name) or lines.get(name, "") for name in told}
        return cls(told, {name: key for name, key in keys.items() if key and key in told[name]})

    def named(self, key: str, value: Value) -> Iterator[tuple[str, str]]:
        """(entity, id) of everything that a value refers to."""
        return named(value, self.told.get(field_of(key)))

    def resolved(self, values: Values, to: Callable[[str, str], str | None]) -> dict[str, Value]:
        """Values with entity ids. A reference to a record nobody knows yet is silence, not null.

        So is a list of which one item refers to such a record: without that item it would look shortened. And one whose
        items are told apart by a reference, of which two lead to the same entity.
        """
        found: dict[str, Value] = {}
        for key, value in values.items():
            told = self.told.get(field_of(key))
            if told is None:
                found[key] = value
            elif all(to(*pair) is not None for pair in named(value, told)):
                now = translated(value, told, to)
                in_order = ordered(self.keys[field_of(key)], now) if field_of(key) in self.keys else now
                if not _lost(now, in_order):
                    found[key] = in_order
        return found


def _lost(before: Value, after: Value) -> bool:
    """Whether items fell together."""
    return isinstance(before, list) and isinstance(after, list) and len(after) < len(before)
