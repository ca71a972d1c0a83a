"""What systems announce starts a run at once. Dagster looks every five seconds; the gate has answered long before."""

from collections.abc import Callable, Sequence

import dagster as dg

from mappings.book import Book
from sync_pipelines.defs.by_hand import at_work
from sync_pipelines.entity_assets import job_of
from sync_pipelines.flow.hinting import Wanted

# The sensors' loop takes five seconds; asked for exactly five, every other round would come a moment too early.
_EVERY = 3  # seconds
_NOT_BEGUN = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING]

Hears = Callable[[], Sequence[Wanted]]  # takes in what came; answers what is to be read again


def webhooks(book: Book, hears: Hears) -> dg.Definitions:
    """A sensor for each entity whose cadence listens.

    Nothing is lost where one fails: what changed is met by the next run of the schedule.
    """
    listening = [name for name, spec in book.entities.items() if any(line.webhooks for line in spec.ownership.cadence)]
    return dg.Definitions(sensors=[_announced(name, hears) for name in listening])


def sensor_of(entity: str) -> str:
    """Its name."""
    return f"{entity}_announced"


def _announced(entity: str, hears: Hears) -> dg.SensorDefinition:
    @dg.sensor(
        name=sensor_of(entity),
        job_name=job_of(entity),
        minimum_interval_seconds=_EVERY,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Starts a run of {entity} when a webhook announced that something changed, once for each.",
    )
    def announced(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        wanted = next((one for one in hears() if one.entity == entity), None)
        if wanted is None:
            return dg.SkipReason("nothing was announced that was not read since")
        if _about_to_read(context.instance, entity):
            return dg.SkipReason("a run that is about to begin will read it")
        if busy := at_work(context.instance, entity):
            return dg.SkipReason(f"{busy} is at work on {entity}; what was announced is read after it")
        return dg.RunRequest(wanted.key, tags={"sync/because": "webhook"})

    return announced


def _about_to_read(instance: dg.DagsterInstance, entity: str) -> bool:
    """A run that waits for its turn will read what was announced meanwhile; so runs never pile up."""
    waiting = dg.RunsFilter(statuses=_NOT_BEGUN, tags={"sync/entity": entity})
    return instance.get_runs_count(waiting) > 0
