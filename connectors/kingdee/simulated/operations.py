"""Submit, Audit, UnAudit, Forbid, Enable and Delete: what a record goes through besides being saved."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.kingdee.simulated.replies import Done, KingdeeError
from connectors.kingdee.simulated.rows import Rows
from connectors.kingdee.simulated.saving import worded
from connectors.testing.metadata import Refusal
from connectors.testing.system import MIDDLEWARE, System
from connectors.testing.table import Row

# By operation: the states it may start from, where it leads, and what is said where it may not.
_STEPS: Mapping[str, tuple[frozenset[str], str, str]] = {
    "Submit": (frozenset("AD"), "B", "只有创建或重新审核状态的数据才允许提交"),
    "Audit": (frozenset("B"), "C", "只有审核中的数据才允许审核"),
    "UnAudit": (frozenset("C"), "D", "只有已审核状态的数据才允许反审核"),
}


class Operations:
    """State changes of one system. They move no FModifyDate: only a save does [an assumption; see README]."""

    def __init__(self, system: System, rows: Rows) -> None:
        """`rows` tells the local time."""
        self._system = system
        self._rows = rows
        self.without_rights: set[str] = set()  # operations that the user may not do

    def each(self, operation: str, form: str, data: Mapping[str, Any]) -> list[Done]:
        """A result for each record that is named."""
        if operation in self.without_rights:
            raise KingdeeError(2, f"没有{operation}权限")
        return [self._one(operation, form, record_id) for record_id in self.named(form, data)]

    def named(self, form: str, data: Mapping[str, Any]) -> Sequence[str]:
        """Ids as text with commas, or numbers as a list."""
        ids = [one.strip() for one in str(data.get("Ids") or "").split(",") if one.strip()]
        numbers = {str(number) for number in data.get("Numbers") or data.get("numbers") or ()}
        rows = self._system.living(form) if form in self._system.tables else []
        found = ids + [row.id for row in rows if str(row.values.get("FNumber")) in numbers]
        if not found:
            raise KingdeeError(5, "单据内码与单据编码集合不能同时为空")
        return found

    def _one(self, operation: str, form: str, record_id: str) -> Done:
        try:
            row = self._there(form, record_id)
            known: Mapping[str, Callable[[Row], None]] = {"Forbid": self._forbid, "Enable": self._enable}
            if operation == "Delete":
                self._delete(row)
            elif operation in known:
                known[operation](row)
            else:
                self._step(operation, row)
            return Done(row.id, str(row.values.get("FNumber") or row.id))
        except KingdeeError as error:
            return Done(error=error)
        except Refusal as refusal:
            return Done(error=worded(refusal))

    def _there(self, form: str, record_id: str) -> Row:
        row = self._system.read(form, record_id)
        if row is None:
            raise KingdeeError(10, f"内码为{record_id}的数据不存在或已被删除")
        return row

    def _step(self, operation: str, row: Row) -> None:
        if operation not in _STEPS:
            raise KingdeeError(3, f"操作“{operation}”不存在")
        starts, leads, says = _STEPS[operation]
        if row.values["FDocumentStatus"] not in starts:
            raise KingdeeError(12, says)
        audited = {"FApproveDate": self._now()} if operation == "Audit" else {}
        self._set(row, {"FDocumentStatus": leads, **audited}, op="state")

    def _forbid(self, row: Row) -> None:
        if row.values["FForbidStatus"] == "B":
            raise KingdeeError(12, "数据已禁用")
        self._set(row, {"FForbidStatus": "B", "FForbidDate": self._now()}, op="archive")

    def _enable(self, row: Row) -> None:
        if row.values["FForbidStatus"] == "A":
            raise KingdeeError(12, "数据未被禁用")
        self._set(row, {"FForbidStatus": "A", "FForbidDate": self._now()})

    def _delete(self, row: Row) -> None:
        if row.values["FDocumentStatus"] in {"B", "C"}:
            raise KingdeeError(12, "已审核的数据不允许删除")
        self._system.delete(row.kind, row.id, by=MIDDLEWARE, hard=True)

    def _set(self, row: Row, values: Mapping[str, Any], *, op: str = "update") -> None:
        self._system.update(row.kind, row.id, values, silent=True, op=op)

    def _now(self) -> str:
        return self._rows.local(self._system.now()).isoformat(timespec="milliseconds")
