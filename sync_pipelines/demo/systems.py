"""The two systems of the demo: a Salesforce simulator in this process, over HTTP, and a real Tryton beside it."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from connectors.salesforce.simulated.metadata import standard_kinds
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.testing.clock import SimulatedClock
from connectors.testing.keeping import kept, restore
from connectors.testing.world import World
from connectors.tryton.server import TrytonServer
from sync_pipelines.demo.firms import BOTH, CRM, Firm, Person

CRM_SYSTEM, ERP_SYSTEM = "crm", "erp"
PARTY = "party.party"
_COUNTRY_NAMES = {
    "DE": "Germany",
    "CN": "China",
    "US": "United States",
    "GB": "United Kingdom",
    "FR": "France",
    "NL": "Netherlands",
}
_TAX_TYPES = {"DE": "eu_vat", "FR": "eu_vat", "NL": "eu_vat", "GB": "gb_vat", "CN": "cn_vat", "US": "us_ein"}
_TERMS_AT_CRM = {"net10": "NET10", "net30": "NET30", "net60": "Net 60", "eom": "EOM"}
_TERMS_AT_ERP = {"net10": "Net 10 days", "net30": "Net 30 days", "net60": "Net 60 days", "eom": "End of Month"}
_REPS = (
    ("Ines", "Bergmann", "ines.bergmann"),
    ("Tom", "Okafor", "tom.okafor"),
    ("丽", "王", "li.wang"),
    ("Marta", "Kowalska", "marta.kowalska"),
    ("伟", "陈", "wei.chen"),
    ("Lena", "Vogt", "lena.vogt"),  # has left: inactive here, and unknown to the ERP
)
_LEFT = "lena.vogt"
_KEPT = "crm.json"


class WallClock(SimulatedClock):
    """The simulated org lives in our time."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


