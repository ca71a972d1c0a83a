"""What happened of late, as lines of a log: from the ledger, so that it is there whoever ran what, and where.

Runs, writes that did not go well, records that were held back and announcements, each with what it is about: run,
entity, system, record. Never a value; words of others go through `redact`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from monitoring.redact import printable, redact
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import Change, State
from sync_pipelines.model.records import Delivery, Quarantined, RunRecord

_BAD = (State.INTENDED, State.UNCERTAIN, State.QUARANTINED)
Told = tuple[datetime, str, dict[str, str]]  # when, what, and about what


def recounted(ledger: Ledger, most: int) -> Sequence[str]:
    """The newest of it, oldest first."""
    told = [
        *(line for run in ledger.runs(limit=most) for line in _of_run(run)),
        *(_of_change(change, change.sent_at) for change in ledger.changes(states=_BAD) if change.sent_at),
        *(_of_record(entry, entry.since) for entry in ledger.quarantined() if entry.since),
        *(_of_delivery(one) for one in ledger.deliveries(limit=most)),
    ]
    return [_line(*one) for one in sorted(told, key=lambda one: one[0])[-most:]]


def _of_run(run: RunRecord) -> Iterator[Told]:
    about = {"run": run.id, "about": run.entity}
    yield run.started_at, f"{run.kind} began", about
    if run.ended_at is not None:
        yield run.ended_at, f"{run.kind} ended", {**about, "state": str(run.state), "says": run.says}


def _of_change(change: Change, at: datetime) -> Told:
    about = {"run": change.run, "entity": change.entity, "system": change.system}
    record = f"{change.system}/{change.kind}/{change.record_id}"
    return at, f"{change.op} {change.state}", {**about, "record": record, "key": change.key, "says": change.reason}


def _of_record(entry: Quarantined, at: datetime) -> Told:
    about = {"entity": entry.entity, "system": entry.ref.system, "record": str(entry.ref), "field": entry.field}
    return at, f"held back ({entry.reason})", {**about, "says": entry.says}


def _of_delivery(one: Delivery) -> Told:
    return one.received_at, "announced", {"system": one.system, "delivery": one.id, "says": one.says}


def _line(at: datetime, what: str, about: dict[str, str]) -> str:
    told = (f"{name}={_quoted(redact(word))}" for name, word in about.items() if word)
    return f"{at.isoformat()} {what}: {' '.join(told)}"


def _quoted(word: str) -> str:
    plain = printable(word).replace('"', "'")
    return f'"{plain}"' if " " in plain else plain
