"""What is measured, one thing in a process: `python -m bench.dagster.ways NAME` says its run's seconds as JSON."""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext

import dagster as dg

from bench.dagster import chains
from bench.standing import line
from sync_pipelines.defs.entities import entities
from sync_pipelines.defs.systems import systems
from sync_pipelines.simulation.little_world import LittleWorld


def nothing_to_do(instance: dg.DagsterInstance) -> float:
    """A run of one entity, of three systems in memory that agree already."""
    world = LittleWorld()
    world.create("crm", Name="Firm", Tax_Id="DE1", Status="Won")
    world.settle()
    house = systems(world.book, lambda: nullcontext(world.engine()))
    ours = dg.Definitions.merge(house, entities(world.book), dg.Definitions(executor=dg.in_process_executor))
    job = ours.resolve_job_def("account_sync")
    return _seconds(lambda: job.execute_in_process(instance=instance))


def in_one_process(instance: dg.DagsterInstance) -> float:
    """Empty steps."""
    return _seconds(lambda: dg.execute_job(dg.reconstructable(chains.in_one_process), instance=instance))


def a_process_each(instance: dg.DagsterInstance) -> float:
    """The same, each in a process of its own."""
    return _seconds(lambda: dg.execute_job(dg.reconstructable(chains.a_process_each), instance=instance))


def _seconds(run: Callable[[], dg.ExecuteInProcessResult | dg.JobExecutionResult]) -> float:
    started = time.perf_counter()
    assert run().success  # noqa: S101 - or the figure means nothing
    return time.perf_counter() - started


WAYS: Mapping[str, Callable[[dg.DagsterInstance], float]] = {
    way.__name__: way for way in (nothing_to_do, in_one_process, a_process_each)
}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, dg.DagsterInstance.local_temp(folder) as made:
        line(json.dumps({"run": WAYS[sys.argv[1]](made)}))
