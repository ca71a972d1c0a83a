"""From one item to the mutations that carry it out, and from many items to one document. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.contract import Create, Update
from connectors.errors import RejectedError
from connectors.shopify import addresses, selection
from connectors.shopify.addresses import Addresses, Step
from connectors.shopify.kinds import COMPANY, CUSTOMER
from connectors.shopify.selection import (
    ADDRESSES,
    COMPUTED,
    MAIN_LOCATION,
    METAFIELDS,
    OUT_OF_USE,
    STREET,
    Tree,
    gid,
    lines_of,
)
from connectors.shopify.settings import ShopifySettings

_ERRORS = "userErrors { field message }"
_TYPED_ERRORS = "userErrors { field message code }"
_NOT_SENT = COMPUTED | {ADDRESSES, "defaultAddress", METAFIELDS}
_COMPANY_INPUTS = ("name", "note", "externalId", "customerSince")
_LOCATION_INPUTS = ("name", "phone", "locale", "note")
_COMPANY_ADDRESS_INPUTS: Mapping[str, str] = {
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "zip": "zip",
    "recipient": "recipient",
    "firstName": "firstName",
    "lastName": "lastName",
    "phone": "phone",
    "zoneCode": "zoneCode",
    "countryCode": "countryCode",
}
_FIRM = "a customer's firm is the one that its default address names"
_READ_ONLY: Mapping[str, str] = {
    "id": "the shop gives it",
    selection.IS_BUSINESS: _FIRM,
    selection.COMPANY_ID: "whom a customer buys for is said in the shop",
    selection.BUSINESS_ID: f"{_FIRM}; who works elsewhere now has to say so in the shop",
}
_ASSIGNED = {"billingAddress": "BILLING", "shippingAddress": "SHIPPING"}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One field of a document: what is called, with which variables, and where its answer holds the proof."""

    name: str
    takes: Mapping[str, str]  # argument -> GraphQL type
    values: Mapping[str, Any]
    gives: str
    proof: str  # path to an id in the answer
    typed: bool = False  # its userErrors bear a code
    of_default: bool = False  # it writes the default address


def document(parts: Sequence[tuple[str, Mutation]]) -> tuple[str, dict[str, Any]]:
    """One document for all, carried out in this order, and its variables. Each part has its alias."""
    declared = [f"${alias}_{name}: {kind}" for alias, one in parts for name, kind in one.takes.items()]
    fields = [_field(alias, one) for alias, one in parts]
    variables = {f"{alias}_{name}": one.values[name] for alias, one in parts for name in one.takes}
    return f"mutation Write({', '.join(declared)}) {{ {' '.join(fields)} }}", variables


def _field(alias: str, one: Mutation) -> str:
    arguments = ", ".join(f"{name}: ${alias}_{name}" for name in one.takes)
    return f"{alias}: {one.name}({arguments}) {{ {one.gives} {_TYPED_ERRORS if one.typed else _ERRORS} }}"


# --- customers --------------------------------------------------------------------------------------------------------


def customer_created(item: Create, at: ShopifySettings) -> list[Mutation]:
    """One mutation, our key within it."""
    _refuse_read_only(item.values)
    key = {"namespace": at.key_namespace, "key": at.key_name, "type": "id", "value": item.key}
    values = {name: value for name, value in item.values.items() if name not in _NOT_SENT and value is not None}
    values["metafields"] = [key, *_metafields(item.values, removed=False)]
    if made := addresses.made(item.values):
        values["addresses"] = made
    if item.values.get(OUT_OF_USE) is True:
        values["tags"] = [*values.get("tags", ()), at.archive_tag]
    return [
        Mutation("customerCreate", {"input": "CustomerInput!"}, {"input": values}, "customer { id }", "customer.id")
    ]


