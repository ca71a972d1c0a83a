"""Every field is synchronised in one rhythm, and each promise can be kept by its rhythm."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from mappings.book import Book
from mappings.complaints import Complaint
from mappings.cron import Cron, parse
from mappings.ownership import Cadence
from mappings.values import Where
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.view import View

_DURATION = re.compile(r"(\d+)([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WHOLE = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
_LOOKED_AT = 2 * 1461 + 1  # days: the 29th of February comes up once in four years, and it takes two to wait between
_FIRST = date(2024, 1, 1)


def cadence(view: View) -> Iterator[Complaint]:
    """The groups of an entity."""
    groups = view.spec.ownership.cadence
    if not groups:
        says = f"nothing says how often {view.one} is synchronised, nor how fresh it is promised to be"
        where = Where(f"{view.entity}/ownership.yaml", 1)
        yield complaint("cadence-missing", where, says, "add `cadence:`")
        return
    yield from _overlaps(groups)
    yield from _gaps(view, groups)
    for group in groups:
        yield from _promise(group)


def comparing(book: Book) -> Iterator[Complaint]:
    """When records are compared with what was decided."""
    at, where = book.comparing.at, book.comparing.where
    if at and compared_every(book) is None:
        says = f"`reconcile: {at}` never comes up"
        yield complaint("cadence-never", where, says, "mend the cron line, or say never")


def _overlaps(groups: Sequence[Cadence]) -> Iterator[Complaint]:
    first: dict[str, Cadence] = {}
    for group in groups:
        for name in group.fields or ("rest",):
            other = first.setdefault(name, group)
            if other is not group:
                says = f"`{name}` is in the group of line {other.where.line} already"
                yield complaint("cadence-overlap", group.where, says, "let it stand in one group")


def _gaps(view: View, groups: Sequence[Cadence]) -> Iterator[Complaint]:
    named = {name for group in groups for name in group.fields}
    left_out = [name for name in view.spec.fields if name not in named]
    if left_out and all(group.fields for group in groups):
        says = f"no group has {', '.join(f'`{name}`' for name in left_out)}"
        yield complaint("cadence-gap", groups[-1].where, says, "add a group with fields: rest")


def _promise(group: Cadence) -> Iterator[Complaint]:
    try:
        longest = longest_wait(group.every)
    except ValueError:
        yield complaint("cadence-never", group.where, f"`{group.every}` never comes up", "mend the cron line")
        return
    if longest > group.fresh_within:
        says = f"`{group.every}` lets {_said(longest)} pass, and {_said(group.fresh_within)} is promised"
        yield complaint("cadence-promise", group.where, says, "run more often, or promise less")


def _said(time: timedelta) -> str:
    whole = int(time.total_seconds())
    fitting = [(unit, seconds) for unit, seconds in _WHOLE.items() if whole % seconds == 0]
    unit, seconds = fitting[0]
    return f"{whole // seconds}{unit}"


def compared_every(book: Book) -> timedelta | None:
    """The longest time between two comparisons; None where there is none by itself."""
    try:
        return longest_wait(book.comparing.at) if book.comparing.at else None
    except ValueError:
        return None


def longest_wait(every: str) -> timedelta:
    """The longest time between two runs of `5m` or of a cron line. Raises ValueError where it never comes up."""
    found = _DURATION.fullmatch(every)
    if found:
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    cron = parse(every)
    times = sorted(hour * 60 + minute for hour in cron.hours for minute in cron.minutes)
    at = [day for day in range(_LOOKED_AT) if _comes_up(_FIRST + timedelta(day), cron)]
    if not at:
        raise ValueError(every)
    within = max((later - sooner for sooner, later in pairwise(times)), default=0)
    between = max((later - sooner for sooner, later in pairwise(at)), default=_LOOKED_AT)
    return timedelta(minutes=max(within, between * 24 * 60 - times[-1] + times[0]))


def _comes_up(day: date, cron: Cron) -> bool:
    """Cron's own rule: where both a day of the month and a weekday are given, either will do."""
    in_month, in_week = day.day in cron.days, day.isoweekday() % 7 in cron.weekdays
    either = in_month or in_week if cron.either else in_month and in_week
    return day.month in cron.months and either
