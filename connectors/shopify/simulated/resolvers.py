"""What stands behind the fields of the two roots; everything below them is plain data."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, default_field_resolver

from connectors.shopify.simulated import views
from connectors.shopify.simulated.definitions import defined, definitions
from connectors.shopify.simulated.operations import start, stop
from connectors.shopify.simulated.shop import Shop
from connectors.shopify.simulated.writes import MUTATIONS as WRITES

Resolve = Callable[..., Any]
VERSIONS = ("2025-01", "2025-10", "2026-01", "2026-04", "2026-07", "2026-10")
_SCOPE_OF = {"customers": "read_customers", "customersCount": "read_customers", "companies": "read_companies"}


class HungMidwayError(Exception):
    """The line broke while a document was carried out."""


def resolve(source: Any, info: GraphQLResolveInfo, **given: Any) -> Any:
    """The one resolver of all fields."""
    shop: Shop = info.context
    name = f"{info.parent_type.name}.{info.field_name}"
    if name in shop.hidden or _SCOPE_OF.get(info.field_name, shop.scopes[0]) not in shop.scopes:
        wanted = _SCOPE_OF.get(info.field_name, "another")
        message = f"Access denied for {info.field_name} field. Required access: `{wanted}` access scope."
        raise GraphQLError(message, extensions={"code": "ACCESS_DENIED"})
    if info.parent_type.name == "QueryRoot":
        return _QUERIES[info.field_name](shop, **given)
    if info.parent_type.name == "Mutation":
        return _written(shop, info.field_name, given)
    return default_field_resolver(source, info, **given)


def _written(shop: Shop, name: str, given: Mapping[str, Any]) -> Any:
    if shop.stops_after is not None:
        if not shop.stops_after:
            raise HungMidwayError
        shop.stops_after -= 1
    return _MUTATIONS[name](shop, **given)


def _customers(
    shop: Shop, first: int | None = None, after: str | None = None, query: str | None = None, **_: Any
) -> Any:
    return views.crawled(shop.system, "Customer", query=query, first=first, after=after, view=shop.view)


def _companies(
    shop: Shop, first: int | None = None, after: str | None = None, query: str | None = None, **_: Any
) -> Any:
    return views.crawled(shop.system, "Company", query=query, first=first, after=after, view=shop.view)


def _count(kind: str) -> Resolve:
    def counted(shop: Shop, **_: Any) -> Any:
        number = 0 if kind in shop.system.blind else len(shop.system.living(kind))
        return {"count": min(number, 10_000), "precision": "EXACT" if number <= 10_000 else "AT_LEAST"}  # noqa: PLR2004 - the vendor's

    return counted


def _by_identifier(shop: Shop, identifier: Mapping[str, Any]) -> Any:
    field, value = _sought(shop, identifier)
    rows = [] if "Customer" in shop.system.blind else shop.system.find("Customer", field, value)
    return shop.view(rows[0]) if rows else None


def _sought(shop: Shop, identifier: Mapping[str, Any]) -> tuple[str, Any]:
    if "emailAddress" in identifier:
        return "email", identifier["emailAddress"]
    if "phoneNumber" in identifier:
        return "phone", identifier["phoneNumber"]
    named = identifier["customId"]
    if (named.get("namespace"), named["key"]) != shop.key or not shop.definitions:
        message = "Metafield definition of type 'id' is required when using custom ids."
        raise GraphQLError(message, extensions={"code": "NOT_FOUND"})
    return "concordatKey", named["value"]


def the_shop(shop: Shop) -> dict[str, str]:
    """What it says of itself."""
    name = f"{shop.system.tenant}.myshopify.com"
    number = int.from_bytes(blake2b(shop.system.tenant.encode(), digest_size=5).digest(), "big")
    return {"id": views.gid("Shop", str(number)), "name": shop.system.tenant, "myshopifyDomain": name}


_QUERIES: Mapping[str, Resolve] = {
    "shop": the_shop,
    "customers": _customers,
    "companies": _companies,
    "customersCount": _count("Customer"),
    "companiesCount": _count("Company"),
    "customerByIdentifier": _by_identifier,
    "customer": lambda shop, id: shop.node(id),  # noqa: A006 - the schema's name
    "company": lambda shop, id: shop.node(id),  # noqa: A006 - as above
    "node": lambda shop, id: shop.node(id),  # noqa: A006 - as above
    "nodes": lambda shop, ids: [shop.looked_at(one) for one in ids],
    "metafieldDefinitions": definitions,
    "currentBulkOperation": lambda shop, **_: shop.operation(shop.operations[-1]) if shop.operations else None,
    "publicApiVersions": lambda _shop: [{"handle": one, "displayName": one, "supported": True} for one in VERSIONS],
    "currentAppInstallation": lambda shop: {
        "accessScopes": [{"handle": one, "description": ""} for one in shop.scopes]
    },
}
_MUTATIONS: Mapping[str, Resolve] = {
    **WRITES,
    "metafieldDefinitionCreate": defined,
    "bulkOperationRunQuery": start,
    "bulkOperationCancel": stop,
}
