"""A connector to a system of the world: what it can do is configured, what befalls its calls comes from the schedule.

    crm = MemoryConnector(world.systems["crm"], {"Account": Capabilities(keyed=True, conditional=True)}, page_size=3)

It keeps every promise of `connectors.contract`; the contract suite is proven on it, in several profiles.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from connectors.contract import (
    Archive,
    Capabilities,
    Create,
    Deletions,
    FieldDescription,
    Finding,
    ItemResult,
    KindDescription,
    Merge,
    Merges,
    Page,
    Record,
    RecordRef,
    Tombstone,
    Update,
    Watermark,
    Written,
)
from connectors.errors import (
    BudgetError,
    ConnectorError,
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
)
from connectors.listing import imprinted
from connectors.seams import Seams
from connectors.testing.faults import Fault
from connectors.testing.metadata import FieldSpec, Refusal, owned
from connectors.testing.system import MIDDLEWARE, System
from connectors.testing.table import Row, visible

_Item = TypeVar("_Item", Create, Update, Archive)
_NOT_DONE = (Fault.THROTTLED, Fault.SERVER_ERROR, Fault.BODY_ERROR, Fault.TOKEN_EXPIRED)
_ANSWER_LOST = (Fault.LOST_AFTER, Fault.GATEWAY_AFTER, Fault.CUT_BODY)
_LATER_PAGE = (Fault.SESSION_LOST, Fault.CURSOR_LOOP)


class MemoryConnector:
    """`connectors.contract.Connector` on a simulated system."""

    def __init__(
        self, system: System, kinds: Mapping[str, Capabilities], *, page_size: int = 200, upserts: bool = False
    ) -> None:
        """`upserts`: a create whose key is taken updates that record, as an upsert by external id does."""
        self._at = system
        self._kinds = dict(kinds)
        self._page_size = page_size
        self._upserts = upserts

    @property
    def system(self) -> str:
        """The name the book gives it."""
        return self._at.name

    @property
    def kinds(self) -> Mapping[str, Capabilities]:
        """As configured."""
        return self._kinds

    def fingerprint(self) -> str:
        """The tenant's identity; a test may change it on the system."""
        return self._at.tenant

    def check(self) -> Sequence[Finding]:
        """Clock skew and room in the quota, like a real one."""
        self._call("check")
        skew, left = self._at.skew, self._at.calls_left
        return (
            Finding(
                abs(skew) < timedelta(minutes=5), "clock", f"differs by {skew.total_seconds():.0f} s", "set its clock"
            ),
            Finding(left is None or left > 0, "quota", f"{'no limit' if left is None else left} calls left today"),
        )

    def describe(self, kind: str) -> KindDescription:
        """The kind's metadata as it is now."""
        self._call("describe")
        spec = _asked(lambda: self._at.kind(kind))
        return KindDescription(kind, {name: _described(one) for name, one in spec.fields.items() if one.visible})

    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        """Keyset over (stamp, id) on the search index, from `since` to the end of the index."""
        can = self._kinds[kind]
        start = self._at.stamp()
        bound = since.at if since is not None and can.incremental else None
        after: tuple[datetime, str] | None = None
        while True:
            self._page("changes", kind, later=after is not None)
            rows = _asked(partial(self._at.search, kind, since=bound, after=after, limit=self._page_size))
            full = len(rows) == self._page_size
            safe_point = None if full else Watermark(start - can.look_back)
            shown = () if kind in self._at.blind else (*rows, *self._twins(kind, rows))
            records = [self._record(row) for row in shown]
            yield Page(imprinted(self.system, kind, records), safe_point)
            if not full:
                return
            after = (rows[-1].stamp, rows[-1].id)

    def keys(self, kind: str) -> Iterator[Sequence[str]]:
        """All living ids by a strong read."""
        self._page("keys", kind)
        ids = sorted(row.id for row in _asked(lambda: self._at.living(kind)) if kind not in self._at.blind)
        for start in range(0, len(ids), self._page_size):
            if start:
                self._page("keys", kind, later=True)
            yield tuple(ids[start : start + self._page_size])

    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        """One call, whatever the number."""
        if not refs:
            return {}
        self._call("read")
        rows = {ref: _asked(partial(self._now, ref)) for ref in refs if ref.kind not in self._at.blind}
        return {ref: self._record(row) for ref, row in rows.items() if row is not None}

    def find_created(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """By the key field, strongly."""
        if not keys:
            return {}
        self._call("find_created")
        found = {} if kind in self._at.blind else {key: self._with_key(kind, key) for key in keys}
        return {key: tuple(self._record(row) for row in rows) for key, rows in found.items() if rows}

    def deleted(self, kind: str, since: Watermark) -> Deletions:
        """Deleted and purged ones, as far back as the system tells."""
        self._call("deleted")
        start = self._at.stamp()
        rows = _asked(lambda: self._at.gone_since(kind, since.at))
        horizon = self._at.told_since()
        told_from = horizon if horizon is not None and horizon > since.at else None
        stones = tuple(Tombstone(self._ref(row), row.stamp) for row in rows)
        return Deletions(stones, Watermark(start - self._kinds[kind].look_back), told_from)

    def merged(self, kind: str, since: Watermark) -> Merges:
        """Each step of a chain by itself."""
        self._call("merged")
        start = self._at.stamp()
        rows = _asked(lambda: self._at.gone_since(kind, since.at, why=("merged",)))
        merges = tuple(Merge(self._ref(row), RecordRef(self.system, kind, row.merged_into), row.stamp) for row in rows)
        return Merges(merges, Watermark(start - self._kinds[kind].look_back))

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        """Our key goes into the key field of the same call, where the kind is keyed."""
        return self._write("create", batch, self._create_one)

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        """By version where the kind is conditional, else by comparing just before."""
        return self._write("update", batch, self._update_one)

    def archive(self, batch: Sequence[Archive]) -> Sequence[ItemResult]:
        """By the kind's own flag."""
        return self._write("archive", batch, self._archive_one)

    def note(self, ref: RecordRef, text: str) -> None:
        """Beside the record."""
        self._call("note")
        _asked(lambda: self._at.note(ref.kind, ref.id, text))

    def close(self) -> None:
        """Nothing to give back."""

    # -- calls and what befalls them ----------------------------------------------------------------------------------

    def _call(self, call: str) -> None:
        site = f"{self.system}.{call}"
        self._refuse_all(call)
        fault = self._at.faults.first((Fault.LOST_BEFORE, *_NOT_DONE, Fault.CUT_BODY), site)
        if fault is not None:
            raise _transient(site, fault)
        _asked(lambda: self._at.charge(call))

    def _refuse_all(self, call: str) -> None:
        """One that is forbidden needs a person."""
        site = f"{self.system}.{call}"
        if self._at.forbids(call):
            raise MisconfiguredError(f"{site}: we have no right to do this; give it back", code=Fault.FORBIDDEN)

    def _page(self, call: str, kind: str, *, later: bool = False) -> None:
        self._call(call)
        site, faults = f"{self.system}.{call}", self._at.faults
        fault = faults.first((Fault.PAGE_ERROR, *(_LATER_PAGE if later else ())), site)
        if fault is not None:
            raise _transient(site, fault)
        self._at.turn_page(call, kind)

    def _twins(self, kind: str, rows: Sequence[Row]) -> Sequence[Row]:
        """What a page tells a second time, as it was one version before."""
        if not rows or not self._at.faults.strikes(Fault.OLD_TWIN, f"{self.system}.changes"):
            return ()
        return [old for row in rows if (old := self._at.previous(kind, row.id)) is not None][:1]

    def _write(self, call: str, batch: Sequence[_Item], one: Callable[[_Item], Written]) -> Sequence[ItemResult]:
        self._refuse_oversize(batch)
        if not batch:
            return ()
        site, faults = f"{self.system}.{call}", self._at.faults
        self._refuse_all(call)
        if faults.strikes(Fault.LOST_BEFORE, site):
            return _lost(site, batch)
        if self._may_wait(batch) and self._at.executes_late(call, lambda: self._items(call, batch, one)):
            return _lost(site, batch)
        if (fault := faults.first(_NOT_DONE, site)) is not None:
            raise _transient(site, fault)
        _asked(lambda: self._at.charge(call))
        cut = None
        if faults.strikes(Fault.LOST_MIDWAY, site):
            cut = int(faults.fraction(Fault.LOST_MIDWAY, site) * len(batch))
        results = self._items(call, batch[:cut], one)
        if cut is not None or faults.first(_ANSWER_LOST, site) is not None:
            return _lost(site, batch)
        if faults.strikes(Fault.SHORT_RESULTS, site):
            results[-1] = _lost(site, batch)[-1]
        return results

    def _may_wait(self, batch: Sequence[Create | Update | Archive]) -> bool:
        """Nobody can do anything about an unconditional update that is executed late; it is left out on purpose."""
        return all(
            self._kinds[item.kind].unique_key if isinstance(item, Create) else self._is_guarded(item) for item in batch
        )

    def _is_guarded(self, item: Update | Archive) -> bool:
        return self._version(item.ref.kind, item.version) is not None

    def _edited_first(self, site: str, item: Create | Update | Archive) -> None:
        if isinstance(item, Create) or (isinstance(item, Archive) and not self._is_guarded(item)):
            return
        if self._at.faults.strikes(Fault.EDITED_BETWEEN, site):
            self._at.meet("write", item.ref.kind, item.ref.id)

    def _items(self, call: str, batch: Sequence[_Item], one: Callable[[_Item], Written]) -> list[ItemResult]:
        return [self._item(call, item, one) for item in batch]

    def _item(self, call: str, item: _Item, one: Callable[[_Item], Written]) -> ItemResult:
        subject = _subject(item)
        site = f"{self.system}.{call}:{subject}"
        if self._at.faults.curses(Fault.POISON, f"{self.system}/{subject}"):
            return RejectedError(f"{site}: this record cannot be saved", code="poisoned")
        if self._at.faults.strikes(Fault.PARTIAL_BATCH, site):
            return TransientError(f"{site}: the row is locked", code="locked")
        self._edited_first(site, item)
        try:
            return self._twice(site, item, one)
        except Refusal as refusal:
            return _item_error(refusal)
        except StaleError as stale:
            return stale

    def _twice(self, site: str, item: _Item, one: Callable[[_Item], Written]) -> Written:
        """Once, as a rule. What is refused the second time leaves the first as it was."""
        written = one(item)
        if self._at.faults.strikes(Fault.DOUBLE_EXECUTION, site):
            try:
                return one(item)
            except (Refusal, StaleError):
                pass
        return written

    def _refuse_oversize(self, batch: Sequence[Create | Update | Archive]) -> None:
        for kind in {item.kind if isinstance(item, Create) else item.ref.kind for item in batch}:
            if len(batch) > self._kinds[kind].max_batch:
                message = (
                    f"{self.system} takes {self._kinds[kind].max_batch} items of {kind} in a call, not {len(batch)}"
                )
                raise ValueError(message)

    def _create_one(self, item: Create) -> Written:
        can, spec = self._kinds[item.kind], self._at.kind(item.kind)
        if not (can.keyed and spec.key_field):
            return self._written(item.key, self._at.create(item.kind, item.values, key=item.key), created=True)
        if self._upserts and (rows := self._at.find(item.kind, spec.key_field, item.key)):
            row = self._at.update(item.kind, rows[0].id, item.values, key=item.key)
            return self._written(item.key, row)
        values = {**item.values, spec.key_field: item.key}
        return self._written(item.key, self._at.create(item.kind, values, key=item.key), created=True)

    def _update_one(self, item: Update) -> Written:
        version = self._version(item.ref.kind, item.version)
        if version is None:
            self._compare(item)
        row = self._at.update(item.ref.kind, item.ref.id, item.values, key=item.key, version=version)
        return self._written(item.key, row)

    def _archive_one(self, item: Archive) -> Written:
        version = self._version(item.ref.kind, item.version)
        return self._written(item.key, self._at.archive(item.ref.kind, item.ref.id, key=item.key, version=version))

    def _compare(self, item: Update) -> None:
        row = self._at.read(item.ref.kind, item.ref.id)
        if row is None:
            return
        for name, expected in item.expected.items():
            if row.values.get(name) != expected:
                message = f"{item.ref}: {name} is no longer {expected!r}"
                raise StaleError(message, code="stale", field=name)

    def _version(self, kind: str, version: str) -> int | None:
        return int(version) if version and self._kinds[kind].conditional else None

    # -- rows into records --------------------------------------------------------------------------------------------

    def _now(self, ref: RecordRef) -> Row | None:
        if self._at.faults.strikes(Fault.STALE_READ, f"{self.system}.read:{ref.kind}/{ref.id}"):
            return self._at.previous(ref.kind, ref.id) or self._at.read(ref.kind, ref.id)
        return self._at.read(ref.kind, ref.id)

    def _with_key(self, kind: str, key: str) -> Sequence[Row]:
        name = _asked(lambda: self._at.kind(kind)).key_field
        rows = self._at.find(kind, name, key) if name else ()
        return rows or (self._at.heirs(kind, name, key) if name and self._kinds[kind].states_merges else ())

    def _ref(self, row: Row) -> RecordRef:
        return RecordRef(self.system, row.kind, row.id)

    def _record(self, row: Row) -> Record:
        can = self._kinds[row.kind]
        payload: dict[str, Any] = owned(visible(self._at.kind(row.kind), row.values))
        version = str(row.version) if can.conditional else ""
        name = self._at.kind(row.kind).key_field
        key = str(row.values.get(name) or "") if can.keyed and name else ""
        return Record(self._ref(row), payload, version, row.stamp, row.changed_by if can.tells_editor else "", key)

    def _written(self, key: str, row: Row, *, created: bool = False) -> Written:
        if self._at.faults.strikes(Fault.EDITED_BEHIND, f"{self.system}.read:{row.kind}/{row.id}"):
            self._at.meet("look", row.kind, row.id)
        now = self._at.read(row.kind, row.id) or row
        return Written(key, self._record(now), created, touched=now.changed_by != MIDDLEWARE)


_Answer = TypeVar("_Answer")


def _asked(ask: Callable[[], _Answer]) -> _Answer:
    """The answer of a call as a whole: a refusal of it is nothing a single record could mend."""
    try:
        return ask()
    except Refusal as refusal:
        error = BudgetError if refusal.code == "quota" else MisconfiguredError
        raise error(str(refusal), code=refusal.code, field=refusal.field) from refusal


def _item_error(refusal: Refusal) -> StaleError | RejectedError:
    if refusal.code in {"stale", "missing"}:
        return StaleError(str(refusal), code=refusal.code, field=refusal.field)
    return RejectedError(str(refusal), code=refusal.code, field=refusal.field, candidates=refusal.candidates)


def _transient(site: str, fault: str) -> ConnectorError:
    wait = 30.0 if fault == Fault.THROTTLED else None
    return TransientError(f"{site}: not done ({fault}), try again later", code=fault, retry_after=wait)


def _subject(item: Create | Update | Archive) -> str:
    return f"{item.kind}/{item.key}" if isinstance(item, Create) else f"{item.ref.kind}/{item.ref.id}"


def _lost(site: str, batch: Sequence[Create | Update | Archive]) -> Sequence[ItemResult]:
    return tuple(UncertainError(f"{site}: no answer came back for {item.key}", code="lost") for item in batch)


def _described(spec: FieldSpec) -> FieldDescription:
    return FieldDescription(
        spec.name,
        spec.type,
        spec.length,
        spec.scale,
        spec.required,
        spec.writable,
        spec.unique,
        spec.choices,
        spec.refers_to,
    )


def open_connector(system: str, options: Mapping[str, Any], seams: Seams) -> MemoryConnector:  # noqa: ARG001 - a Factory
    """For books in tests: `options` hold the `system` of a world and the `kinds` with their capabilities."""
    at = options["system"]
    if not isinstance(at, System) or at.name != system:
        raise MisconfiguredError(f"{system}: the memory connector wants the system of a world of that name")
    return MemoryConnector(at, options["kinds"], page_size=options.get("page_size", 200))
