"""Save, BatchSave and Draft: models into records, by the rules of the forms."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.kingdee.shape import CUSTOMER
from connectors.kingdee.simulated.forms import IDS, LOOKUPS, TITLES, TableSpec, leads_to, table_of
from connectors.kingdee.simulated.replies import LOCKED, Done, KingdeeError
from connectors.testing.faults import Fault
from connectors.testing.metadata import Refusal, owned
from connectors.testing.system import System

_FLAGS: Mapping[str, bool] = {"true": True, "false": False, "1": True, "0": False}
_CODES: Mapping[str, int] = {"missing": 10, "unknown_kind": 9}


class Saving:
    """Writes models to one system."""

    def __init__(self, system: System) -> None:
        """All writing is done by the middleware's user."""
        self._system = system

    def creates(self, form: str, data: Mapping[str, Any]) -> bool:
        """Whether every model of a call is a new record."""
        return all(not _id(form, model) for model in models(data))

    def save(self, form: str, model: Mapping[str, Any], data: Mapping[str, Any], *, draft: bool = False) -> Done:
        """One model. A refusal is an answer, too."""
        try:
            return self._saved(form, model, data, draft=draft)
        except KingdeeError as error:
            return Done(error=error)
        except Refusal as refusal:
            return Done(error=worded(refusal))

    def _saved(self, form: str, model: Mapping[str, Any], data: Mapping[str, Any], *, draft: bool) -> Done:
        if form not in self._system.tables:
            raise KingdeeError(9, f"业务对象“{form}”不存在")
        record_id = _id(form, model)
        self._befalls("update" if record_id else "create", form, record_id or str(model.get(self._key(form), "")))
        wanted = self._wanted(form, model, data)
        state = {"FDocumentStatus": "Z"} if draft else {}
        if record_id:
            values = {**wanted, **self._editable(form, record_id, draft=draft)}
            row = self._system.update(form, record_id, values)
        else:
            self._refuse_taken(form, wanted)
            key = str(wanted.get(self._key(form), "")) if self._key(form) else ""
            row = self._system.create(form, {**wanted, "FDocumentStatus": "A", **state}, key=key)
        return Done(row.id, str(row.values.get("FNumber") or row.id))

    def _editable(self, form: str, record_id: str, *, draft: bool) -> dict[str, Any]:
        row = self._system.read(form, record_id)
        if row is None:
            raise KingdeeError(10, f"内码为{record_id}的数据不存在或已被删除")
        state = row.values["FDocumentStatus"]
        if row.values["FForbidStatus"] == "B":
            raise KingdeeError(11, "数据已被禁用，不允许修改")
        if state == "C":
            raise KingdeeError(11, "数据已审核，不允许修改")
        if state == "B":
            raise KingdeeError(11, "数据正在审批流程中，不允许修改")
        return {"FDocumentStatus": "A"} if state == "Z" and not draft else {}

    def _wanted(self, form: str, model: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
        """What a model gives, as it is stored. Keys that the form does not know are passed over without a word."""
        named = set(data.get("NeedUpDateFields") or ())
        known = self._system.kind(form).fields
        record_id, values = _id(form, model), dict[str, Any]()
        for name, value in model.items():
            if name not in known or (named and record_id and name not in named):
                continue
            table = table_of(form, name)
            values[name] = (
                self._table(form, record_id, table, value, data)
                if table
                else self._stored(name, value, known[name].type)
            )
        return values

    def _stored(self, name: str, value: Any, type_: str) -> Any:
        if leads_to(name):
            return self._referred(name, value)
        if type_ == "decimal" and value not in {None, ""}:
            return self._number(name, value)
        return value

    def _number(self, name: str, value: Any) -> float:
        """Plain data: a demo keeps it as JSON."""
        try:
            return float(value)
        except (TypeError, ValueError):
            raise KingdeeError(11, f"字段“{TITLES.get(name, name)}”的值类型不正确", field=name) from None

    def _referred(self, name: str, value: Any) -> str:
        """References come as objects; a bare number would be taken for nothing."""
        number = str(next(iter(value.values()), "") or "") if isinstance(value, Mapping) else ""
        form = leads_to(name)
        if not number:
            return ""
        if form in LOOKUPS:
            if number not in LOOKUPS[form]:
                raise KingdeeError(11, f"字段“{TITLES.get(name, name)}”的值“{number}”不存在", field=name)
            return number
        found = [row for row in self._system.living(form) if row.values.get("FNumber") == number]
        if not found:
            raise KingdeeError(11, f"字段“{TITLES.get(name, name)}”的值“{number}”不存在", field=name)
        if found[0].values["FDocumentStatus"] != "C":
            raise KingdeeError(11, f"字段“{TITLES.get(name, name)}”引用的数据未审核", field=name)
        return found[0].id

    def _table(
        self, form: str, record_id: str, table: TableSpec, sent: Any, data: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """The rows after a save. Unless it is told otherwise, it deletes the rows that were left out."""
        row = self._system.read(form, record_id) if record_id else None
        held = {part["FEntryID"]: part for part in owned(row.values.get(table.name) or [])} if row else {}
        rows, kept = dict(held), set[int]()
        for part in sent:
            number = int(part.get("FEntryID") or 0)
            if number and number not in held:
                raise KingdeeError(11, f"分录内码{number}不存在", field=table.name)
            number = number or self._entry_id()
            kept.add(number)
            given = {name: self._cell(table, name, value) for name, value in part.items() if name in table.fields}
            fresh = dict.fromkeys(table.flags, False) | ({"FIsUsed": True} if "FIsUsed" in table.flags else {})
            rows[number] = {**fresh, **rows.get(number, {}), **given, "FEntryID": number}
        if data.get("IsDeleteEntry", True) not in {False, "false"}:
            rows = {number: part for number, part in rows.items() if number in kept}
        return list(rows.values())

    def _cell(self, table: TableSpec, name: str, value: Any) -> Any:
        if name in table.flags:
            return _FLAGS.get(str(value).lower(), False)
        return self._referred(name, value) if leads_to(name) else value

    def _entry_id(self) -> int:
        self._system._issued["entry"] += 1  # noqa: SLF001 - one counter for all numbers that a world gives out
        return 500_000 + self._system._issued["entry"]  # noqa: SLF001 - as above

    def _refuse_taken(self, form: str, wanted: Mapping[str, Any]) -> None:
        number = wanted.get("FNumber")
        if not number:
            return
        where = wanted.get("FUseOrgId")
        twins = [row for row in self._system.living(form) if row.values.get("FNumber") == number]
        if any(form != CUSTOMER or row.values.get("FUseOrgId") == where for row in twins):
            raise KingdeeError(11, f"编码“{number}”重复，违反唯一性校验", field="FNumber")

    def _befalls(self, call: str, form: str, subject: str) -> None:
        faults, name = self._system.faults, self._system.name
        if faults.curses(Fault.POISON, f"{name}/{form}/{subject}"):
            raise KingdeeError(11, "校验不通过")
        if faults.strikes(Fault.PARTIAL_BATCH, f"{name}.{call}:{form}/{subject}"):
            raise KingdeeError(13, LOCKED)

    def _key(self, form: str) -> str:
        return self._system.kind(form).key_field


def models(data: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The models of a call: a list for BatchSave, one object for Save."""
    model = data.get("Model")
    found = [one for one in (model if isinstance(model, list) else [model]) if isinstance(one, Mapping)]
    if not found:
        raise KingdeeError(8, "Model 不能为空")
    return found


def _id(form: str, model: Mapping[str, Any]) -> str:
    number = str(next((value for name, value in model.items() if name.lower() == IDS.get(form, "").lower()), "") or "")
    return "" if number in {"", "0"} else number


def worded(refusal: Refusal) -> KingdeeError:
    """A refusal of the world in the vendor's words."""
    title = TITLES.get(refusal.field, refusal.field)
    words = {
        "required": f"字段“{title}”是必填项",
        "too_long": f"字段“{title}”超过最大长度",
        "missing": "数据不存在或已被删除",
        "duplicate": f"字段“{title}”的值重复",
        "type": f"字段“{title}”的值类型不正确",
        "choice": f"字段“{title}”的值不在可选范围内",
    }
    return KingdeeError(_CODES.get(refusal.code, 11), words.get(refusal.code, "校验不通过"), field=refusal.field)
