"""Salesforce as a connector; the parts stand in the files beside this one, the vendor's facts in README.md."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
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
from connectors.salesforce.client import Client
from connectors.salesforce.describing import Checkup, Describer
from connectors.salesforce.reading import Reader
from connectors.salesforce.records import Shape
from connectors.salesforce.removals import Removals
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.writing import MOST, Writer
from connectors.seams import Seams
from connectors.settings import load

MERGEABLE = frozenset({"Account", "Contact"})
# Users are administered, not synchronised: they are read, so that owners and editors have names.
READ_ONLY = frozenset({"User"})
# Where the lookup of a note (a completed task) points to, by kind.
_NOTED_BY: Mapping[str, str] = {"Account": "WhatId", "Contact": "WhoId"}
# What is fetched where no map says so.
_USUAL: Mapping[str, tuple[str, ...]] = {
    "Account": ("Name",),
    "Contact": ("LastName", "FirstName", "Email", "AccountId"),
    "User": ("Username", "LastName", "FirstName", "Email", "IsActive"),
}
_LONGEST_SUBJECT = 255


class SalesforceConnector:
    """`connectors.contract.Connector` on one org."""

    def __init__(
        self, system: str, settings: SalesforceSettings, seams: Seams, fields: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """`fields` names, by kind, what to fetch: no more than the maps want."""
        self._system = system
        self._seams = seams
        self._client = Client(system, settings, seams)
        wanted = _wanted(settings, fields or {})
        self._kinds = {kind: _capabilities(kind, settings) for kind in wanted}
        shapes = {kind: _shape(system, kind, names, settings) for kind, names in wanted.items()}
        self._describer = Describer(self._client, settings)
        self._reader = Reader(system, self._client, settings, shapes, self._describer.types, seams.sleep)
        self._removals = Removals(self._client, self._reader, MERGEABLE)
        self._writer = Writer(self._client, self._reader, settings, cache(self._describer.types))
        self._checkup = Checkup(self._client, self._describer, settings, shapes, seams.clock)

    @property
    def system(self) -> str:
        """The name the book gives it."""
        return self._system

    @property
    def kinds(self) -> Mapping[str, Capabilities]:
        """Account, Contact and User."""
        return self._kinds

    def fingerprint(self) -> str:
        """The organisation's id; a sandbox copy has another one."""
        told = self._client.organisation()
        return told or str(self._reader.query("SELECT Id FROM Organization")[0]["Id"])

    def check(self) -> Sequence[Finding]:
        """Login, clock, API version, room in the limit, and each kind with its fields and our key."""
        return tuple(self._checkup.findings())

    def describe(self, kind: str) -> KindDescription:
        """The system's own metadata."""
        return self._describer.describe(self._known(kind))

    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        """See `Reader.changes`."""
        return self._reader.changes(self._known(kind), since)

    def keys(self, kind: str) -> Iterator[Sequence[str]]:
        """All living ids."""
        return self._reader.keys(self._known(kind))

    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        """By id, 200 in a query."""
        return self._reader.read([ref for ref in refs if self._known(ref.kind)])

    def find_created(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """By the external id, read from the database and not from an index of texts; those merged since, too."""
        found = self._reader.find_created(self._known(kind), keys)
        return {**found, **self._removals.heirs(kind, [key for key in keys if key not in found])}

    def deleted(self, kind: str, since: Watermark) -> Deletions:
        """The bin and getDeleted."""
        return self._removals.deleted(self._known(kind), since)

    def merged(self, kind: str, since: Watermark) -> Merges:
        """Losers with their MasterRecordId."""
        return self._removals.merged(self._known(kind), since)

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        """Upsert by our key."""
        self._refuse_read_only(item.kind for item in batch)
        return self._writer.create(batch)

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        """Compared with what is expected just before."""
        self._refuse_read_only(item.ref.kind for item in batch)
        return self._writer.update(batch)

    def archive(self, batch: Sequence[Archive]) -> Sequence[ItemResult]:
        """By the configured fields; never a delete."""
        self._refuse_read_only(item.ref.kind for item in batch)
        for item in batch:
            if not self._kinds[item.ref.kind].archives:
                raise MisconfiguredError(f"{self._system}: the setting `archive` does not say how for {item.ref.kind}")
        return self._writer.archive(batch)

    def note(self, ref: RecordRef, text: str) -> None:
        """A completed task on the record: it stands in the activity history for all who see the record."""
        if ref.kind not in _NOTED_BY:
            raise MisconfiguredError(f"{self._system}: notes cannot be left on a {ref.kind}")
        first = next(iter(text.splitlines()), "")[:_LONGEST_SUBJECT]
        task = {
            "Subject": first or "Concordat",
            "Description": text,
            "Status": "Completed",
            "ActivityDate": self._seams.clock().date().isoformat(),
            _NOTED_BY[ref.kind]: ref.id,
        }
        self._client.write("POST", "sobjects/Task", task)

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _known(self, kind: str) -> str:
        if kind not in self._kinds:
            raise MisconfiguredError(f"{self._system}: {kind!r} is none of {', '.join(self._kinds)}")
        return kind

    def _refuse_read_only(self, kinds: Iterator[str]) -> None:
        for kind in kinds:
            if self._known(kind) in READ_ONLY:
                raise MisconfiguredError(f"{self._system}: {kind} is only read; its records are the administrator's")


def open_connector(system: str, options: Mapping[str, Any], seams: Seams) -> SalesforceConnector:
    """A Factory: `options` are settings, and `fields` by kind."""
    written = dict(options)
    fields = written.pop("fields", None)
    return SalesforceConnector(system, load(SalesforceSettings, system, written), seams, fields)


def _wanted(settings: SalesforceSettings, fields: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    """What to fetch of each kind: what the maps want, and what shows that a record is out of use."""
    unknown = set(fields) - set(_USUAL)
    if unknown:
        raise MisconfiguredError(f"this connector knows {', '.join(_USUAL)}, not {', '.join(sorted(unknown))}")
    return {
        kind: tuple(dict.fromkeys((*fields.get(kind, usual), *settings.archive.get(kind, ()))))
        for kind, usual in _USUAL.items()
    }


def _shape(system: str, kind: str, fields: tuple[str, ...], settings: SalesforceSettings) -> Shape:
    can = _capabilities(kind, settings)
    return Shape(system, kind, fields, settings.key_field if can.keyed else "", can.conditional)


def _capabilities(kind: str, settings: SalesforceSettings) -> Capabilities:
    common: dict[str, Any] = {
        "lists_keys": True,
        "reads_strongly": True,
        "windows": settings.windows,
        "tells_editor": True,
        "look_back": settings.look_back,
    }
    if kind in READ_ONLY:
        return Capabilities(creates=False, updates=False, **common)
    return Capabilities(
        archives=kind in settings.archive,
        states_deletes=True,
        states_merges=kind in MERGEABLE,
        keyed=True,
        unique_key=True,
        conditional=kind == "Account" and settings.conditional_accounts,
        notes=kind in _NOTED_BY,
        max_batch=MOST,
        **common,
    )