class DemoSystems:
    """Both systems, running. `home` takes their data, what they are reached with, and nothing else."""

    def __init__(self, home: Path, cache: Path, say: Callable[[str], None]) -> None:
        """Start both on what `home` holds of them; empty at first."""
        self.home = home
        self._open = ExitStack()
        self.world = World(clock=WallClock())
        self.crm = self.world.add(CRM_SYSTEM, *standard_kinds(), daily_calls=100_000)
        if (home / _KEPT).is_file():
            restore(self.crm, json.loads((home / _KEPT).read_text(encoding="utf-8")))
        try:
            self.erp = self._open.enter_context(TrytonServer(cache, data=home / "tryton", say=say))
            self.org = self._open.enter_context(SalesforceSimulator(self.crm))
            self._keep_connections()
        except BaseException:
            self._open.close()
            raise

    def _keep_connections(self) -> None:
        """As files in the secrets folder, which is where a deployment has them from."""
        login = self.erp.logins["sync"]
        _keep(
            self.home / "secrets",
            {
                "concordat_crm_url": self.org.url,
                "concordat_crm_on_premise": "true",
                "concordat_crm_client_id": self.org.app.client_id,
                "concordat_crm_client_secret": self.org.app.client_secret,
                "concordat_erp_url": self.erp.url,
                "concordat_erp_on_premise": "true",
                "concordat_erp_database": self.erp.database,
                "concordat_erp_user": login.user,
                "concordat_erp_password": login.password,
            },
        )

    def close(self) -> None:
        """Stop both; their data stays."""
        self._open.close()
        (self.home / _KEPT).write_text(json.dumps(kept(self.crm), ensure_ascii=False), encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what people did before we came -----------------------------------------------------------------------------

    def fill(self, firms: Sequence[Firm]) -> None:
        """Two systems that have lived apart."""
        self._fill_crm(firms)
        self._fill_erp([firm for firm in firms if firm.where != CRM])

    def _fill_crm(self, firms: Sequence[Firm]) -> None:
        reps = [self._rep(*rep) for rep in _REPS]
        for firm in firms:
            if firm.where in (BOTH, CRM):
                values = crm_account(firm) | {"OwnerId": reps[firm.number % len(reps)]}
                account = self.crm.create("Account", values, by="user:sales").id
                if firm.contact is not None:
                    self.crm.create("Contact", crm_contact(firm.contact) | {"AccountId": account}, by="user:sales")

    def _rep(self, first: str, last: str, mail: str) -> str:
        address = f"{mail}@concordat-trading.example"
        named = {"FirstName": first, "LastName": last, "Username": address, "Email": address}
        return self.crm.create("User", named | {"IsActive": mail != _LEFT}, by="user:admin").id

    def _fill_erp(self, firms: Sequence[Firm]) -> None:
        words = ErpWords(self.erp)
        ids = self.erp.call(f"{PARTY}.create", [erp_party(firm, words) for firm in firms])
        people = [
            erp_contact(firm.contact, party, words)
            for firm, party in zip(firms, ids, strict=True)
            if firm.contact is not None and firm.number % 2
        ]
        self.erp.call(f"{PARTY}.create", people)

    # --- what people do while we look -------------------------------------------------------------------------------

    def account(self, name: str) -> Mapping[str, Any]:
        """The one living account of a name in the CRM, as it is in truth."""
        rows = self.crm.find("Account", "Name", name)
        return {"Id": rows[0].id, **rows[0].values}

    def party(self, name: str) -> dict[str, Any]:
        """The one party of a name in the ERP."""
        fields = ["name", "code", "customer_payment_term.name", "credit_limit_amount"]
        rows = self.erp.call(f"{PARTY}.search_read", [["name", "=", name]], 0, None, None, fields)
        found: dict[str, Any] = rows[0]
        return found

    def edit_account(self, record: str, **values: Any) -> None:
        """A salesperson edits."""
        self.crm.update("Account", record, values, by="user:ines.bergmann")

    def edit_party(self, number: int, **values: Any) -> None:
        """Somebody in finance edits."""
        self.erp.call(f"{PARTY}.write", [number], values)

    def invent_term(self, name: str, days: int) -> int:
        """Finance makes a payment term that nobody told us of."""
        line = {"type": "remainder", "relativedeltas": [["create", [{"days": days}]]]}
        term = {"name": name, "lines": [["create", [line]]]}
        made = self.erp.call("account.invoice.payment_term.create", [term], login="admin")
        return int(made[0])

    def phones_of(self, number: int) -> list[dict[str, Any]]:
        """The contact mechanisms of a party that are phones."""
        found: list[dict[str, Any]] = self.erp.call(
            "party.contact_mechanism.search_read",
            [["party", "=", number], ["type", "=", "phone"]], 0, None, None, ["value"],
        )  # fmt: skip
        return found

    def edit_phone(self, number: int, value: str) -> None:
        """Finance hears of a new number."""
        self.erp.call("party.contact_mechanism.write", [self.phones_of(number)[0]["id"]], {"value": value})

    def enter_parties(self, names: Sequence[str]) -> None:
        """Finance has new customers."""
        self.erp.call(f"{PARTY}.create", [{"name": name, "addresses": []} for name in names])

    def tax_numbers(self) -> list[str]:
        """All tax numbers in the ERP, in their compact spelling."""
        rows = self.erp.call("party.identifier.search_read", [], 0, None, None, ["code_compact", "type"])
        return [compact(row["code_compact"]) for row in rows if row["type"] in set(_TAX_TYPES.values())]


def compact(tax_id: str) -> str:
    """A tax number in one spelling: some write a British one with GB in front, some without."""
    return tax_id.replace("-", "").upper().removeprefix("GB")


class ErpWords:
    """Numbers of what parties refer to."""

    def __init__(self, server: TrytonServer) -> None:
        """Read once."""
        self.countries = _numbers(server, "country.country", "code")
        self.terms = _numbers(server, "account.invoice.payment_term", "name")
        self.relation = _numbers(server, "party.relation.type", "name")["Contact of"]


def _numbers(server: TrytonServer, model: str, field: str) -> dict[str, int]:
    rows = server.call(f"{model}.search_read", [], 0, None, None, [field])
    return {row[field]: row["id"] for row in rows}


def crm_account(firm: Firm) -> dict[str, Any]:
    """A firm as sales keeps it: tax number and web site only where somebody asked for them."""
    asked_tax = firm.known_by == "tax_id" or (firm.where == CRM and firm.number % 6 != 0)
    return {
        "Name": firm.crm_name,
        "Type": firm.kind,
        "Customer_Status__c": firm.status,
        "Tax_Number__c": firm.tax_id if asked_tax else None,
        "Website": None if firm.known_by == "name" else f"www.{firm.website}",
        "Phone": firm.crm_phone,
        "BillingStreet": firm.street,
        "BillingCity": firm.city,
        "BillingPostalCode": firm.postal_code,
        "BillingCountry": _COUNTRY_NAMES[firm.country],
        "Terms__c": _TERMS_AT_CRM[firm.terms] if firm.where == BOTH and firm.number % 4 else None,
        "Segment__c": firm.segment,
    }


def crm_contact(person: Person) -> dict[str, Any]:
    """A person as sales keeps them."""
    return {
        "FirstName": person.first,
        "LastName": person.last,
        "Email": person.email,
        "Title": person.title,
        "MobilePhone": person.mobile or None,
        "MailingCountry": _COUNTRY_NAMES[person.country],
    }


def erp_party(firm: Firm, words: ErpWords) -> dict[str, Any]:
    """A firm as finance keeps it: always with its tax number, terms and limit."""
    address = {
        "street": firm.street,
        "city": firm.city,
        "postal_code": firm.postal_code,
        "country": words.countries[firm.country],
        "invoice": True,
    }
    return {
        "name": firm.name,
        "identifiers": [["create", [{"type": _TAX_TYPES[firm.country], "code": firm.tax_id}]]],
        "addresses": [["create", [address]]],
        "contact_mechanisms": [
            [
                "create",
                [{"type": "phone", "value": firm.phone}, {"type": "website", "value": f"https://{firm.website}"}],
            ]
        ],
        "customer_payment_term": words.terms[_TERMS_AT_ERP[firm.terms]],
        "credit_limit_amount": Decimal(firm.credit_limit),
    }


def erp_contact(person: Person, party: int, words: ErpWords) -> dict[str, Any]:
    """A person as finance keeps them."""
    mechanisms = [{"type": "email", "value": person.email}]
    return {
        "name": person.name,
        "relations": [["create", [{"to": party, "type": words.relation}]]],
        "contact_mechanisms": [["create", mechanisms]],
    }


def _keep(folder: Path, secrets: Mapping[str, str]) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, value in secrets.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(value, encoding="utf-8")
