"""How everything stands, as Prometheus reads it. Few labels, all from the book; never a record's id or a value.

Runs are short-lived processes, so nothing is counted in memory: each scrape reads a standing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from monitoring.standing import EntityStanding, LoadedStanding, Standing, Waiting, is_stale

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
STATES = ("complete", "complete_with_rejects", "incomplete", "halted", "stale")
_GOOD = STATES[:2]
Rows = Iterable[tuple[Sequence[str], float]]


def expose(standing: Standing) -> bytes:
    """The text that Prometheus scrapes."""
    registry = CollectorRegistry()
    registry.register(_Standing(lambda: standing))
    return generate_latest(registry)


class _Standing(Collector):
    def __init__(self, stands: Callable[[], Standing]) -> None:
        self._stands = stands

    def collect(self) -> Iterator[GaugeMetricFamily]:
        standing = self._stands()
        for name, says, labels, rows in (*_of_entities(standing), *_of_systems(standing), *_of_the_house(standing)):
            family = GaugeMetricFamily(f"concordat_{name}", says, labels=labels)
            for values, value in rows:
                family.add_metric(list(values), value)
            yield family


Family = tuple[str, str, Sequence[str], Rows]


def _of_entities(standing: Standing) -> Iterator[Family]:
    each = standing.entities
    says = "1 for the state of an entity's newest ended run: stale where the last good one is older than promised."
    yield "run_state", says, ("entity", "state"), _states(each, standing.now)
    yield (
        "run_started_timestamp_seconds",
        "When an entity's newest run began.",
        ("entity",),
        [((e.name,), e.runs[0].started_at.timestamp()) for e in each if e.runs],
    )
    yield (
        "run_good_timestamp_seconds",
        "When an entity's newest run that did what it could began.",
        ("entity",),
        [((e.name,), good.timestamp()) for e in each if (good := _good(e)) is not None],
    )
    yield (
        "run_every_seconds",
        "The longest time that the book lets pass between two runs.",
        ("entity",),
        [((e.name,), e.every.total_seconds()) for e in each if e.every is not None],
    )
    yield (
        "fresh_within_seconds",
        "The strictest promise of freshness.",
        ("entity",),
        [((e.name,), e.fresh_within.total_seconds()) for e in each if e.fresh_within is not None],
    )
    yield (
        "run_records",
        "What an entity's newest ended run came to, by what was counted.",
        ("entity", "what"),
        [((e.name, what), n) for e in each for run in e.runs[:1] for what, n in sorted(run.counts.items())],
    )
    sides = [e for e in each if e.compared_at is not None]
    says = "Records compared with what was decided, when somebody last did."
    yield "compared_records", says, ("entity",), [((e.name,), e.compared) for e in sides]
    yield "in_sync_records", "Those of them that say it.", ("entity",), [((e.name,), e.in_sync) for e in sides]
    says = "Those that differ, and nothing that is known explains it."
    yield "unexplained_records", says, ("entity",), [((e.name,), e.unexplained) for e in sides]
    differ = [((e.name, f"{t.field} {t.currency}", t.systems), t.difference) for e in each for t in e.totals]
    says = "Control totals of money: what the first system says less the second, over what both of them know."
    yield "control_total_difference", says, ("entity", "what", "systems"), differ
    sums = [((e.name, f"{t.field} {t.currency}", t.systems), t.of) for e in each for t in e.totals]
    yield "control_total", "The larger of the two sums, without its sign.", ("entity", "what", "systems"), sums
    yield "entities", "Things known.", ("entity",), [((e.name,), e.known) for e in each]
    yield from _waiting(standing)


def _states(entities: Sequence[EntityStanding], now: datetime) -> Rows:
    """A good run that is older than the promise is good no more."""
    for entity in entities:
        newest = next((run for run in entity.runs if run.state), None)
        if newest is not None:
            now_is = "stale" if is_stale(entity, now) else newest.state
            yield from (((entity.name, state), float(now_is == state)) for state in STATES)


def _good(entity: EntityStanding) -> datetime | None:
    return next((run.started_at for run in entity.runs if run.state in _GOOD), None)


def _waiting(standing: Standing) -> Iterator[Family]:
    each = standing.entities
    stuck = [((e.name, reason), waiting) for e in each for reason, waiting in sorted(e.quarantined.items())]
    asked = [((e.name, steward), waiting) for e in each for steward, waiting in sorted(e.questions.items())]
    yield "quarantined_records", "Records that cannot go on.", ("entity", "reason"), _counts(stuck)
    yield "quarantined_oldest_seconds", "Age of the oldest of them.", ("entity", "reason"), _ages(stuck, standing.now)
    yield "questions", "Questions that wait for a steward.", ("entity", "steward"), _counts(asked)
    yield "questions_oldest_seconds", "Age of the oldest of them.", ("entity", "steward"), _ages(asked, standing.now)
    yield (
        "uncertain_writes",
        "Writes without a known outcome.",
        ("entity",),
        [((e.name,), e.uncertain.count) for e in each],
    )
    yield (
        "blocked_changes",
        "Changes of the newest plan that a guard or a switch holds.",
        ("entity", "system", "op"),
        _summed(((e.name, part.system, part.op), part.count) for e in each for part in e.blocked),
    )
    yield (
        "unknown_codes",
        "Codes that nobody mapped, by map.",
        ("map",),
        _summed(((gap.map,), 1) for gap in standing.gaps),
    )
    yield (
        "unknown_code_records",
        "Records that wait for such a code, by map.",
        ("map",),
        _summed(((gap.map,), gap.records) for gap in standing.gaps),
    )

    olds: dict[tuple[str, ...], float] = {}
    for gap in standing.gaps:
        age = (standing.now - (gap.since or standing.now)).total_seconds()
        olds[gap.map,] = max(age, olds.get((gap.map,), 0.0))
    yield "unknown_codes_oldest_seconds", "Age of the oldest of them, by map.", ("map",), list(olds.items())
    early = [((e.name, steward), waiting) for e in each for steward, waiting in sorted(e.early.items())]
    says = "Early accounts that wait for accounting longer than promised."
    yield "early_overdue", says, ("entity", "steward"), _counts(early)
    yield "early_oldest_seconds", "Age of the oldest of them.", ("entity", "steward"), _ages(early, standing.now)


def _of_systems(standing: Standing) -> Iterator[Family]:
    yield from _of_announcements(standing)
    read = [place for place in standing.places if place.reads]
    yield (
        "read_complete",
        "1 where the newest reading of a kind came to its end.",
        ("system", "kind"),
        [((p.system, p.kind), float(p.reads[0].complete)) for p in read],
    )
    yield (
        "read_up_to_timestamp_seconds",
        "How far a kind has been read, on the system's clock.",
        ("system", "kind"),
        [((p.system, p.kind), p.watermark.timestamp()) for p in standing.places if p.watermark is not None],
    )
    yield (
        "read_records",
        "Records that the newest reading of a kind brought.",
        ("system", "kind"),
        [((p.system, p.kind), p.reads[0].read) for p in read],
    )
    doubts = [((p.system, p.kind), float(p.doubted_since is not None)) for p in read]
    says = "1 where nothing was ever found of a kind, and the book does not say that it may be empty."
    yield "read_doubted", says, ("system", "kind"), doubts
    dirty = [((p.system, p.kind), float(p.dirty)) for p in standing.places]
    yield "to_read_again", "Records that wait to be read by id.", ("system", "kind"), dirty
    news = _summed(((one.system, one.kind, one.level), 1.0) for one in standing.schema)
    yield "schema_changes", "Fields that a system describes in another way.", ("system", "kind", "level"), news
    yield (
        "calls_today",
        "Calls to a system on its present day, by all processes.",
        ("system",),
        [((s.name,), s.calls_today) for s in standing.systems],
    )
    yield (
        "calls_per_day",
        "The budget of a day, with the part that is reserved for people.",
        ("system",),
        [((s.name,), s.calls_per_day) for s in standing.systems if s.calls_per_day],
    )
    forecast = [((s.name,), float(s.calls_forecast)) for s in standing.systems if s.calls_forecast is not None]
    yield "calls_forecast", "Calls of the present day by its end, as days usually go on.", ("system",), forecast
    repeats = [((s.name,), float(s.repeats_today)) for s in standing.systems]
    yield "repeats_today", "Reads of the present day that had to be asked again.", ("system",), repeats
    skews = [((s.name,), s.skew.total_seconds()) for s in standing.systems if s.skew is not None]
    yield "clock_skew_seconds", "A system's clock less ours.", ("system",), skews
    ends = [((one.name, one.what), one.ends.timestamp()) for one in standing.expiring]
    yield "expires_timestamp_seconds", "When a certificate or a credential ends.", ("system", "what"), ends


def _of_announcements(standing: Standing) -> Iterator[Family]:
    each = [((s.name,), s.unheard) for s in standing.systems]
    last = [((s.name,), s.announced_at.timestamp()) for s in standing.systems if s.announced_at is not None]
    yield "announced_timestamp_seconds", "When a system last announced a change by webhook.", ("system",), last
    yield "inbox_waiting", "Announcements into which nobody looked yet.", ("system",), _counts(each)
    yield "inbox_oldest_seconds", "Age of the oldest of them.", ("system",), _ages(each, standing.now)


def _of_the_house(standing: Standing) -> Iterator[Family]:
    kept = standing.kept
    sizes = {"ledger_bytes": kept.size, "disk_free_bytes": kept.disk_free, "disk_size_bytes": kept.disk_size}
    for name, size in sizes.items():
        if size is not None:
            yield name, f"{name.replace('_', ' ').capitalize()}.", (), [((), size)]
    restored = float(standing.restored_since is not None)
    yield "ledger_restored", "1 where the ledger is older than the systems.", (), [((), restored)]
    book = standing.book if standing.book and standing.book.until is None else None
    yield (
        "book_faults",
        "Faults in the book of rules, when somebody last looked.",
        (),
        [((), book.faults if book else 0)],
    )
    loads = float(book is None or book.loads)
    yield "book_loads", "0 where it cannot be loaded, so that no run can begin.", (), [((), loads)]
    if standing.loaded is not None:
        yield from _of_loading(standing.loaded)
    if kept.grows_per_day is not None:
        yield "ledger_growth_bytes_per_day", "How fast the ledger grows.", (), [((), kept.grows_per_day)]
    every = [((chore.name,), chore.every.total_seconds()) for chore in standing.chores]
    yield "chore_every_seconds", "How often it is due.", ("chore",), every
    failed = [((chore.name,), float(bool(chore.failed))) for chore in standing.chores]
    yield "chore_failed", "1 where its newest try failed.", ("chore",), failed
    canaries = [((one.entity,), one.written_at.timestamp()) for one in standing.canaries if one.written_at is not None]
    says = "When an edit of a canary record last arrived, of the entity's oldest."
    yield "canary_timestamp_seconds", says, ("entity",), list(_oldest(canaries).items())
    done = [((chore.name,), chore.done_at.timestamp()) for chore in standing.chores]
    yield "chore_done_timestamp_seconds", "When what keeps the house in order last went well.", ("chore",), done
    if standing.watched_at is not None:
        says = "When `concordat watch` last looked."
        yield "watched_timestamp_seconds", says, (), [((), standing.watched_at.timestamp())]
    yield (
        "undelivered_messages",
        "Messages that a channel did not take.",
        ("channel",),
        [((channel,), waiting.count) for channel, waiting in sorted(standing.undelivered.items())],
    )


def _of_loading(loaded: LoadedStanding) -> Iterator[Family]:
    says = "1 where Dagster shows another book than the one that lies there."
    yield "book_not_loaded", says, (), [((), float(loaded.since is not None))]
    says = "When Dagster's sensor last looked at the book, to within five minutes."
    yield "book_looked_timestamp_seconds", says, (), [((), loaded.looked_at.timestamp())]


Labelled = tuple[tuple[str, ...], Waiting]


def _counts(rows: Iterable[Labelled]) -> Rows:
    return [(labels, waiting.count) for labels, waiting in rows]


def _ages(rows: Iterable[Labelled], now: datetime) -> Rows:
    return [(labels, (now - w.since).total_seconds()) for labels, w in rows if w.since is not None]


def _summed(rows: Iterable[tuple[tuple[str, ...], float]]) -> Rows:
    found: dict[tuple[str, ...], float] = {}
    for labels, value in rows:
        found[labels] = found.get(labels, 0) + value
    return list(found.items())


def _oldest(rows: Iterable[tuple[tuple[str, ...], float]]) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for labels, value in rows:
        found[labels] = min(value, found.get(labels, value))
    return found
