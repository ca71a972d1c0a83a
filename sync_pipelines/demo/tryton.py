"""Accounting with Tryton: a real server, and the hands of those who work with it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.tryton.server import TrytonServer
from sync_pipelines.demo.cast import ERP, Firm, Person
from sync_pipelines.demo.finance import COMPANIES, Known

_PARTY = "party.party"
_TAX_TYPES = {"DE": "eu_vat", "FR": "eu_vat", "NL": "eu_vat", "GB": "gb_vat", "CN": "cn_vat", "US": "us_ein"}
_TERMS = {"net10": "Net 10 days", "net30": "Net 30 days", "net60": "Net 60 days", "eom": "End of Month"}
_INVENTED = "Net 45 days"
_FOR_EVER = 1_000_000  # rows
_AT_ONCE = 300  # firms that the server is given in one request
_LIMITS = "credit_limit_amounts"
_AMOUNTS = (f"{_LIMITS}.company", f"{_LIMITS}.credit_limit_amount")


class TrytonFinance:
    """Accounting."""

    name = "Tryton"
    kind = "party"

    def __init__(self, server: TrytonServer) -> None:
        """`server` runs already."""
        self._server = server
        self._countries = self._numbers("country.country", "code")
        self._terms = self._numbers("account.invoice.payment_term", "name")
        self._relation = self._numbers("party.relation.type", "name")["Contact of"]
        self._companies = {row["party.code"]: row["id"] for row in self._rows("company.company", [], "party.code")}

    def enter(self, firms: Sequence[Firm]) -> Mapping[str, str]:
        known = [firm for firm in firms if ERP in firm.appearances]
        parts = [known[start : start + _AT_ONCE] for start in range(0, len(known), _AT_ONCE)]
        return {firm: record for part in parts for firm, record in self._entered(part).items()}

    def _entered(self, known: Sequence[Firm]) -> Mapping[str, str]:
        ids = self._server.call(f"{_PARTY}.create", [self._party(firm) for firm in known])
        people = [
            self._contact(person, record)
            for firm, record in zip(known, ids, strict=True)
            for person in firm.people
            if ERP in person.appearances
        ]
        self._server.call(f"{_PARTY}.create", people)
        return {firm.id: str(record) for firm, record in zip(known, ids, strict=True)}

    def make(self, name: str, tax_id: str = "", country: str = "") -> str:
        identifiers = [["create", [{"type": _TAX_TYPES[country], "code": tax_id}]]] if tax_id else []
        (made,) = self._server.call(f"{_PARTY}.create", [{"name": name, "addresses": [], "identifiers": identifiers}])
        return str(made)

    def replace(self, loser: str, winner: str) -> None:
        """A person merges two customers, and makes them alike first, as Tryton wants it."""
        (kept,) = self._rows(_PARTY, [["id", "=", int(winner)]], "name")
        taxes = [["type", "in", sorted(set(_TAX_TYPES.values()))]]
        lost, held = (
            self._rows("party.identifier", [["party", "=", int(party)], *taxes], "type", "code")
            for party in (loser, winner)
        )
        same = [{"type": row["type"], "code": row["code"]} for row in held]
        identifiers = [["delete", [row["id"] for row in lost]], ["create", same]]
        self._server.call(f"{_PARTY}.write", [int(loser)], {"name": kept["name"], "identifiers": identifiers})
        self._server.replace(int(loser), int(winner))

    def set_limit(self, record: str, company: str, amount: int) -> None:
        (party,) = self._rows(_PARTY, [["id", "=", int(record)]], *_AMOUNTS)
        ours = [row["id"] for row in party[_LIMITS] if row["company"] == self._companies[company]]
        values = {"company": self._companies[company], "credit_limit_amount": Decimal(amount)}
        change = ["write", ours, values] if ours else ["create", [values]]
        self._server.call(f"{_PARTY}.write", [int(record)], {"credit_limit_amounts": [change]})

    def set_phone(self, record: str, number: str) -> None:
        held = self._rows("party.contact_mechanism", [["party", "=", int(record)], ["type", "=", "phone"]], "value")
        values = {"type": "phone", "value": number}
        change = ["write", [held[0]["id"]], values] if held else ["create", [values]]
        self._server.call(f"{_PARTY}.write", [int(record)], {"contact_mechanisms": [change]})

    def invent_term(self) -> Mapping[str, str]:
        line = {"type": "remainder", "relativedeltas": [["create", [{"days": 45}]]]}
        term = {"name": _INVENTED, "lines": [["create", [line]]]}
        (self._terms[_INVENTED],) = self._server.call("account.invoice.payment_term.create", [term], login="admin")
        return {"says": _INVENTED, "code": _INVENTED}

    def give_invented_term(self, record: str) -> None:
        self._server.call(f"{_PARTY}.write", [int(record)], {"customer_payment_term": self._terms[_INVENTED]})

    def all(self) -> Sequence[Known]:
        parties = self._rows(_PARTY, [], "name", "code", *_AMOUNTS)
        taxes = self._by_party("party.identifier", [["type", "in", sorted(set(_TAX_TYPES.values()))]], "code_compact")
        phones = self._by_party("party.contact_mechanism", [["type", "=", "phone"]], "value_compact")
        streets = self._by_party("party.address", [], "street")
        return [
            Known(
                str(row["id"]),
                row["code"],
                row["name"],
                taxes.get(row["id"], ""),
                streets.get(row["id"], ""),
                phones.get(row["id"], ""),
                self._limits(row[_LIMITS]),
            )
            for row in parties
        ]

    # --- within ------------------------------------------------------------------------------------------------------

    def _rows(self, model: str, domain: Sequence[Any], *fields: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._server.call(
            f"{model}.search_read", domain, 0, _FOR_EVER, None, list(fields)
        )
        return [_flat(row) for row in found]

    def _numbers(self, model: str, field: str) -> dict[str, int]:
        return {row[field]: row["id"] for row in self._rows(model, [], field)}

    def _by_party(self, model: str, domain: Sequence[Any], field: str) -> dict[int, str]:
        return {row["party"]: row[field] or "" for row in reversed(self._rows(model, domain, "party", field))}

    def _limits(self, lines: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
        """By company; Tryton keeps a line without an amount for each company that was once looked at."""
        codes = {number: code for code, number in self._companies.items()}
        told = [line for line in lines if line["credit_limit_amount"] is not None and line["company"] in codes]
        return {codes[line["company"]]: Decimal(line["credit_limit_amount"]) for line in told}

    def _party(self, firm: Firm) -> dict[str, Any]:
        """A firm as finance keeps it: always with its tax number, terms and limits."""
        said: Any = firm.says(ERP)
        mechanisms = [{"type": kind, "value": value} for kind, value in _ways(said)]
        return {
            "name": said["name"],
            "identifiers": [["create", [{"type": _TAX_TYPES[firm.country], "code": said["tax_id"]}]]],
            "addresses": [["create", [self._address(said["billing_address"])]]],
            "contact_mechanisms": [["create", mechanisms]] if mechanisms else [],
            "customer_payment_term": self._terms[_TERMS[said["payment_terms"]]],
            **self._amounts(firm),
        }

    def _amounts(self, firm: Firm) -> dict[str, Any]:
        """The first company's limit goes by the plain field, which Tryton stores last, over any line of its own."""
        money: Any = firm.truth["credit_limit"]
        amount, (_, second) = Decimal(money["amount"]), COMPANIES
        line = {"company": self._companies[second], "credit_limit_amount": amount}
        lines = {_LIMITS: [["create", [line]]]} if firm.country == "CN" else {}
        return {"credit_limit_amount": amount, **lines}

    def _address(self, where: Mapping[str, Any]) -> dict[str, Any]:
        plain = {part: where[part] for part in ("street", "city", "postal_code")}
        return plain | {"country": self._countries[where["country"]], "invoice": True}

    def _contact(self, person: Person, party: int) -> dict[str, Any]:
        said = person.appearances[ERP].values
        return {
            "name": said["name"],
            "relations": [["create", [{"to": party, "type": self._relation}]]],
            "contact_mechanisms": [["create", [{"type": "email", "value": said["email"]}]]],
        }


def _ways(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    site = f"https://{said['website']}" if said.get("website") else None
    return [(kind, value) for kind, value in (("phone", said.get("phone")), ("website", site)) if value]


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of what is referred to come nested, under a name that ends in a point; children as a list."""
    told = dict(row)
    for name, inner in row.items():
        if name.endswith(".") and isinstance(inner, Mapping):
            told |= {f"{name}{field}": value for field, value in inner.items()}
        elif name.endswith("."):
            told[name.removesuffix(".")] = inner or []
    return told
