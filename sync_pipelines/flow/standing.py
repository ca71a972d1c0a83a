"""How everything stands, for alerts, metrics and people: read from the ledger alone, no system is asked."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.contract import RecordRef
from mappings.book import Book, EntitySpec, SystemSpec, WriteSwitch
from mappings.fieldmap import Line
from mappings.values import field_of
from monitoring.redact import redact
from monitoring.settings import AlertSettings, CanarySettings
from monitoring.standing import (
    Canary,
    Chore,
    EntityStanding,
    Expiry,
    GapStanding,
    KeptStanding,
    Part,
    PlaceStanding,
    Ran,
    Read,
    Standing,
    SystemStanding,
    TotalStanding,
    Waiting,
)
from sync_pipelines.checking.cadence import compared_every, longest_wait
from sync_pipelines.flow.agreement import kept as agreement_kept
from sync_pipelines.flow.chores import RECONCILE, chores_of
from sync_pipelines.flow.drifting import schema_changes
from sync_pipelines.flow.early import overdue
from sync_pipelines.flow.emptiness import unbelieved_since
from sync_pipelines.flow.hearing import calls_forecast, grows_per_day, heard_of, midnight, repeats_today
from sync_pipelines.flow.leave import asks_for_leave
from sync_pipelines.flow.rulebook import book_standing, loaded_standing
from sync_pipelines.flow.steps import SYNC
from sync_pipelines.flow.telling import FAILED
from sync_pipelines.flow.totals import Total
from sync_pipelines.intake.crawl import FLOW_CHANGES
from sync_pipelines.intake.older import older
from sync_pipelines.intake.readers import map_name_of
from sync_pipelines.intake.vanishing import vanished
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import OPEN, RunState, State
from sync_pipelines.model.changes import Part as Held
from sync_pipelines.model.questions import Question
from sync_pipelines.model.records import OpenGap, RunRecord
from sync_pipelines.review.answering import held_until
from sync_pipelines.review.presenting import addressed, chief_steward

WATCHED = "watched_at"  # the pin that says when somebody last looked
GOOD = (RunState.COMPLETE, RunState.WITH_REJECTS)
_RUNS = 400  # records looked through: a run of five minutes leaves some dozens in a day


def standing_of(
    ledger: Ledger,
    book: Book,
    now: datetime,
    kept: KeptStanding | None = None,
    settings: AlertSettings | None = None,
) -> Standing:
    """Everything, at one moment; `settings` say what a team knows besides."""
    kept, settings = kept or KeptStanding(), settings or AlertSettings()
    runs = ledger.runs(limit=_RUNS)
    mine = {name: [run for run in runs if run.entity == name and run.kind == SYNC] for name in book.entities}
    mine = {name: some or _older(ledger, name) for name, some in mine.items()}
    forgotten = list(older(ledger).values())
    return Standing(
        now=now,
        entities=tuple(_entity(ledger, book, spec, mine[spec.name], now) for spec in book.entities.values()),
        places=tuple(_places(ledger, book, mine)),
        systems=tuple(_systems(ledger, book, now)),
        gaps=tuple(GapStanding(g.table, g.map, g.code, len(g.refs), g.since, _told(book, g)) for g in ledger.gaps()),
        schema=tuple(schema_changes(ledger, book, now)),
        expiring=tuple(_expiring(ledger, book, settings)),
        chores=tuple(_chores(ledger, book)),
        canaries=tuple(_canary(ledger, one) for one in settings.canaries),
        kept=replace(kept, grows_per_day=grows_per_day(ledger, kept, now)),
        failed=tuple(_ran(run) for run in runs if run.kind == FAILED),
        undelivered=_undelivered(ledger),
        restored_since=min((_moment(one.since) or now for one in forgotten), default=None),
        restored_says=redact(forgotten[0].says) if forgotten else "",
        book=book_standing(ledger),
        loaded=loaded_standing(ledger),
        watched_at=_moment(ledger.get_pin(WATCHED)),
    )


def _chores(ledger: Ledger, book: Book) -> Iterator[Chore]:
    """Records are compared as often as the book says, and nobody waits for what it does not want."""
    for one in chores_of(ledger):
        if one.name != RECONCILE:
            yield one
        elif every := compared_every(book):
            yield replace(one, every=every)


def without_book(ledger: Ledger, now: datetime) -> Standing:
    """All that can be said where no book can be loaded."""
    return Standing(now, book=book_standing(ledger), loaded=loaded_standing(ledger))


def _moment(said: str) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def good_run(ledger: Ledger, entity: str) -> datetime | None:
    """When the newest run that did what it could began; where none ever did, the oldest that is known."""
    runs = [run for run in ledger.runs(entity, _RUNS) if run.kind == SYNC]
    good = next((run.started_at for run in runs if run.state in GOOD), None)
    return good or (runs[-1].started_at if runs else None)


def _older(ledger: Ledger, entity: str) -> list[RunRecord]:
    """An entity whose last run is long over: that it did not run is the point."""
    return [run for run in ledger.runs(entity, _RUNS) if run.kind == SYNC]


# --- entities --------------------------------------------------------------------------------------------------------


def _entity(ledger: Ledger, book: Book, spec: EntitySpec, runs: Sequence[RunRecord], now: datetime) -> EntityStanding:
    cadence = spec.ownership.cadence
    plan = next(iter(ledger.plans(spec.name, 1)), None)
    blocked = [part for part in ledger.parts(plan.id) if not part.passed] if plan else []
    uncertain = ledger.changes(entity=spec.name, states=OPEN)
    agreed = agreement_kept(ledger, spec.name)
    return EntityStanding(
        name=spec.name,
        runs=tuple(_ran(run) for run in runs),
        every=min((longest_wait(group.every) for group in cadence), default=None),
        fresh_within=min((group.fresh_within for group in cadence), default=None),
        systems=tuple(spec.maps),
        known=ledger.count_entities(spec.name),
        steward=chief_steward(spec),
        quarantined=_by((entry.reason, entry.since) for entry in ledger.quarantined(entity=spec.name)),
        questions=_by((addressed(q, spec).steward, q.asked_at) for q in _waiting_questions(ledger, spec.name, now)),
        uncertain=_waiting(change.sent_at for change in uncertain),
        early=_by(
            (who, wait.kept.since) for wait in overdue(ledger, book, spec.name, now) for who in sorted(wait.stewards)
        ),
        blocked=tuple(_part(part, book.systems[part.system].switch(spec.name)) for part in blocked),
        blocked_since=plan.made_at if plan and blocked else None,
        compared=agreed.compared if agreed else 0,
        in_sync=agreed.in_sync if agreed else 0,
        compared_at=agreed.at if agreed else None,
        unexplained=agreed.unexplained if agreed else 0,
        totals=tuple(_total(spec, one) for one in agreed.totals) if agreed else (),
    )


def _total(spec: EntitySpec, one: Total) -> TotalStanding:
    """`lines.amount` is an item's part of the field `lines`."""
    rules = spec.ownership.rules.get(field_of(one.field).partition(".")[0], ())
    steward = next((rule.steward for rule in rules if rule.steward), "")
    larger = max(abs(float(each)) for each in one.sums)
    place = "/".join(one.systems)
    return TotalStanding(one.field, one.currency, place, float(one.difference), larger, one.records, steward)


