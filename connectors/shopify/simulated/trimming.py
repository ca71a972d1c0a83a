"""Cut the vendor's published introspection down to what the simulator serves.

    python -m connectors.shopify.simulated.trimming admin_schema_2025-01.json > schema_2025_01.graphql

Kept are the types named here. Of their fields and arguments those go whose type is not kept; what stays, stays as it
was published, but for the descriptions. A kept input or enum is never cut: it says what may be sent.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLSchema,
    build_client_schema,
    get_named_type,
    is_input_object_type,
    is_leaf_type,
    lexicographic_sort_schema,
    print_schema,
)

QUERIES = frozenset(
    {
        "shop",
        "customers",
        "customersCount",
        "customer",
        "customerByIdentifier",
        "companies",
        "companiesCount",
        "company",
        "nodes",
        "node",
        "metafieldDefinitions",
        "currentBulkOperation",
        "publicApiVersions",
        "currentAppInstallation",
    }
)
MUTATIONS = frozenset(
    {
        "customerCreate",
        "customerUpdate",
        "companyCreate",
        "companyUpdate",
        "companyLocationUpdate",
        "companyLocationAssignAddress",
        "companyLocationTaxSettingsUpdate",
        "metafieldDefinitionCreate",
        "metafieldsDelete",
        "bulkOperationRunQuery",
        "bulkOperationCancel",
        "tagsAdd",
        "tagsRemove",
    }
)
OBJECTS = frozenset(
    {
        "AccessScope",
        "ApiVersion",
        "AppInstallation",
        "BulkOperation",
        "Company",
        "CompanyAddress",
        "CompanyContact",
        "CompanyLocation",
        "CompanyLocationTaxSettings",
        "Count",
        "Customer",
        "MailingAddress",
        "Metafield",
        "MetafieldCapabilities",
        "MetafieldCapabilityUniqueValues",
        "MetafieldDefinition",
        "MetafieldDefinitionType",
        "MetafieldIdentifier",
        "MoneyV2",
        "PageInfo",
        "Shop",
    }
)
CONNECTED = ("Customer", "Company", "CompanyContact", "CompanyLocation", "MailingAddress", "MetafieldDefinition")
INTERFACES = frozenset({"Node", "DisplayableError"})
_ALLOWED: Mapping[str, frozenset[str]] = {"QueryRoot": QUERIES, "Mutation": MUTATIONS}


def trimmed(introspection: Mapping[str, Any]) -> GraphQLSchema:
    """The schema of the kept types."""
    told = introspection.get("data", introspection)
    whole = build_client_schema(told)
    kept = _kept(whole)
    types = [_cut(one, kept) for one in told["__schema"]["types"] if one["name"] in kept]
    cut: Any = {"__schema": {**told["__schema"], "types": types, "directives": [], "subscriptionType": None}}
    return lexicographic_sort_schema(build_client_schema(cut))


def _kept(schema: GraphQLSchema) -> set[str]:
    """The names of the types that stay: those named, the answers of the mutations, and all that these need."""
    kept = {"QueryRoot", "Mutation", *OBJECTS, *INTERFACES}
    kept |= {f"{name}{end}" for name in CONNECTED for end in ("Connection", "Edge")}
    for name in MUTATIONS:
        payload: Any = get_named_type(_fields(schema, "Mutation")[name].type)
        kept |= {payload.name, get_named_type(payload.fields["userErrors"].type).name}
    for name in sorted(kept):
        kept |= _needed(schema, name, frozenset(kept))
    return kept | {name for name in schema.type_map if name.startswith("__")}


def _needed(schema: GraphQLSchema, name: str, kept: frozenset[str]) -> set[str]:
    """Scalars, enums and inputs that the kept fields of a type, and their arguments, bear."""
    found: set[str] = set()
    for field in _fields(schema, name).values():
        inner = get_named_type(field.type)
        if not is_leaf_type(inner) and inner.name not in kept:
            continue
        found |= {inner.name} if is_leaf_type(inner) else set()
        for argument in field.args.values():
            found |= _inputs(get_named_type(argument.type))
    return found


def _fields(schema: GraphQLSchema, name: str) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = getattr(schema.type_map[name], "fields", {})
    allowed = _ALLOWED.get(name)
    return {key: field for key, field in fields.items() if allowed is None or key in allowed}


def _inputs(kind: Any) -> set[str]:
    if not is_input_object_type(kind):
        return {kind.name}
    found = {kind.name}
    for field in kind.fields.values():
        inner = get_named_type(field.type)
        if inner.name not in found:
            found |= _inputs(inner)
    return found


def _cut(one: dict[str, Any], kept: set[str]) -> dict[str, Any]:
    allowed = _ALLOWED.get(one["name"])
    fields = [field for field in one.get("fields") or () if allowed is None or field["name"] in allowed]
    fields = [_without_words(field) for field in fields if _named(field["type"]) in kept]
    for field in fields:
        field["args"] = [_without_words(each) for each in field["args"] if _named(each["type"]) in kept]
    return {
        **one,
        "description": None,
        "fields": fields if one["kind"] in {"OBJECT", "INTERFACE"} else None,
        "inputFields": [_without_words(each) for each in one.get("inputFields") or ()] or None,
        "enumValues": [_without_words(each) for each in one.get("enumValues") or ()] or None,
        "interfaces": [each for each in one.get("interfaces") or () if each["name"] in kept],
        "possibleTypes": [each for each in one.get("possibleTypes") or () if each["name"] in kept] or None,
    }


def _without_words(told: dict[str, Any]) -> dict[str, Any]:
    return {
        **told,
        "description": None,
        **({"isDeprecated": False, "deprecationReason": None} if "isDeprecated" in told else {}),
    }


def _named(kind: Mapping[str, Any]) -> str:
    while kind.get("ofType"):
        kind = kind["ofType"]
    return str(kind["name"])


if __name__ == "__main__":
    sys.stdout.write(print_schema(trimmed(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))) + "\n")
