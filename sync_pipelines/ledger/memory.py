"""Shelves in dicts, with an undo log: the ledger of the laws, where thousands of histories run in a minute."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from itertools import chain, product
from operator import attrgetter
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

from sync_pipelines.ledger.keeping import KeptLedger
from sync_pipelines.ledger.port import TakenError
from sync_pipelines.ledger.shelves import SHELVES
from sync_pipelines.ledger.store import Key, Shelf, Where

T = TypeVar("T")
_NOTHING: Any = object()


@lru_cache(maxsize=1_024)  # by shelf and columns, of which the code names a few hundred
def _getter(shelf: Shelf[Any], columns: tuple[str, ...]) -> Callable[[Any], Key]:
    """Reads some columns of an item, always as a tuple."""
    paths = [shelf.paths[column] for column in columns]
    if len(paths) == 1:
        one = attrgetter(paths[0])
        return lambda item: (one(item),)
    return attrgetter(*paths)


def _amended(item: Any, to: Mapping[str, Any]) -> Any:
    """As `replace`, in half the time: every item has slots, and they are its fields."""
    return type(item)(**{**{name: getattr(item, name) for name in item.__slots__}, **to})


class _Index:
    """Keys by the values of some columns. `fixed`: of columns of the key, so that an item never moves in it."""

    __slots__ = ("columns", "entries", "fixed", "of")

    def __init__(self, shelf: Shelf[Any], columns: tuple[str, ...]) -> None:
        self.columns, self.of = columns, _getter(shelf, columns)
        self.fixed = set(columns) <= set(shelf.key)
        self.entries: dict[Key, dict[Key, None]] = {}

    def add(self, key: Key, item: Any) -> None:
        """It has come."""
        self.entries.setdefault(self.of(item), {})[key] = None

    def take(self, key: Key, item: Any) -> None:
        """It has gone."""
        del self.entries[self.of(item)][key]

    def move(self, key: Key, old: Any, new: Any) -> None:
        """It is another one now, perhaps under other values."""
        before, after = self.of(old), self.of(new)
        if before != after:
            del self.entries[before][key]
            self.entries.setdefault(after, {})[key] = None

    def found(self, where: Where) -> Collection[Key]:
        """Keys under these values."""
        entries = self.entries
        there = [keys for each in product(*[where[column] for column in self.columns]) if (keys := entries.get(each))]
        return there[0] if len(there) == 1 else dict.fromkeys(chain.from_iterable(there))


_Rest: TypeAlias = tuple[tuple[str, Callable[[Any], Any]], ...]  # columns to compare one by one


class _Shelved:
    """One shelf's items."""

    __slots__ = ("_moving", "_plans", "indexes", "items", "key_of", "places", "shelf", "top", "unique")

    def __init__(self, shelf: Shelf[Any]) -> None:
        self.shelf = shelf
        self.key_of = _getter(shelf, shelf.key) if shelf.key else None
        self.items: dict[Key, Any] = {}
        self.places: dict[Key, int] = {}
        self.top = 0
        self.indexes = [_Index(shelf, columns) for columns in shelf.indexes]
        self.unique = _Index(shelf, shelf.unique) if shelf.unique else None
        self._moving = [index for index in self.indexes if not index.fixed]
        self._plans: dict[tuple[str, ...], tuple[Callable[[Where], Collection[Key]], _Rest]] = {}

    def set(self, key: Key, item: Any, place: int) -> tuple[Any, int]:
        """Put or take away (`_NOTHING`); answers what was there, for the undo log."""
        old = self.items.get(key, _NOTHING)
        old_place = self.places.get(key, 0)
        if self.unique is not None:
            self._guard(self.unique, key, old, item)
        if item is _NOTHING:
            if old is not _NOTHING:
                self._take(key, old)
            return old, old_place
        if old is _NOTHING:
            for index in self.indexes:
                index.add(key, item)
        else:
            for index in self._moving:
                index.move(key, old, item)
        self.items[key] = item
        self.places[key] = place
        return old, old_place

    def _take(self, key: Key, old: Any) -> None:
        for index in self.indexes:
            index.take(key, old)
        del self.items[key]
        del self.places[key]

    def _guard(self, unique: _Index, key: Key, old: Any, new: Any) -> None:
        """Keep the unique index, which holds only the items for which its condition is true."""
        after = new is not _NOTHING and getattr(new, self.shelf.unique_if)
        if after and unique.entries.get(unique.of(new), {key: None}).keys() - {key}:
            raise TakenError(f"{self.shelf.name} {' '.join(map(str, unique.of(new)))}: the place is taken")
        if old is not _NOTHING and getattr(old, self.shelf.unique_if):
            unique.take(key, old)
        if after:
            unique.add(key, new)

    def ordered(self, where: Where) -> Sequence[Key]:
        """Keys of the items that match, in the order of the shelf."""
        if not self.items:
            return ()
        keys = self.matching(where)
        if len(keys) <= 1:
            return list(keys)
        return sorted(keys, key=self.places.__getitem__) if self.shelf.ordered else sorted(keys)

    def matching(self, where: Where) -> Collection[Key]:
        """Keys of the items that match, in any order; not to be kept."""
        columns = tuple(where)
        if columns not in self._plans:
            self._plans[columns] = self._plan(frozenset(columns))
        find, rest = self._plans[columns]
        keys, items = find(where), self.items
        for column, of in rest:
            allowed = where[column]
            keys = [key for key in keys if of(items[key]) in allowed]
        return keys

    def _plan(self, columns: frozenset[str]) -> tuple[Callable[[Where], Collection[Key]], _Rest]:
        """By the key, or by the longest index, whose columns are all given; and what is left to compare."""
        usable = [index for index in self.indexes if set(index.columns) <= columns]
        index = max(usable, key=lambda each: len(each.columns), default=None)
        if self.shelf.key and set(self.shelf.key) <= columns:
            find, done = self._by_key, self.shelf.key
        elif index is not None:
            find, done = index.found, index.columns
        else:
            find, done = self._all, ()
        left = sorted(columns - {*done})
        return find, tuple((column, attrgetter(self.shelf.paths[column])) for column in left)

    def _by_key(self, where: Where) -> Collection[Key]:
        items = self.items
        return {key: None for key in product(*[where[column] for column in self.shelf.key]) if key in items}

    def _all(self, where: Where) -> Collection[Key]:
        del where
        return list(self.items)


