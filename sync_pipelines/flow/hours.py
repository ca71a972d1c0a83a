"""Quiet hours: when a system is read but not written to."""

from collections.abc import Mapping
from datetime import datetime, time
from zoneinfo import ZoneInfo

from mappings.book import Book, Calendar

QUIET = "quiet hours of"


def closed_now(book: Book, now: datetime) -> Mapping[str, str]:
    """Systems that are not written to now, each with the reason."""
    said = {name: _closed(system.calendar, now) for name, system in book.systems.items()}
    return {name: f"{QUIET} {name}: {hours}" for name, hours in said.items() if hours}


def _closed(calendar: Calendar, now: datetime) -> str:
    if not calendar.quiet_hours:
        return ""
    local = now.astimezone(ZoneInfo(calendar.time_zone)).time()
    return next((hours for hours in calendar.quiet_hours if _within(hours, local)), "")


def _within(hours: str, local: time) -> bool:
    """`22:00-06:00` goes over midnight; the end is outside."""
    start, end = (time.fromisoformat(edge) for edge in hours.split("-"))
    return start <= local < end if start <= end else local >= start or local < end
