"""The small layer under the ledger: shelves of frozen values, found by equality, in transactions.

The rules of the ledger are written once, over this protocol; `memory` and `sql` keep the shelves.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeAlias, TypeVar

from connectors.contract import RecordRef

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")
Key: TypeAlias = tuple[Any, ...]
Where: TypeAlias = Mapping[str, Collection[Any]]


@dataclass(frozen=True, eq=False)
class Shelf(Generic[T]):
    """One sort of fact: what is kept, what makes it one, by what it is found.

    A column is an attribute of the item; an attribute that is itself a value (`ref`) stands as the columns of its
    parts, renamed by `parts`. An ordered shelf remembers in which order items first came. Without a key it is a log:
    items have nothing but their place.
    """

    name: str
    item: type[T]
    key: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    unique: tuple[str, ...] = ()  # among the items for which `unique_if` is true
    unique_if: str = ""
    ordered: bool = False
    parts: Mapping[str, tuple[type, Mapping[str, str]]] = field(default_factory=dict)
    paths: Mapping[str, str] = field(init=False)  # column → attribute path

    def __post_init__(self) -> None:
        object.__setattr__(self, "paths", dict(self._columns()))

    def _columns(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for each in fields(self.item):  # type: ignore[arg-type]  # every item is a dataclass
            if each.name not in self.parts:
                found.append((each.name, each.name))
                continue
            part, renamed = self.parts[each.name]
            found += [(renamed.get(f.name, f.name), f"{each.name}.{f.name}") for f in fields(part)]
        return found


REF: Mapping[str, tuple[type, Mapping[str, str]]] = {"ref": (RecordRef, {"id": "record_id"})}


class Store(Protocol):
    """Keeps shelves. Answers come in the order of the shelf: by first coming where it is ordered, else by key.

    Each of them is of one state, however many statements it takes.
    """

    def transaction(self) -> AbstractContextManager[None]:
        """A write transaction. A nested one joins; where it fails, only what it did is taken back."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Reads in it see one state."""
        ...

    def get(self, shelf: Shelf[T], keys: Collection[Key]) -> dict[Key, T]:
        """Items by key; what is not there is absent."""
        ...

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
        """Items whose columns hold one of the given values, without those whose key stands on the shelf `lacking`.

        `newest` turns the order round and cuts. `most` cuts what comes behind the beginning of a key.
        """
        ...

    def pages(self, shelf: Shelf[T], where: Where, size: int) -> Iterator[list[T]]:
        """What `find` would find, so many at a time; each page sees the state of its own moment.

        One value for each column that is asked for.
        """
        ...

    def pick(self, shelf: Shelf[Any], where: Where, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Some columns of what `find` would find."""
        ...

    def pick_pages(
        self, shelf: Shelf[Any], where: Where, columns: Sequence[str], size: int
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Some columns of what `pages` would find."""
        ...

    def different(self, shelf: Shelf[Any], where: Where, column: str, size: int) -> Iterator[list[str]]:
        """The values of a column, each once and in order, so many at a time. One value for each column asked for."""
        ...

    def unlike(
        self,
        shelf: Shelf[Any],
        by: str,
        told: Mapping[str, tuple[Any, ...]],
        columns: Sequence[str],
        same: Mapping[str, Any],
    ) -> set[str]:
        """Of these values of the column `by`: where nothing stands, or an item of which `columns` or `same` differ.

        What `same` says of columns of the key says where to look.
        """
        ...

    def count(self, shelf: Shelf[Any], where: Where) -> int:
        """How many `find` would find."""
        ...

    def crowded(
        self, shelf: Shelf[Any], by: str, values: Collection[str], same: Mapping[str, Any], most: int
    ) -> set[str]:
        """Those of some values of the column `by` under which more than `most` items stand, among what `same` says."""
        ...

    def last(self, shelf: Shelf[Any]) -> int:
        """The highest place ever given on an ordered shelf."""
        ...

    def add(self, shelf: Shelf[T], items: Sequence[T]) -> None:
        """TakenError where the key is there already."""
        ...

    def put(self, shelf: Shelf[T], items: Sequence[T]) -> None:
        """Add or replace; a replaced item keeps its place. Of two with one key the later one stays."""
        ...

    def amend(self, shelf: Shelf[Any], by: Sequence[str], changes: Sequence[tuple[Key, Mapping[str, Any]]]) -> None:
        """Set some columns of the items whose `by` columns equal the key; the same columns in each change."""
        ...

    def drop(self, shelf: Shelf[Any], keys: Collection[Key]) -> None:
        """Take items away; nothing where they are not there."""
        ...

    def clear(self, shelf: Shelf[Any], where: Where) -> None:
        """Take away what `find` would find."""
        ...

    def close(self) -> None:
        """Give back files and connections."""
        ...


class Kept:
    """What every part of the ledger stands on."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def store(self) -> Store:
        """For those who look at the shelves themselves."""
        return self._store


K = TypeVar("K", bound=Kept)


def writes(method: Callable[Concatenate[K, P], R]) -> Callable[Concatenate[K, P], R]:
    """The call is one write transaction, or a part of the one around it."""

    @wraps(method)
    def call(self: K, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._store.transaction():
            return method(self, *args, **kwargs)

    return call


def writes_all(method: Callable[Concatenate[K, P], None]) -> Callable[Concatenate[K, P], None]:
    """As `writes`, of all that the last argument holds. Where that is nothing, as in most runs, nothing is done."""

    @wraps(method)
    def call(self: K, /, *args: P.args, **kwargs: P.kwargs) -> None:
        if args and not args[-1]:
            return
        with self._store.transaction():
            method(self, *args, **kwargs)

    return call


def reads(method: Callable[Concatenate[K, P], R]) -> Callable[Concatenate[K, P], R]:
    """The call sees one state. One that asks the store for one thing does so by itself, and needs no word of it."""

    @wraps(method)
    def call(self: K, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._store.snapshot():
            return method(self, *args, **kwargs)

    return call
