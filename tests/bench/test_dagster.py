"""What is measured of Dagster has the shape of what runs in it."""

from contextlib import nullcontext

import dagster as dg

from bench.dagster.__main__ import WAYS
from bench.dagster.chains import STEPS, a_process_each, in_one_process
from bench.dagster.ways import WAYS as RUNS
from sync_pipelines.defs.entities import entities
from sync_pipelines.defs.systems import systems
from sync_pipelines.simulation.little_world import LittleWorld


def test_an_empty_chain_has_as_many_steps_as_a_run_of_one_entity() -> None:
    world = LittleWorld()
    house = systems(world.book, lambda: nullcontext(world.engine()))
    ours = dg.Definitions.merge(house, entities(world.book)).resolve_job_def("account_sync")
    assert {len(job.graph.node_names()) for job in (ours, in_one_process(), a_process_each())} == {STEPS}


def test_what_is_asked_of_a_process_is_there() -> None:
    asked = {way[2] for way in WAYS.values() if way[:2] == ("-m", "bench.dagster.ways")}
    assert asked == set(RUNS)
