"""Definitions of metafields."""

from collections.abc import Mapping
from typing import Any

from connectors.shopify.simulated import views
from connectors.shopify.simulated.shop import Shop


def definitions(shop: Shop, **given: Any) -> views.Source:
    """Those of an owner type, or the one that is named."""
    found = [
        _told(place, one)
        for place, one in enumerate(shop.definitions)
        if all(given.get(name) in (None, one[name]) for name in ("ownerType", "namespace", "key"))
    ]
    return views.connection(found, lambda one: str(one["id"]))


def _told(place: int, one: Mapping[str, Any]) -> views.Source:
    unique = {"eligible": one["type"] == "id", "enabled": one["unique"]}
    return {
        "__typename": "MetafieldDefinition",
        "id": views.gid("MetafieldDefinition", str(place + 1)),
        "namespace": one["namespace"],
        "key": one["key"],
        "type": {"name": one["type"], "category": "ID"},
        "capabilities": {"uniqueValues": unique},
    }


def defined(shop: Shop, definition: Mapping[str, Any]) -> views.Source:
    """Make one; TAKEN where there is one of this name."""
    named = (definition["namespace"], definition["key"])
    if any((one["namespace"], one["key"]) == named for one in shop.definitions):
        error = {"field": ["definition", "key"], "message": "Key is in use for Customer metafields", "code": "TAKEN"}
        return {"createdDefinition": None, "userErrors": [error]}
    wanted = (definition.get("capabilities") or {}).get("uniqueValues") or {}
    one = {
        "namespace": named[0],
        "key": named[1],
        "ownerType": definition["ownerType"],
        "type": definition["type"],
        "unique": bool(wanted.get("enabled")) or definition["type"] == "id",
    }
    shop.definitions.append(one)
    return {"createdDefinition": _told(len(shop.definitions) - 1, one), "userErrors": []}
