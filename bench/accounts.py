"""Accounts by number: the same number is the same firm in every system, wherever and whenever it is asked for."""

from collections.abc import Mapping
from typing import Any

from connectors.salesforce.ids import suffix

KEY_FIELD = "Concordat_Key__c"
EDITED = "2026-02"  # edits are stamped later than this, first states before
_PREFIX = "0015gX"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CITIES = (
    ("Hamburg", "20095", "HH", "Germany", "+49 40"),
    ("München", "80331", "BY", "Germany", "+49 89"),
    ("Lyon", "69002", "ARA", "France", "+33 4"),
    ("Utrecht", "3511", "UT", "Netherlands", "+31 30"),
    ("上海", "200001", "SH", "China", "+86 21"),
    ("Leeds", "LS1 4", "WYK", "United Kingdom", "+44 113"),
)
_FORMS = ("GmbH", "AG", "SARL", "B.V.", "有限公司", "Ltd")
_TRADES = ("Maschinenbau", "Logistik", "Elektronik", "Textiles", "Chemicals", "贸易", "Foods", "Werkzeuge")
_NAMES = ("Arndt", "Bergmann", "Castell", "Dubois", "Evers", "Falk", "Grünwald", "Haas", "华东", "Jansen", "Kessler")


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


def _stamp(number: int, *, edited: bool) -> str:
    day = "2026-06-15" if edited else f"2026-01-{number % 28 + 1:02d}"
    return f"{day}T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}.000+0000"


def vat_number(number: int) -> str:
    """A German one with the right check digit (ISO 7064, mod 11,10)."""
    digits, product = f"{10_000_000 + number}", 10
    for digit in digits:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return f"DE{digits}{(11 - product) % 10}"


def account(number: int, *, edited: bool = False) -> Mapping[str, Any]:
    """Thirty fields. `edited`: a later state of the same record, by another name and number of employees."""
    place = number % len(_CITIES)
    city, zip_code, state, country, dial = _CITIES[place]
    name = f"{_NAMES[number % 11]} {_TRADES[number // 11 % 8]} {number} {_FORMS[place]}"
    street = f"Lagerstraße {number % 211 + 1}"
    return {
        "Id": record_id(number),
        "SystemModstamp": _stamp(number, edited=edited),
        "LastModifiedById": "0055gX000000001AAA",
        KEY_FIELD: None,
        "Name": f"{name} (neu)" if edited else name,
        "AccountNumber": f"K{number:07d}",
        "Type": ("Customer", "Prospect")[number % 2],
        "Industry": _TRADES[number // 7 % 8],
        "Phone": f"{dial} {5_550_000 + number % 449_999}",
        "Website": f"https://www.firm-{number}.example",
        "BillingStreet": street,
        "BillingCity": city,
        "BillingState": state,
        "BillingPostalCode": zip_code,
        "BillingCountry": country,
        "ShippingStreet": street if number % 3 else f"Tor {number % 9 + 1}",
        "ShippingCity": city,
        "ShippingState": state,
        "ShippingPostalCode": zip_code,
        "ShippingCountry": country,
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
