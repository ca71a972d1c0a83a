"""Which fields of which forms make up a payload, and how a row of a query becomes one. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import MisconfiguredError

CUSTOMER, CONTACT, EMPLOYEE = "BD_Customer", "BD_CommonContact", "BD_Empinfo"
CREDITS = "credit_limits"
STATUS, FORBIDDEN, EDITOR = "FDocumentStatus", "FForbidStatus", "FModifierId.FName"
AUDITED, IN_APPROVAL = "C", "B"
IN_USE, OUT_OF_USE = "A", "B"
ROW_ID = "FEntryID"  # of a row of a table, on saving


@dataclass(frozen=True, slots=True)
class Table:
    """A table of rows inside a form (an "entry"). A payload tells the rows that are in use."""

    name: str
    key: str  # the field by which people tell the rows apart
    in_use: str = ""  # a flag; taking a row away means to take it out of use. Without it, no row is ever taken away
    flags: frozenset[str] = frozenset()

    @property
    def always(self) -> tuple[str, ...]:
        """Without these a row cannot be told from another one, nor whether it is in use."""
        return (self.key, self.in_use) if self.in_use else (self.key,)

    @property
    def id_key(self) -> str:
        """What a query calls a row's id."""
        return f"{self.name}_FEntryID"


@dataclass(frozen=True, slots=True)
class Form:
    """One sort of record as the vendor has it."""

    name: str
    id: str
    tables: tuple[Table, ...] = ()
    # References whose internal id is asked for by `.id`: which form they lead to, and what must be said beside.
    references: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    of_organisation: bool = False
    read_only: bool = False
    usual: tuple[str, ...] = ("FNumber", "FName")


_ADDRESSES = Table(
    "FT_BD_CUSTCONTACT",  # delivery addresses, whatever its name says
    key="FNUMBER1",
    in_use="FIsUsed",
    flags=frozenset({"FIsDefaultConsignee", "FIsUsed"}),
)
_CONTACTS = Table("FT_BD_CUSTLOCATION", key="FContactId.FNumber")

FORMS: Mapping[str, Form] = {
    CUSTOMER: Form(CUSTOMER, "FCUSTID", (_ADDRESSES, _CONTACTS), of_organisation=True),
    CONTACT: Form(
        CONTACT,
        "FCONTACTID",
        references={"FCompany": CUSTOMER},
        beside={"FCompany": {"FCompanyType": CUSTOMER}},
        usual=("FNumber", "FName", "FMobile", "FEmail", "FCompany.id"),
    ),
    EMPLOYEE: Form(EMPLOYEE, "FID", read_only=True, usual=("FNumber", "FName", "FEmail")),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What is fetched of one form: no more than the maps want."""

    form: Form
    fields: tuple[str, ...]  # paths of the payload, outside tables
    tables: Mapping[str, tuple[str, ...]]  # by table, its fields
    credits: tuple[str, ...] = ()  # organisations whose credit limit is told

    @classmethod
    def of(cls, form: Form, paths: Iterable[str] | None) -> "Shape":
        """From the paths that the maps read."""
        wanted = [path.partition(".") for path in (form.usual if paths is None else paths)]
        known = {table.name: table for table in form.tables}
        inner = {name: [rest for head, _, rest in wanted if head == name and rest] for name in known}
        tables = {name: _once(*known[name].always, *more) for name, more in inner.items() if more}
        heads = [head + dot + rest for head, dot, rest in wanted if head not in known and head != CREDITS]
        credits_ = tuple(sorted({rest for head, _, rest in wanted if head == CREDITS and rest}))
        return cls(form, _once(STATUS, FORBIDDEN, *heads), tables, credits_)

    def table(self, name: str) -> Table:
        """A table of the form by its name."""
        return next(table for table in self.form.tables if table.name == name)


def asked(path: str) -> str:
    """What a query calls a path of a payload: a reference alone is its internal id."""
    return path.removesuffix(".id")


def put(payload: dict[str, Any], path: str, cell: Any) -> None:
    """Store a cell of a row under its path."""
    head, _, rest = path.partition(".")
    if not rest:
        payload[head] = plain(cell)
        return
    inner = payload.setdefault(head, {})
    if not isinstance(inner, dict):
        message = f"{head} is asked for both as a whole and by its parts; correct the map"
        raise MisconfiguredError(message, field=path)
    inner[rest] = _id(cell) if rest == "id" else plain(cell)


def plain(cell: Any) -> Any:
    """Kingdee knows no null for texts: it keeps nothing, or a blank, for none. Both are told as null."""
    return None if isinstance(cell, str) and not cell.strip() else cell


def flag(cell: Any) -> bool:
    """A yes or no, which queries tell in several spellings."""
    return cell is True or str(cell).strip().lower() in {"true", "1"}


def row_of(table: Table, fields: Sequence[str], row_id: Any, cells: Sequence[Any]) -> dict[str, Any]:
    """A row of a table as a payload tells it."""
    told: dict[str, Any] = {"id": str(row_id)}
    for path, cell in zip(fields, cells, strict=True):
        put(told, path, flag(cell) if path in table.flags else cell)
    return told


def _id(cell: Any) -> str | None:
    return None if cell in (None, "", 0, "0") else str(cell)


def _once(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
