"""How the records of a world look as objects of the schema."""

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.testing.system import System
from connectors.testing.table import Row

Source = dict[str, Any]
_COUNTRIES = {
    "DE": "Germany",
    "AT": "Austria",
    "CH": "Switzerland",
    "CN": "China",
    "US": "United States",
    "FR": "France",
}
_PLAIN = ("firstName", "lastName", "email", "phone", "note", "locale", "tags", "taxExempt")
_OF_A_NEW_ONE: Source = {
    "numberOfOrders": "0",
    "verifiedEmail": True,
    "canDelete": True,
    "amountSpent": {"amount": "0.0", "currencyCode": "USD"},
    "dataSaleOptOut": False,
    "lifetimeDuration": "",
    "productSubscriberStatus": "NEVER_SUBSCRIBED",
    "taxExemptions": (),
}
_FILTER = re.compile(r"(\w+):(>=|<=|>|<|)(?:'([^']*)'|([^'\s]*))")


def gid(kind: str, number: str) -> str:
    """The address of an object."""
    return f"gid://shopify/{kind}/{number}"


def of_gid(text: str, kind: str) -> str:
    """The number of an id of this kind; empty where it is another's."""
    start = f"gid://shopify/{kind}/"
    return text.removeprefix(start) if text.startswith(start) else ""


