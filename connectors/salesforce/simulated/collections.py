"""`/composite/sobjects`: up to 200 records in a call; 200 as soon as the envelope is readable, a result per item."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.salesforce.ids import long_id
from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulated.faults import ApiError
from connectors.salesforce.simulated.rows import Rows
from connectors.salesforce.simulated.writes import Writes, kind_of, write_call
from connectors.testing.exchange import HungUp, Reply
from connectors.testing.faults import Fault
from connectors.testing.system import System

MOST = 200
Item = Mapping[str, Any]


class Collections:
    """Serves collections of one system."""

    def __init__(self, system: System, rows: Rows, writes: Writes) -> None:
        """`writes` does the writing."""
        self._system = system
        self._rows = rows
        self._writes = writes

    def create(self, request: Request) -> Reply:
        """`POST /composite/sobjects`."""
        return self._serve("create", request, self._create)

    def update(self, request: Request) -> Reply:
        """`PATCH /composite/sobjects`."""
        items = _items(request)
        archiving = items and all(self._archives(item) for item in items)
        return self._serve("archive" if archiving else "update", request, self._update)

    def upsert(self, kind: str, field: str, request: Request) -> Reply:
        """`PATCH /composite/sobjects/{kind}/{external id field}`."""
        self._rows.require(kind, field)
        return self._serve("create", request, lambda item: self._upsert(kind, field, item))

    def retrieve(self, kind: str, request: Request) -> Reply:
        """`GET /composite/sobjects/{kind}?ids=…&fields=…`: null where a record is not there."""
        self._rows.spec(kind)
        fields = tuple(request.query.get("fields", "Id").split(","))
        for name in fields:
            self._rows.require(kind, name)
        ids = request.query.get("ids", "").split(",")
        rows = [None if kind in self._system.blind else self._system.read(kind, long_id(each)) for each in ids]
        return Reply(200, [row and self._rows.told(row, fields) for row in rows])

    def delete(self, request: Request) -> Reply:
        """`DELETE /composite/sobjects?ids=…`."""
        return Reply(200, [self._delete(long_id(each)) for each in request.query.get("ids", "").split(",")])

    def _serve(self, call: str, request: Request, one: Callable[[Item], dict[str, Any]]) -> Reply:
        items = _items(request)
        for item in items:
            self._writes.check_envelope(_type(item), _values(item))
        site, faults = f"{self._system.name}.{call}", self._system.faults
        if faults.strikes(Fault.BODY_ERROR, site):
            return Reply(200, [_locked() for _ in items])
        cut = None
        if faults.strikes(Fault.LOST_MIDWAY, site):
            cut = int(faults.fraction(Fault.LOST_MIDWAY, site) * len(items))
        results = self._all_or_none(items, one) if request.fields().get("allOrNone") else _each(items[:cut], one)
        if cut is not None:
            raise HungUp
        return Reply(200, results)

    def _all_or_none(self, items: Sequence[Item], one: Callable[[Item], dict[str, Any]]) -> list[dict[str, Any]]:
        before, logged = copy.deepcopy(self._system.tables), len(self._system.log)
        results = _each(items, one)
        if all(result["success"] for result in results):
            return results
        self._system.tables.update(before)
        del self._system.log[logged:]
        rolled = ApiError(
            400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid"
        )
        return [rolled.as_item() if result["success"] else result for result in results]

    def _create(self, item: Item) -> dict[str, Any]:
        if "id" in item or "Id" in item:
            raise ApiError(400, "INVALID_FIELD", "cannot specify Id in an insert call", fields=["Id"])
        return self._writes.create(_type(item), _values(item)).as_item()

    def _update(self, item: Item) -> dict[str, Any]:
        record_id = _id(item)
        if not record_id:
            raise ApiError(400, "MISSING_ARGUMENT", "Id not specified in an update call", fields=["Id"])
        try:
            return self._writes.update(_type(item), record_id, _values(item)).as_item()
        except ApiError as error:
            if error.code == "NOT_FOUND":
                raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[]) from None
            raise

    def _upsert(self, kind: str, field: str, item: Item) -> dict[str, Any]:
        values = _values(item)
        if _type(item) != kind or not values.get(field):
            raise ApiError(400, "MISSING_ARGUMENT", f"{field} not specified", fields=[field])
        rest = {name: value for name, value in values.items() if name != field}
        return self._writes.upsert(kind, field, str(values[field]), rest).as_item(upsert=True)

    def _delete(self, record_id: str) -> dict[str, Any]:
        row = self._system.read(kind_of(record_id), record_id) if kind_of(record_id) in self._system.tables else None
        if row is None:
            return ApiError(404, "ENTITY_IS_DELETED", "entity is deleted", fields=[]).as_item()
        self._system.delete(row.kind, row.id, by="middleware")
        return {"id": row.id, "success": True, "errors": []}

    def _archives(self, item: Item) -> bool:
        kind = _type(item)
        return kind in self._system.tables and write_call(self._system.kind(kind), _values(item)) == "archive"


def _each(items: Sequence[Item], one: Callable[[Item], dict[str, Any]]) -> list[dict[str, Any]]:
    return [_result(item, one) for item in items]


def _result(item: Item, one: Callable[[Item], dict[str, Any]]) -> dict[str, Any]:
    try:
        return one(item)
    except ApiError as error:
        return error.as_item()


def _items(request: Request) -> list[Item]:
    records = request.fields().get("records")
    if not isinstance(records, list) or not all(isinstance(item, dict) for item in records):
        raise ApiError(400, "JSON_PARSER_ERROR", "records must be a list of objects")
    if len(records) > MOST:
        raise ApiError(400, "INVALID_BATCH_SIZE", f"No more than {MOST} records are allowed")
    return records


def _type(item: Item) -> str:
    attributes = item.get("attributes")
    if not isinstance(attributes, dict) or not isinstance(attributes.get("type"), str):
        raise ApiError(400, "INVALID_INPUT", "sObject type missing: each record needs attributes.type")
    kind: str = attributes["type"]
    return kind


def _values(item: Item) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in {"attributes", "id", "Id"}}


def _id(item: Item) -> str:
    return str(item.get("id") or item.get("Id") or "")


def _locked() -> dict[str, Any]:
    return ApiError(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", fields=[]).as_item()
