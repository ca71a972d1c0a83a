"""What is wrong with systems: away, standing still, empty, nearly used up, changed, out of time."""

from collections.abc import Iterator
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from monitoring.kinds import (
    BUDGET,
    EXPIRES,
    READ_NOTHING,
    RETRIED,
    SCHEMA,
    SILENT,
    SKEW,
    STANDS_STILL,
    SYSTEM_DOWN,
    UNHEARD,
    Limits,
)
from monitoring.problems import Problem
from monitoring.standing import PlaceStanding, Standing, SystemStanding
from monitoring.wording import at, many, waits


def _system_down(standing: Standing, _: Limits) -> Iterator[Problem]:
    for system in standing.systems:
        places = [place for place in standing.places if place.system == system.name and place.reads]
        if places and all(not place.reads[0].complete for place in places):
            since = min(_failing_since(place) for place in places)
            says = f"{system.name}: {next(p.reads[0].says for p in places) or 'it cannot be read'}"
            yield Problem(SYSTEM_DOWN, system.name, says, since, system=system.name, command="concordat doctor")


def _stands_still(standing: Standing, limits: Limits) -> Iterator[Problem]:
    """The newest reading succeeded and brought records, and the position is older than they can be."""
    for place in standing.places:
        recent = [read for read in place.reads if standing.now - read.at < limits.still_for]
        brought = [read for read in recent if read.read and not read.full]
        if place.watermark is None or len(brought) < limits.usual_runs:
            continue
        if standing.now - place.watermark > limits.still_for + limits.slack:
            name = f"{place.system}/{place.kind}"
            says = f"{name}: each run reads on from {at(place.watermark)}, and records come each time"
            yield Problem(STANDS_STILL, name, says, place.watermark, system=place.system)


def _read_nothing(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for place in standing.places:
        if place.doubted_since is not None:
            yield _never_met(place, place.doubted_since)
            continue
        full = [read for read in place.reads if read.full and read.complete]
        if not full or full[0].read or place.said_gone or _holiday(standing, place):
            continue
        usual = median([read.read for read in full[1 : limits.usual_runs + 1]] or [0])
        if usual >= limits.usual_least:
            says = f"{place.system}/{place.kind}: a reading of everything found nothing; usual are {usual:.0f} records"
            yield Problem(
                READ_NOTHING, f"{place.system}/{place.kind}", says, full[0].at, round(usual), system=place.system,
                command=f"concordat doctor {place.system}",
            )  # fmt: skip


def _never_met(place: PlaceStanding, since: datetime) -> Problem:
    """A right that was never given: such a system is empty from the first day on, and every reading goes well."""
    name = f"{place.system}/{place.kind}"
    says = f"{name}: nothing was ever found there; nothing is written to it until the book says that it may be empty"
    return Problem(READ_NOTHING, name, says, since, system=place.system, command=f"concordat doctor {place.system}")


def _budget(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for system in standing.systems:
        if not system.calls_per_day:
            continue
        ours, forecast = system.calls_per_day * (1 - system.reserve), _forecast(system, limits)
        if forecast > ours:
            so_far = f"{system.calls_today:,} calls so far today make {forecast:,.0f} by night"
            says = f"{system.name}: {so_far}; {ours:,.0f} are ours, so tonight's runs will not finish"
            yield Problem(BUDGET, system.name, says, standing.now, system=system.name)


def _forecast(system: SystemStanding, limits: Limits) -> float:
    """As days usually go on from this hour; where that is not known yet, at the pace so far."""
    if system.calls_forecast is not None:
        return system.calls_forecast
    return system.calls_today / system.day_share if system.day_share >= limits.forecast_after else 0.0


def _schema(standing: Standing, _: Limits) -> Iterator[Problem]:
    """One for each kind; what is harmless is told to nobody."""
    serious = [change for change in standing.schema if change.level != "harmless"]
    for system, kind in sorted({(change.system, change.kind) for change in serious}):
        mine = [change for change in serious if (change.system, change.kind) == (system, kind)]
        told = "; ".join(f"{one.says} ({_LEVELS[one.level]})" for one in mine)
        since, name = min(one.since for one in mine), f"{system}/{kind}"
        yield Problem(SCHEMA, name, f"{name}: {told}", since, system=system, command=f"concordat doctor {system}")


_LEVELS = {"map_affected": "a map reads it", "write_fails": "writing will fail"}


def _asked_again(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for system in standing.systems:
        again, calls = system.repeats_today, system.calls_today
        if again >= limits.repeats_least and again > limits.repeats_share * calls:
            says = f"{system.name}: {again:,} of {many(calls, 'call')} today had to be made again"
            yield Problem(
                RETRIED, system.name, says, standing.now, system=system.name, command=f"concordat doctor {system.name}"
            )


def _expires(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for one in standing.expiring:
        if one.ends - standing.now < limits.expires_within:
            verb = "ended" if one.ends <= standing.now else "ends"
            says = f"{one.name}: {one.what} {verb} on {one.ends:%Y-%m-%d}"
            since = min(one.ends - limits.expires_within, standing.now)
            command = f"concordat doctor {one.system}".strip()
            yield Problem(EXPIRES, f"{one.name}/{one.what}", says, since, system=one.system, command=command)


def _silent(standing: Standing, limits: Limits) -> Iterator[Problem]:
    """Readings by the schedule bring what should have been announced."""
    for system in standing.systems:
        if system.announced_at is None:
            continue
        places = [place for place in standing.places if place.system == system.name]
        later = system.announced_at + limits.announced_within
        brought = {r.at for p in places for r in p.reads if r.at > later and r.landed and not r.full}
        if len(brought) >= limits.usual_runs:
            said = f"nothing was announced since {at(system.announced_at)}"
            says = f"{system.name}: {said}, and {len(brought)} runs found changes"
            yield Problem(
                SILENT,
                system.name,
                says,
                system.announced_at,
                system=system.name,
                command=f"concordat inbox --system {system.name}",
            )


def _unheard(standing: Standing, limits: Limits) -> Iterator[Problem]:
    """The gate keeps what comes, and Dagster's daemon, whose sensor looks into it, stands."""
    for system in standing.systems:
        if waits(system.unheard, limits.unheard_age, standing.now):
            since = system.unheard.since or standing.now
            told = many(system.unheard.count, "announcement")
            says = f"{system.name}: nobody has looked into {told}; the oldest came {at(since)}"
            command = f"concordat inbox --system {system.name}"
            yield Problem(UNHEARD, system.name, says, since, system=system.name, command=command)


def _skew(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for system in standing.systems:
        if system.skew is not None and abs(system.skew) > limits.skew:
            seconds = system.skew.total_seconds()
            way = "ahead of" if seconds > 0 else "behind"
            says = f"{system.name}: its clock is {abs(seconds):,.0f} s {way} ours"
            yield Problem(
                SKEW, system.name, says, standing.now, system=system.name, command=f"concordat doctor {system.name}"
            )


def _failing_since(place: PlaceStanding) -> datetime:
    since = place.reads[0].at
    for read in place.reads:
        if read.complete:
            break
        since = read.at
    return since


def _holiday(standing: Standing, place: PlaceStanding) -> bool:
    system = standing.system(place.system)
    if system is None:
        return False
    return standing.now.astimezone(ZoneInfo(system.time_zone)).date().isoformat() in system.holidays


RULES = (_system_down, _stands_still, _read_nothing, _budget, _asked_again, _schema, _expires, _silent, _unheard, _skew)
