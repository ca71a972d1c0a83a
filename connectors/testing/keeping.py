"""A simulated system's records as plain data, so that a demo can be closed today and opened again tomorrow."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.testing.system import System
from connectors.testing.table import Row

_STAMPS = ("stamp", "created_at")


def kept(system: System) -> dict[str, Any]:
    """All records, those that are gone too, and the numbers given out. The log is not kept."""
    rows = [row for table in system.tables.values() for row in table.rows.values()]
    return {"issued": dict(system._issued), "rows": [_plain(row) for row in rows]}  # noqa: SLF001 - its keeper


def restore(system: System, data: Mapping[str, Any]) -> None:
    """Fill an empty system with what was kept of it."""
    now = system.clock.now()
    for told in data["rows"]:
        row = Row(**{**told, **{name: datetime.fromisoformat(told[name]) for name in _STAMPS}})
        system.tables[row.kind].put(row, now, now)
    system._issued.update(data["issued"])  # noqa: SLF001 - as above


def _plain(row: Row) -> dict[str, Any]:
    return {**row._asdict(), **{name: getattr(row, name).isoformat() for name in _STAMPS}}
