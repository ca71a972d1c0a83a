"""One simulated system: it keeps records by its own rules, on its own clock, and writes down what it did."""

from collections.abc import Mapping
from typing import Any

from connectors.testing.faults import Fault
from connectors.testing.metadata import KindSpec, Refusal, owned
from connectors.testing.records import Records
from connectors.testing.table import LogEntry, Row, Table

MIDDLEWARE = "middleware"


class System(Records):
    """Records of several kinds with versions, stamps, tombstones and merges; see `world.py` for how to use it.

    Every writing call raises `Refusal` and then has done nothing.
    """

    def create(
        self, kind: str, values: Mapping[str, Any], *, by: str = MIDDLEWARE, key: str = "", record_id: str = ""
    ) -> Row:
        """Make a record; missing fields take their default. `key` only marks the log, the values store it."""
        self.settle()
        table = self._table(kind)
        spec = table.spec
        stored = spec.saved(values)
        full = {name: stored[name] if name in stored else owned(field.default) for name, field in spec.fields.items()}
        spec.refuse_blanks(full)
        self._refuse(table, "create", record_id, full, set(full))
        self._refuse_twins(table, full)
        self._issue(spec, full)
        stamp = self.stamp()
        row = Row(kind, record_id or self._next_id(spec), full, 1, stamp, stamp, by, by)
        return self._commit(table, row, "create", by, None, key)

    def update(  # noqa: PLR0913 - all by name
        self,
        kind: str,
        record_id: str,
        values: Mapping[str, Any],
        *,
        by: str = MIDDLEWARE,
        key: str = "",
        version: int | None = None,
        silent: bool = False,
        op: str = "update",
    ) -> Row:
        """Change these fields. `version`: refuse any but the present. `silent`: moves neither stamp nor version."""
        self.settle()
        table = self._table(kind)
        old = self._present(table, record_id, version)
        stored = table.spec.saved(values)
        full = {**old.values, **stored}
        table.spec.refuse_blanks(full)
        self._refuse(table, op, record_id, full, {name for name in stored if stored[name] != old.values.get(name)})
        row = old._replace(values=full)
        if not silent:
            row = row._replace(version=old.version + 1, stamp=self.stamp(), changed_by=by)
        return self._commit(table, row, op, by, old.values, key)

    def archive(
        self, kind: str, record_id: str, *, by: str = MIDDLEWARE, key: str = "", version: int | None = None
    ) -> Row:
        """Take out of use by the kind's own flag."""
        flag = self.kind(kind).active_field
        if not flag:
            raise Refusal("rule", f"{kind} has no flag for records out of use")
        return self.update(kind, record_id, {flag: False}, by=by, key=key, version=version, op="archive")

    def delete(self, kind: str, record_id: str, *, by: str, hard: bool = False) -> Row:
        """Into the bin, or (`hard`) past it: a purged record cannot come back."""
        self.settle()
        table = self._table(kind)
        old = self._present(table, record_id, None)
        gone = "purged" if hard else "deleted"
        row = old._replace(gone=gone, version=old.version + 1, stamp=self.stamp(), changed_by=by)
        return self._commit(table, row, "delete", by, old.values, "")

    def undelete(self, kind: str, record_id: str, *, by: str) -> Row:
        """Take a record out of the bin."""
        self.settle()
        table = self._table(kind)
        old = table.rows.get(record_id)
        if old is None or old.gone != "deleted":
            raise Refusal("missing", f"{kind} {record_id} is not in the bin")
        self._refuse(table, "undelete", record_id, old.values, set(old.values))
        row = old._replace(gone="", version=old.version + 1, stamp=self.stamp(), changed_by=by)
        return self._commit(table, row, "undelete", by, None, "")

    def merge(self, kind: str, loser: str, winner: str, *, by: str, values: Mapping[str, Any] | None = None) -> Row:
        """`loser` goes into `winner`, which takes `values`; what referred to the one refers to the other after it."""
        self.settle()
        table = self._table(kind)
        old = self._present(table, loser, None)
        if loser == winner:
            raise Refusal("rule", "a record cannot be merged into itself")
        self._present(table, winner, None)
        row = old._replace(
            gone="merged", merged_into=winner, version=old.version + 1, stamp=self.stamp(), changed_by=by
        )
        self._commit(table, row, "merge", by, old.values, "", other=winner)
        try:
            survivor = self.update(kind, winner, values or {}, by=by)
        except Refusal:
            table.put(old, self.clock.now(), self.clock.now())
            self.log.pop()
            raise
        self._reparent(kind, loser, winner, by)
        return survivor

    def note(self, kind: str, record_id: str, text: str, *, by: str = MIDDLEWARE) -> None:
        """Write something beside a record for the people who look at it; moves no stamp."""
        self.settle()
        row = self._present(self._table(kind), record_id, None)
        self._write_down(row, "note", by, None, {"text": text}, "")

    def notes(self, kind: str, record_id: str) -> list[str]:
        """What was noted on a record."""
        return [
            one.after["text"]
            for one in self.log
            if one.op == "note" and (one.kind, one.id) == (kind, record_id) and one.after
        ]

    def written(self, by: str = MIDDLEWARE, *, op: str = "", kind: str = "") -> list[LogEntry]:
        """The log of one actor, narrowed by operation and kind."""
        return [one for one in self.log if one.actor == by and op in ("", one.op) and kind in ("", one.kind)]

    # -- within --------------------------------------------------------------------------------------------------------

    def _present(self, table: Table, record_id: str, version: int | None) -> Row:
        row = table.rows.get(record_id)
        if row is None or row.gone:
            raise Refusal("missing", f"{table.spec.name} {record_id} is not there")
        if version is not None and version != row.version:
            raise Refusal("stale", f"{table.spec.name} {record_id} has changed since version {version}")
        return row

    def _refuse(self, table: Table, op: str, record_id: str, values: Mapping[str, Any], moved: set[str]) -> None:
        kind = table.spec.name
        if (kind, record_id) in self.poisoned:
            raise Refusal("poisoned", f"{kind} {record_id} cannot be saved")
        for rule in self.rules:
            refusal = rule(op, kind, record_id, values)
            if refusal is not None:
                raise refusal
        for name in [name for name in table.spec.fields if name in moved]:
            self._refuse_field(table, name, record_id, values[name])

    def _refuse_field(self, table: Table, name: str, record_id: str, value: Any) -> None:
        spec = table.spec.fields[name]
        if value is None or not (spec.unique or spec.refers_to):
            return
        if spec.unique and (twins := [one for one in table.ids_where(name, value) if one != record_id]):
            raise Refusal("duplicate", f"{name} {value!r} is taken", field=name, candidates=tuple(twins))
        if spec.refers_to and self.read(spec.refers_to, str(value)) is None:
            raise Refusal("missing_reference", f"{name}: no {spec.refers_to} {value!r}", field=name)

    def _refuse_twins(self, table: Table, values: Mapping[str, Any]) -> None:
        rule = table.spec.duplicate_rule
        if not rule or any(not values.get(name) for name in rule):
            return
        wanted = [str(values[name]).casefold() for name in rule]
        twins = [one.id for one in table.living() if [str(one.values.get(name)).casefold() for name in rule] == wanted]
        if twins:
            raise Refusal("duplicate_rule", f"{table.spec.name} looks like {', '.join(twins)}", candidates=tuple(twins))

    def _issue(self, spec: KindSpec, values: dict[str, Any]) -> None:
        for name, field in spec.fields.items():
            if field.issues and values.get(name) is None:
                self._issued[f"{spec.name}.{name}"] += 1
                values[name] = field.issues.format(n=self._issued[f"{spec.name}.{name}"])

    def _next_id(self, spec: KindSpec) -> str:
        self._issued[spec.name] += 1
        return spec.id_pattern.format(kind=spec.name, n=self._issued[spec.name])

    def _reparent(self, kind: str, loser: str, winner: str, by: str) -> None:
        for table in self.tables.values():
            for name in [field.name for field in table.spec.fields.values() if field.refers_to == kind]:
                for record_id in table.ids_where(name, loser):
                    self._point(table, table.rows[record_id], name, winner, by)

    def _point(self, table: Table, old: Row, name: str, winner: str, by: str) -> None:
        row = old._replace(values={**old.values, name: winner})
        if self.merge_moves_children:
            row = row._replace(version=old.version + 1, stamp=self.stamp(), changed_by=by)
        self._commit(table, row, "reparent", by, old.values, "", other=name)

    def _commit(
        self, table: Table, row: Row, op: str, by: str, before: dict[str, Any] | None, key: str, other: str = ""
    ) -> Row:
        now = self.clock.now()
        lag = self.search_lag
        if self.faults.strikes(Fault.SEARCH_LAG, f"{self.name}.index"):
            lag = max(lag, self.struck_lag)
        table.put(row, now, now + lag)
        self._write_down(row, op, by, before, None if row.gone else row.values, key, other)
        return row

    def _write_down(
        self,
        row: Row,
        op: str,
        by: str,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
        key: str,
        other: str = "",
    ) -> None:
        entry = LogEntry(
            len(self.log), self.clock.now(), self.name, by, op, row.kind, row.id, before, after, key, row.version, other
        )
        self.log.append(entry)
