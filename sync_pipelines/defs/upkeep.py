"""What keeps the house in order by itself: somebody looks every minute, and nothing is kept for ever.

The look is a sensor and not a job: a run would cost seconds of a process, a thousand times a day. It cannot notice
that Dagster itself is dead; `concordat watch` beside it can.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg

from mappings.book import Book
from monitoring.notify import ChannelError
from monitoring.redact import redact
from sync_pipelines.flow.agreement import Agreement
from sync_pipelines.flow.alerting import Watched
from sync_pipelines.flow.pruning import KEEP, OLD
from sync_pipelines.system_assets import PREFIX

WATCH, PRUNE, RECONCILE = "concordat_watch", "concordat_prune", "concordat_reconcile"
_EVERY = 60  # seconds: what did not happen is told within its interval and five minutes
_AT = {PRUNE: "40 3 * * *", RECONCILE: "10 4 * * *"}
_SAYS = {
    PRUNE: "What is older than it is needed goes, in the ledger and in Dagster's own history.",
    RECONCILE: "Compares every record with what was decided, and keeps the share that agrees. No system is asked.",
}
_FRESH = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=50))
_SHORTEST = 7  # days
_PAGE = 100  # runs asked for at once
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
_TAGS = {"sync/step": "upkeep"}


@dataclass(frozen=True, slots=True)
class Chores:
    """What is done, and when it is."""

    look: Callable[[], Watched]
    prune: Callable[[datetime], Mapping[str, int]]  # the ledger, of what is older
    reconcile: Callable[[], Sequence[Agreement]]  # of every entity
    now: Callable[[], datetime]


class PruneOptions(dg.Config, use_attribute_docstrings=True):
    """How much history stays."""

    days: int = OLD.days
    """Runs, superseded plans, sent messages and closed alerts that are older go, in the ledger and in Dagster."""


def upkeep(book: Book, chores: Chores) -> dg.Definitions:
    """The sensor that looks, and what is done every night."""
    assets = {PRUNE: _pruned(book, chores), RECONCILE: _reconciled(chores)}
    jobs = {
        name: dg.define_asset_job(name, selection=dg.AssetSelection.assets(*one.keys), run_tags=_TAGS)
        for name, one in assets.items()
    }
    nightly = [_nightly(name, job) for name, job in jobs.items()]
    return dg.Definitions(
        assets=list(assets.values()), jobs=list(jobs.values()), schedules=nightly, sensors=[_watch(chores)]
    )


def _nightly(name: str, job: Any) -> dg.ScheduleDefinition:
    return dg.ScheduleDefinition(
        name=f"{name}_nightly",
        job=job,
        cron_schedule=_AT[name],
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=_SAYS[name],
    )


def _spec(last: str, says: str) -> dg.AssetSpec:
    key = dg.AssetKey([PREFIX, "upkeep", last])
    return dg.AssetSpec(
        key, description=says, group_name="upkeep", kinds={"python"}, tags=_TAGS, freshness_policy=_FRESH
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
    def watch(_: dg.SensorEvaluationContext) -> dg.SkipReason:
        try:
            return dg.SkipReason(told(chores.look()))
        except ChannelError as error:
            return dg.SkipReason(redact(str(error)))

    return watch


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


def _reconciled(chores: Chores) -> dg.AssetsDefinition:
    spec = _spec("upkeep_agreement", _SAYS[RECONCILE])

    @dg.multi_asset(name="upkeep_agreement", specs=[spec], description=spec.description)
    def reconciled() -> dg.MaterializeResult[None]:
        found = chores.reconcile()
        shares = {f"{one.entity}_in_sync": one.share for one in found}
        causes = {f"{one.entity}_differs": one.compared - one.in_sync for one in found}
        why = "\n".join(f"* {one.entity}: {count} {cause}" for one in found for cause, count in one.causes.items())
        return dg.MaterializeResult(metadata={**shares, **causes, "why": dg.MetadataValue.md(why or "all agree")})

    return reconciled
