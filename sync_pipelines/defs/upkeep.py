"""What keeps the house in order by itself: somebody looks every minute, and nothing is kept for ever.

The look is a sensor and not a job: a run would cost seconds of a process, a thousand times a day. It cannot notice
that Dagster itself is dead; `concordat watch` beside it can.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from mappings.book import Book
from monitoring.kinds import NOT_FRESH
from monitoring.notify import ChannelError
from monitoring.redact import redact
from sync_pipelines.checking.cadence import compared_every
from sync_pipelines.defs.schedules import trap, zone_of
from sync_pipelines.flow.agreement import Agreement
from sync_pipelines.flow.alerting import Watched
from sync_pipelines.flow.pruning import KEEP, OLD
from sync_pipelines.flow.totals import Total
from sync_pipelines.ledger.backing_up import Backup, Drilled
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.system_assets import PREFIX, page_of

WATCH, PRUNE, RECONCILE = "concordat_watch", "concordat_prune", "concordat_reconcile"
DESCRIBE, BACKUP, DRILL = "concordat_describe", "concordat_backup", "concordat_drill"
_EVERY = 60  # seconds: what did not happen is told within its interval and five minutes
_AT = {
    DESCRIBE: "20 3 * * *",
    PRUNE: "40 3 * * *",
    BACKUP: "50 3 * * *",
    DRILL: "30 4 * * 0",
}
_SAYS = {
    PRUNE: "What is older than it is needed goes, in the ledger and in Dagster's own history.",
    RECONCILE: "Compares every record with what was decided, and keeps the share that agrees. No system is asked.",
    DESCRIBE: "Asks each system how it describes its kinds: a map that no longer fits is paused before a write fails.",
    BACKUP: "Copies the ledger while it is used, with its audit key.",
    DRILL: "Brings the newest backup back into a place that is thrown away, and holds it against what was written.",
}
_CONFIG = {  # the step that takes it, and an example
    PRUNE: ("upkeep_pruned", "days: 30"),
    RECONCILE: ("upkeep_agreement", "entities: [account]"),
}
_FRESH = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=50))
_FRESH_WEEKLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(days=15))
_SHORTEST = 7  # days
_PAGE = 100  # runs asked for at once
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_TAGS = {"sync/step": "upkeep"}
_STALE = "sync/stale_since"


@dataclass(frozen=True, slots=True)
class Chores:
    """What is done, and when it is."""

    look: Callable[[], Watched]
    prune: Callable[[datetime], Mapping[str, int]]  # the ledger, of what is older
    reconcile: Callable[[Sequence[str]], Sequence[Agreement]]  # of these entities; none: of every one
    describe: Callable[[], Mapping[str, str]]  # every system; answers those that could not be asked, with why
    backup: Callable[[], Backup]
    drill: Callable[[], Drilled]
    now: Callable[[], datetime]


class PruneOptions(dg.Config, use_attribute_docstrings=True):
    """How much history stays."""

    days: int = OLD.days
    """Runs, superseded plans, sent messages and closed alerts that are older go, in the ledger and in Dagster."""


class ReconcileOptions(dg.Config, use_attribute_docstrings=True):
    """What is compared."""

    entities: list[str] = []  # noqa: RUF012 - a model: each one has its own copy
    """Names of entities, as the book has them. None: all of them, as every night."""


def upkeep(book: Book, chores: Chores) -> dg.Definitions:
    """The sensor that looks, and what is done every night."""
    assets = {
        DESCRIBE: _described(chores),
        PRUNE: _pruned(book, chores),
        BACKUP: _backed_up(chores),
        RECONCILE: _reconciled(book, chores),
        DRILL: _drilled(chores),
    }
    jobs = {
        name: dg.define_asset_job(
            name, selection=dg.AssetSelection.assets(*one.keys), run_tags=_TAGS, description=_page(name)
        )
        for name, one in assets.items()
    }
    nightly = [_nightly(name, job) for name, job in jobs.items() if name in _AT]
    nightly += [_comparing(book, jobs[RECONCILE])] if compared_every(book) else []
    return dg.Definitions(
        assets=list(assets.values()), jobs=list(jobs.values()), schedules=nightly, sensors=[_watch(chores)]
    )


def _nightly(name: str, job: Any) -> dg.ScheduleDefinition:
    return dg.ScheduleDefinition(
        name=f"{name}_{_beat(name)}",
        job=job,
        cron_schedule=_AT[name],
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=_SAYS[name],
    )


def _comparing(book: Book, job: Any) -> dg.ScheduleDefinition:
    """When the book says, by the clock of the business."""
    at, zone = " ".join(book.comparing.at.split()), zone_of(book)
    return dg.ScheduleDefinition(
        name=f"{RECONCILE}_{_beat(RECONCILE)}",
        job=job,
        cron_schedule=at,
        execution_timezone=zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"{_SAYS[RECONCILE]}{trap(at, zone)}",
    )


def _page(name: str) -> str:
    return page_of(_SAYS[name], [_CONFIG[name][1]], step=_CONFIG[name][0]) if name in _CONFIG else _SAYS[name]


def _beat(name: str) -> str:
    return "weekly" if name == DRILL else "nightly"


def _spec(last: str, says: str, fresh: dg.FreshnessPolicy | None = _FRESH) -> dg.AssetSpec:
    key = dg.AssetKey([PREFIX, "upkeep", last])
    return dg.AssetSpec(
        key,
        description=says,
        group_name="upkeep",
        kinds={"python"},
        tags=_TAGS,
        freshness_policy=fresh,
    )


# --- looking --------------------------------------------------------------------------------------------------------


def _watch(chores: Chores) -> dg.SensorDefinition:
    @dg.sensor(
        name=WATCH,
        minimum_interval_seconds=_EVERY,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Looks for what is wrong and tells people, as `concordat watch` does. It cannot notice that "
        "Dagster itself is dead: run `concordat watch` beside it for that.",
    )
    def watch(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        try:
            watched = chores.look()
        except ChannelError as error:
            return dg.SkipReason(redact(str(error)))
        _mark_stale(context.instance, watched, chores.now())
        return dg.SkipReason(told(watched))

    return watch


def _mark_stale(instance: dg.DagsterInstance, watched: Watched, now: datetime) -> None:
    """The newest run of an entity whose promise is broken says so, however well it ended; the next one begins anew."""
    late = [one for one in (*watched.seen.problems, *watched.seen.following) if one.kind is NOT_FRESH]
    for problem in late:
        newest = instance.get_run_records(dg.RunsFilter(tags={"sync/entity": problem.entity}), limit=1)
        for record in newest:
            if _STALE not in record.dagster_run.tags and record.dagster_run.is_finished:
                instance.add_run_tags(record.dagster_run.run_id, {_STALE: f"{now:%Y-%m-%dT%H:%MZ}"})


def told(watched: Watched) -> str:
    """What one look came to, in a line."""
    if watched.elsewhere:
        return "another process is looking just now"
    found = ", ".join(problem.key for problem in watched.seen.problems)
    sent = f"; {watched.told} messages sent" if watched.told else ""
    failed = "".join(f"; {channel}: {why}" for channel, why in (watched.untold or {}).items())
    return redact(f"{found or 'all is well'}{sent}{failed}")


# --- pruning --------------------------------------------------------------------------------------------------------


def _pruned(book: Book, chores: Chores) -> dg.AssetsDefinition:
    spec = _spec("upkeep_pruned", _SAYS[PRUNE])

    @dg.multi_asset(name="upkeep_pruned", specs=[spec], description=spec.description)
    def pruned(context: dg.AssetExecutionContext, config: PruneOptions) -> dg.MaterializeResult[None]:
        if config.days < _SHORTEST:
            raise dg.Failure(f"days: {config.days} is too few; at least {_SHORTEST} stay", allow_retries=False)
        before = chores.now() - timedelta(days=config.days)
        gone = chores.prune(before)
        runs = prune_runs(context.instance, before, list(book.entities))
        return dg.MaterializeResult(metadata={**gone, "runs_of_dagster": runs, "days": config.days})

    return pruned


def prune_dagster(before: datetime, entities: Sequence[str]) -> int:
    """The same on the instance that DAGSTER_HOME names."""
    with dg.DagsterInstance.get() as instance:
        return prune_runs(instance, before, entities)


def prune_runs(instance: dg.DagsterInstance, before: datetime, entities: Sequence[str]) -> int:
    """Our own runs that ended before: their events, their logs and their files. The newest of each entity stay."""
    sorts: list[Mapping[str, str]] = [{"sync/entity": entity} for entity in entities]
    old = [run for tags in [*sorts, _TAGS] for run in _old(instance, before, tags)]
    for run in old:
        _forget(instance, run)
    return len(old)


def _old(instance: dg.DagsterInstance, before: datetime, tags: Mapping[str, str]) -> Iterator[str]:
    wanted = dg.RunsFilter(statuses=_ENDED, tags=dict(tags))
    newest = {record.dagster_run.run_id for record in instance.get_run_records(wanted, limit=KEEP)}
    older = dg.RunsFilter(statuses=_ENDED, tags=dict(tags), created_before=before.astimezone(UTC))
    cursor: str | None = None
    while page := instance.get_run_records(older, limit=_PAGE, cursor=cursor):
        cursor = page[-1].dagster_run.run_id
        yield from (run for record in page if (run := record.dagster_run.run_id) not in newest)


def _forget(instance: dg.DagsterInstance, run: str) -> None:
    """`delete_run` leaves the run's logs, and with SQLite its own file."""
    storage: Any = instance.event_log_storage
    instance.delete_run(run)
    with suppress(NotImplementedError):  # logs may be kept elsewhere
        instance.compute_log_manager.delete_logs(prefix=[run])
    if hasattr(storage, "path_for_shard"):
        for end in ("", "-wal", "-shm"):
            Path(f"{storage.path_for_shard(run)}{end}").unlink(missing_ok=True)


