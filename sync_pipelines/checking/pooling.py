"""A record that serves many can be found, and somebody can be served by it."""

from collections.abc import Iterator

from mappings.complaints import Complaint
from mappings.ownership import Pool
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.conditions import canonical
from sync_pipelines.checking.sayings import gate_of, world_of
from sync_pipelines.checking.states import TooManyStatesError, applies
from sync_pipelines.checking.view import View


def pooling(view: View) -> Iterator[Complaint]:
    """Every `pool:` of an entity, in roles that somebody plays."""
    for role, pool in view.spec.ownership.pools.items():
        if view.is_played(role) and role in view.roles:
            yield from _known_by(view, role, pool)
            yield from _dead(view, role, pool)


def _known_by(view: View, role: str, pool: Pool) -> Iterator[Complaint]:
    for name, value in pool.known_by.items():
        spec = view.spec.fields[name]
        if spec.per:
            says = (
                f"the record that serves many in {role} is known by `{name}`, which has no one value for all companies"
            )
            yield complaint("per-company-unread", pool.where, says, "know it by another field")
        elif any(name not in side.lines for side in view.of_role(role)):
            says = f"the record that serves many in {role} is known by `{name}`, which {role} does not tell"
            yield complaint("pool-unfindable", pool.where, says, "map it, or know it by another field")
        elif (proper := canonical(spec.type, value)) != value:
            do = f"write `{proper}`" if proper is not None else "know it by another field"
            yield complaint("condition-value", pool.where, f"`{name}` is never spelled `{value}`", do)
    if not any(set(level.fields) <= pool.known_by.keys() for level in view.spec.matching.levels):
        told = " and ".join(f"`{name}`" for name in pool.known_by)
        says = f"no level of matching.yaml is of {told} alone, so the record that serves many is not looked up by it"
        yield complaint("pool-unfindable", pool.where, says, "write such a level, or know it by a field that has one")


def _dead(view: View, role: str, pool: Pool) -> Iterator[Complaint]:
    gate = gate_of(view)
    try:
        states = list(world_of(view).states([pool.when, gate], more_roles=[role]))
    except TooManyStatesError:
        return
    alone = len(view.of_role(role)) == 1
    if not any(applies(pool.when, s) and applies(gate, s) for s in states if not (alone and s.roles[role])):
        says = f"one record of {role} never serves any {view.entity}: no state fits the condition"
        yield complaint("pool-dead", pool.where, says, "mend the condition, or take the pool out")
