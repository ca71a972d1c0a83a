"""What a record says by itself, and what we wrote to it while it was one with others: read from the journal. No I/O.

A list is heard item by item: what people put beside what is ours is theirs, also where we wrote the whole list since.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from mappings.values import Value, field_of
from sync_pipelines.flow.undoing import untouched
from sync_pipelines.identity.keys import OUR_KEY
from sync_pipelines.model.changes import NOT_SEEN, Change, FieldChange, State
from sync_pipelines.model.claims import Claim

Items: TypeAlias = dict[str, dict[str, Any]]  # by what people tell them apart by


@dataclass(slots=True)
class OwnWords:
    """What we wrote to one record, by field, and what it says besides."""

    item_keys: Mapping[str, str] = field(default_factory=dict)  # of lists: what tells their items apart
    made: dict[str, FieldChange] = field(default_factory=dict)  # if it is of our making
    first: dict[str, Value] = field(default_factory=dict)  # what it said before we ever did, while they were one
    last: dict[str, FieldChange] = field(default_factory=dict)
    items: dict[str, Items] = field(default_factory=dict)  # by list: those that it held by itself
    nameless: set[str] = field(default_factory=set)  # lists of which some item had no name of its own

    def hear(self, change: Change) -> None:
        """One write more, in order."""
        for key, said in change.fields.items():
            if field_of(key) in self.item_keys:
                self._hear_items(key, said)
                self.nameless |= set() if self._are_named(key, said.old) and self._are_named(key, said.new) else {key}
            self.first.setdefault(key, said.old)
            self.last[key] = said

    def _hear_items(self, key: str, said: FieldChange) -> None:
        """What people put in, changed or took out since our write before."""
        there, ours = self.by_item(key, said.old), self._left_last(key)
        own = self.items.setdefault(key, {})
        for gone in own.keys() - there.keys():
            if gone in ours:
                del own[gone]
        for name, item in there.items():
            if name in own or spoken(item) != spoken(ours.get(name)):
                own[name] = item

    def _left_last(self, key: str) -> Items:
        return self.by_item(key, self.last[key].new) if key in self.last else {}

    def by_item(self, key: str, value: Value) -> Items:
        """A list's items by their names."""
        tells = self.item_keys[field_of(key)]
        items = value if isinstance(value, list | tuple) else ()
        return {str(item.get(tells)): item for item in items if isinstance(item, dict)}

    def tells_apart(self, key: str, value: Value) -> bool:
        """Whether it is a list of which every item ever had a name of its own; any other is one value as a whole."""
        is_list = field_of(key) in self.item_keys and isinstance(value, list | tuple)
        return is_list and key not in self.nameless and self._are_named(key, value)

    def _are_named(self, key: str, value: Value) -> bool:
        tells, items = self.item_keys[field_of(key)], value if isinstance(value, list | tuple) else ()
        names = [item.get(tells) if isinstance(item, dict) else None for item in items]
        return None not in names and len(set(map(str, names))) == len(names)

    def own_items(self, claim: Claim, key: str) -> Items:
        """What a list says by itself now."""
        ours, own = self._left_last(key), self.items.get(key, {})
        said = self.by_item(key, claim.values[key]) if key in claim.values else ours
        stored = self._stored(claim, key)
        left = {name for name, item in said.items() if name in ours and spoken(item) == spoken(stored.get(name))}
        mine = {name: own.get(name, item) if name in left else item for name, item in said.items()}
        kept = {name: item for name, item in mine.items() if name in own or name not in left}
        return kept | {name: item for name, item in own.items() if name not in said and name not in ours}

    def typed(self, claim: Claim, key: str) -> Items:
        """Of a list what people put in there, and not we; nor what a record of our making was made with."""
        made = self.by_item(key, self.made[key].new) if key in self.made else {}
        own = self.own_items(claim, key)
        return {name: item for name, item in own.items() if spoken(item) != spoken(made.get(name))}

    def _stored(self, claim: Claim, key: str) -> Items:
        """What our last write became there, in the system's own spelling where that is known."""
        ours, agreed = self._left_last(key), claim.baseline.get(key)
        is_of_it = agreed is not None and alike(self.by_item(key, agreed.sent).values(), ours.values())
        return self.by_item(key, agreed.stored) if agreed is not None and is_of_it else ours

    def ours(self, claim: Claim) -> Iterator[str]:
        """The fields in which a record of our making says what we left there.

        All of them where a restored ledger no longer knows what it was made with.
        """
        if not self.made:
            return iter(claim.values if claim.values.get(OUR_KEY) else ())
        return (key for key, said in self.made.items() if is_left(claim, key, said))

    def left(self, claim: Claim, key: str) -> bool:
        """Whether what it says in a field is ours, and not what it said by itself."""
        last, said = self.last.get(key), claim.values.get(key)
        written = last is not None and is_left(claim, key, last) and self.first[key] != said
        return written or key in self.ours(claim)


def spoken(item: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """An item says as much where it does not mention what it leaves blank. None where there is none."""
    return None if item is None else {name: part for name, part in item.items() if part is not None}


def alike(one: Iterable[Mapping[str, Any]], other: Iterable[Mapping[str, Any]]) -> bool:
    """Whether two lists say the same, in whatever order."""
    return sorted(map(repr, map(_sorted, one))) == sorted(map(repr, map(_sorted, other)))


def _sorted(item: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted((spoken(item) or {}).items())


def is_left(claim: Claim, key: str, change: FieldChange) -> bool:
    """Whether a record says still what we wrote; where it agreed to nothing, the very value has to do."""
    agreed_to_none = key not in claim.baseline and key in claim.values
    return untouched(claim, key, change) or (agreed_to_none and claim.values[key] == change.new)


def as_executed(change: Change, claim: Claim) -> Change:
    """Of a write that is not known to have happened: what its record says, as if it had. Of others, nothing."""
    if change.state is State.DONE:
        return change
    said = {k: f for k, f in change.fields.items() if change.reason == NOT_SEEN and is_left(claim, k, f)}
    return replace(change, fields=said)


def is_made_by(claim: Claim, change: Change) -> bool:
    """Whether a create made this record. One that shows no key of ours may be of it, too."""
    place = (claim.system, claim.ref.kind) == (change.system, change.kind)
    return place and claim.values.get(OUR_KEY) in (None, "", change.create_key)