# --- comparing ------------------------------------------------------------------------------------------------------


def _reconciled(book: Book, chores: Chores) -> dg.AssetsDefinition:
    spec = _spec("upkeep_agreement", _SAYS[RECONCILE], _fresh(book))

    @dg.multi_asset(name="upkeep_agreement", specs=[spec], description=spec.description)
    def reconciled(config: ReconcileOptions) -> dg.MaterializeResult[None]:
        with _in_a_line():
            found = chores.reconcile(config.entities)
        shares = {f"{one.entity}_in_sync": one.share for one in found}
        shares |= {f"{one.entity}_{_of(total)}": float(total.difference) for one in found for total in one.totals}
        causes = {f"{one.entity}_differs": one.compared - one.in_sync for one in found}
        why = "\n".join(f"* {one.entity}: {count} {cause}" for one in found for cause, count in one.causes.items())
        return dg.MaterializeResult(metadata={**shares, **causes, "why": dg.MetadataValue.md(why or "all agree")})

    return reconciled


def _fresh(book: Book) -> dg.FreshnessPolicy | None:
    """Two of its intervals and two hours; where the book wants no comparison, nobody waits for one."""
    every = compared_every(book)
    return dg.FreshnessPolicy.time_window(fail_window=2 * every + timedelta(hours=2)) if every else None


