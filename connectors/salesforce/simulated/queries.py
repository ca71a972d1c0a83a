"""`query` and `queryAll`: what a SELECT finds, in pages behind a locator that can die."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors.salesforce.simulated.faults import ApiError
from connectors.salesforce.simulated.metadata import NEVER_DELETED
from connectors.salesforce.simulated.rows import Rows
from connectors.salesforce.simulated.soql import Query, parse
from connectors.testing.exchange import Reply
from connectors.testing.metadata import KindSpec
from connectors.testing.system import System
from connectors.testing.table import Row

_INDEXED = "SystemModstamp"
MOST_ROWS = 2000
_LEAST_ROWS = 200


@dataclass(frozen=True, slots=True)
class _Open:
    """A result behind a locator; rows were fixed when the query ran."""

    rows: tuple[dict[str, Any], ...]
    all_rows: bool


class Queries:
    """Answers queries over one system. `page_rows` caps a page, as the real one does for wide rows."""

    def __init__(
        self, system: System, rows: Rows, version: str, org: Callable[[], str], *, page_rows: int = MOST_ROWS
    ) -> None:
        """`org` answers `SELECT … FROM Organization`."""
        self._system = system
        self._rows = rows
        self._version = version
        self._org = org
        self._page_rows = page_rows
        self._open: dict[str, _Open] = {}
        self._opened = 0

    def forget(self) -> None:
        """Let every locator die."""
        self._open.clear()

    def start(self, query: Query, options: str, *, all_rows: bool = False) -> Reply:
        """Answer the first page. `options` is the header `Sforce-Query-Options`."""
        if query.kind == "Organization":
            row = {"attributes": {"type": "Organization"}, "Id": self._org(), "IsSandbox": True, "Name": "Simulated"}
            return Reply(200, {"totalSize": 1, "done": True, "records": [row]})
        if not query.fields:
            return Reply(200, {"totalSize": len(self.found(query, all_rows=all_rows)), "done": True, "records": []})
        found = self.found(query, all_rows=all_rows)
        if call_of(query, self._system.kind(query.kind)) == "read":
            self._system.looked_at(query.kind, [row.id for row in found])
            found = self.found(query, all_rows=all_rows)
        told = tuple(self._rows.told(row, query.fields) for row in found)
        return self._page(_Open(told, all_rows), self._locator(), 0, self._size(options))

    def more(self, locator: str, options: str) -> Reply:
        """Answer a further page, or INVALID_QUERY_LOCATOR."""
        name, _, start = locator.rpartition("-")
        if name not in self._open or not start.isdigit():
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(self._open[name], name, int(start), self._size(options))

    def found(self, query: Query, *, all_rows: bool) -> Sequence[Row]:
        """The rows a query finds, in its order."""
        self._check(query)
        rows = [row for row in self._reach(query, all_rows=all_rows) if self._holds(query, row)]
        for field, descending in reversed(query.order):
            rows.sort(key=partial(self._sort_key, field), reverse=descending)
        return rows[query.offset :][: query.limit]

    def _reach(self, query: Query, *, all_rows: bool) -> Iterable[Row]:
        """By stamp only what the index shows so far, else all by a strong read; never what left the bin."""
        if _INDEXED in query.names:
            rows = self._system.search(query.kind, gone=all_rows)
        else:
            self._system.settle()
            rows = list(self._system.tables[query.kind].rows.values())
        hidden = query.kind in self._system.blind
        return [row for row in rows if (not hidden and not row.gone) or (all_rows and row.gone not in ("", "purged"))]

    def _holds(self, query: Query, row: Row) -> bool:
        return query.where is None or query.where(partial(self._rows.value, row))

    def _sort_key(self, field: str, row: Row) -> tuple[bool, Any]:
        value = self._rows.value(row, field)
        return value is not None, value if value is not None else ""

    def _check(self, query: Query) -> None:
        if query.kind not in self._system.tables:
            message = f"sObject type '{query.kind}' is not supported."
            raise ApiError(400, "INVALID_TYPE", message)
        for path in (*query.fields, *query.names):
            self._rows.require(query.kind, path)

    def _locator(self) -> str:
        self._opened += 1
        return f"01gD0000000{self._opened:05d}"

    def _size(self, options: str) -> int:
        name, _, wanted = options.partition("=")
        if name.strip() != "batchSize" or not wanted.strip().isdigit():
            return self._page_rows
        return min(self._page_rows, max(_LEAST_ROWS, int(wanted)))

    def _page(self, found: _Open, name: str, start: int, size: int) -> Reply:
        end = start + size
        body: dict[str, Any] = {"totalSize": len(found.rows), "done": end >= len(found.rows)}
        if not body["done"]:
            self._open[name] = found
            body["nextRecordsUrl"] = f"/services/data/{self._version}/query/{name}-{end}"
        return Reply(200, {**body, "records": list(found.rows[start:end])})


def call_of(query: Query, spec: KindSpec | None) -> str:
    """Which call of a connector a query stands for, so that one schedule of faults drives all kinds of systems."""
    names = set(query.names)
    if "MasterRecordId" in names:
        return "merged"
    if "IsDeleted" in names:
        return "deleted"
    if spec is not None and spec.key_field in names:
        return "find_created"
    if query.fields == ("Id",):
        return "keys"
    return "changes" if _INDEXED in names or "Id" not in names or query.order else "read"


def read_query(soql: str | None) -> Query:
    """Read the query of a request."""
    if not soql:
        raise ApiError.malformed("no query")
    query = parse(soql)
    if query.kind in NEVER_DELETED and "IsDeleted" in query.names:
        message = f"No such column 'IsDeleted' on entity '{query.kind}'"
        raise ApiError(400, "INVALID_FIELD", message)
    return query
