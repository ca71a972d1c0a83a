"""Words and small questions that the rules share."""

from collections.abc import Callable
from datetime import datetime, timedelta

from monitoring.standing import Ran, Waiting


def streak(runs: tuple[Ran, ...], bad: Callable[[Ran], bool]) -> list[Ran]:
    """The newest ended runs that are all bad."""
    found: list[Ran] = []
    for run in (run for run in runs if run.ended_at is not None or run.state):
        if not bad(run):
            break
        found.append(run)
    return found


def waits(waiting: Waiting, longest: timedelta, now: datetime) -> bool:
    """Whether the oldest of them has waited too long."""
    return bool(waiting.count) and waiting.since is not None and now - waiting.since > longest


def many(count: int, what: str) -> str:
    """`1 record`, `2 records`."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def at(moment: datetime) -> str:
    """To the minute."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def time(span: timedelta) -> str:
    """`26 h`, `5 min`."""
    minutes = round(span.total_seconds() / 60)
    for size, word in ((1440, "d"), (60, "h")):
        if minutes >= size and minutes % size == 0:
            return f"{minutes // size} {word}"
    return f"{minutes} min"
