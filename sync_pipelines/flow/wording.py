"""Values that name the record of many, word by word: which of them mean one whom it serves, in items of lists too."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mappings.references import References, Told
from mappings.values import Value, field_of
from sync_pipelines.model.parts import ordered
from sync_pipelines.planning.target import Links

_Item: TypeAlias = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Wording:
    """How one system speaks of those whom its record of many serves."""

    system: str
    links: Links
    leading: References  # to entities of which some are served so
    keys: Mapping[str, str]  # by list: the field by which its items are told apart

    def meant(self, key: str, said: Value, value: Value) -> Value:
        """What it says, as it is meant by somebody who knows that `value` may be."""
        told = self.leading.get(field_of(key))
        if told is None or isinstance(told, str):
            return said if told is None else self._meant(told, said, value)
        item_key = self.keys.get(field_of(key), "")
        now = self._meant(told, said, value, item_key)
        return ordered(item_key, now) if item_key in told else now

    def _meant(self, told: Told, said: Value, value: Value, item_key: str = "") -> Value:
        if isinstance(told, str):
            return value if self._serves(told, said, value) else said
        if not isinstance(said, list) or not isinstance(value, list):
            return said
        alike = self._alike(told, "" if item_key in told else item_key)
        others = _counterparts(said, value, alike)
        return [self._item(told, item, others[n]) if n in others else item for n, item in enumerate(said)]

    def _item(self, told: References, item: Value, other: _Item) -> Value:
        if not isinstance(item, dict):
            return item
        return {name: self._meant(told[name], v, other.get(name)) if name in told else v for name, v in item.items()}

    def _alike(self, told: References, item_key: str) -> list[Callable[[_Item, _Item], bool]]:
        """By what an item of one list is found in another: its key; where it has none, all of it, or whom it names."""

        def same_key(one: _Item, two: _Item) -> bool:
            return one.get(item_key) == two.get(item_key)

        def equal(one: _Item, two: _Item) -> bool:
            return self._item(told, one, two) == {name: two.get(name) for name in one}

        def same_names(one: _Item, two: _Item) -> bool:
            return all(self._meant(told[name], one.get(name), two.get(name)) == two.get(name) for name in told)

        return [same_key] if item_key else [equal, same_names]

    def _serves(self, entity: str, said: Value, value: Value) -> bool:
        """Whether that one is served there by the record that is named."""
        if not isinstance(said, str) or not isinstance(value, str):
            return False
        place = (self.system, entity, value)
        return place in self.links.many and self._record(entity, said) == self._record(entity, value)

    def _record(self, entity: str, entity_id: str) -> str | None:
        place = (self.system, entity, entity_id)
        return self.links.records.get(place) or self.links.left.get(place)


def by_the_letter(sent: Value, stored: Value, leaving: Collection[str]) -> Value:
    """What was agreed, but of those who leave: how the record spells them, and no more than that."""
    if isinstance(sent, str):
        return stored if sent in leaving else sent
    if isinstance(sent, list) and isinstance(stored, list):
        others = iter([item for item in stored if item not in sent])
        return [item if item in stored else by_the_letter(item, next(others, item), leaving) for item in sent]
    if isinstance(sent, dict) and isinstance(stored, dict):
        return {name: by_the_letter(value, stored.get(name), leaving) for name, value in sent.items()}
    return sent


def _counterparts(
    said: list[Value], value: list[Value], alike: list[Callable[[_Item, _Item], bool]]
) -> Mapping[int, _Item]:
    """By the place of an item: the one of the other list that it is; each is that of one only."""
    left = [item for item in value if isinstance(item, dict)]
    found: dict[int, _Item] = {}
    for is_it in alike:
        for number, item in enumerate(said):
            if number not in found and isinstance(item, dict):
                other = next((one for one in left if is_it(item, one)), None)
                if other is not None:
                    found[number] = other
                    left.remove(other)
    return found
