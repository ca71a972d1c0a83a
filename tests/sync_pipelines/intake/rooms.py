"""Landing alone: readers that read a payload as it is, and records made by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import Payload, Record, RecordRef
from mappings.fieldmap import Fault, Gap, Reading
from mappings.matching import Level, Matching
from sync_pipelines.intake.landing import Landing
from sync_pipelines.intake.readers import Reader
from sync_pipelines.ledger.memory import MemoryLedger

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
MATCHING = Matching("account", (Level("tax", ("tax_id",), "link"),))


def read(payload: Payload) -> Reading:
    """Canonical already; `_gap`, `_fault`, `_scope`, `_out` and `_editor` say what else there is to say."""
    values = {name: value for name, value in payload.items() if not name.startswith("_")}
    gaps = (Gap("terms", "terms", payload["_gap"], "decode"),) if "_gap" in payload else ()
    faults = (Fault(payload["_fault"], "cannot be read"),) if "_fault" in payload else ()
    ours = not payload.get("_theirs")
    return Reading(
        values, payload.get("_scope", ""), bool(payload.get("_out")), payload.get("_editor", ""), ours, gaps, faults
    )


def shouting(payload: Payload) -> Reading:
    """The same under another map: texts in capitals."""
    said = read(payload)
    values = {name: value.upper() if isinstance(value, str) else value for name, value in said.values.items()}
    return Reading(values, said.scope, said.archived, said.editor, said.takes_part, said.gaps, said.faults)


def reader(
    entity: str = "account", system: str = "crm", *, version: str = "v1", how: Any = read, **more: Any
) -> Reader:
    """A reader of `system/Kind`."""
    return Reader(system, "Kind", entity, how, version, MATCHING, map_name=system, **more)


def landing(ledger: MemoryLedger, *readers: Reader) -> Landing:
    """With these readers of one kind; the plain one by default."""
    mine = readers or (reader(),)
    return Landing(ledger, {(mine[0].system, mine[0].kind): mine})


def ref(record: str = "1", system: str = "crm") -> RecordRef:
    return RecordRef(system, "Kind", record)


def record(payload: Mapping[str, Any], number: str = "1", *, minute: int | None = 0, **more: Any) -> Record:
    """A record as it was at a minute."""
    at = None if minute is None else NOW + timedelta(minutes=minute)
    return Record(ref(number, more.pop("system", "crm")), payload, changed_at=at, **more)
