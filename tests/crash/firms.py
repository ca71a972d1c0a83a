"""The firms in the three systems, what people do to them, and what must be true of them in the end.

The truth is kept beside the systems by the people who edit; nothing of it comes from the engine.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from connectors.kingdee.simulated import forms
from connectors.shopify.simulated.kinds import CUSTOMER
from mappings.book import Book
from sync_pipelines.demo.cast import Firm, cast
from sync_pipelines.demo.kingdee import KingdeeFinance
from sync_pipelines.demo.sales import COUNTRY_NAMES, Sales
from sync_pipelines.demo.shop import Shop
from tests.crash.systems import CRM, ERP, SHOP, Systems

COMPANY = "100"
_KEYS = {CRM: "Concordat_Key__c", SHOP: "concordatKey", ERP: forms.KEY_FIELD}
_KINDS = {CRM: "Account", SHOP: CUSTOMER, ERP: "BD_Customer"}


@dataclass
class Known:
    """One firm as the people know it."""

    firm: Firm
    tax_id: str
    at: set[str]  # the systems that must know it in the end, each once
    ids: dict[str, str] = field(default_factory=dict)
    truth: dict[str, str] = field(default_factory=dict)


class People:
    """Sales, shop and finance at work; one edit of a field at a time, so that each has to reach everyone."""

    def __init__(self, systems: Systems, book: Book, random: Random) -> None:
        self.systems, self.random = systems, random
        worlds = systems.world.systems
        self.sales, self.finance = Sales(worlds[CRM]), self._finance_of(book)
        self.shop = Shop(worlds[SHOP], book)
        self.known: list[Known] = []
        self._supply = self._unseen()
        self._serial = 0

    def _finance_of(self, book: Book) -> Any:
        return KingdeeFinance(self.systems.world.systems[ERP], book)

    def _unseen(self) -> Iterator[Firm]:
        yield from (firm for firm in cast() if firm.country in ("DE", "FR", "NL"))

    def _fresh(self, *at: str) -> Known:
        firm = next(self._supply)
        truth = {"name": firm.name, "phone": str(firm.truth["phone"])}
        known = Known(firm, firm.tax_id, set(at), truth=truth)
        self.known.append(known)
        return known

    # -- new firms

    def sells(self) -> str:
        """Sales wins a firm: accounting has to know it, and its number comes back."""
        known = self._fresh(CRM, ERP)
        self._enter_crm(known, "Won")
        return f"crm: new {known.tax_id}"

    def books(self) -> str:
        """Finance enters a firm that sales has to learn of."""
        known = self._fresh(CRM, ERP)
        self._enter_erp(known)
        return f"erp: new {known.tax_id}"

    def registers(self) -> str:
        """A firm opens an account in the shop."""
        known = self._fresh(CRM, SHOP)
        said = {key: known.firm.truth[key] for key in ("name", "tax_id", "phone", "billing_address")}
        mail = f"buyer{known.firm.number}@{known.firm.truth['website']}"
        known.ids[SHOP] = self.shop.make(said, {"name": "Ann Buyer", "email": mail})
        return f"shop: new {known.tax_id}"

    def knows_both(self) -> None:
        """A firm that stood in CRM and ERP before we came."""
        known = self._fresh(CRM, ERP)
        self._enter_crm(known, "Won")
        self._enter_erp(known)

    def _enter_crm(self, known: Known, status: str) -> None:
        where: Any = known.firm.truth["billing_address"]
        known.ids[CRM] = self.sales.make(
            Name=known.truth["name"], Type="Customer", Customer_Status__c=status, Tax_Number__c=known.tax_id,
            Phone=known.truth["phone"], BillingStreet=where["street"], BillingCity=where["city"],
            BillingPostalCode=where["postal_code"], BillingCountry=COUNTRY_NAMES[where["country"]],
        )  # fmt: skip

    def _enter_erp(self, known: Known) -> None:
        said = {key: known.firm.truth[key] for key in ("name", "tax_id", "phone", "billing_address")}
        known.ids[ERP] = self.finance._made(self.finance._accounts, said, _KINDS[ERP])

    # -- edits

    def edits(self, taken: set[tuple[str, str]]) -> str:
        """Somebody changes one field of one firm, in a system that may."""
        known, what = self.random.choice(self.known), self.random.choice(("phone", "name", "limit"))
        if (known.tax_id, what) in taken:
            return ""
        taken.add((known.tax_id, what))
        self._serial += 1
        return getattr(self, f"_{what}")(known) or ""

    def _phone(self, known: Known) -> str:
        system = self.random.choice(sorted(known.ids))
        number = f"+4930555{self._serial:05d}"
        known.truth["phone"] = number
        if system == CRM:
            self.sales.edit(known.ids[CRM], Phone=f"+49 30 555{self._serial:05d}")
        elif system == ERP:
            self.finance.set_phone(known.ids[ERP], number)
        else:
            self._edit_shop(known.ids[SHOP], number)
        return f"{system}: phone of {known.tax_id} {number}"

    def _edit_shop(self, record: str, number: str) -> None:
        row = self.shop.system.read(CUSTOMER, record)
        assert row is not None
        addresses = [{**one, "phone": number} for one in row.values["addresses"]]
        self.shop.system.update(CUSTOMER, record, {"addresses": addresses}, by="user:storefront")

    def _name(self, known: Known) -> str:
        """Its decider is accounting, where accounting knows the firm."""
        decider = ERP if ERP in known.at else CRM
        if decider not in known.ids:
            return ""
        name = f"{known.firm.name} {self._serial}"
        known.truth["name"] = name
        if decider == ERP:
            self._rename_in_erp(known, name)
        else:
            self.sales.edit(known.ids[CRM], Name=name)
        return f"{decider}: name of {known.tax_id} {name}"

    def _rename_in_erp(self, known: Known, name: str) -> None:
        self.systems.world.systems[ERP].update(_KINDS[ERP], known.ids[ERP], {"FName": name}, by="user:finance")

    def _limit(self, known: Known) -> str:
        if ERP not in known.ids:
            return ""
        amount = 1000 + self._serial
        known.truth["limit"] = str(amount)
        self.finance.set_limit(known.ids[ERP], COMPANY, amount)
        return f"erp: limit of {known.tax_id} {amount}"

    # -- what must be true in the end

    def complaints(self) -> list[str]:
        """Everything that is not as the people left it: what is there twice, what is missing, which edit is lost."""
        said: list[str] = []
        rows = {system: self._rows(system) for system in (CRM, ERP, SHOP)}
        for system, found in rows.items():
            wanted = sum(system in known.at for known in self.known)
            if len(found) != wanted:
                said.append(f"{system} has {len(found)} firms, not {wanted}")
            keys = Counter(row["key"] for row in found if row["key"])
            said += [f"{system}: key {key} stands on {n} records" for key, n in keys.items() if n > 1]
        for known in self.known:
            for system in sorted(known.at):
                said += self._compare(known, system, [row for row in rows[system] if row["tax_id"] == known.tax_id])
        return said

    def _compare(self, known: Known, system: str, found: list[Mapping[str, str]]) -> list[str]:
        if len(found) != 1:
            return [f"{system} has {known.tax_id} {len(found)} times"]
        known.ids[system] = found[0]["id"]
        return [
            f"{system}: {what} of {known.tax_id} is {found[0][what]!r}, not {value!r}"
            for what, value in known.truth.items()
            if what in found[0] and found[0][what] != value
        ]

    def _rows(self, system: str) -> list[Mapping[str, str]]:
        living = self.systems.world.systems[system].living(_KINDS[system])
        return [{"id": row.id, "key": row.values.get(_KEYS[system]) or "", **self._says(system, row)} for row in living]

    def _says(self, system: str, row: Any) -> Mapping[str, str]:
        if system == CRM:
            limit = row.values.get("Credit_Limit__c")
            return plain(row.values["Tax_Number__c"], row.values["Name"], row.values["Phone"]) | (
                {"limit": str(int(limit))} if limit is not None else {"limit": ""}
            )
        if system == ERP:
            return plain(row.values["FTAXREGISTERCODE"], row.values["FName"], row.values["FTEL"])
        address = row.values["addresses"][0]
        tax = next((m["value"] for m in row.values["metafields"] if m["key"] == "tax_id"), "")
        return plain(tax, address.get("company"), address.get("phone"))


def plain(tax_id: Any, name: Any, phone: Any) -> dict[str, str]:
    digits = "".join(sign for sign in str(phone or "") if sign.isdigit())
    return {"tax_id": str(tax_id or "").replace(" ", ""), "name": str(name or ""), "phone": f"+{digits}"}
