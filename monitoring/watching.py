"""What is looked for, and what of it is only a consequence. Pure: a standing in, problems out.

A silent stop is a problem like any other: that something did *not* happen is read from clocks and promises.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from monitoring import watching_runs, watching_systems, watching_waits
from monitoring.kinds import FOLLOWS, GAPS, Limits
from monitoring.problems import Problem
from monitoring.standing import Standing

_RULES: tuple[Callable[[Standing, Limits], Iterator[Problem]], ...] = (
    *watching_runs.RULES,
    *watching_systems.RULES,
    *watching_waits.RULES,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found: problems, and those that only follow from one of them."""

    problems: tuple[Problem, ...]
    following: tuple[Problem, ...]


def look(standing: Standing, limits: Limits) -> Seen:
    """Every problem, by key."""
    found = sorted((p for rule in _RULES for p in rule(standing, limits)), key=lambda problem: problem.key)
    systems = {entity.name: frozenset(entity.systems) for entity in standing.entities}
    following = [p for p in found if any(_explains(cause, p, systems) for cause in found)]
    return Seen(tuple(p for p in found if p not in following), tuple(following))


def _explains(cause: Problem, problem: Problem, systems: Mapping[str, frozenset[str]]) -> bool:
    if problem.kind.name not in FOLLOWS.get(cause.kind.name, ()):
        return False
    if cause.kind is GAPS:
        return (problem.about.split("/")[0], problem.steward) == (cause.about.split("/")[0], cause.steward)
    if cause.entity:
        everywhere = not problem.entity and not problem.system
        there = not problem.entity and problem.system in systems[cause.entity]
        return problem.entity == cause.entity or everywhere or there
    if not cause.system:
        return True  # it is about the whole house
    return problem.system == cause.system or (
        not problem.system and cause.system in systems.get(problem.entity, frozenset())
    )