class _Transaction(AbstractContextManager[None]):
    """Writes with marks in one undo log; the outermost one forgets it."""

    def __init__(self) -> None:
        self.log: list[tuple[_Shelved, Key, Any, int]] = []
        self._marks: list[int] = []

    def __enter__(self) -> None:
        self._marks.append(len(self.log))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        mark = self._marks.pop()
        if kind is not None:
            self._undo(mark)
        if not self._marks:
            self.log.clear()

    def _undo(self, mark: int) -> None:
        while len(self.log) > mark:
            shelved, key, item, place = self.log.pop()
            if item is _NOTHING:  # its coming is undone, and the place given to it
                shelved.top = shelved.places[key] - 1
            shelved.set(key, item, place)


class MemoryStore:
    """Keeps shelves in dicts. Values are kept as they were given: who gives a dict must not change it afterwards."""

    def __init__(self) -> None:
        self._shelves = {shelf: _Shelved(shelf) for shelf in SHELVES}
        self._transaction = _Transaction()
        self._snapshot = nullcontext()

    def transaction(self) -> AbstractContextManager[None]:
        return self._transaction

    def snapshot(self) -> AbstractContextManager[None]:
        return self._snapshot

    def get(self, shelf: Shelf[T], keys: Collection[Key]) -> dict[Key, T]:
        items = self._shelves[shelf].items
        found: dict[Key, T] = {}
        for key in keys:
            if key in items:
                found[key] = items[key]
        return found

    def find(
        self,
        shelf: Shelf[T],
        where: Where,
        *,
        lacking: Shelf[Any] | None = None,
        newest: int = 0,
        behind: Key = (),
        most: int = 0,
    ) -> list[T]:
        shelved = self._shelves[shelf]
        keys = shelved.ordered(where)
        if not keys:
            return []
        if lacking is not None:
            others = self._shelves[lacking].items
            keys = [key for key in keys if key not in others]
        if newest:
            keys = keys[: -newest - 1 : -1]
        if behind:
            keys = [key for key in keys if key[: len(behind)] > behind]
        if most:
            keys = keys[:most]
        items = shelved.items
        return [items[key] for key in keys]

    def pages(self, shelf: Shelf[T], where: Where, size: int) -> Iterator[list[T]]:
        items = self._shelves[shelf].items
        keys = self._shelves[shelf].ordered(where)
        for start in range(0, len(keys), size):
            yield [items[key] for key in keys[start : start + size] if key in items]

    def pick(self, shelf: Shelf[Any], where: Where, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        return [*map(_getter(shelf, tuple(columns)), self.find(shelf, where))]

    def pick_pages(
        self, shelf: Shelf[Any], where: Where, columns: Sequence[str], size: int
    ) -> Iterator[list[tuple[Any, ...]]]:
        told = _getter(shelf, tuple(columns))
        for page in self.pages(shelf, where, size):
            yield [*map(told, page)]

    def different(self, shelf: Shelf[Any], where: Where, column: str, size: int) -> Iterator[list[str]]:
        found = sorted({value for (value,) in self.pick(shelf, where, (column,))})
        return (found[start : start + size] for start in range(0, len(found), size))

    def unlike(
        self,
        shelf: Shelf[Any],
        by: str,
        told: Mapping[str, tuple[Any, ...]],
        columns: Sequence[str],
        same: Mapping[str, Any],
    ) -> set[str]:
        where: dict[str, Collection[Any]] = {name: (value,) for name, value in same.items() if name in shelf.key}
        wanted = tuple(same.values())
        expected = {key: (key, *said, *wanted) for key, said in told.items()}
        found = self.pick(shelf, {**where, by: list(told)}, (by, *columns, *same))
        other = {row[0] for row in found if row != expected[row[0]]}
        return other | (told.keys() - {row[0] for row in found})

    def count(self, shelf: Shelf[Any], where: Where) -> int:
        return len(self._shelves[shelf].matching(where))

    def crowded(
        self, shelf: Shelf[Any], by: str, values: Collection[str], same: Mapping[str, Any], most: int
    ) -> set[str]:
        where = {name: [value] for name, value in same.items()}
        return {value for value in values if self.count(shelf, {**where, by: [value]}) > most}

    def last(self, shelf: Shelf[Any]) -> int:
        return self._shelves[shelf].top

    def add(self, shelf: Shelf[T], items: Sequence[T]) -> None:
        shelved = self._shelves[shelf]
        for item in items:
            key = shelved.key_of(item) if shelved.key_of else (shelved.top + 1,)
            if key in shelved.items:
                raise TakenError(f"{shelf.name} {' '.join(map(str, key))}: there is one already")
            self._set(shelved, key, item)

    def put(self, shelf: Shelf[T], items: Sequence[T]) -> None:
        shelved = self._shelves[shelf]
        key_of = shelved.key_of or (lambda _: (shelved.top + 1,))
        for item in items:
            self._set(shelved, key_of(item), item)

    def amend(self, shelf: Shelf[Any], by: Sequence[str], changes: Sequence[tuple[Key, Mapping[str, Any]]]) -> None:
        shelved = self._shelves[shelf]
        for values, to in changes:
            for key in shelved.ordered({column: (value,) for column, value in zip(by, values, strict=True)}):
                self._set(shelved, key, _amended(shelved.items[key], to))

    def drop(self, shelf: Shelf[Any], keys: Collection[Key]) -> None:
        shelved = self._shelves[shelf]
        for key in keys:
            if key in shelved.items:
                self._set(shelved, key, _NOTHING)

    def clear(self, shelf: Shelf[Any], where: Where) -> None:
        self.drop(shelf, [*self._shelves[shelf].matching(where)])

    def close(self) -> None:
        """Nothing is held."""

    def _set(self, shelved: _Shelved, key: Key, item: Any) -> None:
        place = shelved.places.get(key)
        if place is None:
            shelved.top = place = shelved.top + 1
        old = shelved.set(key, item, place)
        self._transaction.log.append((shelved, key, *old))


class MemoryLedger(KeptLedger):
    """The ledger in memory, for one process and as long as it lives. It keeps every promise but to survive."""

    def __init__(self, audit_key: bytes = b"memory") -> None:
        super().__init__(MemoryStore(), audit_key)
