"""`/sobjects/…`: single records, their metadata, and what was updated or deleted in a window of time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from typing import Any

from connectors.salesforce.ids import long_id, suffix
from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulated.faults import ApiError
from connectors.salesforce.simulated.metadata import NEVER_DELETED, PREFIXES, describe
from connectors.salesforce.simulated.rows import Rows, rest_stamp
from connectors.salesforce.simulated.writes import Writes, kind_of
from connectors.testing.exchange import Reply
from connectors.testing.metadata import Refusal
from connectors.testing.system import System
from connectors.testing.table import Row

_OLDEST = timedelta(days=30)
_FOUNDED = datetime(2001, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


class SObjects:
    """Serves single records of one system."""

    def __init__(self, system: System, rows: Rows, writes: Writes) -> None:
        """`writes` does the writing."""
        self._system = system
        self._rows = rows
        self._writes = writes
        self._tasks = 0

    def listed(self) -> Reply:
        """`GET /sobjects`."""
        told = [
            {key: value for key, value in describe(t.spec).items() if key != "fields"}
            for t in self._system.tables.values()
        ]
        return Reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": told})

    def about(self, kind: str) -> Reply:
        """`GET /sobjects/{kind}` and `…/describe`."""
        return Reply(200, describe(self._rows.spec(kind)))

    def create(self, kind: str, request: Request) -> Reply:
        """`POST /sobjects/{kind}`."""
        values = request.fields()
        if kind == "Task":
            return self._task(values)
        self._rows.spec(kind)
        self._writes.check_envelope(kind, values)
        saved = self._writes.create(kind, values)
        return Reply(201, {"id": saved.row.id, "success": True, "errors": []})

    def read(self, kind: str, record_id: str, request: Request) -> Reply:
        """`GET /sobjects/{kind}/{id}`; Account rows carry an ETag."""
        row = self._living(kind, record_id)
        asked = request.query.get("fields")
        for name in asked.split(",") if asked else ():
            self._rows.require(kind, name)
        body = self._rows.told(row, ("Id", *asked.split(","))) if asked else self._rows.whole(row)
        if kind != "Account":
            return Reply(200, body)
        headers = {"ETag": etag(row), "Last-Modified": format_datetime(row.stamp, usegmt=True)}
        since = request.headers.get("if-modified-since")
        if since and row.stamp <= parsedate_to_datetime(since):
            return Reply(304, None, headers)
        return Reply(200, body, headers)

    def update(self, kind: str, record_id: str, request: Request) -> Reply:
        """`PATCH /sobjects/{kind}/{id}`; on Account rows only if nobody was there before."""
        row = self._living(kind, record_id)
        if kind == "Account":
            _refuse_changed(row, request.headers)
        self._writes.check_envelope(kind, request.fields())
        self._writes.update(kind, row.id, request.fields())
        return Reply(204)

    def upsert(self, kind: str, field: str, value: str, request: Request) -> Reply:
        """`PATCH /sobjects/{kind}/{external id field}/{value}`."""
        self._rows.require(kind, field)
        self._writes.check_envelope(kind, request.fields())
        saved = self._writes.upsert(kind, field, value, request.fields())
        body = {"id": saved.row.id, "success": True, "errors": [], "created": saved.created}
        return Reply(201 if saved.created else 200, body)

    def by_external_id(self, kind: str, field: str, value: str) -> Reply:
        """`GET /sobjects/{kind}/{external id field}/{value}`; 300 with addresses where several carry it."""
        self._rows.require(kind, field)
        found = self._system.find(kind, field, value)
        if len(found) > 1:
            return Reply(300, [self._rows.attributes(row)["url"] for row in found])
        if not found:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return Reply(200, self._rows.whole(found[0]))

    def delete(self, kind: str, record_id: str) -> Reply:
        """`DELETE /sobjects/{kind}/{id}`: into the bin."""
        if kind in NEVER_DELETED:
            raise ApiError(400, "INSUFFICIENT_ACCESS_OR_READONLY", "This record cannot be deleted")
        row = self._living(kind, record_id)
        self._system.delete(kind, row.id, by="middleware")
        return Reply(204)

    def updated(self, kind: str, request: Request) -> Reply:
        """`GET /sobjects/{kind}/updated`."""
        start, end = self._window(kind, request)
        ids = [row.id for row in self._system.search(kind, since=start) if row.stamp <= end]
        return Reply(200, {"ids": ids, "latestDateCovered": rest_stamp(self._covered(end))})

    def deleted(self, kind: str, request: Request) -> Reply:
        """`GET /sobjects/{kind}/deleted`: everything that left, merged or not, as far back as the log reaches."""
        start, end = self._window(kind, request)
        gone = self._system.gone_since(kind, start, why=("deleted", "purged", "merged"))
        told = [{"id": row.id, "deletedDate": rest_stamp(row.stamp)} for row in gone if row.stamp <= end]
        body = {
            "deletedRecords": told,
            "earliestDateAvailable": rest_stamp(self._system.told_since() or _FOUNDED),
            "latestDateCovered": rest_stamp(self._covered(end)),
        }
        return Reply(200, body)

    def _covered(self, end: datetime) -> datetime:
        """Up to where nothing can come late: a transaction still open holds it back to its own stamp."""
        return min(end, self._system.now(), *self._system.open_since())

    def _window(self, kind: str, request: Request) -> tuple[datetime, datetime]:
        self._rows.spec(kind)
        start, end = (_moment(request.query.get(name)) for name in ("start", "end"))
        if end <= start:
            raise ApiError(
                400, "INVALID_REPLICATION_DATE", "the end date must be at least a minute after the start date"
            )
        if start < self._system.now() - _OLDEST:
            raise ApiError(400, "INVALID_REPLICATION_DATE", "startDate cannot be more than 30 days ago")
        return start, end

    def _living(self, kind: str, record_id: str) -> Row:
        self._rows.spec(kind)
        row = self._system.row(kind, long_id(record_id))
        if row is None or row.gone == "purged":
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        if row.gone:
            raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted", fields=[])
        return row

    def _task(self, values: Mapping[str, Any]) -> Reply:
        target = long_id(str(values.get("WhatId") or values.get("WhoId") or ""))
        kind = kind_of(target)
        if not values.get("Subject") or not kind:
            raise ApiError(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Subject]", fields=["Subject"])
        try:
            self._system.note(kind, target, str(values.get("Description") or values["Subject"]))
        except Refusal as refusal:
            raise self._writes.error(kind, refusal) from None
        self._tasks += 1
        short = f"{PREFIXES['Task']}5gX{self._tasks:09d}"
        return Reply(201, {"id": short + suffix(short), "success": True, "errors": []})


def etag(row: Row) -> str:
    """Changes with every version of a row."""
    return '"' + blake2b(f"{row.id}|{row.version}".encode(), digest_size=12).hexdigest() + '"'


def _refuse_changed(row: Row, headers: Mapping[str, str]) -> None:
    wanted = headers.get("if-match")
    stale = wanted is not None and wanted != etag(row)
    unmodified = headers.get("if-unmodified-since")
    if unmodified is not None:
        stale = stale or row.stamp > parsedate_to_datetime(unmodified)
    if stale:
        raise ApiError(412, "PRECONDITION_FAILED", "The record was changed in the meantime")


def _moment(text: str | None) -> datetime:
    """Read one end of a window; seconds are dropped."""
    try:
        moment = datetime.fromisoformat((text or "").replace(" ", "+"))
    except ValueError:
        raise ApiError(400, "MALFORMED_QUERY", f"invalid date: {text}") from None
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
