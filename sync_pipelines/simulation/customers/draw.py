"""Chance that can be repeated: a stream of numbers from a seed and a place, the same everywhere.

`random` would do; this needs no state of two kilobytes per family and is quicker to begin anew.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import gcd
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_GOLDEN = 0.6180339887498949
_STEP = 0x9E3779B97F4A7C15  # SplitMix64 (Steele, Lea, Flood 2014)


def mixed(number: int) -> int:
    """64 bits that look like chance; another number gives others."""
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


def scattered(index: int, space: int, seed: int) -> int:
    """Another number below `space` for each index below it, without order that shows. Needs no memory of the others."""
    return (index * _stride(space) + mixed(seed + space)) % space


@lru_cache
def _stride(space: int) -> int:
    """Near the golden section of it, so that neighbours lie far apart, and prime to it, so that none is met twice."""
    stride = int(space * _GOLDEN)
    while gcd(stride, space) != 1:
        stride += 1
    return stride


class Draw:
    """One stream, for one family."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, place: int) -> None:
        """The stream of a place under a seed."""
        self._state = mixed(mixed(seed & _MASK) ^ ((place * _STEP) & _MASK))

    def below(self, most: int) -> int:
        """A number from 0 to `most` - 1."""
        self._state = (self._state + _STEP) & _MASK
        return mixed(self._state) % most

    def one(self, things: Sequence[T]) -> T:
        """One of them."""
        return things[self.below(len(things))]

    def chance(self, percent: float) -> bool:
        """Whether it happens."""
        return self.below(10_000) < percent * 100
