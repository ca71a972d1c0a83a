"""The shop as a Shopify shop: buyers are customers, names last names, the rest metafields; a tag puts out of use.

A buyer without a name is none there: the shop makes and keeps nobody whom it cannot name. An app cannot be kept from
one field of a customer alone, so what a history hides or drops there is left out.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.shopify.connector import ShopifyConnector
from connectors.shopify.selection import METAFIELDS, OUT_OF_USE
from connectors.shopify.settings import ShopifySettings
from connectors.shopify.simulated import kinds as shop_kinds
from connectors.shopify.simulator import ShopifySimulator
from connectors.testing.metadata import KindSpec
from connectors.testing.world import System
from mappings.fieldmap import KindMap
from sync_pipelines.simulation.dialects.dialect import BothNames, fetched, seams, spelled
from sync_pipelines.simulation.little_book import KINDS

_SPACE, _TAG = "little", "out-of-use"
_METAFIELDS = {"Tax_Id": "tax_id", "Phone": "phone", "Remark": "remark", "Rating": "rating", "Number": "number"}
_PLAIN = {"Name": "lastName", "Key": shop_kinds.KEY_FIELD}
_AT = {"Name": "lastName"} | {name: f"{METAFIELDS}.{_SPACE}.{key}" for name, key in _METAFIELDS.items()}


class _BothNames(BothNames):
    """Its people edit what everybody edits; the shop's own words stand beside."""

    theirs = frozenset(shop_kinds.customer().fields)

    def both(self, kind: str, values: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
        """What the shop is told, in the words of the little book; then as it is saved, in the shop's."""
        meant = _meant(values, held)
        stored = self.kind(kind).saved(meant)
        return {**values, **meant, **_worded(stored, held)}


def _meant(values: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    """Only what is written; a list of metafields or tags is written as a whole, and says what differs in it."""
    meant = {name: values[name] for name in (*_METAFIELDS, *_PLAIN, "Active") if name in values}
    meant |= {name: values[theirs] for name, theirs in _PLAIN.items() if theirs in values}
    if "metafields" in values:
        told = _told(values["metafields"])
        meant |= {name: told.get(key) for name, key in _METAFIELDS.items() if told.get(key) != (held.get(name) or None)}
    if "tags" in values and (_TAG not in values["tags"]) != held.get("Active", True):
        meant["Active"] = _TAG not in values["tags"]
    return meant


def _worded(stored: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    worded = {theirs: stored[name] for name, theirs in _PLAIN.items() if name in stored}
    if not stored.keys().isdisjoint(_METAFIELDS):
        told = _told(held.get("metafields", ())) | {_METAFIELDS[n]: v for n, v in stored.items() if n in _METAFIELDS}
        worded["metafields"] = [
            {"namespace": _SPACE, "key": key, "value": value} for key, value in told.items() if value not in (None, "")
        ]
    if "Active" in stored:
        worded["tags"] = [] if stored["Active"] else [_TAG]
    return worded


def _told(metafields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {one["key"]: one["value"] for one in metafields if one["namespace"] == _SPACE}


@dataclass(frozen=True, slots=True)
class Shopify:
    """One shop."""

    called: Mapping[str, str] = field(default_factory=lambda: {KINDS["shop"]: shop_kinds.CUSTOMER})
    words: Mapping[str, str] = field(default_factory=lambda: {theirs: ours for ours, theirs in _AT.items()})
    left_out: frozenset[str] = frozenset({"Places"})
    sort: type[System] = _BothNames
    options: Mapping[str, Any] = field(default_factory=dict)

    def kind(self, plain: KindSpec) -> KindSpec:
        """A customer with the fields of the little book beside its own."""
        own = shop_kinds.customer(*plain.fields.values())
        return replace(own, active_field=plain.active_field)

    def mapped(self, plain: KindMap) -> KindMap:
        """Out of use by a tag."""
        told = spelled(plain, self.called, _AT)
        return replace(told, archived_at=OUT_OF_USE, archived_is=(True,))

    def opened(self, system: System, until: ExitStack, kinds: Sequence[KindMap], *, page: int, batch: int) -> "_Shop":
        """Pages of so many customers, and so many in a call."""
        served = until.enter_context(ShopifySimulator(system))
        for key in _METAFIELDS.values():
            served.shop.define(_SPACE, key, type_="single_line_text_field", unique=False)
        return _Shop(served, until, fetched(kinds), page, batch)


@dataclass(frozen=True, slots=True)
class _Shop:
    served: ShopifySimulator
    until: ExitStack
    fields: Mapping[str, Sequence[str]]
    page: int
    batch: int

    def connected(self) -> ShopifyConnector:
        app, system = self.served.app, self.served.system
        settings = ShopifySettings.model_validate(
            {
                "url": self.served.url,
                "on_premise": True,
                "client_id": app.client_id,
                "client_secret": app.client_secret,
                "archive_tag": _TAG,
                "page_size": self.page,
                "batch": self.batch,
                "bulk_above": None,
            }
        )
        connector = ShopifyConnector(system.name, settings, seams(system), self.fields)
        self.until.callback(connector.close)
        return connector
