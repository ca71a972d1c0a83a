"""When each entity is synchronised: the cadence of the book as schedules."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import dagster as dg

from mappings.book import Book
from mappings.complaints import BookError, Complaint
from mappings.ownership import Cadence
from sync_pipelines.defs.by_hand import at_work
from sync_pipelines.entity_assets import job_of

Unready = Callable[[str], str]  # system → what is missing in its connection; empty: nothing

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_HOUR, _DAY, _WEEK = _SECONDS["h"], _SECONDS["d"], _SECONDS["w"]


def schedules(book: Book, unready: Unready) -> dg.Definitions:
    """Running from the start: a promise in the book that nobody switched on would be a silent stop.

    What may be written is another switch (`write: off`), and a system without a connection keeps its schedule waiting.
    """
    return dg.Definitions(schedules=[one for name in book.entities for one in _of(book, name, unready)])


def _of(book: Book, entity: str, unready: Unready) -> Iterator[dg.ScheduleDefinition]:
    zone = zone_of(book, entity)
    lines = {cron_of(line.every): line for line in reversed(book.entities[entity].ownership.cadence)}
    for cron, line in sorted(lines.items()):
        yield _schedule(book, entity, cron, zone, line, unready)


def _schedule(book: Book, entity: str, cron: str, zone: str, line: Cadence, unready: Unready) -> dg.ScheduleDefinition:
    systems = sorted(book.entities[entity].maps)

    def due(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if busy := at_work(context.instance, entity):
            return dg.SkipReason(f"{busy} is at work on {entity}")
        missing = [unready(system) for system in systems]
        return dg.SkipReason("; ".join(missing)) if all(missing) else dg.RunRequest()

    try:
        return dg.ScheduleDefinition(
            name=f"{entity}_{_slug(cron)}",
            job_name=job_of(entity),
            cron_schedule=cron,
            execution_timezone=zone,
            execution_fn=due,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description=_says(cron, zone, line),
        )
    except dg.DagsterInvalidDefinitionError:
        says = f"`every: {line.every}` is no time that a clock shows"
        fault = Complaint(
            "bad-cadence", line.where.file, line.where.line, says, 'write 5m, or a cron line as "30 4 * * *"'
        )
        raise BookError([fault]) from None


def _says(cron: str, zone: str, line: Cadence) -> str:
    fields = ", ".join(line.fields) or "all other fields"
    how = f"at {line.every}" if " " in line.every else f"every {line.every}"
    promise = f"{line.fresh_within.total_seconds() / 3600:g} h"
    says = f"The book wants {fields} {how}, fresh within {promise}; a run is of the whole entity."
    return says + trap(cron, zone)


def trap(cron: str, zone: str) -> str:
    """What to know of an hour that a change of clocks touches; of another one nothing."""
    return f" {_TRAP.format(zone=zone)}" if _in_lost_hour(cron, zone) else ""


_TRAP = (
    "In {zone} this hour does not exist on the day when clocks go forward (the run starts an hour later), "
    "and it comes twice in autumn (the run starts once)."
)


# --- cron -----------------------------------------------------------------------------------------------------------


def cron_of(every: str) -> str:
    """A cron line as it is; `5m` as the rarest even beat that is not rarer than asked for."""
    if not (found := re.fullmatch(r"(\d+)([smhdw])", every)):
        return " ".join(every.split())
    seconds = int(found[1]) * _SECONDS[found[2]]
    if seconds >= _WEEK:
        return "30 4 * * 1"
    if seconds >= _DAY:
        return "30 4 * * *"
    if seconds >= _HOUR:
        hours = _even(seconds // _HOUR, 24)
        return "0 * * * *" if hours == 1 else f"0 */{hours} * * *"
    minutes = _even(max(1, seconds // 60), 60)
    return "* * * * *" if minutes == 1 else f"*/{minutes} * * * *"


def _even(beat: int, whole: int) -> int:
    """The longest beat that divides the whole and is no longer than asked for."""
    return max(each for each in range(1, beat + 1) if whole % each == 0)


def _slug(cron: str) -> str:
    """`daily_at_0230`, `every_5m`, or the cron line in letters."""
    minute, hour, *rest = cron.split()
    if rest == ["*", "*", "*"]:
        if minute.isdigit() and hour.isdigit():
            return f"daily_at_{int(hour):02}{int(minute):02}"
        if hour == "*" and (minute == "*" or minute.startswith("*/")):
            return f"every_{minute.removeprefix('*').removeprefix('/') or 1}m"
        if minute.isdigit() and (hour == "*" or hour.startswith("*/")):
            return f"every_{hour.removeprefix('*').removeprefix('/') or 1}h"
    letters = {"*": "x", "/": "_per_", ",": "_and_", "-": "_to_", " ": "_"}
    return "cron_" + "".join(letters.get(letter, letter) for letter in cron)


# --- time zone ------------------------------------------------------------------------------------------------------


def zone_of(book: Book, entity: str = "") -> str:
    """The zone most of the entity's systems live in, the book's first where they are even; UTC says nothing.

    Without an entity: of all systems.
    """
    names = book.entities[entity].maps if entity else book.systems
    zones = [system.calendar.time_zone for name, system in book.systems.items() if name in names]
    told = Counter(zone for zone in zones if zone != "UTC")
    return told.most_common(1)[0][0] if told else "UTC"


def _in_lost_hour(cron: str, zone: str) -> bool:
    """Whether the hour is one that daylight saving may take away: between two and three where clocks change at all."""
    minute, hour, *_ = cron.split()
    offsets = {datetime(2026, month, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() for month in (1, 7)}
    return hour == "2" and minute.isdigit() and len(offsets) > 1
