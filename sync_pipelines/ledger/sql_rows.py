"""Between the items of a shelf and the rows of its table."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sync_pipelines.ledger.store import Key, Shelf, Where

T = TypeVar("T")


class Rows(Generic[T]):
    """Reads items from rows and writes them as parameters, column by column in the order of the shelf."""

    def __init__(self, shelf: Shelf[T]) -> None:
        self.columns = tuple(shelf.paths)
        self.values_of = attrgetter(*shelf.paths.values()) if len(shelf.paths) > 1 else self._only(shelf)
        self.key_of = _picker([self.columns.index(column) for column in shelf.key])
        self.item_of: Callable[[Sequence[Any]], T] = _maker(shelf)

    def parameters(self, items: Sequence[T]) -> list[dict[str, Any]]:
        """One dict for each item."""
        columns = self.columns
        return [dict(zip(columns, self.values_of(item), strict=True)) for item in items]

    @staticmethod
    def _only(shelf: Shelf[Any]) -> Callable[[Any], Key]:
        one = attrgetter(*shelf.paths.values())
        return lambda item: (one(item),)


def _picker(places: Sequence[int]) -> Callable[[Sequence[Any]], Key]:
    return lambda row: tuple([row[place] for place in places])


def _maker(shelf: Shelf[T]) -> Callable[[Sequence[Any]], T]:
    """Builds an item from a row; a part takes as many columns as it has attributes."""
    item = shelf.item
    spans: list[tuple[int, int, type]] = []
    place = 0
    for each in fields(item):  # type: ignore[arg-type]  # every item is a dataclass
        width = len(fields(shelf.parts[each.name][0])) if each.name in shelf.parts else 1
        if each.name in shelf.parts:
            spans.append((place, place + width, shelf.parts[each.name][0]))
        place += width
    return _plain_maker(item, place) if not spans else _nested_maker(item, place, spans[0])


def _plain_maker(item: Callable[..., T], width: int) -> Callable[[Sequence[Any]], T]:
    return lambda row: item(*row[:width])


def _nested_maker(
    item: Callable[..., T], width: int, span: tuple[int, int, Callable[..., Any]]
) -> Callable[[Sequence[Any]], T]:
    start, end, part = span
    return lambda row: item(*row[:start], part(*row[start:end]), *row[end:width])


def grouped(columns: Sequence[str], keys: Sequence[Key]) -> list[dict[str, list[Any]]]:
    """Keys as few conditions: all columns but the most varied one are fixed in each group."""
    distinct = list(dict.fromkeys(keys))
    if not distinct:
        return []
    varied = max(range(len(columns)), key=lambda place: len({key[place] for key in distinct}))
    groups: dict[Key, list[Any]] = {}
    for key in distinct:
        groups.setdefault(key[:varied] + key[varied + 1 :], []).append(key[varied])
    fixed = [*columns[:varied], *columns[varied + 1 :]]
    return [
        {**{column: [value] for column, value in zip(fixed, same, strict=True)}, columns[varied]: values}
        for same, values in groups.items()
    ]


def cut(where: Where, size: int) -> list[Where]:
    """The same condition in pieces that a statement can carry; none where nothing can match it."""
    lists = {name: list(values) for name, values in where.items()}
    longest = max(lists, key=lambda name: len(lists[name]), default=None)
    if longest is None or 0 < len(lists[longest]) <= size:
        return [lists] if all(lists.values()) else []
    values = lists[longest]
    return [{**lists, longest: values[start : start + size]} for start in range(0, len(values), size)]
