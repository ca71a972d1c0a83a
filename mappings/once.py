"""What is worked out from a part of the book is worked out once: a book does not change once it is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
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
    """Made at the first call for each part, by identity; whoever gets it must not change it."""

    @lru_cache(maxsize=_KEPT)
    def kept(this: This) -> _Made:
        return make(this.value)

    @wraps(make)
    def of(part: _Part) -> _Made:
        return kept(This(part))

    return of
