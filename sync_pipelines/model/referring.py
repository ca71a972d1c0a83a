"""From what a record says to what is decided on: ids of records become ids of entities."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mappings.book import EntitySpec
from mappings.once import once
from mappings.references import References, Told, named, references_in, translated
from mappings.values import Value, Values, field_of
from sync_pipelines.model.parts import ordered


@dataclass(frozen=True, slots=True)
class Referring:
    """Where an entity refers to others."""

    told: References
    keys: Mapping[str, str]  # by list: the field by which its items are told apart, where that one is a reference

    @staticmethod
    def of(spec: EntitySpec) -> "Referring":
        """As the book says."""
        return _referring(spec)

    def named(self, values: Values) -> Iterator[tuple[str, str]]:
        """(entity, id) of everything that values refer to."""
        for key, told in self._keys_of(values):
            yield from named(values[key], told)

    def resolved(self, values: Values, to: Callable[[str, str], str | None]) -> dict[str, Value]:
        """Values with entity ids. A reference to a record nobody knows yet is silence, not null.

        So is a list of which one item refers to such a record: without that item it would look shortened. And one whose
        items are told apart by a reference, of which two lead to the same entity.
        """
        found = dict(values)
        for key, told in self._keys_of(values):
            value = values[key]
            if any(to(*pair) is None for pair in named(value, told)):
                del found[key]
            else:
                now = translated(value, told, to)
                found[key] = ordered(self.keys[field_of(key)], now) if field_of(key) in self.keys else now
                if _lost(now, found[key]):
                    del found[key]
        return found

    def _keys_of(self, values: Values) -> list[tuple[str, Told]]:
        return [(key, self.told[name]) for key in values if (name := field_of(key)) in self.told]


@once
def item_keys(spec: EntitySpec) -> Mapping[str, str]:
    """By list: the field by which its items are told apart, where the book names one."""
    each = {name: rule.each.key for name, (rule, *_) in spec.ownership.rules.items() if rule.each}
    lines = {line.field: str(line.options.get("key", "")) for m in spec.maps.values() for line in m.lines}
    keys = {name: each.get(name) or lines.get(name, "") for name in spec.fields}
    return {name: key for name, key in keys.items() if key}


@once
def _referring(spec: EntitySpec) -> Referring:
    told = references_in(spec.fields)
    return Referring(told, {name: key for name, key in item_keys(spec).items() if key in told.get(name, ())})


def _lost(before: Value, after: Value) -> bool:
    """Whether items fell together."""
    return isinstance(before, list) and isinstance(after, list) and len(after) < len(before)
