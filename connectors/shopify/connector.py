"""Shopify as a connector; the parts stand in the files beside this one, the vendor's facts in README.md."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.contract import (
    Archive,
    Capabilities,
    Create,
    Deletions,
    Finding,
    ItemResult,
    KindDescription,
    Merges,
    Page,
    Record,
    RecordRef,
    Update,
    Watermark,
)
from connectors.errors import MisconfiguredError
from connectors.seams import Seams
from connectors.settings import load
from connectors.shopify.bulk import Bulk
from connectors.shopify.client import Client
from connectors.shopify.definitions import Definitions
from connectors.shopify.describing import Checkup, Describer
from connectors.shopify.kinds import COMPANY, CUSTOMER, Shape
from connectors.shopify.reading import Reader
from connectors.shopify.selection import tree
from connectors.shopify.settings import ShopifySettings
from connectors.shopify.writing import Writer

# What is fetched where no map says so.
_USUAL: Mapping[str, tuple[str, ...]] = {
    CUSTOMER: ("firstName", "lastName", "email", "phone"),
    COMPANY: ("name", "note"),
}


class ShopifyConnector:
    """`connectors.contract.Connector` on one shop."""

    def __init__(
        self, system: str, settings: ShopifySettings, seams: Seams, fields: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """`fields` names, by kind, what to fetch: no more than the maps want."""
        self._system = system
        self._client = Client(system, settings, seams)
        self._kinds = {CUSTOMER: _of_customers(settings)} | (
            {COMPANY: _of_companies(settings)} if settings.companies else {}
        )
        self._refuse_unknown(fields or {})
        shapes = {kind: _shape(system, kind, (fields or {}).get(kind, _USUAL[kind]), settings) for kind in self._kinds}
        self._definitions = Definitions(self._client, settings)
        self._describer = Describer(self._client)
        bulk = Bulk(self._client, settings, seams.sleep)
        self._reader = Reader(system, self._client, settings, shapes, bulk)
        self._writer = Writer(self._client, self._reader, settings, self._definitions)
        self._checkup = Checkup(self._client, settings, shapes, self._definitions, seams.clock)

    @property
    def system(self) -> str:
        """The name the book gives it."""
        return self._system

    @property
    def kinds(self) -> Mapping[str, Capabilities]:
        """Customer, and Company where the shop sells to companies."""
        return self._kinds

    def fingerprint(self) -> str:
        """The shop's own id, which no other shop has."""
        return str(self._client.ask("shop", "query Shop { shop { id } }")["shop"]["id"])

    def check(self) -> Sequence[Finding]:
        """Login, clock, API version, scopes, our key, and each kind with its fields."""
        return tuple(self._checkup.findings())

    def describe(self, kind: str) -> KindDescription:
        """The shop's own metadata."""
        return self._describer.describe(self._known(kind))

    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        """See `Reader.changes`."""
        return self._reader.changes(self._known(kind), since)

    def keys(self, kind: str) -> Iterator[Sequence[str]]:
        """All living ids."""
        return self._reader.keys(self._known(kind))

    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        """By id, many in one call."""
        return self._reader.read([ref for ref in refs if self._known(ref.kind)])

    def find_created(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """Customers by their unique metafield, not by a search; companies by reading them all."""
        if self._known(kind) == CUSTOMER and keys and not self._definitions.there:
            return {}
        return self._reader.find_created(kind, keys)

    def deleted(self, kind: str, since: Watermark) -> Deletions:
        """Shopify keeps no list of what was deleted; `keys` tells what is left."""
        raise MisconfiguredError(
            f"{self._system}: Shopify does not tell which {kind} was deleted ({since.at}); compare keys"
        )

    def merged(self, kind: str, since: Watermark) -> Merges:
        """Shopify tells of a merge only as it happens, by a webhook."""
        raise MisconfiguredError(
            f"{self._system}: Shopify does not tell which {kind} was merged ({since.at}); compare keys"
        )

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        """With our key in each record."""
        self._refuse_unknown({item.kind: () for item in batch})
        return self._writer.create(batch)

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        """Compared with what is expected just before."""
        self._refuse_unknown({item.ref.kind: () for item in batch})
        return self._writer.update(batch)

    def archive(self, batch: Sequence[Archive]) -> Sequence[ItemResult]:
        """By a tag; never a delete."""
        for item in batch:
            if not self._kinds[self._known(item.ref.kind)].archives:
                raise MisconfiguredError(f"{self._system}: Shopify has no way to take a {item.ref.kind} out of use")
        return self._writer.archive(batch)

    def note(self, ref: RecordRef, text: str) -> None:
        """Comments of a timeline cannot be written over the interface, and `note` is a field of its own."""
        raise MisconfiguredError(f"{self._system}: notes cannot be left on {ref} ({len(text)} characters)")

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _known(self, kind: str) -> str:
        self._refuse_unknown({kind: ()})
        return kind

    def _refuse_unknown(self, kinds: Mapping[str, Sequence[str]]) -> None:
        for kind in kinds:
            if kind not in self._kinds:
                hint = "; set `companies: true` for a shop that sells to companies" if kind == COMPANY else ""
                raise MisconfiguredError(f"{self._system}: {kind!r} is none of {', '.join(self._kinds)}{hint}")


def open_connector(system: str, options: Mapping[str, Any], seams: Seams) -> ShopifyConnector:
    """A Factory: `options` are settings, and `fields` by kind."""
    written = dict(options)
    fields = written.pop("fields", None)
    return ShopifyConnector(system, load(ShopifySettings, system, written), seams, fields)


def _shape(system: str, kind: str, fields: Sequence[str], at: ShopifySettings) -> Shape:
    return Shape(system, kind, tree(fields), at.archive_tag, at.key_namespace, at.key_name, at.addresses)


def _of_customers(at: ShopifySettings) -> Capabilities:
    return Capabilities(
        archives=True, lists_keys=True, keyed=True, unique_key=True, max_batch=at.batch, look_back=at.look_back
    )


def _of_companies(at: ShopifySettings) -> Capabilities:
    """What moves at a location does not move the company's own time, so they are always read in full."""
    return Capabilities(
        incremental=False, lists_keys=True, keyed=True, unique_key=True, max_batch=at.batch, look_back=timedelta(0)
    )
