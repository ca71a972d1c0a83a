"""Cron lines: five parts, each in its range. What is accepted here, Dagster accepts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class CronError(ValueError):
    """What of a cron line is wrong, for a person."""


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    low: int
    high: int
    words: Mapping[str, int]


_PARTS: Final = (
    _Part("minute", 0, 59, {}),
    _Part("hour", 0, 23, {}),
    _Part("day of the month", 1, 31, {}),
    _Part("month", 1, 12, {word: number for number, word in enumerate(_MONTHS, 1)}),
    _Part("weekday", 0, 7, {word: number for number, word in enumerate(_WEEKDAYS)}),  # 7 is Sunday, too
)


@dataclass(frozen=True, slots=True)
class Cron:
    """When: the numbers of each part. `either`: a day of the month *or* a weekday will do, by cron's own rule."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # Sunday is 0
    either: bool


def parse(line: str) -> Cron:
    """The times that a line means. Raises CronError."""
    said = line.split()
    if len(said) != len(_PARTS):
        raise CronError(f"a cron line has {len(_PARTS)} parts, and this one {len(said)}")
    minutes, hours, days, months, weekdays = (_numbers(one, part) for one, part in zip(said, _PARTS, strict=True))
    week = frozenset(weekday % 7 for weekday in weekdays)
    return Cron(minutes, hours, days, months, week, either=said[2] != "*" and said[4] != "*")


def _numbers(said: str, part: _Part) -> frozenset[int]:
    return frozenset(number for piece in said.split(",") for number in _span(piece, part))


def _span(piece: str, part: _Part) -> range:
    span, slash, step = piece.partition("/")
    first, dash, last = (str(part.low), "-", str(part.high)) if span == "*" else span.partition("-")
    start = _number(first, part)
    stop = _number(last, part) if dash else (part.high if slash else start)
    if start > stop:
        raise CronError(f"{part.name} {piece} runs backwards")
    return range(start, stop + 1, _step(step, part) if slash else 1)


def _step(said: str, part: _Part) -> int:
    if not (said.isascii() and said.isdecimal()) or not 1 <= int(said) <= max(1, part.high):
        raise CronError(f"{part.name} cannot go in steps of {said or 'nothing'}")
    return int(said)


def _number(said: str, part: _Part) -> int:
    known = part.words.get(said.lower())
    number = int(said) if known is None and said.isascii() and said.isdecimal() else known
    if number is None:
        raise CronError(f"{said!r} is no {part.name}")
    if not part.low <= number <= part.high:
        raise CronError(f"{part.name} {number} is not among {part.low} to {part.high}")
    return number
