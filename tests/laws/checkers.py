"""Every law that holds at the end of any history: the simulation's checkers, for a world that a test has played."""

import re

from sync_pipelines.simulation.invariants.table import broken_at_rest
from sync_pipelines.simulation.little_world import LittleWorld
from sync_pipelines.simulation.testimony import Evidence
from sync_pipelines.simulation.witness import hear


def check_all(little: LittleWorld) -> None:
    """One more run, and everything that can be asked."""
    told = hear(little)
    evidence = Evidence(little.world, told, frozenset(), {"answer": 1})
    evidence.settled = {name: len(system.log) for name, system in little.world.systems.items()}
    results = little.run(full=True)
    evidence.rested = hear(little)
    assert not (broken := broken_at_rest(evidence)), "\n".join(broken)
    assert not any(result.changes for result in results), [(r.entity, r.changes) for r in results]


def canonical(value: object) -> object:
    """A text as all systems would spell it, one of which shouts."""
    text = str(value).strip().casefold() if value is not None else ""
    return (text.rstrip("0").rstrip(".") if re.fullmatch(r"\d+\.\d+", text) else text) or None
