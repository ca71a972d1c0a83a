"""What helps to find a fault from afar, as plain data: no secret, no payload, no value of a record.

Everything that was once told in words goes through `redact`, also what is known to be clean: systems quote customers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from mappings.book import Book, EntitySpec, SystemSpec
from monitoring.redact import redact
from monitoring.settings import AlertSettings
from monitoring.standing import KeptStanding
from sync_pipelines.flow.standing import standing_of, without_book
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.records import KeptAlert, RunRecord

_RUNS, _PLANS = 200, 50


def collected(
    ledger: Ledger, book: Book | None, settings: AlertSettings, kept: KeptStanding, now: datetime
) -> Mapping[str, Any]:
    """File name → content. Without a book that can be loaded it is what is known without one."""
    standing = standing_of(ledger, book, now, kept, settings) if book else without_book(ledger, now)
    return {
        "standing.json": clean(asdict(standing)),
        "runs.json": [_run(run) for run in ledger.runs(limit=_RUNS)],
        "plans.json": [clean(asdict(head)) for head in ledger.plans(limit=_PLANS)],
        "alerts.json": [_alert(one) for one in ledger.all_alerts()],
        "book.json": _book(book) if book else {"loads": False},
    }


def clean(said: Any) -> Any:
    """Every text in it redacted, names of fields and keys as they are."""
    if isinstance(said, str):
        return redact(said)
    if isinstance(said, Mapping):
        return {str(name): clean(one) for name, one in said.items()}
    if isinstance(said, list | tuple | set | frozenset):
        return [clean(one) for one in said]
    return said


def _run(run: RunRecord) -> dict[str, Any]:
    """Totals of money are the firm's own; how far they differ is in the standing."""
    stats = {name: told for name, told in run.stats.items() if name != "totals"}
    return {**asdict(run), "says": redact(run.says), "stats": clean(stats)}


def _alert(one: KeptAlert) -> dict[str, Any]:
    """Who looks after it is a person."""
    facts = {name: told for name, told in one.facts.items() if name != "acknowledged_by"}
    return {"alert": redact(one.alert), "open": one.open, "since": one.since, "facts": clean(facts)}


def _book(book: Book) -> dict[str, Any]:
    """The shape of the rules: stewards and options of systems may be names of people and of places."""
    return {
        "version": book.version,
        "systems": [_system(system) for system in book.systems.values()],
        "entities": [_entity(spec) for spec in book.entities.values()],
        "tables": {name: len(table.decode) for name, table in book.tables.items()},
        "guards": asdict(book.guards),
    }


def _system(system: SystemSpec) -> dict[str, Any]:
    return {
        "name": system.name,
        "role": system.role,
        "connector": system.connector,
        "write": str(system.write),
        "calls_per_day": system.calls_per_day,
        "reserve": system.reserve,
        "time_zone": system.calendar.time_zone,
        "quiet_hours": system.calendar.quiet_hours,
        "options": sorted(system.options),
    }


def _entity(spec: EntitySpec) -> dict[str, Any]:
    cadence: Sequence[Any] = spec.ownership.cadence
    return {
        "name": spec.name,
        "fields": {name: one.type for name, one in spec.fields.items()},
        "maps": {system: one.kind for system, one in spec.maps.items()},
        "cadence": [{"every": one.every, "fresh_within": one.fresh_within} for one in cadence],
    }