def _of(total: Total) -> str:
    """How the difference of a control total is plotted. The sums themselves are the firm's: `concordat status`."""
    return re.sub(r"\W+", "_", f"{total.field}_{total.currency}_{'_less_'.join(total.systems)}")


# --- asking, copying ------------------------------------------------------------------------------------------------


def _described(chores: Chores) -> dg.AssetsDefinition:
    spec = _spec("upkeep_described", _SAYS[DESCRIBE])

    @dg.multi_asset(name="upkeep_described", specs=[spec], description=spec.description)
    def described() -> dg.MaterializeResult[None]:
        untold = chores.describe()
        why = "\n".join(f"* {system}: {redact(says)}" for system, says in untold.items())
        return dg.MaterializeResult(
            metadata={"not_asked": len(untold), "why": dg.MetadataValue.md(why or "all systems were asked")}
        )

    return described


def _backed_up(chores: Chores) -> dg.AssetsDefinition:
    spec = _spec("upkeep_backup", _SAYS[BACKUP])

    @dg.multi_asset(name="upkeep_backup", specs=[spec], description=spec.description)
    def backup() -> dg.MaterializeResult[None]:
        with _in_a_line():
            made = chores.backup()
        return dg.MaterializeResult(
            metadata={"backup": made.name, "bytes": made.size, "rows": sum(made.rows.values()), "tables": made.version}
        )

    return backup


def _drilled(chores: Chores) -> dg.AssetsDefinition:
    spec = _spec("upkeep_drill", _SAYS[DRILL], _FRESH_WEEKLY)

    @dg.multi_asset(name="upkeep_drill", specs=[spec], description=spec.description)
    def drill() -> dg.MaterializeResult[None]:
        with _in_a_line():
            found = chores.drill()
        return dg.MaterializeResult(
            metadata={"backup": found.backup.name, "rows": found.rows, "audited": found.audited}
        )

    return drill


@contextmanager
def _in_a_line() -> Iterator[None]:
    try:
        yield
    except LedgerError as error:
        raise dg.Failure(redact(str(error)), allow_retries=False) from None
