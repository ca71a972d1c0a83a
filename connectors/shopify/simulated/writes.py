"""Mutations of customers and companies, and how a refusal of the world sounds in this dialect."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import GraphQLError

from connectors.shopify.simulated import views
from connectors.shopify.simulated.shop import Shop
from connectors.testing.faults import Fault
from connectors.testing.metadata import Refusal

_E164 = re.compile(r"\+[1-9]\d{5,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ADDRESS_NAMES = {"countryCode": "countryCodeV2"}
Answer = dict[str, Any]


class _No(Exception):  # noqa: N818 - the shop refuses; no error of ours
    """A refusal of one record."""

    def __init__(self, message: str, *field: str, code: str = "INVALID") -> None:
        """`field`: the path into the input."""
        super().__init__(message)
        self.error = {"field": list(field) or None, "message": message, "code": code}


def _answered(do: Callable[..., Answer], empty: Answer) -> Callable[..., Answer]:
    """A mutation whose refusals become userErrors."""

    def mutate(shop: Shop, **given: Any) -> Answer:
        try:
            return {**do(shop, given), "userErrors": []}
        except _No as no:
            return {**empty, "userErrors": [no.error]}
        except Refusal as refusal:
            return {**empty, "userErrors": [_worded(refusal).error]}

    return mutate


def _worded(refusal: Refusal) -> _No:
    if refusal.code == "missing":
        return _No("Customer does not exist", "id", code="RESOURCE_NOT_FOUND")
    if refusal.code == "duplicate":
        if refusal.field == "concordatKey":
            return _No(
                "Value must be unique. It is assigned to another customer.", "metafields", "0", "value", code="TAKEN"
            )
        return _No(f"{refusal.field.capitalize()} has already been taken", refusal.field, code="TAKEN")
    if refusal.code == "too_long":
        return _No(f"{refusal.field} is too long", refusal.field, code="TOO_LONG")
    if refusal.code == "required":
        return _No(f"{refusal.field} can't be blank", "input", "company", "name", code="BLANK")
    return _No(str(refusal), refusal.field, code="INVALID")


# --- customers --------------------------------------------------------------------------------------------------------


def _customer_create(shop: Shop, given: Mapping[str, Any]) -> Answer:
    sent = given["input"]
    values = _customer_values(shop, sent)
    key = str(values.get("concordatKey") or "")
    _befalls(shop, "create", "Customer", key)
    addresses = [_new_address(shop, one) for one in sent.get("addresses") or ()]
    values |= {"addresses": addresses, "defaultAddressId": addresses[0]["id"] if addresses else ""}
    _refuse_nobody(values)
    row = shop.system.create("Customer", values, key=key)
    return {"customer": shop.view(row)}


def _customer_update(shop: Shop, given: Mapping[str, Any]) -> Answer:
    sent = given["input"]
    number = views.of_gid(str(sent.get("id")), "Customer")
    _befalls(shop, "update", "Customer", number)
    held = shop.system.read("Customer", number)
    values = _customer_values(shop, sent, held.values if held else {})
    if held is not None:
        _refuse_nobody({**held.values, **values})
    if "addresses" in sent:
        raise _No("this simulated shop wants addresses written one by one", "addresses")
    return {"customer": shop.view(shop.system.update("Customer", number, values))}


def _customer_values(shop: Shop, given: Mapping[str, Any], held: Mapping[str, Any] | None = None) -> Answer:
    values = {name: value for name, value in given.items() if name not in {"id", "addresses", "metafields"}}
    if values.get("phone") and not _E164.fullmatch(values["phone"]):
        raise _No("Phone is invalid", "phone")
    if values.get("email") and not _EMAIL.fullmatch(values["email"]):
        raise _No("Email is invalid", "email")
    kept = list((held or {}).get("metafields", ()))
    for one in given.get("metafields") or ():
        named = (one["namespace"], one["key"])
        if named == shop.key:
            values["concordatKey"] = one["value"]
        else:
            _refuse_undefined(shop, one, kept)
            kept = [each for each in kept if (each["namespace"], each["key"]) != named]
            kept.append({"namespace": named[0], "key": named[1], "value": one["value"]})
    return {**values, "metafields": kept}


def _refuse_undefined(shop: Shop, one: Mapping[str, Any], kept: Sequence[Mapping[str, Any]]) -> None:
    """Without a definition, and where there is none yet, the shop does not know its type."""
    named = (one["namespace"], one["key"])
    if not one.get("type") and named not in [(each["namespace"], each["key"]) for each in (*shop.definitions, *kept)]:
        raise _No("Type can't be blank", "metafields", "0", "type", code="BLANK")


def _refuse_nobody(values: Mapping[str, Any]) -> None:
    if not any(values.get(name) for name in ("firstName", "lastName", "email", "phone")):
        raise _No("A name, phone number, or email address must be present")


def _tags(*, more: bool) -> Callable[..., Answer]:
    def change(shop: Shop, given: Mapping[str, Any]) -> Answer:
        number, tags = views.of_gid(given["id"], "Customer"), given["tags"]
        _befalls(shop, "archive", "Customer", number)
        row = shop.system.read("Customer", number)
        held = list(row.values["tags"]) if row else []
        kept = [tag for tag in held if tag not in tags] + (list(tags) if more else [])
        saved = shop.system.update("Customer", number, {"tags": sorted(kept)}, op="archive" if more else "update")
        return {"node": shop.view(saved)}

    return change


def _metafields_delete(shop: Shop, given: Mapping[str, Any]) -> Answer:
    metafields = given["metafields"]
    for one in metafields:
        number = views.of_gid(one["ownerId"], "Customer")
        row = shop.system.read("Customer", number)
        held = row.values["metafields"] if row else []
        kept = [each for each in held if (each["namespace"], each["key"]) != (one["namespace"], one["key"])]
        shop.system.update("Customer", number, {"metafields": kept})
    return {"deletedMetafields": [{"key": one["key"], "ownerId": one["ownerId"]} for one in metafields]}


# --- addresses of customers -------------------------------------------------------------------------------------------


def _address_values(given: Mapping[str, Any]) -> Answer:
    if given.get("zip") == "refused":
        raise _No("Zip is not valid", "address", "zip")
    return {_ADDRESS_NAMES.get(name, name): value for name, value in given.items() if value is not None}


def _new_address(shop: Shop, given: Mapping[str, Any]) -> Answer:
    number = f"{shop.new_number()}?model_name=CustomerAddress"
    return {"id": views.gid("MailingAddress", number), **_address_values(given)}


def _address_create(shop: Shop, given: Mapping[str, Any]) -> Answer:
    customer = given["customerId"]
    held, default = _addresses(shop, customer)
    made = _new_address(shop, given["address"])
    _save(shop, customer, [*held, made], made["id"] if given.get("setAsDefault") or not held else default)
    return {"address": made}


def _address_update(shop: Shop, given: Mapping[str, Any]) -> Answer:
    """What is not given is gone: the address is replaced."""
    customer, address = given["customerId"], given["addressId"]
    held, default = _addresses(shop, customer)
    if address not in [one["id"] for one in held]:
        raise _No("Address does not exist", "addressId")
    changed = {"id": address, **_address_values(given["address"])}
    kept = [changed if one["id"] == address else one for one in held]
    _save(shop, customer, kept, address if given.get("setAsDefault") else default)
    return {"address": changed}


def _address_delete(shop: Shop, given: Mapping[str, Any]) -> Answer:
    customer, address = given["customerId"], given["addressId"]
    held, default = _addresses(shop, customer)
    left = [one for one in held if one["id"] != address]
    _save(shop, customer, left, (left[0]["id"] if left else "") if default == address else default)
    return {"deletedAddressId": address}


def _addresses(shop: Shop, customer: str) -> tuple[list[Answer], str]:
    number = views.of_gid(customer, "Customer")
    _befalls(shop, "update", "Customer", number)
    row = shop.system.read("Customer", number)
    if row is None:
        raise Refusal("missing", "Customer does not exist")
    return list(row.values["addresses"]), row.values["defaultAddressId"]


def _save(shop: Shop, customer: str, held: Sequence[Answer], default: str) -> None:
    values = {"addresses": list(held), "defaultAddressId": default}
    shop.system.update("Customer", views.of_gid(customer, "Customer"), values)


# --- companies --------------------------------------------------------------------------------------------------------


def _company_create(shop: Shop, sent: Mapping[str, Any]) -> Answer:
    given = dict(sent["input"]["company"])
    _befalls(shop, "create", "Company", str(given.get("externalId") or ""))
    located = dict(sent["input"].get("companyLocation") or {"name": given.get("name")})
    tax = located.pop("taxRegistrationId", None)
    addresses = {name: _company_address(located.get(name)) for name in ("billingAddress", "shippingAddress")}
    location = {
        "id": views.gid("CompanyLocation", shop.new_number()),
        "name": given.get("name"),
        **located,
        **addresses,
        "taxSettings": {"taxRegistrationId": tax, "taxExempt": False, "taxExemptions": []},
    }
    values = {**given, "locations": [location]}
    return {"company": shop.view(shop.system.create("Company", values, key=str(given.get("externalId") or "")))}


def _company_address(given: Mapping[str, Any] | None) -> Answer | None:
    if given is None:
        return None
    return {
        "id": views.gid("CompanyAddress", "1"),
        **{name: value for name, value in given.items() if value is not None},
    }


def _company_update(shop: Shop, given: Mapping[str, Any]) -> Answer:
    number = views.of_gid(given["companyId"], "Company")
    _befalls(shop, "update", "Company", number)
    try:
        return {"company": shop.view(shop.system.update("Company", number, dict(given["input"])))}
    except Refusal as refusal:
        if refusal.code != "missing":
            raise
        raise _No("Company does not exist", "companyId", code="RESOURCE_NOT_FOUND") from None


def _location_update(shop: Shop, given: Mapping[str, Any]) -> Answer:
    return {"companyLocation": _located(shop, given["companyLocationId"], dict(given["input"]))}


def _location_address(shop: Shop, given: Mapping[str, Any]) -> Answer:
    names = {"BILLING": "billingAddress", "SHIPPING": "shippingAddress"}
    wanted = [names[one] for one in given["addressTypes"]]
    told = _located(shop, given["locationId"], {name: _company_address(given["address"]) for name in wanted})
    return {"addresses": [told[name] for name in wanted]}


def _location_tax(shop: Shop, given: Mapping[str, Any]) -> Answer:
    settings: Answer = {"taxRegistrationId": given.get("taxRegistrationId"), "taxExempt": False, "taxExemptions": []}
    return {"companyLocation": _located(shop, given["companyLocationId"], {"taxSettings": settings})}


def _located(shop: Shop, location: str, values: Mapping[str, Any]) -> Answer:
    """A change at a location does not move the company's own time."""
    for row in shop.system.living("Company"):
        for place, one in enumerate(row.values["locations"]):
            if one["id"] == location:
                changed = {**one, **values}
                kept = [*row.values["locations"][:place], changed, *row.values["locations"][place + 1 :]]
                shop.system.update("Company", row.id, {"locations": kept}, silent=True)
                return changed
    raise _No("Location does not exist", "companyLocationId", code="RESOURCE_NOT_FOUND")


