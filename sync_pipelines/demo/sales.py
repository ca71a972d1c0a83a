"""Sales: the CRM's state before we came, and the hands of those who work with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.testing.system import System
from connectors.testing.table import Row
from sync_pipelines.demo.cast import CRM, Firm, Person

COUNTRY_NAMES = {
    "DE": "Germany", "CN": "China", "US": "United States", "GB": "United Kingdom", "FR": "France", "NL": "Netherlands",
}  # fmt: skip
_TERMS = {"net10": "NET10", "net30": "NET30", "net60": "Net 60", "eom": "EOM"}
_REPS = (
    ("Ines", "Bergmann", "ines.bergmann"),
    ("Tom", "Okafor", "tom.okafor"),
    ("丽", "王", "li.wang"),
    ("Marta", "Kowalska", "marta.kowalska"),
    ("伟", "陈", "wei.chen"),
    ("Lena", "Vogt", "lena.vogt"),  # has left: inactive here, and unknown to the ERP
)
_LEFT = "lena.vogt"
_BY, _EDITOR = "user:sales", "user:ines.bergmann"


class Sales:
    """The CRM."""

    def __init__(self, system: System) -> None:
        """`system` is the simulator's state."""
        self.system = system

    def enter(self, firms: Sequence[Firm]) -> Mapping[str, str]:
        """Years of work; answers the account of each firm by the firm's id."""
        reps = [self._rep(*rep) for rep in _REPS]
        return {firm.id: self._enter(firm, reps[firm.number % len(reps)]) for firm in firms if CRM in firm.appearances}

    def _rep(self, first: str, last: str, mail: str) -> str:
        address = f"{mail}@concordat-trading.example"
        named = {"FirstName": first, "LastName": last, "Username": address, "Email": address}
        return self.system.create("User", named | {"IsActive": mail != _LEFT}, by="user:admin").id

    def _enter(self, firm: Firm, rep: str) -> str:
        account = self.system.create("Account", _account(firm) | {"OwnerId": rep}, by=_BY).id
        for person in firm.people:
            if CRM in person.appearances:
                self.system.create("Contact", _contact(person) | {"AccountId": account}, by=_BY)
        return account

    def make(self, **values: Any) -> str:
        """A new account."""
        return self.system.create("Account", values, by=_EDITOR).id

    def edit(self, account: str, **values: Any) -> None:
        """A salesperson edits."""
        self.system.update("Account", account, values, by=_EDITOR)

    def account(self, record: str) -> Mapping[str, Any]:
        """As it is in truth; empty where there is none."""
        row = self.system.read("Account", record)
        return row.values if row else {}

    def accounts(self) -> Sequence[Row]:
        """All that are in use."""
        return self.system.living("Account")

    def named(self, name: str) -> Sequence[Row]:
        """Those of a name."""
        return [row for row in self.accounts() if row.values["Name"] == name]

    def contacts(self, account: str) -> Sequence[Row]:
        """The people at an account."""
        return self.system.find("Contact", "AccountId", account)

    def told(self, account: str) -> Sequence[str]:
        """What a salesperson finds written down beside the account."""
        return self.system.notes("Account", account)

    def writes(self) -> int:
        """How often we have written here."""
        return len(self.system.written())


def _account(firm: Firm) -> dict[str, Any]:
    said = firm.says(CRM)
    where: Any = said.get("billing_address") or {}
    terms = _TERMS[str(firm.truth["payment_terms"])] if firm.number % 4 and len(firm.where) > 1 else None
    return {
        "Name": said["name"],
        "Type": firm.account_type.capitalize(),
        "Customer_Status__c": firm.customer_status.capitalize(),
        "Tax_Number__c": said.get("tax_id"),
        "Website": f"www.{said['website']}" if said.get("website") else None,
        "Phone": written_down(said.get("phone"), firm.number),
        **_address("Billing", where),
        "Terms__c": terms,
        "Segment__c": said["segment"],
    }


def _contact(person: Person) -> dict[str, Any]:
    said = person.appearances[CRM].values
    name = str(said["name"])
    first, _, last = name.rpartition(" ") if " " in name else (name[1:], "", name[0])
    return {
        "FirstName": first,
        "LastName": last,
        "Email": said["email"],
        "Title": said["title"],
        "MobilePhone": said["mobile"],
        "MailingCountry": COUNTRY_NAMES[person.country],
    }


def _address(which: str, where: Mapping[str, Any]) -> dict[str, Any]:
    parts = {"Street": "street", "City": "city", "PostalCode": "postal_code", "State": "region"}
    told = {f"{which}{name}": where.get(part) for name, part in parts.items()}
    return told | {f"{which}Country": COUNTRY_NAMES[where["country"]] if where else None}


def written_down(phone: Any, number: int) -> str | None:
    """The same number, as people write it."""
    if not phone:
        return None
    digits = str(phone)
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}" if number % 3 else f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
