"""The records of one kind: what is true, and what the search index shows of it so far."""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from connectors.testing.metadata import KindSpec

_BESIDE = frozenset({"note", "state"})


class Row(NamedTuple):
    """One version of a record. Never changed in place; the next version is another row."""

    kind: str
    id: str
    values: dict[str, Any]  # read-only by agreement
    version: int
    stamp: datetime  # last change on the system's clock, at the system's resolution
    created_at: datetime
    created_by: str
    changed_by: str
    gone: str = ""  # "", "deleted" (in the bin), "purged", "merged"
    merged_into: str = ""


class LogEntry(NamedTuple):
    """One accepted write, in the order in which the system did them. Checkers read this and nothing of the engine."""

    n: int
    at: datetime  # true time, not the system's clock
    system: str
    actor: str  # `user:anna` or `middleware`
    op: str  # create update archive delete undelete merge reparent, and those beside the values: note state
    kind: str
    id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    key: str  # the key of the request, where it had one
    version: int
    other: str = ""  # merge: the winner; reparent: the field

    @property
    def writes(self) -> bool:
        """Whether it may have moved a value: not a word beside a record, nor a step on a document's way."""
        return self.op not in _BESIDE


class Table:
    """Rows of one kind by id, by indexed field, and by (stamp, id) as the search index has them."""

    __slots__ = ("_by", "_order", "_seen", "_waiting", "before", "rows", "spec")

    def __init__(self, spec: KindSpec) -> None:
        """Begin empty."""
        self.spec = spec
        self.rows: dict[str, Row] = {}
        self.before: dict[str, Row] = {}  # the version before the last, for stale reads
        self._by: dict[str, dict[Any, dict[str, None]]] = {name: {} for name in spec.indexed}
        self._seen: dict[str, Row] = {}
        self._waiting: deque[tuple[datetime, Row]] = deque()
        self._order: list[tuple[datetime, str]] | None = []

    def put(self, row: Row, now: datetime, visible_at: datetime) -> None:
        """Store a version; the search index shows it from `visible_at` on (and never out of order)."""
        old = self.rows.get(row.id)
        if old is not None:
            self.before[row.id] = old
        self.rows[row.id] = row
        for name, places in self._by.items():
            _reindex(places, name, old, row)
        if visible_at <= now and not self._waiting:
            self._show(row)
        else:
            self._waiting.append((visible_at, row))

    def respecify(self, spec: KindSpec) -> None:
        """Take over changed metadata."""
        self.spec = spec
        self._by = {name: {} for name in spec.indexed}
        for row in self.rows.values():
            for name in spec.fields:
                row.values.setdefault(name, None)  # a new field is blank on what was there before; no stamp moves
            for name, places in self._by.items():
                _reindex(places, name, None, row)

    def ids_where(self, name: str, value: Any) -> list[str]:
        """Living records with this very value, oldest first; quick for indexed fields."""
        places = self._by.get(name)
        if places is not None:
            return list(places.get(value, ()))
        return [row.id for row in self.rows.values() if not row.gone and row.values.get(name) == value]

    def living(self) -> Iterator[Row]:
        """All that are not gone, in the order of their creation."""
        return (row for row in self.rows.values() if not row.gone)

    def search(
        self,
        now: datetime,
        *,
        since: datetime | None,
        after: tuple[datetime, str] | None,
        limit: int | None,
        gone: bool,
    ) -> list[Row]:
        """Rows as the index shows them now, by (stamp, id): changed at or after `since`, and beyond `after`."""
        self._catch_up(now)
        order = self._ordered()
        start = 0 if since is None else bisect_left(order, (since, ""))
        if after is not None:
            start = max(start, bisect_right(order, after))
        found: list[Row] = []
        for position in range(start, len(order)):
            row = self._seen[order[position][1]]
            if gone or not row.gone:
                found.append(row)
                if len(found) == limit:
                    break
        return found

    def _ordered(self) -> list[tuple[datetime, str]]:
        if self._order is None:
            self._order = sorted((row.stamp, row.id) for row in self._seen.values())
        return self._order

    def _catch_up(self, now: datetime) -> None:
        while self._waiting and self._waiting[0][0] <= now:
            self._show(self._waiting.popleft()[1])

    def _show(self, row: Row) -> None:
        self._seen[row.id] = row
        self._order = None


def _reindex(places: dict[Any, dict[str, None]], name: str, old: Row | None, row: Row) -> None:
    was = None if old is None or old.gone else old.values.get(name)
    now = None if row.gone else row.values.get(name)
    if was == now:
        return
    if was is not None:
        places[was].pop(row.id, None)
    if now is not None:
        places.setdefault(now, {})[row.id] = None


def visible(spec: KindSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a reader may see, by field-level security."""
    return {name: value for name, value in values.items() if name in spec.fields and spec.fields[name].visible}