def _part(part: Held, switch: WriteSwitch) -> Part:
    asks = switch is not WriteSwitch.OFF and asks_for_leave(part)
    return Part(part.id, part.system, part.op, part.count, part.says, asks)


def _waiting_questions(ledger: Ledger, entity: str, now: datetime) -> Iterable[Question]:
    """Those of which nobody said that they can wait."""
    return (q for q in ledger.questions(entity=entity) if (until := held_until(q)) is None or until <= now)


def _told(book: Book, gap: OpenGap) -> str:
    """Whose code it is: the steward of the fields that the table spells in this map, else that of their entity."""
    spelled = [(spec, line.field) for spec, line in _lines_of(book, gap) if _uses(line, gap.table)]
    stewards = Counter(rule.steward for spec, name in spelled for rule in spec.ownership.rules.get(name, ()))
    del stewards[""]
    told = [name for name, _ in stewards.most_common(1)] or [chief_steward(spec) for spec, _ in spelled]
    return next(iter(told), "")


def _lines_of(book: Book, gap: OpenGap) -> Iterator[tuple[EntitySpec, Line]]:
    kinds = {(ref.system, ref.kind) for ref in gap.refs}
    for spec in book.entities.values():
        for system, kind_map in spec.maps.items():
            if map_name_of(book.systems[system]) == gap.map and (not kinds or (system, kind_map.kind) in kinds):
                yield from ((spec, line) for line in kind_map.lines)


def _uses(line: Line, table: str) -> bool:
    return line.options.get("table") == table or any(_uses(part, table) for part in line.lines)


