"""What is looked for, and what of it is only a consequence. Pure: a standing in, problems out.

A silent stop is a problem like any other: that something did *not* happen is read from clocks and promises.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from monitoring.kinds import (
    BLOCKED,
    BUDGET,
    CHANNEL,
    DISK,
    EARLY,
    FOLLOWS,
    GAP,
    INCOMPLETE,
    NOT_FRESH,
    NOT_RUN,
    QUARANTINE,
    READ_NOTHING,
    REJECTS,
    REVIEW,
    RUN_FAILED,
    SCHEMA,
    STANDS_STILL,
    SYSTEM_DOWN,
    UNCERTAIN,
    Limits,
)
from monitoring.problems import Problem
from monitoring.standing import PlaceStanding, Ran, Standing, Waiting

_GOOD = ("complete", "complete_with_rejects")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found: problems, and those that only follow from one of them."""

    problems: tuple[Problem, ...]
    following: tuple[Problem, ...]


def look(standing: Standing, limits: Limits) -> Seen:
    """Every problem, by key."""
    found = sorted((p for rule in _RULES for p in rule(standing, limits)), key=lambda problem: problem.key)
    systems = {entity.name: frozenset(entity.systems) for entity in standing.entities}
    following = [p for p in found if any(_explains(cause, p, systems) for cause in found)]
    return Seen(tuple(p for p in found if p not in following), tuple(following))


def _explains(cause: Problem, problem: Problem, systems: Mapping[str, frozenset[str]]) -> bool:
    if problem.kind.name not in FOLLOWS.get(cause.kind.name, ()):
        return False
    if cause.entity:
        return problem.entity == cause.entity or (not problem.entity and problem.system in systems[cause.entity])
    if not cause.system:
        return True  # it is about the whole house
    return problem.system == cause.system or (
        not problem.system and cause.system in systems.get(problem.entity, frozenset())
    )


# --- runs ------------------------------------------------------------------------------------------------------------


