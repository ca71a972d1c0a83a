"""The rules of the benchmarks: one entity of 26 fields, kept by as many systems as wanted, all of the same dialect."""

from collections.abc import Mapping
from pathlib import Path

ROLES = ("crm", "erp", "shop")
_TEXTS: Mapping[str, str] = {
    "name": "Name",
    "account_number": "AccountNumber",
    "industry": "Industry",
    "description": "Description",
    "segment": "Segment__c",
    "customer_number": "Customer_Number__c",
    "terms": "Terms__c",
}
_CHOICES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "account_type": ("Type", {"Customer": "customer", "Prospect": "prospect"}),
    "status": ("Customer_Status__c", {"Prospect": "prospect", "Won": "won", "Ordered": "ordered"}),
}
_SHARED = ("phone", "website", "industry", "description")


def write_book(folder: Path, systems: tuple[str, ...], calls_per_second: Mapping[str, int]) -> Path:
    """Write it; the name of a system is its role."""
    entity = folder / "account"
    entity.mkdir(parents=True, exist_ok=True)
    _write(folder / "systems.yaml", _systems(systems, calls_per_second))
    _write(entity / "fields.yaml", ["entity: account", "fields:", *_fields()])
    _write(entity / "salesforce.yaml", ["entity: account", "kind: Account", "fields:", *_map()])
    _write(entity / "ownership.yaml", _ownership(systems))
    _write(
        entity / "matching.yaml",
        [
            "entity: account",
            "levels:",
            "  - {name: tax id, fields: [tax_id], then: link, weight: 12}",
            "  - {name: web site, fields: [website], then: ask, weight: 5}",
            "contradicts: [tax_id]",
        ],
    )
    return folder


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _systems(systems: tuple[str, ...], calls_per_second: Mapping[str, int]) -> list[str]:
    lines = ["systems:"]
    for name in systems:
        lines += [
            f"  {name}:",
            f"    role: {name}",
            "    connector: salesforce",
            "    write: on",
            "    calls_per_day: 1000000",
            "    calendar: {time_zone: Europe/Berlin}",
            *([f"    calls_per_second: {calls_per_second[name]}"] if name in calls_per_second else []),
        ]
    return [*lines, "guards: {creates: 1, updates: 1, blanks: 1, archives: 1, at_least: 20}"]


def _fields() -> list[str]:
    means = "means: What the benchmark compares."
    return [
        *(f"  {name}: {{type: text, {means}}}" for name in _TEXTS),
        *(
            f"  {name}: {{type: choice, choices: [{', '.join(w.values())}], {means}}}"
            for name, (_, w) in _CHOICES.items()
        ),
        f"  tax_id: {{type: tax_id, class: financial, {means}}}",
        f"  billing_address: {{type: address, class: personal, {means}}}",
        f"  shipping_address: {{type: address, class: personal, {means}}}",
        f"  phone: {{type: phone, class: personal, {means}}}",
        f"  website: {{type: domain, {means}}}",
        f"  revenue: {{type: decimal, class: financial, {means}}}",
        f"  employees: {{type: decimal, {means}}}",
        f"  credit_limit: {{type: money, class: financial, {means}}}",
    ]


def _map() -> list[str]:
    choices = {
        name: ", ".join(f"{theirs}: {ours}" for theirs, ours in words.items()) for name, (_, words) in _CHOICES.items()
    }
    return [
        *(f"  {name}: {{at: {at}, as: text}}" for name, at in _TEXTS.items()),
        *(
            f"  {name}: {{at: {at}, as: choice, with: {{values: {{{choices[name]}}}}}}}"
            for name, (at, _) in _CHOICES.items()
        ),
        "  tax_id: {at: Tax_Number__c, as: tax_id, with: {country: billing_address.country}}",
        *_address("billing_address", "Billing"),
        *_address("shipping_address", "Shipping"),
        "  phone: {at: Phone, as: phone, with: {region: billing_address.country, as: international}}",
        "  website: {at: Website, as: domain}",
        "  revenue: {at: AnnualRevenue, as: decimal}",
        "  employees: {at: NumberOfEmployees, as: decimal}",
        "  credit_limit: {at: Credit_Limit__c, as: money, with: {currency: EUR}}",
    ]


def _address(name: str, which: str) -> list[str]:
    return [
        f"  {name}:",
        "    as: address",
        "    at:",
        f"      street: {which}Street",
        f"      city: {which}City",
        f"      postal_code: {which}PostalCode",
        f"      region: {which}State",
        f"      country: {{at: {which}Country, as: country, with: {{as: name, language: en}}}}",
    ]


def _ownership(systems: tuple[str, ...]) -> list[str]:
    roles = ", ".join(systems)
    names = [line.split(":", 1)[0].strip() for line in _fields()]
    return [
        "entity: account",
        "create:",
        *(f"  {role}: always" for role in systems),
        "fields:",
        *(
            f"  {name}: {{shared: [{roles}], conflict: prefer, steward: sales}}"
            if name in _SHARED
            else f"  {name}: {{decides: [{roles}], steward: sales, handover: take}}"
            for name in names
        ),
    ]
