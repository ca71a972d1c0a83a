"""Writes of single records, and how a refusal of the world sounds in this dialect."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors.salesforce.ids import long_id
from connectors.salesforce.simulated.faults import ApiError
from connectors.salesforce.simulated.metadata import PREFIXES, system_fields
from connectors.testing.faults import Fault
from connectors.testing.metadata import KindSpec, Refusal
from connectors.testing.system import System
from connectors.testing.table import Row

_CODES: Mapping[str, str] = {
    "type": "JSON_PARSER_ERROR",
    "required": "REQUIRED_FIELD_MISSING",
    "read_only": "INVALID_FIELD_FOR_INSERT_UPDATE",
    "too_long": "STRING_TOO_LONG",
    "choice": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    "missing_reference": "INVALID_CROSS_REFERENCE_KEY",
    "poisoned": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "rule": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "missing": "ENTITY_IS_DELETED",
}
LOCKED = ApiError(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", fields=[])


@dataclass(frozen=True, slots=True)
class Saved:
    """What a write made of a record."""

    row: Row
    created: bool

    def as_item(self, *, upsert: bool = False) -> dict[str, Any]:
        """A row of a collection answer; only an upsert says whether it created."""
        told = {"id": self.row.id, "success": True, "errors": list[Any]()}
        return {**told, "created": self.created} if upsert else told


class Writes:
    """Creates, updates and upserts with duplicate rules, locks, validation and the faults of single records."""

    def __init__(self, system: System) -> None:
        """All writing is done by the middleware's user."""
        self._system = system

    def create(self, kind: str, values: Mapping[str, Any], *, key: str = "") -> Saved:
        """Make a record. `key` is for the log only."""
        self._befalls("create", kind, key)
        spec = self._system.kind(kind)
        try:
            return Saved(self._system.create(kind, self._sent(spec, values), key=key), created=True)
        except Refusal as refusal:
            raise self.error(kind, refusal) from None

    def update(self, kind: str, record_id: str, values: Mapping[str, Any]) -> Saved:
        """Change a record."""
        record_id = long_id(record_id)
        spec = self._system.kind(kind)
        call = write_call(spec, values)
        self._befalls(call, kind, record_id)
        write = partial(self._system.update, values=self._sent(spec, values))
        if call == "archive":
            write = partial(self._system.archive)
        try:
            return Saved(write(kind, record_id), created=False)
        except Refusal as refusal:
            raise self._gone(kind, record_id, refusal) from None

    def upsert(self, kind: str, field: str, value: str, values: Mapping[str, Any]) -> Saved:
        """Create or update by an external id; 300 with the matches where several carry it."""
        spec = self._system.kind(kind)
        twins = self._system.find(kind, field, value)
        if len(twins) > 1:
            matches = [f"/services/data/sobjects/{kind}/{row.id}" for row in twins]
            raise ApiError(
                300, "DUPLICATE_EXTERNAL_ID", f"Several records carry it: {', '.join(matches)}", fields=[field]
            )
        if not twins:
            return self.create(kind, {**values, field: value}, key=value if field == spec.key_field else "")
        self._befalls("create", kind, value)
        try:
            row = self._system.update(kind, twins[0].id, self._sent(spec, values), key=value)
        except Refusal as refusal:
            raise self.error(kind, refusal) from None
        return Saved(row, created=False)

    def check_envelope(self, kind: str, values: Mapping[str, Any]) -> None:
        """What spoils a whole collection call: a column nobody knows, or a value of a wrong type."""
        spec = self._known(kind)
        for name, value in values.items():
            if name not in spec.fields and name not in system_fields(kind):
                raise ApiError(
                    400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {kind}", fields=[name]
                )
            _check_type(spec, name, value)

    def error(self, kind: str, refusal: Refusal) -> ApiError:
        """The refusal in the vendor's words."""
        if refusal.code == "quota":
            return ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if refusal.code == "duplicate":
            return _duplicate_value(refusal)
        if refusal.code == "duplicate_rule":
            return _duplicates_detected(kind, refusal)
        if refusal.code == "unknown_field":
            return ApiError(400, "INVALID_FIELD", str(refusal), fields=[refusal.field])
        code = _CODES.get(refusal.code, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
        return ApiError(400, code, str(refusal), fields=[refusal.field] if refusal.field else [])

    def _known(self, kind: str) -> KindSpec:
        if kind not in self._system.tables:
            raise ApiError(400, "INVALID_TYPE", f"sObject type '{kind}' is not supported.")
        return self._system.kind(kind)

    def _sent(self, spec: KindSpec, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: _normal_id(spec, name, value) for name, value in values.items()}

    def _befalls(self, call: str, kind: str, subject: str) -> None:
        faults, name = self._system.faults, self._system.name
        if faults.curses(Fault.POISON, f"{name}/{kind}/{subject}"):
            raise ApiError(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "a validation rule refuses it", fields=[])
        if faults.strikes(Fault.PARTIAL_BATCH, f"{name}.{call}:{kind}/{subject}"):
            raise LOCKED

    def _gone(self, kind: str, record_id: str, refusal: Refusal) -> ApiError:
        if refusal.code != "missing":
            return self.error(kind, refusal)
        row = self._system.row(kind, record_id)
        if row is not None and row.gone in {"deleted", "merged"}:
            return ApiError(404, "ENTITY_IS_DELETED", "entity is deleted", fields=[])
        return ApiError(404, "NOT_FOUND", "The requested resource does not exist")


def write_call(spec: KindSpec, values: Mapping[str, Any]) -> str:
    """Whether these values take a record out of use, or change it."""
    return "archive" if spec.active_field and dict(values) == {spec.active_field: False} else "update"


def kind_of(record_id: str) -> str:
    """The kind an id belongs to, by its prefix; empty where there is none."""
    return next((kind for kind, prefix in PREFIXES.items() if record_id.startswith(prefix)), "")


def _normal_id(spec: KindSpec, name: str, value: Any) -> Any:
    refers = name in spec.fields and spec.fields[name].refers_to
    return long_id(value) if refers and isinstance(value, str) else value


def _check_type(spec: KindSpec, name: str, value: Any) -> None:
    try:
        if name in spec.fields:
            spec.fields[name].saved(value)
    except Refusal as refusal:
        if refusal.code == "type":
            raise ApiError(400, "JSON_PARSER_ERROR", f"Cannot deserialize {value!r} for {name}") from None


def _duplicate_value(refusal: Refusal) -> ApiError:
    message = f"duplicate value found: {refusal.field} duplicates value on record with id: {refusal.candidates[0]}"
    return ApiError(400, "DUPLICATE_VALUE", message, fields=[])


def _duplicates_detected(kind: str, refusal: Refusal) -> ApiError:
    records = [{"attributes": {"type": kind}, "Id": each} for each in refusal.candidates]
    matched = [{"record": record, "matchConfidence": 95.0} for record in records]
    result = {
        "allowSave": False,
        "duplicateRule": f"Standard_{kind}_Duplicate_Rule",
        "duplicateRuleEntityType": kind,
        "matchResults": [{"entityType": kind, "rule": f"Standard_{kind}_Match", "matchRecords": matched}],
    }
    return ApiError(400, "DUPLICATES_DETECTED", "Use one of these records?", fields=[], duplicateResult=result)
