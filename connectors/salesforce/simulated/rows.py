"""How the state of the world looks through the REST interface: fields, system fields, related records."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from connectors.salesforce.ids import is_id, long_id, suffix
from connectors.salesforce.simulated.faults import ApiError
from connectors.salesforce.simulated.metadata import describe, relationship, system_fields
from connectors.testing.metadata import FieldSpec, KindSpec
from connectors.testing.system import System
from connectors.testing.table import Row


def rest_stamp(moment: datetime) -> str:
    """UTC, milliseconds that are always zero, an offset without colon."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def user_id(actor: str) -> str:
    """The id of whoever wrote: an id stays, any other name gets one of its own."""
    if is_id(actor):
        return long_id(actor)
    short = "005" + blake2b(actor.encode(), digest_size=6).hexdigest()
    return short + suffix(short)


class Rows:
    """Reads values out of the records of one system."""

    def __init__(self, system: System, version: str) -> None:
        """`version` is the API version in the addresses of records."""
        self._system = system
        self._version = version

    def spec(self, kind: str) -> KindSpec:
        """The metadata of a kind, or NOT_FOUND."""
        if kind not in self._system.tables:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return self._system.kind(kind)

    def require(self, kind: str, path: str) -> None:
        """Answer INVALID_FIELD unless the path leads to a field that this user may see."""
        head, _, rest = path.partition(".")
        spec = self.spec(kind)
        if not rest and (head in system_fields(kind) or _shown(spec, head)):
            return
        related = self._related(spec, head)
        if not rest or related is None:
            message = f"No such column '{path}' on entity '{kind}'"
            raise ApiError(400, "INVALID_FIELD", message)
        self.require(related.refers_to, rest)

    def value(self, row: Row, path: str) -> Any:
        """One value as JSON tells it; null behind an empty relationship."""
        head, _, rest = path.partition(".")
        if rest:
            target = self._target(row, head)
            return None if target is None else self.value(target, rest)
        own = self._own(row, head)
        return own if own is not _NOT_OWN else plain(row.values.get(head))

    def told(self, row: Row, fields: tuple[str, ...]) -> dict[str, Any]:
        """A record of a query answer: the fields asked for, related ones nested, nothing else."""
        answer: dict[str, Any] = {"attributes": self.attributes(row)}
        for path in fields:
            head, _, rest = path.partition(".")
            if rest:
                target = self._target(row, head)
                nested = None if target is None else self.told(target, (rest,))
                merged = answer.get(head)
                answer[head] = {**merged, **nested} if merged and nested else nested
            else:
                answer[head] = self.value(row, head)
        return answer

    def whole(self, row: Row) -> dict[str, Any]:
        """A record as `GET /sobjects/{kind}/{id}` tells it."""
        names = [field["name"] for field in describe(self.spec(row.kind))["fields"]]
        return self.told(row, tuple(names))

    def attributes(self, row: Row) -> dict[str, str]:
        """The vendor's `attributes` of a record."""
        return {"type": row.kind, "url": f"/services/data/{self._version}/sobjects/{row.kind}/{row.id}"}

    def _own(self, row: Row, name: str) -> Any:
        reads: Mapping[str, Any] = {
            "Id": lambda: row.id,
            "IsDeleted": lambda: bool(row.gone),
            "MasterRecordId": lambda: row.merged_into or None,
            "CreatedDate": lambda: rest_stamp(row.created_at),
            "CreatedById": lambda: user_id(row.created_by),
            "LastModifiedDate": lambda: rest_stamp(row.stamp),
            "LastModifiedById": lambda: user_id(row.changed_by),
            "SystemModstamp": lambda: rest_stamp(row.stamp),
        }
        return reads[name]() if name in reads else _NOT_OWN

    def _related(self, spec: KindSpec, head: str) -> FieldSpec | None:
        found = (field for field in spec.fields.values() if field.refers_to and relationship(field.name) == head)
        return next(found, None)

    def _target(self, row: Row, head: str) -> Row | None:
        field = self._related(self.spec(row.kind), head)
        if field is None or not row.values.get(field.name):
            return None
        return self._system.row(field.refers_to, str(row.values[field.name]))


_NOT_OWN = object()


def _shown(spec: KindSpec, name: str) -> bool:
    return name in spec.fields and spec.fields[name].visible


def plain(value: Any) -> Any:
    """A stored value as JSON knows it: the interface tells numbers as doubles."""
    return float(value) if isinstance(value, Decimal) else value
