"""What is worked out from a part of the book is worked out once: a book does not change once it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

_Part = TypeVar("_Part")
_Made = TypeVar("_Made")
_KEPT = 256  # parts of the books of one process, of which there are few: the present one and perhaps its successor


@dataclass(frozen=True, slots=True, eq=False)
class This:
    """A value by what it is and not by what it holds."""

    value: Any

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, This) and other.value is self.value


def once(make: Callable[[_Part], _Made]) -> Callable[[_Part], _Made]:
    """Made at the first call for each part, by identity; whoever gets it must not change it.

    A part is kept with what was made of it, so its id is no other's for as long as it stands here.
    """
    kept: dict[int, tuple[_Part, _Made]] = {}

    @wraps(make)
    def of(part: _Part) -> _Made:
        found = kept.get(id(part))
        if found is not None:
            return found[1]
        made = make(part)
        if len(kept) >= _KEPT:
            kept.clear()
        kept[id(part)] = (part, made)
        return made

    return of
