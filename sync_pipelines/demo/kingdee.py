"""Accounting with Kingdee: the simulator's state before we came, and the hands of those who work with it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.kingdee.shape import CONTACT, CREDITS, CUSTOMER, EMPLOYEE
from connectors.kingdee.simulated.forms import CREDIT
from connectors.testing.system import System
from mappings.book import Book
from mappings.values import Values
from mappings.writing import Writer, writer_of
from sync_pipelines.demo.cast import ERP, Firm
from sync_pipelines.demo.finance import COMPANIES, Known

_INVENTED = "SKTJ45"
_BY = "user:Frieda Sommer"
_STAFF = (
    ("Ines Bergmann", "ines.bergmann"), ("Tom Okafor", "tom.okafor"), ("王丽", "li.wang"),
    ("Marta Kowalska", "marta.kowalska"), ("陈伟", "wei.chen"), ("Paul Verbeek", "paul.verbeek"),
)  # fmt: skip


class KingdeeFinance:
    """Accounting."""

    name = "Kingdee 云星空"
    kind = CUSTOMER

    def __init__(self, system: System, book: Book) -> None:
        """`system` is the simulator's state; the book's own maps say where Kingdee keeps what."""
        self.system = system
        self._accounts, self._contacts = (writer_of(book, entity, ERP) for entity in ("account", "contact"))

    def enter(self, firms: Sequence[Firm]) -> Mapping[str, str]:
        for name, mail in _STAFF:
            told = {"FName": name, "FEmail": f"{mail}@concordat-trading.example"}
            self.system.create(EMPLOYEE, told, by="user:admin")
        return {firm.id: self._enter(firm) for firm in firms if ERP in firm.appearances}

    def _enter(self, firm: Firm) -> str:
        said = {key: value for key, value in firm.says(ERP).items() if key != "credit_limit"}
        record = self._made(self._accounts, said, CUSTOMER)
        amount: Any = firm.truth["credit_limit"]
        for company in list(COMPANIES)[: 1 + (firm.country == "CN")]:
            self._give_limit(record, company, int(amount["amount"]))  # whoever is new has none yet
        for person in firm.people:
            if ERP in person.appearances:
                self._made(self._contacts, person.appearances[ERP].values | {"account": record}, CONTACT)
        return record

    def _made(self, writer: Writer, said: Values, form: str) -> str:
        told = {key: value for key, value in said.items() if value is not None}
        payload = writer(told, told, creating=True).payload
        return self.system.create(form, _stored(payload), by=_BY).id

    def make(self, name: str, tax_id: str = "", country: str = "") -> str:
        del country  # a number is all that is asked for here
        return self._made(self._accounts, {"name": name, "tax_id": tax_id or None}, CUSTOMER)

    def set_limit(self, record: str, company: str, amount: int) -> None:
        held = [row for row in self.system.find(CREDIT, "FObjectId", record) if row.values["FCreditOrgId"] == company]
        if held:
            self.system.update(CREDIT, held[0].id, {"FCreditAmount": amount}, by=_BY)
        else:
            self._give_limit(record, company, amount)

    def _give_limit(self, record: str, company: str, amount: int) -> None:
        told = {"FObjectId": record, "FCreditOrgId": company, "FCreditAmount": amount}
        self.system.create(CREDIT, told, by=_BY)

    def set_phone(self, record: str, number: str) -> None:
        self.system.update(CUSTOMER, record, {"FTEL": number}, by=_BY)

    def invent_term(self) -> Mapping[str, str]:
        return {"says": "45天", "code": _INVENTED}

    def give_invented_term(self, record: str) -> None:
        self.system.update(CUSTOMER, record, {"FRECCONDITIONID": _INVENTED}, by=_BY)

    def all(self) -> Sequence[Known]:
        limits: dict[str, dict[str, Decimal]] = {}
        for row in self.system.living(CREDIT):
            amount = Decimal(str(row.values["FCreditAmount"]))
            limits.setdefault(row.values["FObjectId"], {})[row.values["FCreditOrgId"]] = amount
        return [
            Known(
                row.id,
                row.values["FNumber"],
                row.values["FName"],
                row.values["FTAXREGISTERCODE"] or "",
                row.values["FADDRESS"] or "",
                row.values["FTEL"] or "",
                limits.get(row.id, {}),
            )
            for row in self.system.living(CUSTOMER)
            if row.values["FForbidStatus"] == "A"
        ]


def _stored(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A payload as the simulator keeps it: references by their number or id alone."""
    return {name: _plain(value) for name, value in payload.items() if name != CREDITS}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping) and len(value) == 1:
        return next(iter(value.values()))
    return value
