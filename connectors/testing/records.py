"""What a simulated system is and shows: its clock, its metadata, its quota, its records."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import count
from threading import RLock
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from connectors.testing.clock import SimulatedClock
from connectors.testing.faults import Fault, FaultSchedule
from connectors.testing.metadata import FieldSpec, KindSpec, Refusal
from connectors.testing.table import LogEntry, Row, Table

SECOND = timedelta(seconds=1)
NONE = timedelta(0)
Rule: TypeAlias = Callable[[str, str, str, Mapping[str, Any]], Refusal | None]  # op, kind, id, values after it
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
SLOW = timedelta(minutes=1)  # that a slow call takes


class Records:
    """The reading half of `System`. `lock` is for simulators that serve threads."""

    def __init__(  # noqa: PLR0913 - all by name, each with a default
        self,
        name: str,
        clock: SimulatedClock,
        kinds: Iterable[KindSpec],
        *,
        faults: FaultSchedule | None = None,
        skew: timedelta = NONE,
        zone: str = "UTC",
        resolution: timedelta = SECOND,
        search_lag: timedelta = NONE,
        struck_lag: timedelta = timedelta(seconds=30),
        retention: timedelta | None = None,
        max_batch: int = 200,
        daily_calls: int | None = None,
        tenant: str = "",
        merge_moves_children: bool = True,
    ) -> None:
        """`resolution`: of stamps. `retention`: of tombstones. `struck_lag`: how long `Fault.SEARCH_LAG` holds one.

        Two attributes are set from outside: `meanwhile(what, kind, id)` is what people do between two pages or just
        before a write, and kinds in `blind` are answered with nothing, as by a system that hides what one may not see.
        """
        self.name = name
        self.clock = clock
        self.faults = faults or FaultSchedule()
        self.skew = skew
        self.zone = ZoneInfo(zone)
        self.resolution = resolution
        self.search_lag = search_lag
        self.struck_lag = struck_lag
        self.retention = retention
        self.max_batch = max_batch
        self.daily_calls = daily_calls
        self.tenant = tenant or f"tenant-of-{name}"
        self.merge_moves_children = merge_moves_children
        self.tables: dict[str, Table] = {spec.name: Table(spec) for spec in kinds}
        self.log: list[LogEntry] = []
        self.calls: Counter[str] = Counter()
        self.rules: list[Rule] = []
        self.poisoned: set[tuple[str, str]] = set()
        self.lock = RLock()
        self._spent = (clock.now().date(), 0)
        self._issued: Counter[str] = Counter()
        self._turn = count()
        self.meanwhile: Callable[[str, str, str], None] | None = None
        self.blind: set[str] = set()
        self._late: list[tuple[datetime, int, datetime | None, Callable[[], object]]] = []
        self._statement: datetime | None = None

    # -- time ---------------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """What this system's own clock shows, aware and UTC."""
        return self.clock.now() + self.skew

    def stamp(self) -> datetime:
        """The stamp a write gets now: own clock, cut down to the resolution."""
        moment = self._statement or self.now()
        return moment - (moment - _EPOCH) % self.resolution

    def step_clock(self, by: timedelta) -> None:
        """The system's clock jumps (a time server, a resumed machine); negative is allowed here."""
        self.skew += by

    def late(self, delay: timedelta, write: Callable[[], object]) -> None:
        """A transaction that stamps its rows now and commits after `delay`: nobody sees them before.

        `system.late(timedelta(seconds=40), lambda: system.update("Account", id, {"Phone": "1"}, by="user:anna"))`
        """
        heapq.heappush(self._late, (self.clock.now() + delay, next(self._turn), self.now(), write))

    def postpone(self, delay: timedelta, write: Callable[[], object]) -> None:
        """A request that hangs on the way: it is executed, and stamps its rows, only after `delay`."""
        heapq.heappush(self._late, (self.clock.now() + delay, next(self._turn), None, write))

    def open_since(self) -> list[datetime]:
        """The stamps of transactions that are still open: nothing older can come late."""
        return [stamp for _, _, stamp, _ in self._late if stamp is not None]

    def dated(self, stamp: datetime, write: Callable[[], object]) -> None:
        """An import that keeps its dates: what it writes bears this stamp."""
        self._statement = stamp
        try:
            write()
        finally:
            self._statement = None

    def settle(self) -> None:
        """Commit late transactions that are due. Every reading and writing call does this first."""
        while self._statement is None and self._late and self._late[0][0] <= self.clock.now():
            due, _n, stamped, write = heapq.heappop(self._late)
            self._statement = stamped or due + self.skew
            try:
                write()
            except Refusal:
                continue  # that transaction was rolled back
            finally:
                self._statement = None

    # -- what the system is -------------------------------------------------------------------------------------------

    def kind(self, name: str) -> KindSpec:
        """The metadata of a kind as it is now."""
        return self._table(name).spec

    def alter(self, kind: str, *fields: FieldSpec) -> None:
        """An administrator adds or changes fields (retype, require, hide, drop an option)."""
        table = self._table(kind)
        table.respecify(table.spec.with_fields(*fields))

    def drop_field(self, kind: str, name: str) -> None:
        """An administrator removes a field; what it held is no longer shown."""
        table = self._table(kind)
        table.respecify(table.spec.without(name))

    def poison(self, kind: str, record_id: str) -> None:
        """Refuse every write to this record until `cure`."""
        self.poisoned.add((kind, record_id))

    def cure(self, kind: str, record_id: str) -> None:
        """Let writes to this record through again."""
        self.poisoned.discard((kind, record_id))

    def charge(self, call: str, calls: int = 1) -> None:
        """Count calls against the day's quota. Raises `Refusal` (`quota`) when it is used up."""
        self.calls[call] += calls
        today = self.clock.now().date()
        spent = self._spent[1] if self._spent[0] == today else 0
        if self.daily_calls is not None and spent + calls > self.daily_calls:
            raise Refusal("quota", f"{self.name} allows {self.daily_calls} calls a day")
        self._spent = (today, spent + calls)

    def allow(self, calls: int) -> None:
        """From now on the day has room for so many calls."""
        self.daily_calls = (self._spent[1] if self._spent[0] == self.clock.now().date() else 0) + calls

    @property
    def calls_left(self) -> int | None:
        """How many calls the day's quota has left; None without one."""
        if self.daily_calls is None:
            return None
        return self.daily_calls - (self._spent[1] if self._spent[0] == self.clock.now().date() else 0)

    # -- reading ------------------------------------------------------------------------------------------------------

    def read(self, kind: str, record_id: str) -> Row | None:
        """The record as it is now (a strong read); None where there is none or it is gone."""
        row = self.row(kind, record_id)
        return None if row is None or row.gone else row

    def meet(self, what: str, kind: str, record_id: str = "") -> None:
        """People go on working: `page` between two pages, `write` just before a record is written, `look` after."""
        if self.meanwhile is not None:
            self.meanwhile(what, kind, record_id)

    def forbids(self, call: str) -> bool:
        """What may befall any call before it is served: one is merely slow, of another we have lost the right."""
        site = f"{self.name}.{call}"
        if self.faults.strikes(Fault.SLOW_CALL, site):
            self.clock.advance(SLOW)
        return self.faults.strikes(Fault.FORBIDDEN, site)

    def executes_late(self, call: str, write: Callable[[], object]) -> bool:
        """Whether this call is executed only minutes from now, and nobody answers it."""
        site = f"{self.name}.{call}"
        if not self.faults.strikes(Fault.DELAYED, site):
            return False
        self.postpone(timedelta(minutes=1 + 7 * self.faults.fraction(Fault.DELAYED, site)), write)
        return True

    def looked_at(self, kind: str, ids: Iterable[str]) -> None:
        """Somebody may edit before records are told by ids, as to one who is about to write to them or just did."""
        for record_id in ids:
            if self.faults.strikes(Fault.EDITED_BETWEEN, f"{self.name}.update:{kind}/{record_id}"):
                self.meet("write", kind, record_id)
            if self.faults.strikes(Fault.EDITED_BEHIND, f"{self.name}.read:{kind}/{record_id}"):
                self.meet("look", kind, record_id)

    def turn_page(self, call: str, kind: str) -> None:
        """Before a page is served, somebody may edit."""
        if self.faults.strikes(Fault.PAGE_DRIFT, f"{self.name}.{call}"):
            self.meet("page", kind)

    def row(self, kind: str, record_id: str) -> Row | None:
        """The record, gone or not."""
        self.settle()
        return self._table(kind).rows.get(record_id)

    def previous(self, kind: str, record_id: str) -> Row | None:
        """The version before the last, as a stale replica would show it."""
        row = self._table(kind).before.get(record_id)
        return None if row is None or row.gone else row

    def living(self, kind: str) -> list[Row]:
        """All records of a kind by a strong read, in the order of their creation."""
        self.settle()
        return list(self._table(kind).living())

    def find(self, kind: str, field: str, value: Any) -> list[Row]:
        """Living records with this very value, by a strong read; quick on unique fields and the key field."""
        self.settle()
        table = self._table(kind)
        return [table.rows[record_id] for record_id in table.ids_where(field, value)]

    def heirs(self, kind: str, field: str, value: Any) -> list[Row]:
        """Living records into which those with this very value were merged, step by step."""
        self.settle()
        rows = self._table(kind).rows
        ends: dict[str, Row] = {}
        for row in rows.values():
            if row.gone == "merged" and row.values.get(field) == value:
                end = row
                while end.gone == "merged":
                    end = rows[end.merged_into]
                ends |= {} if end.gone else {end.id: end}
        return list(ends.values())

    def search(
        self,
        kind: str,
        *,
        since: datetime | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int | None = None,
        gone: bool = False,
    ) -> list[Row]:
        """Records by (stamp, id) as the search index shows them, which may lag behind."""
        self.settle()
        return self._table(kind).search(self.clock.now(), since=since, after=after, limit=limit, gone=gone)

    def gone_since(self, kind: str, since: datetime, *, why: tuple[str, ...] = ("deleted", "purged")) -> list[Row]:
        """Rows that went away at or after `since`, as far as the retention still tells."""
        horizon = self.told_since()
        start = since if horizon is None else max(since, horizon)
        return [row for row in self.search(kind, since=start, gone=True) if row.gone in why]

    def told_since(self) -> datetime | None:
        """How far back the system still tells what went away; None: for ever."""
        return None if self.retention is None else self.now() - self.retention

    # -- within --------------------------------------------------------------------------------------------------------

    def _table(self, kind: str) -> Table:
        try:
            return self.tables[kind]
        except KeyError:
            raise Refusal("unknown_kind", f"{self.name} knows no {kind}") from None
