"""How the state of the world looks through a query: local time, references by number, rows of tables."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.kingdee.simulated.forms import IDS, LOOKUPS, TABLES, TableSpec, leads_to
from connectors.kingdee.simulated.replies import KingdeeError
from connectors.testing.system import MIDDLEWARE, System
from connectors.testing.table import Row

_STAMPS = frozenset({"FModifyDate", "FCreateDate"})
_KEPT_STAMPS = frozenset({"FApproveDate", "FForbidDate"})


class Rows:
    """Reads values out of the records of one system. `user` is the name of the one we work as."""

    def __init__(self, system: System, user: str) -> None:
        """All times are told in the system's zone."""
        self._system = system
        self._user = user

    def tables(self, form: str, keys: list[str]) -> list[TableSpec]:
        """Tables that one of these keys belongs to: each multiplies the rows."""
        return [table for table in TABLES.get(form, ()) if any(_in_table(table, key) for key in keys)]

    def joined(self, row: Row, tables: list[TableSpec]) -> Iterator[Mapping[str, Any]]:
        """The record with each row of its tables; with nothing, where a table is empty."""
        combined: list[dict[str, Any]] = [{}]
        for table in tables:
            inner = row.values.get(table.name) or [{}]
            combined = [{**one, **_told(table, part)} for one in combined for part in inner]
        yield from combined

    def value(self, row: Row, joined: Mapping[str, Any], key: str) -> Any:
        """One cell. Raises KingdeeError where the form has no such field."""
        head, _, rest = key.partition(".")
        if head in joined or head in _INNER.get(row.kind, ()):
            return self._reference(head, joined.get(head), rest)
        own = self._own(row, head, rest)
        if own is not _NOT_OWN:
            return own
        spec = self._system.kind(row.kind).fields
        if head not in spec:
            raise KingdeeError(9, f"字段“{key}”不存在", field=key)
        value = row.values.get(head)
        if head in _KEPT_STAMPS:
            return None if not value else datetime.fromisoformat(value)
        return self._reference(head, value, rest)

    def local(self, moment: datetime) -> datetime:
        """A moment as the server's clock on the wall shows it."""
        return moment.astimezone(self._system.zone).replace(tzinfo=None)

    def _own(self, row: Row, head: str, rest: str) -> Any:
        if head == IDS[row.kind]:
            return int(row.id)
        if head in _STAMPS:
            return self.local(row.stamp if head == "FModifyDate" else row.created_at)
        if head in {"FModifierId", "FCreatorId"}:
            name = self._name(row.changed_by if head == "FModifierId" else row.created_by)
            return name if rest else abs(hash(name)) % 100_000
        return _NOT_OWN

    def _name(self, actor: str) -> str:
        return self._user if actor == MIDDLEWARE else actor.removeprefix("user:")

    def _reference(self, head: str, value: Any, rest: str) -> Any:
        form = leads_to(head)
        if not form:
            return value
        if form in LOOKUPS:
            return self._looked_up(form, str(value or ""), rest)
        if not value:
            return "" if rest else 0
        target = self._system.read(form, str(value))
        if not rest:
            return int(value)
        return "" if target is None else str(target.values.get(rest, ""))

    def _looked_up(self, form: str, number: str, rest: str) -> Any:
        if not rest:
            return list(LOOKUPS[form]).index(number) + 1 if number in LOOKUPS[form] else 0
        return LOOKUPS[form].get(number, "") if rest == "FName" else number


def _in_table(table: TableSpec, key: str) -> bool:
    head = key.partition(".")[0]
    return head == f"{table.name}_FEntryID" or head in table.fields


def _told(table: TableSpec, part: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {f"{table.name}_FEntryID": part.get("FEntryID")}
    return told | {field: part.get(field) for field in table.fields}


def cell(value: Any) -> Any:
    """A value as JSON tells it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return float(value) if isinstance(value, Decimal) else value


_NOT_OWN = object()
# By form, the names that are asked of the rows of its tables.
_INNER: Mapping[str, frozenset[str]] = {
    form: frozenset(name for table in tables for name in (*table.fields, f"{table.name}_FEntryID"))
    for form, tables in TABLES.items()
}
