"""The small world of the simulation, under the name by which the tests know it."""

from sync_pipelines.simulation.little_world import LittleWorld, shared

__all__ = ["LittleWorld", "shared"]