def _befalls(shop: Shop, call: str, kind: str, subject: str) -> None:
    faults, name = shop.system.faults, shop.system.name
    if faults.curses(Fault.POISON, f"{name}/{kind}/{subject}"):
        raise _No("this record cannot be saved")
    if faults.strikes(Fault.PARTIAL_BATCH, f"{name}.{call}:{kind}/{subject}"):
        raise GraphQLError(
            "Internal error. Looks like something went wrong.", extensions={"code": "INTERNAL_SERVER_ERROR"}
        )


MUTATIONS: Mapping[str, Callable[..., Answer]] = {
    "customerCreate": _answered(_customer_create, {"customer": None}),
    "customerUpdate": _answered(_customer_update, {"customer": None}),
    "customerAddressCreate": _answered(_address_create, {"address": None}),
    "customerAddressUpdate": _answered(_address_update, {"address": None}),
    "customerAddressDelete": _answered(_address_delete, {"deletedAddressId": None}),
    "tagsAdd": _answered(_tags(more=True), {"node": None}),
    "tagsRemove": _answered(_tags(more=False), {"node": None}),
    "metafieldsDelete": _answered(_metafields_delete, {"deletedMetafields": None}),
    "companyCreate": _answered(_company_create, {"company": None}),
    "companyUpdate": _answered(_company_update, {"company": None}),
    "companyLocationUpdate": _answered(_location_update, {"companyLocation": None}),
    "companyLocationAssignAddress": _answered(_location_address, {"addresses": None}),
    "companyLocationTaxSettingsUpdate": _answered(_location_tax, {"companyLocation": None}),
}
