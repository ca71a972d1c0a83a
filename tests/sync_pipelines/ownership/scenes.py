"""Short words for what records say, so that a rule's cases fit on a line.

says("crm", "1")              it speaks for the first time
says("crm", "1", "1")         it says what it last agreed to
says("crm", "2", "1")         it moved from "1" to "2"
silent("crm")                 it is there and does not speak of the field
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.contract import RecordRef
from mappings.ownership import Mode, Rule
from mappings.values import Value, Where
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.golden import Because, Decided, Golden
from sync_pipelines.model.parts import Parts
from sync_pipelines.ownership.situation import Cast, Situation

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
NEVER: Any = object()
SYSTEMS = {"crm": "crm", "crm2": "crm", "erp": "erp", "shop": "shop"}
FIELD = "field"


def ranked(roles: tuple[str, ...]) -> tuple[str, ...]:
    """Systems by the rank of their roles; `crm2` comes after `crm`."""
    return tuple(system for role in roles for system in SYSTEMS if SYSTEMS[system] == role)


def cast(parts: Mapping[tuple[str, str], Parts] | None = None, departments: Iterable[str] = SYSTEMS) -> Cast:
    """Who plays what, and who tells the department of an editor."""
    return Cast(SYSTEMS, ranked, parts or {}, frozenset(departments))


def rule(mode: Mode, *roles: str, **more: Any) -> Rule:
    """A sentence about `field`."""
    return Rule(**{"field": FIELD, "mode": mode, "roles": roles, "steward": "sally", "where": Where("book", 7), **more})


def says(system: str, value: Value, base: Any = NEVER, *, key: str = FIELD, **more: Any) -> Claim:
    """A record and what it says of one key. `stored` where it spells the base in its own way."""
    stored = more.pop("stored", base)
    baseline = {} if base is NEVER else {key: Agreed(base, stored)}
    record = f"{system}{more.get('scope', '')}"
    return Claim(RecordRef(system, "Kind", record), "account", {key: value}, baseline=baseline, **more)


def silent(system: str, **more: Any) -> Claim:
    """A record that does not speak of the field."""
    return Claim(RecordRef(system, "Kind", system), "account", {"other": "x"}, **more)


def agreed(value: Value, by: str = "crm", key: str = FIELD, at: datetime | None = None) -> dict[str, Decided]:
    """A golden record with one value."""
    return {key: Decided(value, Because.FIRST, by=by, rule="book:1", at=at)}


def situation(golden: Mapping[str, Decided] | None, *claims: Claim, **more: Any) -> Situation:
    """An entity as it stands."""
    return Situation(Golden("account", "e1", golden or {}), claims, NOW, **more)


def systems_of(refs: Any) -> set[str]:
    """Record ids stand for systems here."""
    return {ref.id for ref in refs}
