"""What a fresh Tryton database is given before anybody works with it: the master data a trading firm would have.

Everything goes over JSON-RPC, as a person's client would send it.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

Call: TypeAlias = Callable[..., Any]  # call("party.party.create", [...]) answers the result

MODULES = ("party_relationship", "company", "account_invoice", "account_credit_limit", "stock")
COMPANIES = (  # number, name, the currency of its books, country
    ("100", "Concordat Trading GmbH", "EUR", "DE"),
    ("200", "Concordat Trading (Shanghai) Co., Ltd.", "CNY", "CN"),
)
CONTACT_RELATION = "Contact of"  # from the person to the organisation

_COUNTRIES = Path(__file__).with_name("countries.csv")
_CURRENCIES = (
    ("EUR", "Euro", "978", "€", "1.0"),
    ("USD", "US Dollar", "840", "$", "1.1"),
    ("CNY", "Yuan Renminbi", "156", "¥", "7.8"),
    ("GBP", "Pound Sterling", "826", "£", "0.85"),
    ("CHF", "Swiss Franc", "756", "CHF", "0.95"),
    ("JPY", "Yen", "392", "JP¥", "165.0"),
)
_EMPLOYEES = (
    ("Ines Bergmann", "ines.bergmann@concordat-trading.example"),
    ("Tom Okafor", "tom.okafor@concordat-trading.example"),
    ("王丽", "li.wang@concordat-trading.example"),
    ("Marta Kowalska", "marta.kowalska@concordat-trading.example"),
    ("陈伟", "wei.chen@concordat-trading.example"),
    ("Paul Verbeek", "paul.verbeek@concordat-trading.example"),
)
_FIRST_CUSTOMER = 10001  # so that Tryton's own numbers never meet those of the companies
_GROUPS = ("Accounting", "Account Credit Limit", "Party Administration", "Employee Administration")


def seed(call: Call, passwords: Mapping[str, str]) -> None:
    """Fill an empty database. `passwords` by login: `sync` is the connection's user, `finance` a person's."""
    _number_parties(call)
    countries = _countries(call)
    companies = _companies(call, _currencies(call), countries)
    call("res.user.write", [1], {"companies": [["add", companies]], "company": companies[0]})
    _relation_types(call)
    _employees(call, companies)
    _users(call, companies, passwords)


def _number_parties(call: Call) -> None:
    numbering = call("ir.sequence.search", [["sequence_type.name", "=", "Party"]], 0, None, None)
    call("ir.sequence.write", numbering, {"number_next": _FIRST_CUSTOMER})


def _countries(call: Call) -> dict[str, int]:
    with _COUNTRIES.open(encoding="utf-8", newline="") as lines:
        rows = [{"code": code, "name": name} for code, name in csv.reader(lines)]
    return dict(zip((row["code"] for row in rows), call("country.country.create", rows), strict=True))


def _currencies(call: Call) -> dict[str, int]:
    rows = [_currency(*line) for line in _CURRENCIES]
    return dict(zip((line[0] for line in _CURRENCIES), call("currency.currency.create", rows), strict=True))


def _currency(code: str, name: str, number: str, symbol: str, rate: str) -> dict[str, Any]:
    rates = [["create", [{"date": date(2020, 1, 1), "rate": Decimal(rate)}]]]
    return {"code": code, "name": name, "numeric_code": number, "symbol": symbol, "rates": rates}


def _companies(call: Call, currencies: Mapping[str, int], countries: Mapping[str, int]) -> list[int]:
    rows = [
        {"code": number, "name": name, "addresses": [["create", [{"country": countries[country]}]]]}
        for number, name, _, country in COMPANIES
    ]
    parties = call("party.party.create", rows)
    made: list[int] = call(
        "company.company.create",
        [
            {"party": party, "currency": currencies[currency]}
            for party, (_, _, currency, _) in zip(parties, COMPANIES, strict=True)
        ],
    )
    return made


def _relation_types(call: Call) -> None:
    person, organisation = call("party.relation.type.create", [{"name": CONTACT_RELATION}, {"name": "Contact"}])
    call("party.relation.type.write", [person], {"reverse": organisation}, [organisation], {"reverse": person})


def _employees(call: Call, companies: Sequence[int]) -> None:
    parties = call("party.party.create", [_person(name, mail) for name, mail in _EMPLOYEES])
    call("company.employee.create", [{"party": party, "company": companies[0]} for party in parties])


def _person(name: str, mail: str) -> dict[str, Any]:
    return {"name": name, "contact_mechanisms": [["create", [{"type": "email", "value": mail}]]]}


def _users(call: Call, companies: Sequence[int], passwords: Mapping[str, str]) -> None:
    known = {group["name"]: group["id"] for group in call("res.group.search_read", [], 0, None, None, ["name"])}
    groups = [known[name] for name in _GROUPS]
    shared = {"companies": [["add", list(companies)]], "company": companies[0], "groups": [["add", groups]]}
    logins = [("sync", "Concordat"), ("finance", "Frieda Sommer")]
    rows: list[dict[str, Any]] = [
        shared | {"login": login, "name": name, "password": passwords[login]} for login, name in logins
    ]
    call("res.user.create", rows)
