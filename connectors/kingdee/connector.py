"""Kingdee 云星空: customers of one organisation as accounts, contact persons, employees as users. See README.md."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from hashlib import blake2b
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
from connectors.kingdee.client import Client
from connectors.kingdee.credit import Credits
from connectors.kingdee.describing import Checkup, Describer, organisation_id
from connectors.kingdee.reading import NUMBER, Reader
from connectors.kingdee.settings import KingdeeSettings
from connectors.kingdee.shape import FORMS, Shape
from connectors.kingdee.writing import Writer
from connectors.seams import Seams
from connectors.settings import load


class KingdeeConnector:
    """`connectors.contract.Connector` on one data centre."""

    def __init__(
        self, system: str, settings: KingdeeSettings, seams: Seams, fields: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """`fields` names, by kind, the paths to fetch: no more than the maps want."""
        self._system = system
        self._settings = settings
        unknown = set(fields or {}) - set(FORMS)
        if unknown:
            raise MisconfiguredError(f"this connector knows {', '.join(FORMS)}, not {', '.join(sorted(unknown))}")
        shapes = {kind: Shape.of(form, (fields or {}).get(kind)) for kind, form in FORMS.items()}
        self._client = Client(system, settings, seams)
        self._describer = Describer(self._client)
        self._shapes = shapes
        stamps = cache(lambda kind: self._describer.stamps(shapes[kind], settings.stamps))
        self._reader = Reader(system, self._client, settings, shapes, Credits(self._client, settings), stamps)
        self._writer = Writer(self._client, self._reader, settings)
        self._checkup = Checkup(self._client, self._describer, settings, shapes, seams.clock)

    @property
    def system(self) -> str:
        """The name the book gives it."""
        return self._system

    @property
    def kinds(self) -> Mapping[str, Capabilities]:
        """Customers, contact persons, and employees (read only)."""
        return {kind: _capabilities(kind, self._settings) for kind in FORMS}

    def fingerprint(self) -> str:
        """The data centre's id and that of the organisation in it."""
        number = self._settings.organisation
        inner = organisation_id(self._client, number)
        if not inner:
            raise MisconfiguredError(f"{self._system}: our user sees no organisation {number}")
        return blake2b(f"{self._settings.acct_id} {inner}".encode(), digest_size=12).hexdigest()

    def check(self) -> Sequence[Finding]:
        """Login, clock, organisation, and each kind with its fields, our key and what was left un-audited."""
        return tuple(self._checkup.findings())

    def describe(self, kind: str) -> KindDescription:
        """The system's own metadata."""
        return self._describer.describe(self._shapes[self._known(kind)])

    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        """See `Reader.changes`."""
        return self._reader.changes(self._known(kind), since)

    def keys(self, kind: str) -> Iterator[Sequence[str]]:
        """All living ids, those out of use included."""
        return self._reader.keys(self._known(kind))

    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        """By id, 500 in a query."""
        return self._reader.read([ref for ref in refs if self._known(ref.kind)])

    def find_created(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """By the field that bears our key, read from the database.

        Who looks for our keys continues what was interrupted: a record of ours that nobody touched since, and that is
        not audited, is audited first.
        """
        if FORMS[self._known(kind)].read_only:
            return {}
        found = self._reader.find_created(kind, keys)
        records = [record for hits in found.values() for record in hits]
        return self._reader.find_created(kind, keys) if self._writer.continued(kind, records) else found

    def deleted(self, kind: str, since: Watermark) -> Deletions:
        """Kingdee forgets what was deleted; `keys` tells what is left."""
        raise MisconfiguredError(
            f"{self._system}: Kingdee does not tell which {kind} was deleted; compare its keys ({since.at})"
        )

    def merged(self, kind: str, since: Watermark) -> Merges:
        """Kingdee has no merge that could be asked for."""
        raise MisconfiguredError(f"{self._system}: Kingdee does not tell which {kind} was merged ({since.at})")

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        """Save, submit, audit."""
        self._refuse(batch, [item.kind for item in batch])
        return self._writer.create(batch)

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        """Compared with what is expected just before."""
        self._refuse(batch, [item.ref.kind for item in batch])
        return self._writer.update(batch)

    def archive(self, batch: Sequence[Archive]) -> Sequence[ItemResult]:
        """Forbid; never a delete."""
        self._refuse(batch, [item.ref.kind for item in batch])
        return self._writer.archive(batch)

    def note(self, ref: RecordRef, text: str) -> None:
        """Kingdee's API has no place for notes."""
        raise MisconfiguredError(f"{self._system}: notes cannot be left on {ref} ({len(text)} characters)")

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _known(self, kind: str) -> str:
        if kind not in FORMS:
            raise MisconfiguredError(f"{self._system}: {kind!r} is none of {', '.join(FORMS)}")
        return kind

    def _refuse(self, batch: Sequence[object], kinds: Iterable[str]) -> None:
        if len(batch) > self._settings.batch:
            raise ValueError(f"{len(batch)} items in a batch, and {self._settings.batch} are allowed")
        for kind in kinds:
            if FORMS[self._known(kind)].read_only:
                raise MisconfiguredError(f"{self._system}: {kind} is only read; its records are kept in Kingdee")


def open_connector(system: str, options: Mapping[str, Any], seams: Seams) -> KingdeeConnector:
    """A Factory: `options` are settings, and `fields` by kind."""
    written = dict(options)
    fields = written.pop("fields", None)
    return KingdeeConnector(system, load(KingdeeSettings, system, written), seams, fields)


def _capabilities(kind: str, settings: KingdeeSettings) -> Capabilities:
    look_back: timedelta = settings.look_back
    if FORMS[kind].read_only:
        return Capabilities(
            creates=False,
            updates=False,
            lists_keys=True,
            reads_strongly=True,  # a query reads the database itself
            tells_editor=True,
            max_batch=settings.batch,
            look_back=look_back,
        )
    return Capabilities(
        archives=True,
        lists_keys=True,
        reads_strongly=True,
        keyed=True,
        unique_key=settings.key_field == NUMBER,
        tells_editor=True,
        max_batch=settings.batch,
        look_back=look_back,
    )
