"""Accounts by number: the same number is the same firm in every system, wherever and whenever it is asked for."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from connectors.salesforce.ids import suffix
from sync_pipelines.simulation.customers import Customer, customers

KEY_FIELD = "Concordat_Key__c"
EDITED = "2026-02"  # edits are stamped later than this, first states before
_PREFIX = "0015gX"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SEED, _FAMILIES = 7, 3_000  # enough that nothing is met again soon
_COUNTRIES: Mapping[str, str] = {
    "CN": "China",
    "DE": "Germany",
    "FR": "France",
    "GB": "United Kingdom",
    "NL": "Netherlands",
    "US": "United States",
}


def record_id(number: int) -> str:
    """Eighteen letters, counting as such ids do; they sort as the numbers do."""
    letters = []
    for _ in range(9):
        number, digit = divmod(number, len(_DIGITS))
        letters.append(_DIGITS[digit])
    short = _PREFIX + "".join(reversed(letters))
    return short + suffix(short)


def number_of(text: str) -> int:
    """The way back."""
    number = 0
    for letter in text[len(_PREFIX) : len(_PREFIX) + 9]:
        number = number * len(_DIGITS) + _DIGITS.index(letter)
    return number


def account(number: int, *, edited: bool = False) -> Mapping[str, Any]:
    """Thirty fields. `edited`: a later state of the same record, by another name and number of employees."""
    firm = _firms()[number % len(_firms())].values
    place: Any = firm["billing_address"]
    name = f"{firm['name']} {number}"
    shipping = f"{place['street']}{f', Tor {number % 9 + 1}' if number % 3 == 0 else ''}"
    return {
        "Id": record_id(number),
        "SystemModstamp": _stamp(number, edited=edited),
        "LastModifiedById": "0055gX000000001AAA",
        KEY_FIELD: None,
        "Name": f"{name} (neu)" if edited else name,
        "AccountNumber": f"K{number:07d}",
        "Type": ("Customer", "Prospect")[number % 2],
        "Industry": ("Chemicals", "Electronics", "Machinery", "Retail", "Other")[number // 7 % 5],
        "Phone": f"{str(firm['phone'])[:-4]}{number % 10_000:04d}",
        "Website": f"https://www.{number}.{firm['website']}",
        "BillingStreet": place["street"],
        "BillingCity": place["city"],
        "BillingState": place["region"],
        "BillingPostalCode": place["postal_code"],
        "BillingCountry": _COUNTRIES[place["country"]],
        "ShippingStreet": shipping,
        "ShippingCity": place["city"],
        "ShippingState": place["region"],
        "ShippingPostalCode": place["postal_code"],
        "ShippingCountry": _COUNTRIES[place["country"]],
        "AnnualRevenue": 10_000.5 + number * 13 % 9_000_000,
        "NumberOfEmployees": number % 800 + edited,
        "Description": f"Seit {1950 + number % 70} im Geschäft; beliefert {number % 40} Filialen.",
        "Tax_Number__c": vat_number(number),
        "Customer_Number__c": None,
        "Customer_Status__c": ("Won", "Prospect", "Ordered")[number % 3],
        "Terms__c": ("NET10", "NET30", "NET60", "EOM")[number % 4],
        "Segment__c": ("A", "B", "C", None)[number % 4],
        "Credit_Limit__c": float(number % 90 * 500),
        "Active__c": True,
    }


@cache
def _firms() -> Sequence[Customer]:
    found = customers(seed=_SEED, families=_FAMILIES)
    return [one for one in found if one.kind != "person" and one.values["phone"] and one.values["website"]]


def _stamp(number: int, *, edited: bool) -> str:
    day = "2026-06-15" if edited else f"2026-01-{number % 28 + 1:02d}"
    return f"{day}T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}.000+0000"


def vat_number(number: int) -> str:
    """A German one with the right check digit (ISO 7064, mod 11,10)."""
    digits, product = f"{10_000_000 + number}", 10
    for digit in digits:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return f"DE{digits}{(11 - product) % 10}"