def _did_not_run(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        if entity.every is None or not entity.runs:
            continue
        due = entity.runs[0].started_at + entity.every + limits.slack
        if standing.now > due:
            last = entity.runs[0].started_at
            says = f"{entity.name}: no run began since {_at(last)}; one is due every {_time(entity.every)}"
            yield Problem(NOT_RUN, entity.name, says, last, entity.known, entity.name)


def _run_failed(standing: Standing, _: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        bad = _streak(entity.runs, lambda run: run.state in ("halted", "stale"))
        if bad:
            says = f"{entity.name}: the run was {bad[0].state}: {bad[0].says}"
            yield Problem(
                RUN_FAILED, entity.name, says, bad[-1].started_at, entity.known, entity.name, run=bad[0].run,
                command=f"concordat status  # then: concordat apply {entity.name}",
            )  # fmt: skip
    ours = {run.run for entity in standing.entities for run in entity.runs}
    for failed in standing.failed:
        if not any(run.startswith(failed.run) for run in ours) and standing.now - failed.started_at < timedelta(days=1):
            yield Problem(RUN_FAILED, f"dagster/{failed.run}", failed.says, failed.started_at, run=failed.run)


def _not_fresh(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        if entity.fresh_within is None or not entity.runs:
            continue
        good = next((run for run in entity.runs if run.state in _GOOD), None)
        since = (good or entity.runs[-1]).started_at
        if standing.now - since > entity.fresh_within + limits.slack:
            says = f"{entity.name}: the last good run began {_at(since)}; {_time(entity.fresh_within)} is promised"
            yield Problem(NOT_FRESH, entity.name, says, since, entity.known, entity.name)


def _incomplete(standing: Standing, _: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        short = _streak(entity.runs, lambda run: run.state == "incomplete")
        if len(short) > 1 and not entity.blocked:
            says = f"{entity.name}: {len(short)} runs in a row did not finish: {short[0].says}"
            yield Problem(INCOMPLETE, entity.name, says, short[-1].started_at, entity=entity.name, run=short[0].run)


def _rejects(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        run = next((run for run in entity.runs if run.ended_at is not None), None)
        if run is None:
            continue
        refused = run.counts.get("rejected", 0)
        sent = refused + sum(run.counts.get(name, 0) for name in ("creates", "updates", "archives"))
        if refused >= limits.reject_least and refused > limits.reject_share * sent:
            says = f"{entity.name}: {refused} of {_many(sent, 'write')} were refused"
            yield Problem(
                REJECTS, entity.name, says, run.started_at, refused, entity.name, run=run.run,
                command="concordat quarantine list",
            )  # fmt: skip


# --- systems ---------------------------------------------------------------------------------------------------------


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
            says = f"{name}: each run reads on from {_at(place.watermark)}, and records come each time"
            yield Problem(STANDS_STILL, name, says, place.watermark, system=place.system)


def _read_nothing(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for place in standing.places:
        full = [read for read in place.reads if read.full and read.complete]
        if not full or full[0].read or _holiday(standing, place):
            continue
        usual = median([read.read for read in full[1 : limits.usual_runs + 1]] or [0])
        if usual >= limits.usual_least:
            says = f"{place.system}/{place.kind}: a reading of everything found nothing; usual are {usual:.0f} records"
            yield Problem(
                READ_NOTHING, f"{place.system}/{place.kind}", says, full[0].at, round(usual), system=place.system,
                command=f"concordat doctor {place.system}",
            )  # fmt: skip


def _budget(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for system in standing.systems:
        if not system.calls_per_day or system.day_share < limits.forecast_after:
            continue
        ours = system.calls_per_day * (1 - system.reserve)
        forecast = system.calls_today / system.day_share
        if forecast > ours:
            so_far = f"{system.calls_today:,} calls so far today make {forecast:,.0f} by night"
            says = f"{system.name}: {so_far}; {ours:,.0f} are ours"
            yield Problem(BUDGET, system.name, says, standing.now, system=system.name)


def _schema(standing: Standing, _: Limits) -> Iterator[Problem]:
    """One for each kind; what is harmless is told to nobody."""
    serious = [change for change in standing.schema if change.level != "harmless"]
    for system, kind in sorted({(change.system, change.kind) for change in serious}):
        mine = [change for change in serious if (change.system, change.kind) == (system, kind)]
        told = "; ".join(f"{one.says} ({_LEVELS[one.level]})" for one in mine)
        since, name = min(one.since for one in mine), f"{system}/{kind}"
        yield Problem(SCHEMA, name, f"{name}: {told}", since, system=system, command=f"concordat doctor {system}")


_LEVELS = {"map_affected": "a map reads it", "write_fails": "writing will fail"}

# --- what waits ------------------------------------------------------------------------------------------------------


def _uncertain(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        if _waits(entity.uncertain, limits.uncertain_age, standing.now):
            since = entity.uncertain.since or standing.now
            says = f"{entity.name}: {_many(entity.uncertain.count, 'write')} without a known outcome since {_at(since)}"
            yield Problem(
                UNCERTAIN, entity.name, says, since, entity.uncertain.count, entity.name,
                command=f"concordat apply {entity.name}",
            )  # fmt: skip


def _blocked(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        since = entity.blocked_since or standing.now
        if entity.blocked and standing.now - since >= limits.blocked_age:
            told = "; ".join(f"{_many(part.count, part.op)} in {part.system}: {part.says}" for part in entity.blocked)
            yield Problem(
                BLOCKED, entity.name, f"{entity.name}: held: {told}", since, sum(p.count for p in entity.blocked),
                entity.name, steward=entity.steward, command=f"concordat approve {entity.blocked[0].id}",
            )  # fmt: skip


def _quarantine(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        for reason, waiting in sorted(entity.quarantined.items()):
            if reason != "gap" and _waits(waiting, limits.quarantine_age, standing.now):
                says, since = (
                    f"{entity.name}: {_many(waiting.count, 'record')} in quarantine ({reason})",
                    waiting.since or standing.now,
                )
                yield Problem(
                    QUARANTINE, f"{entity.name}/{reason}", says, since, waiting.count, entity.name,
                    steward=entity.steward, command="concordat quarantine list",
                )  # fmt: skip


def _gaps(standing: Standing, limits: Limits) -> Iterator[Problem]:
    steward = {entity.name: entity.steward for entity in standing.entities}
    for gap in standing.gaps:
        since = gap.since or standing.now
        if standing.now - since >= limits.gap_age:
            waiting = f"{_many(gap.records, 'record')} waiting for it"
            says = f"{gap.map}: the code {gap.code} is not in the table {gap.table}; {waiting}"
            yield Problem(
                GAP, f"{gap.map}/{gap.table}/{gap.code}", says, since, gap.records,
                steward=next(iter(steward.values()), ""), command="concordat status",
            )  # fmt: skip


def _reviews(standing: Standing, limits: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        for steward, waiting in sorted(entity.questions.items()):
            if _waits(waiting, limits.question_age, standing.now):
                since = waiting.since or standing.now
                says = f"{entity.name}: {_many(waiting.count, 'question')} waiting, the oldest since {_at(since)}"
                yield Problem(
                    REVIEW, f"{entity.name}/{steward}", says, since, waiting.count, entity.name,
                    steward=steward, command="concordat review list",
                )  # fmt: skip


def _early(standing: Standing, _: Limits) -> Iterator[Problem]:
    for entity in standing.entities:
        if entity.early.count:
            many = _many(entity.early.count, "early account")
            says = f"{entity.name}: {many} waiting for accounting longer than promised"
            since = entity.early.since or standing.now
            yield Problem(EARLY, entity.name, says, since, entity.early.count, entity.name, steward=entity.steward)


# --- ourselves -------------------------------------------------------------------------------------------------------


def _disk(standing: Standing, limits: Limits) -> Iterator[Problem]:
    kept = standing.kept
    if kept.disk_free is not None and kept.disk_size and kept.disk_free < limits.disk_free * kept.disk_size:
        says = f"{kept.disk_free / 2**30:.1f} GiB are left on the disk under the ledger"
        yield Problem(DISK, "ledger", says, standing.now)


def _channels(standing: Standing, _: Limits) -> Iterator[Problem]:
    for channel, waiting in sorted(standing.undelivered.items()):
        if waiting.count:
            says = f"the channel {channel} did not take {_many(waiting.count, 'message')}"
            yield Problem(CHANNEL, channel, says, waiting.since or standing.now, command="concordat alerts")


_RULES: tuple[Callable[[Standing, Limits], Iterator[Problem]], ...] = (
    _did_not_run, _run_failed, _not_fresh, _incomplete, _rejects, _system_down, _stands_still, _read_nothing, _budget,
    _schema,     _uncertain, _blocked, _quarantine, _gaps, _reviews, _early, _disk, _channels,
)  # fmt: skip


# --- words -----------------------------------------------------------------------------------------------------------


def _streak(runs: tuple[Ran, ...], bad: Callable[[Ran], bool]) -> list[Ran]:
    """The newest ended runs that are all bad."""
    found: list[Ran] = []
    for run in (run for run in runs if run.ended_at is not None or run.state):
        if not bad(run):
            break
        found.append(run)
    return found


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


def _waits(waiting: Waiting, longest: timedelta, now: datetime) -> bool:
    return bool(waiting.count) and waiting.since is not None and now - waiting.since > longest


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _time(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    for size, word in ((1440, "d"), (60, "h")):
        if minutes >= size and minutes % size == 0:
            return f"{minutes // size} {word}"
    return f"{minutes} min"