def stamp(at: datetime) -> str:
    """UTC, in whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def customer(system: System, row: Row, ours: tuple[str, str]) -> Source:
    """One customer; what has arguments is computed when asked."""
    held = row.values
    addresses = [_address(one) for one in held["addresses"]]
    default = next((one for one in addresses if one["id"] == held["defaultAddressId"]), None)
    names = [held["firstName"], held["lastName"]]
    return {
        "__typename": "Customer",
        "id": gid("Customer", row.id),
        "legacyResourceId": row.id,
        **{name: held[name] for name in _PLAIN},
        "displayName": " ".join(filter(None, names)) or held["email"] or held["phone"] or "",
        "state": "DISABLED",
        "createdAt": stamp(row.created_at),
        "updatedAt": stamp(row.stamp),
        **_OF_A_NEW_ONE,
        "validEmailAddress": bool(held["email"]),
        "defaultAddress": default,
        "addresses": lambda _info, first=None: addresses[:first],
        "addressesV2": lambda _info, **given: connection(addresses, _id_of, **given),
        "metafield": lambda _info, key, namespace=None: _metafield(held, (namespace, key), ours),
        "companyContactProfiles": lambda _info: [_profile(system, row, one, ours) for one in held["companies"]],
    }


def _address(one: Mapping[str, Any]) -> Source:
    names = ("id", "address1", "address2", "city", "company", "firstName", "lastName", "phone", "zip")
    code = one.get("countryCodeV2")
    told = {name: one.get(name) for name in (*names, "countryCodeV2", "provinceCode")}
    country = _COUNTRIES.get(str(code), code)
    name = " ".join(filter(None, (one.get("firstName"), one.get("lastName"))))
    more = {"country": country, "province": one.get("provinceCode"), "countryCode": code, "name": name or None}
    return {"__typename": "MailingAddress", **told, **more, "coordinatesValidated": False}


def _metafield(held: Mapping[str, Any], named: tuple[str | None, str], ours: tuple[str, str]) -> Source | None:
    if named == ours:
        value = held["concordatKey"]
        return None if value is None else {"__typename": "Metafield", "value": value}
    found = (one for one in held["metafields"] if (one["namespace"], one["key"]) == named)
    return next(({"__typename": "Metafield", **one} for one in found), None)


def _profile(system: System, row: Row, one: Mapping[str, Any], ours: tuple[str, str]) -> Source:
    firm = system.read("Company", str(one["company"]))
    return {
        "__typename": "CompanyContact",
        "id": gid("CompanyContact", f"{row.id}{one['company']}"),
        "title": one.get("title"),
        "isMainContact": bool(one.get("main")),
        "company": None if firm is None else company(firm),
        "customer": lambda _info: customer(system, row, ours),
    }


def company(row: Row) -> Source:
    """One company that buys."""
    held = row.values
    locations = [_location(row, one) for one in held["locations"]]
    return {
        "__typename": "Company",
        "id": gid("Company", row.id),
        **{name: held[name] for name in ("name", "note", "externalId")},
        "createdAt": stamp(row.created_at),
        "updatedAt": stamp(row.stamp),
        "locations": lambda _info, **given: connection(locations, _id_of, **given),
        "metafield": lambda _info, **_given: None,
    }


def _location(row: Row, one: Mapping[str, Any]) -> Source:
    addresses = {name: one.get(name) and _company_address(one[name]) for name in ("billingAddress", "shippingAddress")}
    tax = one.get("taxSettings") or {"taxRegistrationId": None}
    return {"__typename": "CompanyLocation", **one, **addresses, "taxSettings": tax, "updatedAt": stamp(row.stamp)}


def _company_address(one: Mapping[str, Any]) -> Source:
    return {"__typename": "CompanyAddress", "companyName": "", **one, "address1": one.get("address1") or ""}


# --- pages ------------------------------------------------------------------------------------------------------------


def _id_of(one: Any) -> str:
    return str(one["id"])


def connection(
    found: Sequence[Any],
    mark: Callable[[Any], Any],
    *,
    first: int | None = None,
    after: str | None = None,
    **_more: Any,
) -> Source:
    """A page of what is there, behind the place that `after` names. Without `first` (a bulk operation): all."""
    marks = [mark(one) for one in found]
    start = marks.index(_read(after)) + 1 if after and _read(after) in marks else 0
    page = list(found[start:] if first is None else found[start : start + first])
    return page_of(page, [_cursor(mark(one)) for one in page], more=start + len(page) < len(found))


def page_of(page: Sequence[Any], cursors: Sequence[str], *, more: bool) -> Source:
    """The shape of every connection."""
    edges = [{"cursor": cursor, "node": one} for cursor, one in zip(cursors, page, strict=True)]
    info = {
        "hasNextPage": more,
        "hasPreviousPage": False,
        "endCursor": cursors[-1] if cursors else None,
        "startCursor": cursors[0] if cursors else None,
    }
    return {"nodes": list(page), "edges": edges, "pageInfo": info}


def _cursor(mark: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(mark).encode()).decode()


def _read(cursor: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(cursor))


def crawled(
    system: System, kind: str, *, query: str | None, first: int | None, after: str | None, view: Callable[[Row], Source]
) -> Source:
    """A page of a kind: by id as it is now, or with a filter by the last change as the index shows it so far."""
    if kind in system.blind:
        return page_of((), (), more=False)
    if not query:
        rows = sorted(system.living(kind), key=lambda row: int(row.id))
        if after:
            rows = [row for row in rows if int(row.id) > int(_read(after))]
        page = rows if first is None else rows[:first]
        return page_of([view(row) for row in page], [_cursor(row.id) for row in page], more=len(page) < len(rows))
    place = _read(after) if after else None
    behind = (datetime.fromisoformat(place[0]), str(place[1])) if place else None
    rows = [row for row in system.search(kind, after=behind) if _matches(row, query)]
    page = rows if first is None else rows[:first]
    marks = [_cursor([row.stamp.isoformat(), row.id]) for row in page]
    return page_of([view(row) for row in page], marks, more=len(page) < len(rows))


def _matches(row: Row, query: str) -> bool:
    """Terms joined by AND. A term nobody knows becomes a search for its words, and finds nothing."""
    return all(_term(row, part) for part in query.split(" AND "))


def _term(row: Row, part: str) -> bool:
    found = _FILTER.fullmatch(part.strip())
    if found is None or found[1] != "updated_at":
        return any(part.casefold() in str(value).casefold() for value in row.values.values())
    at = datetime.fromisoformat(found[3] or found[4])
    return {">=": row.stamp >= at, ">": row.stamp > at, "<=": row.stamp <= at, "<": row.stamp < at}.get(
        found[2], row.stamp == at
    )
