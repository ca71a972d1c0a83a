"""From the paths that the maps want to what is asked of Shopify, and back: from a node of an answer to a payload.

A payload is spelled as Shopify spells its fields, but for five things: `addresses` is the plain list behind
`addressesV2`, each with `isDefault`; `metafields.<namespace>.<key>` is one metafield's value; `mainLocation` is a
company's first location; ids are told as their number alone, as `RecordRef` has them; and some fields are computed:
`outOfUse` (the tag that says so), `isBusiness` (the default address names a company), `businessId` (then its own id),
`companyId` (the company that the customer buys for, in B2B), and `street`, the two lines of an address in one.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from connectors.shopify.client import quoted

Tree: TypeAlias = dict[str, Any]  # name -> Tree; an empty one is a leaf

ADDRESSES, METAFIELDS, MAIN_LOCATION = "addresses", "metafields", "mainLocation"
OUT_OF_USE, IS_BUSINESS, BUSINESS_ID, COMPANY_ID = "outOfUse", "isBusiness", "businessId", "companyId"
COMPUTED = frozenset({OUT_OF_USE, IS_BUSINESS, BUSINESS_ID, COMPANY_ID})
_PROFILES = "companyContactProfiles"
IS_DEFAULT, DEFAULT_ADDRESS = "isDefault", "defaultAddress"
STREET, LINES = "street", ("address1", "address2")  # an address's two lines as one text
# What an address may be written with, by the name it is read under.
ADDRESS_INPUTS: Mapping[str, str] = {
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "company": "company",
    "countryCodeV2": "countryCode",
    "firstName": "firstName",
    "lastName": "lastName",
    "phone": "phone",
    "provinceCode": "provinceCode",
    "zip": "zip",
}
WHOLE_ADDRESS = ("id", *ADDRESS_INPUTS)
_GID = re.compile(r"gid://shopify/\w+/(\d+)")


def gid(kind: str, number: str) -> str:
    """The address of a record as Shopify writes it."""
    return f"gid://shopify/{kind}/{number}"


def number(told: str) -> str:
    """The number of an id; what has more than a number in it (addresses) stays as it is."""
    found = _GID.fullmatch(told)
    return found[1] if found else told


def tree(paths: Sequence[str]) -> Tree:
    """Nested names of dotted paths; a metafield's key may itself hold dots."""
    root: Tree = {}
    for path in sorted(paths):
        steps = path.split(".", 2) if path.startswith(f"{METAFIELDS}.") else path.split(".")
        node = root
        for step in steps:
            node = node.setdefault(step, {})
    return root


def widened(wanted: Tree, *, of_customers: bool = True) -> Tree:
    """With what the computed fields are computed from."""
    more: Tree = {name: _lined(inner) for name, inner in wanted.items() if name not in COMPUTED}
    if OUT_OF_USE in wanted:
        more.setdefault("tags", {})
    if COMPANY_ID in wanted:
        more = _merged(more, {_PROFILES: {"isMainContact": {}, "company": {"id": {}}}})
    if of_customers and (IS_BUSINESS in wanted or BUSINESS_ID in wanted):
        more = _merged(more, {"defaultAddress": {"company": {}}})
    if ADDRESSES in wanted:
        more = _merged(more, {"defaultAddress": {"id": {}}})
    return more


def _merged(one: Tree, other: Tree) -> Tree:
    return {**one, **{name: _merged(one.get(name, {}), inner) for name, inner in other.items()}}


def _lined(inner: Tree) -> Tree:
    """The two lines that a street is told in."""
    if STREET not in inner:
        return {name: _lined(deeper) for name, deeper in inner.items()}
    return {**{name: deeper for name, deeper in inner.items() if name != STREET}, **{line: {} for line in LINES}}


def with_whole_addresses(wanted: Tree) -> Tree:
    """What has to be known of a customer before an address of it is written."""
    whole: Tree = {name: {} for name in (*WHOLE_ADDRESS, STREET, IS_DEFAULT)}
    return _merged(wanted, {ADDRESSES: whole})


def grown(wanted: Tree, known: Tree) -> Tree:
    """Objects that were named as a whole, with the parts that the maps know of them."""
    return {name: _whole(inner, known[name]) if name in known else inner for name, inner in wanted.items()}


def _whole(inner: Tree, known: Tree) -> Tree:
    return {name: deeper for name, deeper in inner.items() if name in known} or known


