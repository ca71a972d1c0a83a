"""What our own code cannot see: a run that Dagster calls failed becomes a fact for alerts, and one line in the log."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Protocol

import dagster as dg

from monitoring.events import Outbox, RunFailed
from monitoring.logs import log_to
from monitoring.redact import redact
from sync_pipelines.model.changes import RunState

NAME = "concordat_run_failed"
_EVERY = 15  # seconds


class OpensOutbox(Protocol):
    """Where facts are kept, opened when there is one."""

    def __call__(self) -> AbstractContextManager[Outbox]:
        """Open it."""
        ...


def failures(opens: OpensOutbox) -> dg.Definitions:
    """A failed check alone alerts nobody, so checks that matter fail their run, and every failed run comes by here."""

    @dg.run_failure_sensor(
        name=NAME,
        monitor_all_code_locations=True,
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=_EVERY,
        description="Keeps each failed run in the ledger for alerts, and ends there what it had left open.",
    )
    def sensor(context: dg.RunFailureSensorContext) -> None:
        if context.dagster_run.tags.get("dagster/will_retry") == "true":
            return
        fact = fact_of(context)
        with opens() as outbox:
            outbox.put(fact)
        if fact.entity and "sync/state" not in context.dagster_run.tags:  # it died before it could say how it ended
            context.instance.add_run_tags(fact.run, {"sync/state": RunState.STALE.value})
        log_to().error(str(fact), run=fact.run, entity=fact.entity, location=fact.location)

    return dg.Definitions(sensors=[sensor])


def fact_of(context: dg.RunFailureSensorContext) -> RunFailed:
    """What broke, in one line: a check that failed says it best, then the step's own error, then Dagster."""
    run = context.dagster_run
    failed = context.get_step_failure_events()
    origin = run.remote_job_origin
    record = context.instance.get_run_record_by_id(run.run_id)
    ended = record.end_time if record and record.end_time else 0.0
    reasons = [*_failed_checks(context), *map(_told, failed), redact(context.failure_event.message or "")]
    return RunFailed(
        run=run.run_id,
        job=run.job_name,
        at=datetime.fromtimestamp(ended, UTC),
        says=next(filter(None, reasons), "it ended without a word"),
        entity=run.tags.get("sync/entity", ""),
        step=next((event.step_key for event in failed if event.step_key), ""),
        location=origin.repository_origin.code_location_origin.location_name if origin else "",
        link=f"/runs/{run.run_id}",
    )


def _failed_checks(context: dg.RunFailureSensorContext) -> Iterator[str]:
    """Checks that held their run back: an error, not a warning."""
    kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION
    for record in context.instance.get_records_for_run(context.dagster_run.run_id, of_type=kind).records:
        event = record.event_log_entry.dagster_event
        found = event.asset_check_evaluation_data if event else None
        if found and found.blocking and not found.passed and found.severity is dg.AssetCheckSeverity.ERROR:
            yield redact(f"{found.check_name}: {found.description or ''}")


def _told(event: dg.DagsterEvent) -> str:
    """The words of our own `Failure`, else those of the error at the bottom."""
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return redact(data.user_failure_data.description)
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return redact(error.message) if error else ""
