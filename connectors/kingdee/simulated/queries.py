"""ExecuteBillQuery: bare arrays of arrays, as many rows as the server tells at once, and not a word more."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from connectors.kingdee.simulated.conditions import Condition
from connectors.kingdee.simulated.forms import IDS, LOOKUPS
from connectors.kingdee.simulated.replies import KingdeeError
from connectors.kingdee.simulated.rows import Rows, cell
from connectors.testing.system import System
from connectors.testing.table import Row

_Pair: TypeAlias = tuple[Row, Mapping[str, Any]]  # a record, and a row of each of its tables that is asked for


class Queries:
    """Answers queries over one system."""

    def __init__(
        self, system: System, rows: Rows, *, most_rows: int = 2000, hidden: frozenset[str] = frozenset()
    ) -> None:
        """`hidden`: ids that the user's data rights leave out, without a word."""
        self._system = system
        self._rows = rows
        self._most_rows = most_rows
        self._first = system.tenant
        self.hidden = hidden

    def answer(self, asked: Mapping[str, Any]) -> list[list[Any]]:
        """Rows in the order of the keys."""
        form, keys = str(asked.get("FormId", "")), _keys(asked)
        condition = Condition(str(asked.get("FilterString") or ""))
        start, limit = int(asked.get("StartRow") or 0), int(asked.get("Limit") or 0) or self._most_rows
        end = min(start + min(limit, self._most_rows), int(asked.get("TopRowCount") or 0) or sys.maxsize)
        if form in LOOKUPS:
            return self._looked_up(form, keys, condition)[start:end]
        pairs = self._found(form, keys, condition, asked)
        return [[cell(self._rows.value(row, joined, key)) for key in keys] for row, joined in pairs[start:end]]

    def site(self, asked: Mapping[str, Any]) -> str:
        """The call of a connector that a query stands for, so that one schedule of faults drives all systems."""
        form, keys = str(asked.get("FormId", "")), _keys(asked)
        if form in LOOKUPS:
            return "check"
        names = Condition(str(asked.get("FilterString") or "")).names
        spec = self._system.kind(form) if form in self._system.tables else None
        if spec is not None and spec.key_field in names:
            return "find_created"
        if not asked.get("OrderString"):
            return "read"
        return "keys" if keys == [IDS.get(form)] else "changes"

    def _found(self, form: str, keys: list[str], condition: Condition, asked: Mapping[str, Any]) -> list[_Pair]:
        if form not in self._system.tables:
            raise KingdeeError(9, f"业务对象“{form}”不存在")
        tables = self._rows.tables(form, [*keys, *condition.names])
        if "FModifyDate" in keys:  # whoever asks for a whole record
            self._system.looked_at(form, sorted(set(condition.among.get(IDS[form], ()))))
        pairs = [
            (row, joined)
            for row in self._living(form, condition.among)
            for joined in self._rows.joined(row, tables)
            if condition.holds(partial(self._rows.value, row, joined))
        ]
        for key, descending in reversed(_order(asked)):
            pairs.sort(key=partial(self._place, key), reverse=descending)
        return pairs

    def _place(self, key: str, pair: _Pair) -> tuple[bool, Any]:
        row, joined = pair
        return _sortable(self._rows.value(row, joined, key))

    def _living(self, form: str, among: Mapping[str, Sequence[str]]) -> Sequence[Row]:
        """In the order in which they were made."""
        if form in self._system.blind:
            return ()
        sought = self._sought(form, among)
        told = self._system.living(form) if sought is None else sought
        return [row for row in told if row.id not in self.hidden]

    def _sought(self, form: str, among: Mapping[str, Sequence[str]]) -> Sequence[Row] | None:
        """By an index, where an id is asked for or what has one; None where all have to be looked at."""
        by_field = [name for name in among if name in self._system.kind(form).sought]
        if IDS[form] in among:
            found = [row for one in set(among[IDS[form]]) if (row := self._system.read(form, one))]
        elif by_field:
            found = [row for one in set(among[by_field[0]]) for row in self._system.find(form, by_field[0], one)]
        else:
            return None
        return sorted(found, key=lambda row: int(row.id))

    def _looked_up(self, form: str, keys: list[str], condition: Condition) -> list[list[Any]]:
        told = []
        first = 1 if self._system.tenant == self._first else 1001  # another data centre has ids of its own
        for place, (number, name) in enumerate(LOOKUPS[form].items(), first):
            known = {"FNumber": number, "FName": name}
            if condition.holds(partial(_of_lookup, known, place)):
                told.append([_of_lookup(known, place, key) for key in keys])
        return told


def _of_lookup(known: Mapping[str, str], place: int, key: str) -> Any:
    return known.get(key, place)


def _keys(asked: Mapping[str, Any]) -> list[str]:
    keys = [key.strip() for key in str(asked.get("FieldKeys", "")).split(",") if key.strip()]
    if not keys:
        raise KingdeeError(8, "FieldKeys 不能为空")
    return keys


def _order(asked: Mapping[str, Any]) -> list[tuple[str, bool]]:
    parts = [part.split() for part in str(asked.get("OrderString") or "").split(",") if part.strip()]
    return [(part[0], len(part) > 1 and part[1].lower() == "desc") for part in parts]


def _sortable(value: Any) -> tuple[bool, Any]:
    return value is not None, value if value is not None else 0