def _ran(run: RunRecord) -> Ran:
    counts = {name: said for name, said in run.stats.items() if isinstance(said, int)}
    name = run.id.removesuffix(f".{FAILED}") if run.kind == FAILED else run.id
    return Ran(name, run.started_at, run.ended_at, run.state, redact(run.says), counts)


# --- systems ---------------------------------------------------------------------------------------------------------


def _places(ledger: Ledger, book: Book, runs: Mapping[str, Sequence[RunRecord]]) -> Iterable[PlaceStanding]:
    for system, kind in sorted({(s, m.kind) for spec in book.entities.values() for s, m in spec.maps.items()}):
        told = [
            _read(run.started_at, run.stats["reads"][f"{system}/{kind}"])
            for run in sorted((r for some in runs.values() for r in some), key=lambda r: r.started_at, reverse=True)
            if f"{system}/{kind}" in run.stats.get("reads", {})
        ]
        mark = ledger.watermark(system, kind, FLOW_CHANGES)
        doubted = unbelieved_since(ledger, book, system, kind)
        dirty, said = len(ledger.dirty(system, kind)), vanished(ledger, system, kind)
        said_gone = said is not None and not said.doubted
        yield PlaceStanding(system, kind, tuple(told), mark.at if mark else None, dirty, doubted, said_gone)


def _read(at: datetime, said: Mapping[str, Any]) -> Read:
    landed = said.get("landed", 0)  # runs of earlier days did not tell
    return Read(at, said["read"], said["complete"], said["halted"], said["full"], redact(said["says"]), landed)


def _systems(ledger: Ledger, book: Book, now: datetime) -> Iterator[SystemStanding]:
    """An announcement waits for nobody where no entity listens."""
    listens = any(line.webhooks for spec in book.entities.values() for line in spec.ownership.cadence)
    unheard = _by((one.system, one.received_at) for one in ledger.inbox() if listens)
    for system in book.systems.values():
        yield _system(ledger, system, now, unheard.get(system.name, Waiting(0)))


def _system(ledger: Ledger, system: SystemSpec, now: datetime, unheard: Waiting) -> SystemStanding:
    local = now.astimezone(ZoneInfo(system.calendar.time_zone))
    return SystemStanding(
        name=system.name,
        role=system.role,
        time_zone=system.calendar.time_zone,
        holidays=system.calendar.holidays,
        calls_today=ledger.spent(system.name, local.date().isoformat()),
        calls_per_day=system.calls_per_day,
        reserve=system.reserve,
        day_share=min(1.0, (now - midnight(system, now)) / timedelta(days=1)),
        calls_forecast=calls_forecast(ledger, system, now),
        repeats_today=repeats_today(ledger, system, now),
        skew=heard_of(ledger, system.name).skew,
        announced_at=next((one.received_at for one in ledger.deliveries(system.name, 1)), None),
        unheard=unheard,
        writes=str(system.write),
    )


def _expiring(ledger: Ledger, book: Book, settings: AlertSettings) -> Iterator[Expiry]:
    for name in book.systems:
        if ends := heard_of(ledger, name).certificate_ends:
            yield Expiry(name, "certificate", ends, name)
    for name, day in settings.expires.items():
        yield Expiry(name, "credential", datetime.combine(day, time(), UTC), name if name in book.systems else "")


def _canary(ledger: Ledger, told: CanarySettings) -> Canary:
    """An edit has arrived when something of its entity was written, wherever that was."""
    ref = RecordRef(*told.record.split("/", 2))
    coupled = ledger.couplings_at(told.entity, [ref]).get(ref)
    written = ledger.changes(entity_id=coupled.entity_id, states=(State.DONE,)) if coupled else []
    last = max((change.sent_at for change in written if change.sent_at), default=None)
    return Canary(told.entity, told.record, told.within, last)


# --- what waits ------------------------------------------------------------------------------------------------------


def _by(entries: Iterable[tuple[str, datetime | None]]) -> dict[str, Waiting]:
    found: dict[str, list[datetime | None]] = {}
    for name, since in entries:
        found.setdefault(name, []).append(since)
    return {name: _waiting(some) for name, some in sorted(found.items())}


def _waiting(since: Iterable[datetime | None]) -> Waiting:
    told = list(since)
    return Waiting(len(told), min((each for each in told if each is not None), default=None))


def _undelivered(ledger: Ledger) -> dict[str, Waiting]:
    """Only what was tried: a message that has just been put out is not late."""
    return _by((message.channel, message.made_at) for message in ledger.outgoing() if message.tries)
