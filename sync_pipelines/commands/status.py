"""`status`: what was done, what waits, and for whom. Asks the ledger only, no system."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.padding import Padding
from rich.text import Text

from mappings.book import EntitySpec, SystemSpec, WriteSwitch
from sync_pipelines.commands.office import FINE, LOOK, Office, entities_asked, json_option, office
from sync_pipelines.commands.plans import many, stewards_of, table
from sync_pipelines.commands.runs import state_text, through
from sync_pipelines.flow.agreement import Agreement, history, percent, reconcile
from sync_pipelines.flow.leave import asks_for_leave
from sync_pipelines.flow.run import House
from sync_pipelines.flow.standing import good_run
from sync_pipelines.intake.crawl import FLOW_CHANGES
from sync_pipelines.model.changes import OPEN, Part, RunState
from sync_pipelines.model.records import RunRecord
from sync_pipelines.review.presenting import addressed

_RUNS_LOOKED_AT, _RUNS_SHOWN = 200, 5
_MOST_CODES = 20  # shown
_WRITES = (("creates", "create"), ("updates", "update"), ("archives", "archive"))
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_NIGHTS, _WEEK = 30, timedelta(days=7)


@click.command(short_help="what was done, what waits, and for whom")
@click.option("--drift", is_flag=True, help="Compare every record with what was decided, and list what differs.")
@json_option
@office
def status(office: Office, *, drift: bool, as_json: bool) -> int:
    """Show how each entity and each system stands, and everything that waits for a person."""
    with office.open_house() as house:
        if drift:
            from sync_pipelines.commands.drifting import drift_data, drift_lines

            found = reconcile(house.ledger, house.book, office.clock())
            if as_json:
                office.json(drift_data(found))
            else:
                office.print(*drift_lines(found))
            return FINE if all(one.in_sync == one.compared for one in found) else LOOK
        standing = {entity: _standing(house, entity, office.clock()) for entity in entities_asked(house.book, None)}
        systems = {name: _system(house, system, office.clock()) for name, system in house.book.systems.items()}
        runs = [run for run in house.ledger.runs(limit=_RUNS_LOOKED_AT) if _written(run)][:_RUNS_SHOWN]
        if as_json:
            office.json({"book": _book(house), "entities": standing, "systems": systems, "runs": runs})
        else:
            office.print(*_lines(house, standing, systems, office.clock()), *_run_lines(runs, office.clock()))
    return LOOK if any(_looks_bad(one) for one in standing.values()) else FINE


def _book(house: House) -> Mapping[str, str]:
    return {"folder": house.book.folder, "version": house.book.version}


def _standing(house: House, entity: str, at: datetime) -> dict[str, Any]:
    ledger, spec = house.ledger, house.book.entities[entity]
    nights = history(ledger, entity, _NIGHTS)
    stuck, held = ledger.quarantined(entity=entity), _held_parts(house, entity)
    return {
        "known": ledger.count_entities(entity),
        "coupled": {system: ledger.count_coupled(entity, system) for system in spec.maps},
        "strangers": len(ledger.uncoupled(entity)),
        "questions": [addressed(one, spec) for one in ledger.questions(entity=entity)],
        "quarantined": dict(Counter(entry.reason for entry in stuck)),
        "without_outcome": len(ledger.changes(entity=entity, states=OPEN)),
        "held_parts": held,
        "to_let_through": [part.id for part in held if _asks(house, part)],
        "last_run": next(iter(ledger.runs(entity, 1)), None),
        "agreement": next(iter(nights), None),
        "agreed_before": next((one for one in nights if nights[0].at - one.at >= _WEEK), None),
        "stale": _is_stale(house, spec, at),
    }


def _is_stale(house: House, spec: EntitySpec, at: datetime) -> bool:
    """Whether the last good run is older than the book promises, whatever the newest one says of itself."""
    promises = [line.fresh_within for line in spec.ownership.cadence]
    good = good_run(house.ledger, spec.name)
    return bool(promises) and good is not None and at - good > min(promises)


def _held_parts(house: House, entity: str) -> Sequence[Part]:
    newest = next(iter(house.ledger.plans(entity, 1)), None)
    return [part for part in house.ledger.parts(newest.id) if not part.passed] if newest else []


def _asks(house: House, part: Part) -> bool:
    """Not where the book wills that nothing is written, nor where something else ends it."""
    switch = house.book.systems[part.system].switch(part.entity)
    return switch is not WriteSwitch.OFF and asks_for_leave(part)


def _system(house: House, system: SystemSpec, at: datetime) -> dict[str, Any]:
    kinds = {kind_map.kind for spec in house.book.entities.values() if (kind_map := spec.maps.get(system.name))}
    marks = [house.ledger.watermark(system.name, kind, FLOW_CHANGES) for kind in sorted(kinds)]
    today = at.astimezone(ZoneInfo(system.calendar.time_zone)).date().isoformat()
    return {
        "role": system.role,
        "connector": system.connector,
        "write": system.write,
        "read_up_to": min((mark.at for mark in marks if mark), default=None),
        "calls_today": house.ledger.spent(system.name, today),
        "calls_per_day": system.calls_per_day,
    }


def _looks_bad(standing: Mapping[str, Any]) -> bool:
    waits = ("questions", "quarantined", "without_outcome", "held_parts", "stale")
    run: RunRecord | None = standing["last_run"]
    return any(standing[name] for name in waits) or (run is not None and run.state not in ("", RunState.COMPLETE))


def _lines(
    house: House, standing: Mapping[str, Mapping[str, Any]], systems: Mapping[str, Mapping[str, Any]], at: datetime
) -> Iterator[Any]:
    yield Text.assemble(("book   ", "dim"), f"{house.book.folder or 'made in memory'}  version {house.book.version}")
    yield Padding(_systems_table(systems, at), (1, 0, 1, 0))
    yield _entities_table(standing, at)
    yield ""
    for entity, one in standing.items():
        yield from _waiting(entity, one)
    gaps = house.ledger.gaps()
    for gap in gaps[:_MOST_CODES]:
        whose = f"{gap.map} says" if gap.way == "decode" else f"{gap.map} has no word for"
        waiting = many(len(gap.refs), "record waits", "records wait")
        yield f"unknown code:  {whose} {gap.code!r} ({gap.table or 'its map'}), {waiting}"
    if len(gaps) > _MOST_CODES:
        yield f"… and {len(gaps) - _MOST_CODES:,} more unknown codes:  concordat quarantine list"


def _systems_table(systems: Mapping[str, Mapping[str, Any]], at: datetime) -> Any:
    made = table("system", "role", "connector", "write", "read up to", "calls today", right=("calls today",))
    for name, one in systems.items():
        of = f" of {one['calls_per_day']:,}" if one["calls_per_day"] else ""
        read = ago(one["read_up_to"], at) if one["read_up_to"] else "never read"
        made.add_row(name, one["role"], one["connector"], one["write"], read, f"{one['calls_today']:,}{of}")
    return made


def _entities_table(standing: Mapping[str, Mapping[str, Any]], at: datetime) -> Any:
    made = table("entity", "known", "has records in", "last run", "ended", right=("known",))
    for entity, one in standing.items():
        where = ", ".join(f"{system} {count:,}" for system, count in one["coupled"].items())
        run: RunRecord | None = one["last_run"]
        when = f"{ago(run.started_at, at)} ({run.kind})" if run else "never"
        ended = state_text(RunState.STALE if one["stale"] else run.state) if run else Text("–")
        made.add_row(entity, f"{one['known']:,}", where, when, ended)
    return made


def _waiting(entity: str, one: Mapping[str, Any]) -> Iterator[Any]:
    run: RunRecord | None = one["last_run"]
    agreement: Agreement | None = one["agreement"]
    if agreement is not None:
        yield f"{entity}: {percent(agreement)} of {many(agreement.compared, 'record')} in agreement when last compared"
        yield from _totals(entity, agreement, one["agreed_before"])
    if run is not None and (says := _untold(run.says, one["held_parts"])):
        yield Text(f"! {entity}: {says}", "yellow")
    if one["stale"]:
        says = "the last good run is older than the book promises:  concordat watch --dry  says why"
        yield Text(f"! {entity}: {says}", "yellow")
    for part in one["held_parts"]:
        yield Text(_held(part), "yellow")
        if part.id in one["to_let_through"]:
            yield through(part)
    if one["questions"]:
        asked = one["questions"]
        yield f"{entity}: {many(len(asked), 'question')} for {stewards_of(asked)}:  concordat review list"
    for reason, count in one["quarantined"].items():
        yield f"{entity}: {many(count, 'record')} in quarantine ({reason}):  concordat quarantine list"
    if one["without_outcome"]:
        writes = many(one["without_outcome"], "write")
        yield f"{entity}: {writes} without a known outcome; the next run looks them up first"
    if one["strangers"]:
        yield f"{entity}: {many(one['strangers'], 'record')} read and not recognised yet; the next run does"


def _untold(says: str, parts: Sequence[Part]) -> str:
    """What a run says of itself, without the held parts that have lines of their own."""
    for part in parts:
        says = says.replace(f"held: {part.id}: {part.says}", "")
    return "; ".join(filter(None, says.split("; ")))


def _held(part: Part) -> str:
    """A guard says the number itself; an hour, a map or the book do not."""
    number = f"{part.count} {part.op}s"
    says = part.says if part.says.startswith(f"{number} ") else f"{many(part.count, part.op)}: {part.says}"
    return f"! {part.entity}: held in {part.system}: {says}"


def _totals(entity: str, agreement: Agreement, before: Agreement | None) -> Iterator[Any]:
    """How it was a week ago, and what systems say of the same money: what differs line by line, else in one."""
    if before is not None and before.share != agreement.share:
        yield f"{entity}: {percent(before)} a week before"
    for total in agreement.totals:
        if total.difference:
            sums = ", ".join(f"{name} {Decimal(said):,}" for name, said in zip(total.systems, total.sums, strict=True))
            apart = f"{abs(total.difference):,} apart in {many(total.records, 'record')}"
            yield Text(f"! {entity}: {total.field} in {total.currency}: {sums}, {apart}", "yellow")
    if agreement.totals and not any(total.difference for total in agreement.totals):
        fields = ", ".join(sorted({f"{total.field} {total.currency}" for total in agreement.totals}))
        yield f"{entity}: control totals agree: {fields}"


def _written(run: RunRecord) -> str:
    counts = {word: run.stats.get(name, 0) for name, word in _WRITES}
    return ", ".join(many(count, word) for word, count in counts.items() if count)


def _run_lines(runs: Sequence[RunRecord], at: datetime) -> Iterator[Any]:
    """The runs that wrote something, which `undo` can take back."""
    if runs:
        made = table("runs that wrote", "entity", "when", "", "wrote")
        for run in runs:
            made.add_row(run.id, run.entity, ago(run.started_at, at), run.kind, _written(run))
        yield Padding(made, (1, 0, 0, 0))


def ago(then: datetime, at: datetime) -> str:
    """How long ago, roughly."""
    seconds = max(0, round((at - then).total_seconds()))
    for size, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= size:
            return f"{many(seconds // size, name)} ago"
    return f"{many(seconds, 'second')} ago"
