"""Chance without a stream: every draw is a pure function of its own name.

Whoever takes one operation out of a history leaves all other draws as they were. That is what lets a failing history
shrink.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

_Option = TypeVar("_Option")
_WHOLE = float(2**64)


def draw(*words: object) -> float:
    """From 0 up to 1, by the words alone. Only numbers and texts: their spelling is the same in every process."""
    text = "|".join(map(str, words))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") / _WHOLE


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of one operation of one history."""

    seed: int
    number: int

    def part(self, site: str) -> float:
        """From 0 up to 1."""
        return draw(self.seed, self.number, site)

    def chance(self, site: str, rate: float) -> bool:
        """True at this rate."""
        return self.part(site) < rate

    def upto(self, site: str, most: int) -> int:
        """From 0 up to, and without, `most`."""
        return int(self.part(site) * most)

    def choice(self, site: str, options: Sequence[_Option]) -> _Option:
        """One of them."""
        return options[self.upto(site, len(options))]