def asked(wanted: Tree, addresses: int, *, bulk: bool = False, of_customers: bool = True) -> str:
    """The selection of one record, without its braces."""
    parts = ["id", "updatedAt"]
    for name, inner in widened(wanted, of_customers=of_customers).items():
        if name == ADDRESSES:
            parts.append(_connection(inner, addresses, bulk=bulk))
        elif name == METAFIELDS:
            parts += [
                f"{alias}: metafield(namespace: {quoted(n)}, key: {quoted(k)}) {{ value }}"
                for alias, n, k in metafields(wanted)
            ]
        elif name == MAIN_LOCATION:
            parts.append(f"locations(first: 1, sortKey: ID) {{ nodes {{ {_plain({'id': {}, **inner})} }} }}")
        else:
            parts.append(_field(name, inner))
    return " ".join(dict.fromkeys(parts))


def _connection(inner: Tree, first: int, *, bulk: bool) -> str:
    names = address_names(inner)
    if bulk:
        return f"addressesV2 {{ edges {{ node {{ {names} }} }} }}"
    return f"addressesV2(first: {first}) {{ nodes {{ {names} }} pageInfo {{ hasNextPage endCursor }} }}"


def address_names(inner: Tree) -> str:
    """The selection of one address in the list."""
    return _plain({"id": {}, **{name: part for name, part in _lined(inner).items() if name != IS_DEFAULT}})


def _field(name: str, inner: Tree) -> str:
    return f"{name} {{ {_plain(inner)} }}" if inner else name


def _plain(wanted: Tree) -> str:
    return " ".join(_field(name, inner) for name, inner in wanted.items())


def metafields(wanted: Tree) -> list[tuple[str, str, str]]:
    """(alias, namespace, key) of each metafield."""
    pairs = [(space, key) for space, keys in wanted.get(METAFIELDS, {}).items() for key in keys]
    return [(f"metafield{place}", space, key) for place, (space, key) in enumerate(sorted(pairs))]


# --- back -------------------------------------------------------------------------------------------------------------


def payload(node: Mapping[str, Any], wanted: Tree, archive_tag: str) -> dict[str, Any]:
    """What the maps wanted, and nothing else. What the answer does not hold is left out, not null."""
    found: dict[str, Any] = {}
    for name, inner in wanted.items():
        if name in COMPUTED:
            found[name] = _computed(name, node, archive_tag)
        elif name == ADDRESSES:
            found[name] = _addresses(node, inner)
        elif name == METAFIELDS:
            found[name] = _metafields(node, wanted)
        elif name == MAIN_LOCATION:
            located = node["locations"]["nodes"]
            found[name] = _told(located[0], {"id": {}, **inner}) if located else None
        elif name in node:
            found[name] = _told(node[name], inner)
    return found


def _computed(name: str, node: Mapping[str, Any], archive_tag: str) -> Any:
    if name == OUT_OF_USE:
        return archive_tag in (node.get("tags") or ())
    if name == COMPANY_ID:
        return _company_of(node)
    if "defaultAddress" not in node:
        return True  # a Company is nothing else
    business = bool(((node.get("defaultAddress") or {}).get("company") or "").strip())
    return business if name == IS_BUSINESS else (number(node["id"]) if business else None)


def _company_of(node: Mapping[str, Any]) -> str | None:
    """Whom a customer buys for: the company that it is the main contact of, else the first."""
    profiles = node.get(_PROFILES) or ()
    main = next((one for one in profiles if one["isMainContact"]), next(iter(profiles), None))
    return number(main["company"]["id"]) if main else None


def _addresses(node: Mapping[str, Any], inner: Tree) -> list[dict[str, Any]]:
    default = (node.get("defaultAddress") or {}).get("id")
    found = []
    for one in node["addressesV2"]["nodes"]:
        told = _told(one, {"id": {}, **{name: part for name, part in inner.items() if name != IS_DEFAULT}})
        found.append({**told, **({IS_DEFAULT: one["id"] == default} if IS_DEFAULT in inner else {})})
    return found


def _metafields(node: Mapping[str, Any], wanted: Tree) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for alias, space, key in metafields(wanted):
        held = node.get(alias)
        found.setdefault(space, {})[key] = held["value"] if held else None
    return found


def _told(value: Any, inner: Tree) -> Any:
    if isinstance(value, list):
        return [_told(one, inner) for one in value]
    if isinstance(value, Mapping) and inner:
        found = {name: _told(value[name], deeper) for name, deeper in inner.items() if name in value}
        return {**found, **({STREET: street_of(value)} if STREET in inner else {})}
    return number(value) if isinstance(value, str) else value


def street_of(address: Mapping[str, Any]) -> str | None:
    """Both lines, as one text; null where there is neither."""
    return "\n".join(line for name in LINES if (line := address.get(name))) or None


def lines_of(street: str | None) -> dict[str, str | None]:
    """The first line, and all others in the second."""
    first, *rest = (street or "").split("\n")
    return dict(zip(LINES, (first or None, ", ".join(filter(None, rest)) or None), strict=True))