def customer_updated(item: Update, now: Mapping[str, Any], at: ShopifySettings) -> list[Mutation]:
    """Each address that changes, by itself, the metafields, the customer itself, and its tag."""
    _refuse_read_only(item.values)
    target = gid(CUSTOMER, item.ref.id)
    found = _addresses(target, item.values, now)
    if gone := _metafields(item.values, removed=True):
        found.append(_metafields_delete(target, gone))
    values = {name: value for name, value in item.values.items() if name not in _NOT_SENT}
    if kept := _metafields(item.values, removed=False):
        values["metafields"] = kept
    if values:
        found.append(_customer_update(target, values))
    if OUT_OF_USE in item.values:
        found.append(_tagged(target, at.archive_tag, out_of_use=bool(item.values[OUT_OF_USE])))
    return found


def _customer_update(target: str, values: Mapping[str, Any]) -> Mutation:
    takes = {"input": "CustomerInput!"}
    return Mutation("customerUpdate", takes, {"input": {"id": target, **values}}, "customer { id }", "customer.id")


def _metafields_delete(target: str, gone: Sequence[Mapping[str, Any]]) -> Mutation:
    named = [{"ownerId": target, "namespace": one["namespace"], "key": one["key"]} for one in gone]
    takes = {"metafields": "[MetafieldIdentifierInput!]!"}
    return Mutation("metafieldsDelete", takes, {"metafields": named}, "deletedMetafields { key }", "deletedMetafields")


def _tagged(target: str, tag: str, *, out_of_use: bool) -> Mutation:
    name = "tagsAdd" if out_of_use else "tagsRemove"
    return Mutation(name, {"id": "ID!", "tags": "[String!]!"}, {"id": target, "tags": [tag]}, "node { id }", "node.id")


def _addresses(target: str, values: Mapping[str, Any], now: Mapping[str, Any]) -> list[Mutation]:
    held = now.get(ADDRESSES, ())
    plan = Addresses(held, next((one["id"] for one in held if one.get(selection.IS_DEFAULT)), ""))
    if "defaultAddress" in values:
        plan.default(values["defaultAddress"])
    first = len(plan.steps)
    if ADDRESSES in values:
        plan.listed(values[ADDRESSES])
    return [replace(_address(target, step), of_default=place < first) for place, step in enumerate(plan.steps)]


def _address(target: str, step: Step) -> Mutation:
    named = {"customerId": "ID!", **({"addressId": "ID!"} if step.id else {})}
    values: dict[str, Any] = {"customerId": target, "addressId": step.id}
    if step.values is None:
        return Mutation("customerAddressDelete", named, values, "deletedAddressId", "deletedAddressId")
    takes = {**named, "address": "MailingAddressInput!", "setAsDefault": "Boolean"}
    values |= {"address": step.values, "setAsDefault": step.default}
    name = "customerAddressUpdate" if step.id else "customerAddressCreate"
    return Mutation(name, takes, values, "address { id }", "address.id")


def _metafields(values: Mapping[str, Any], *, removed: bool) -> list[dict[str, Any]]:
    """Those with a value, or those without one. The definition says the type; without one the shop refuses."""
    pairs = [
        {"namespace": space, "key": key, **({} if removed else {"value": value})}
        for space, keys in (values.get(METAFIELDS) or {}).items()
        for key, value in keys.items()
        if (value is None) == removed
    ]
    return sorted(pairs, key=lambda one: (one["namespace"], one["key"]))


def _refuse_read_only(values: Mapping[str, Any]) -> None:
    for name, why in _READ_ONLY.items():
        if name in values:
            raise RejectedError(f"{name} cannot be written: {why}", code="read_only", field=name)


# --- companies --------------------------------------------------------------------------------------------------------


def company_created(item: Create, at: ShopifySettings) -> list[Mutation]:  # noqa: ARG001 - the shape of a creation
    """The company with its first location; our key is its external id, which the shop keeps unique."""
    values: dict[str, Any] = {"company": {**_company_values(item.values), "externalId": item.key}}
    if (located := item.values.get(MAIN_LOCATION)) is not None:
        values["companyLocation"] = _location_created(located)
    takes = {"input": "CompanyCreateInput!"}
    return [Mutation("companyCreate", takes, {"input": values}, "company { id }", "company.id", typed=True)]


