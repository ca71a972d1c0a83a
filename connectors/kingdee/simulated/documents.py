"""View and QueryBusinessInfo: a record with all that belongs to it, and what a form consists of."""

from collections.abc import Mapping
from typing import Any

from connectors.kingdee.simulated.forms import IDS, LOOKUPS, TABLES, TITLES, leads_to
from connectors.kingdee.simulated.replies import KingdeeError
from connectors.kingdee.simulated.rows import cell
from connectors.testing.metadata import FieldSpec
from connectors.testing.system import System
from connectors.testing.table import Row

_ELEMENTS: Mapping[str, int] = {"text": 1, "decimal": 2, "choice": 9, "reference": 13, "datetime": 5}
_ALWAYS = ("FCreateDate", "FModifyDate", "FModifierId")


class Documents:
    """Tells whole records and forms."""

    def __init__(self, system: System) -> None:
        """Nothing is asked yet."""
        self._system = system

    def view(self, form: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """A record by its id or number; names lose their F here."""
        row = self._one(form, data)
        tables = {table.name for table in TABLES.get(form, ())}
        told: dict[str, Any] = {"Id": int(row.id), f"{IDS[form][1:]}": int(row.id)}
        for name, value in row.values.items():
            short = name.removeprefix("FT_").removeprefix("F")
            told[short] = [_part(part) for part in value] if name in tables else self._told(name, value)
        told["Name"] = [{"Key": 2052, "Value": row.values.get("FName", "")}]
        return {"Result": {"ResponseStatus": None, "Result": told}}

    def business_info(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The head of a form and its tables, with their fields."""
        form = str(data.get("FormId", ""))
        if form not in self._system.tables:
            raise KingdeeError(9, f"业务对象“{form}”不存在")
        names = {table.name for table in TABLES.get(form, ())}
        spec = self._system.kind(form)
        heads = [_field(field) for field in spec.fields.values() if field.name not in names and field.visible]
        heads += [_field(FieldSpec(name)) for name in (IDS[form], *_ALWAYS)]
        entries = [{"Key": "FBillHead", "Name": _name("基本信息"), "ParentKey": None, "Fields": heads}]
        for table in TABLES.get(form, ()):
            fields = [_field(FieldSpec(name)) for name in table.fields]
            entries.append({"Key": table.name, "Name": _name(table.name), "ParentKey": None, "Fields": fields})
        status = {"IsSuccess": True, "Errors": [], "SuccessEntitys": [], "SuccessMessages": [], "MsgCode": 0}
        told = {"Id": form, "Name": _name(form), "PkFieldName": IDS[form], "Entrys": entries}
        return {"Result": {"ResponseStatus": status, "NeedReturnData": told}}

    def _one(self, form: str, data: Mapping[str, Any]) -> Row:
        if form not in self._system.tables:
            raise KingdeeError(9, f"业务对象“{form}”不存在")
        if form in self._system.blind:
            raise KingdeeError(10, "传递的编码值不存在")
        number, record_id = str(data.get("Number") or ""), str(data.get("Id") or "")
        found = [
            row
            for row in self._system.living(form)
            if row.id == record_id or (number and row.values.get("FNumber") == number)
        ]
        if not found:
            raise KingdeeError(10, "传递的编码值不存在")
        return found[0]

    def _told(self, name: str, value: Any) -> Any:
        form = leads_to(name)
        if not form:
            return cell(value)
        if not value:
            return None
        if form in LOOKUPS:
            return {"Number": value, "Name": _name(LOOKUPS[form].get(str(value), ""))}
        target = self._system.read(form, str(value))
        return None if target is None else {"Id": int(target.id), "Number": target.values.get("FNumber")}


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    inner = {name.removeprefix("F"): value for name, value in part.items() if name != "FEntryID"}
    return {"Id": part.get("FEntryID"), **inner}


def _field(field: FieldSpec) -> dict[str, Any]:
    return {
        "Key": field.name,
        "Name": _name(TITLES.get(field.name, field.name)),
        "FieldType": _ELEMENTS.get(field.type, 1),
        "ElementType": _ELEMENTS.get("reference" if leads_to(field.name) else field.type, 1),
        "MustInput": "1" if field.required else "0",
        "LookUpObjectFormId": leads_to(field.name),
        "Length": field.length or 0,
        "Extends": [{"Value": one, "Caption": _name(one)} for one in field.choices or ()],
    }


def _name(text: str) -> list[dict[str, Any]]:
    return [{"Key": 2052, "Value": text}]
