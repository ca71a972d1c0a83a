"""A small desk at which one entity is planned."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from connectors.contract import RecordRef
from mappings.book import EntitySpec, FieldSpec
from mappings.matching import Matching
from mappings.ownership import ArchiveRule, CreateRule, Mode, Ownership, Rule, TakesPart
from mappings.values import Value, Where
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.ownership.deciding import decide_entity
from sync_pipelines.ownership.situation import Situation
from sync_pipelines.planning.entity import Desk, EntityPlan, plan_entity
from sync_pipelines.planning.target import Links, Target
from tests.sync_pipelines.ownership.scenes import SYSTEMS, cast, situation

FIELDS = ("name", "tax_id", "stage", "account", "limit")


def rule(field: str, mode: Mode = Mode.DECIDES, *roles: str, **more: Any) -> Rule:
    """By default the CRM decides, else the ERP, else the shop."""
    return Rule(field, mode, roles or ("crm", "erp", "shop"), steward="sally", where=Where("book", 7), **more)


def spec(
    create: Sequence[CreateRule] = (),
    *,
    takes_part: TakesPart | None = None,
    archive: ArchiveRule | None = None,
    **rules: Rule,
) -> EntitySpec:
    """An entity with five fields, of which `account` refers to an account and `limit` is per company."""
    fields = {name: FieldSpec(name, "text", "") for name in FIELDS}
    told = {name: (rules.get(name) or rule(name),) for name in FIELDS}
    ownership = Ownership(
        "account",
        told,
        takes_part or TakesPart(),
        {each.role: each for each in create},
        archive or ArchiveRule(("erp",), ("crm", "shop"), "review"),
    )
    return EntitySpec("account", fields, ownership, {}, Matching("account"))


def target(system: str, **more: Any) -> Target:
    """A system that keeps all fields."""
    fields = more.pop("fields", dict.fromkeys(FIELDS, "always"))
    return Target(system, SYSTEMS[system], "Kind", fields, **{"archives": True, **more})


def desk(entity: EntitySpec, *targets: Target, **more: Any) -> Desk:
    """In the order of the book; references are links to accounts."""
    ids = count(1)
    given = {"links": Links({"account": "account"}), **more}
    return Desk("p", entity, more.pop("cast", None) or cast(), targets, new_id=lambda: f"k{next(ids)}", **given)


def record(system: str, base: Any = None, /, **more: Any) -> Claim:
    """What a record says: a keyword for each field; `base` is what it last agreed to."""
    own = {name: more.pop(name) for name in ("scope", "gone", "version", "primary") if name in more}
    ref = RecordRef(system, "Kind", more.pop("id", system))
    agreed = {key: Agreed(value, value) for key, value in (base or {}).items()}
    return Claim(ref, "account", more, entity_id="e1", baseline=agreed, **own)


def golden(**values: Value) -> dict[str, Decided]:
    """Agreed by the CRM."""
    return {key: Decided(value, Because.CHANGED, by="crm") for key, value in values.items()}


def plan(at: Desk, *claims: Claim, known: dict[str, Decided] | None = None, **more: Any) -> EntityPlan:
    """Decide and plan."""
    living = tuple(claim for claim in claims if not claim.gone)
    now: Situation = situation(known, *living, **more)
    rulings = decide_entity(at.spec.ownership, now, at.cast)
    return plan_entity(now, rulings, [claim for claim in claims if claim.gone], at)


def told(made: EntityPlan) -> list[tuple[str, str, dict[str, Value]]]:
    """(operation, system, new values) of each change."""
    return [(c.op.value, c.system, {key: f.new for key, f in c.fields.items()}) for c in made.changes]


def waits(made: EntityPlan) -> list[tuple[str, str, str]]:
    """(system, key, why) of what is held."""
    return [(held.system, held.key, held.because) for held in made.held]