def company_updated(item: Update, now: Mapping[str, Any], at: ShopifySettings) -> list[Mutation]:  # noqa: ARG001 - as above
    """The company itself, and what changes at its first location."""
    found: list[Mutation] = []
    if values := _company_values(item.values):
        takes = {"companyId": "ID!", "input": "CompanyInput!"}
        sent = {"companyId": gid(COMPANY, item.ref.id), "input": values}
        found.append(Mutation("companyUpdate", takes, sent, "company { id }", "company.id", typed=True))
    if located := item.values.get(MAIN_LOCATION):
        found += _location_updated(now.get(MAIN_LOCATION), located)
    return found


def _company_values(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = [name for name in values if name not in (*_COMPANY_INPUTS, MAIN_LOCATION)]
    if unknown:
        raise RejectedError(f"a company takes no {', '.join(unknown)}", code="read_only", field=unknown[0])
    return {name: value for name, value in values.items() if name != MAIN_LOCATION}


def _location_created(located: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: located[name] for name in _LOCATION_INPUTS if located.get(name) is not None}
    for name in _ASSIGNED:
        if located.get(name):
            values[name] = _company_address(located[name])
    if number := (located.get("taxSettings") or {}).get("taxRegistrationId"):
        values["taxRegistrationId"] = number
    return values


def _location_updated(now: Mapping[str, Any] | None, located: Mapping[str, Any]) -> list[Mutation]:
    if not now:
        raise RejectedError("this company has no location to write to; make one in the shop", code="no_location")
    target = gid("CompanyLocation", now["id"])
    found = []
    if values := {name: located[name] for name in _LOCATION_INPUTS if name in located}:
        takes = {"companyLocationId": "ID!", "input": "CompanyLocationUpdateInput!"}
        sent = {"companyLocationId": target, "input": values}
        found.append(
            Mutation("companyLocationUpdate", takes, sent, "companyLocation { id }", "companyLocation.id", typed=True)
        )
    for name, kind in _ASSIGNED.items():
        if located.get(name):
            held = {inner: v for inner, v in (now.get(name) or {}).items() if v is not None and inner != STREET}
            found.append(_assigned(target, {**held, **located[name]}, kind))
    if "taxSettings" in located:
        found.append(_taxed(target, (located["taxSettings"] or {}).get("taxRegistrationId")))
    return found


def _assigned(target: str, address: Mapping[str, Any], kind: str) -> Mutation:
    takes = {"locationId": "ID!", "address": "CompanyAddressInput!", "addressTypes": "[CompanyAddressType!]!"}
    values = {"locationId": target, "address": _company_address(address), "addressTypes": [kind]}
    return Mutation("companyLocationAssignAddress", takes, values, "addresses { id }", "addresses", typed=True)


def _taxed(target: str, number: Any) -> Mutation:
    takes = {"companyLocationId": "ID!", "taxRegistrationId": "String"}
    values = {"companyLocationId": target, "taxRegistrationId": number}
    name = "companyLocationTaxSettingsUpdate"
    return Mutation(name, takes, values, "companyLocation { id }", "companyLocation.id", typed=True)


def with_whole_locations(wanted: Tree) -> Tree:
    """What has to be known of a company before an address of its location is written: it is sent whole."""
    whole: Tree = {name: {} for name in (*_COMPANY_ADDRESS_INPUTS, STREET)}
    return {**wanted, MAIN_LOCATION: {**wanted.get(MAIN_LOCATION, {}), **dict.fromkeys(_ASSIGNED, whole)}}


def _company_address(address: Mapping[str, Any]) -> dict[str, Any]:
    address = (
        {**{k: v for k, v in address.items() if k != STREET}, **lines_of(address[STREET])}
        if STREET in address
        else address
    )
    unknown = [name for name in address if name not in _COMPANY_ADDRESS_INPUTS and name != "id"]
    if unknown:
        message = f"an address of a company takes no {', '.join(unknown)}"
        raise RejectedError(message, code="read_only", field=f"{MAIN_LOCATION}.{unknown[0]}")
    return {_COMPANY_ADDRESS_INPUTS[name]: value for name, value in address.items() if name != "id"}
