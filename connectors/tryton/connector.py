"""Tryton 8 over JSON-RPC: parties as accounts, related parties as contacts, employees as users. See README.md."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import (
    Archive,
    Capabilities,
    Create,
    Deletions,
    Finding,
    ItemResult,
    KindDescription,
    Merge,
    Merges,
    Page,
    Record,
    RecordRef,
    Update,
    Watermark,
)
from connectors.errors import MisconfiguredError
from connectors.paging import crawled
from connectors.seams import Seams
from connectors.settings import load
from connectors.tryton.description import described
from connectors.tryton.doctor import findings
from connectors.tryton.employees import Employees
from connectors.tryton.reading import ACCOUNTS, CONTACTS, USERS, Customs, Reader
from connectors.tryton.session import Session
from connectors.tryton.settings import TrytonSettings
from connectors.tryton.shape import PARTY
from connectors.tryton.wire import RefusalError
from connectors.tryton.writing import Writer


def open_connector(system: str, options: Mapping[str, Any], seams: Seams) -> "TrytonConnector":
    """By the system's name, with what the book says of it."""
    written = {name: value for name, value in options.items() if name != "fields"}  # documents are read whole
    return TrytonConnector(system, load(TrytonSettings, system, written), seams)


class TrytonConnector:
    """One database of one server."""

    def __init__(self, system: str, settings: TrytonSettings, seams: Seams) -> None:
        """Nothing is called yet."""
        self._system = system
        self._settings = settings
        self._seams = seams
        password = settings.password.get_secret_value()
        self._session = Session(
            system, settings.address(), settings.database, settings.user, password, seams, language=settings.language
        )
        self._reader = Reader(self._session, _customs(settings))
        self._employees = Employees(self._reader, system, settings.page)

    @property
    def system(self) -> str:
        """The name the book gives it."""
        return self._system

    @property
    def kinds(self) -> Mapping[str, Capabilities]:
        """Accounts, contacts where a relation type makes them, and users (read only)."""
        kinds = {ACCOUNTS: self._of_parties(), USERS: _of_users(self._settings)}
        return kinds | ({CONTACTS: self._of_parties()} if self._settings.contact_relation else {})

    def fingerprint(self) -> str:
        """The moment at which the first company was made, to the microsecond, and the database's name."""
        rows = self._reader.search("company.company", [], ["create_date"])
        if not rows:
            raise MisconfiguredError("Tryton's user sees no company, so this database cannot be recognised")
        text = f"{self._settings.database} {rows[0]['create_date'].isoformat()}"
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()

    def check(self) -> Sequence[Finding]:
        """Reachability, version, login, company, rights, clock."""
        return findings(self._session, self._reader, self._settings, self._seams.clock())

    def describe(self, kind: str) -> KindDescription:
        """The server's own metadata, as it is now."""
        self._known(kind)
        self._reader.refresh()
        return described(self._reader, kind)

    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        """Parties by id, filtered by the stamps of party and children; users always all."""
        self._known(kind)
        start = self._session.now()
        self._reader.refresh()
        safe_point = Watermark(_safe(start - self._settings.look_back, since, start))
        return crawled(self._pages(kind, since), safe_point)

    def _pages(self, kind: str, since: Watermark | None) -> Iterator[Sequence[Record]]:
        if kind == USERS:
            return self._employees.pages()
        pages = self._reader.pages(kind, since.at if since else None)
        return ([document.record(self._system, kind) for document in documents] for documents in pages)

    def keys(self, kind: str) -> Iterator[Sequence[str]]:
        """All living ids, those out of use included."""
        self._known(kind)
        self._reader.refresh()
        return ([str(number) for number in page] for page in self._reader.keys(kind))

    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        """As they are now."""
        found: dict[RecordRef, Record] = {}
        for kind in sorted({ref.kind for ref in refs}):
            self._known(kind)
            ids = [int(ref.id) for ref in refs if ref.kind == kind and ref.id.isdecimal()]
            found |= {record.ref: record for record in self._records(kind, ids)}
        return found

    def _records(self, kind: str, ids: Sequence[int]) -> list[Record]:
        if not ids:
            return []
        if kind == USERS:
            return self._employees.by_id(ids)
        return [document.record(self._system, kind) for document in self._reader.by_id(kind, ids).values()]

    def find_created(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """By the identifier that bears our key. A party that was merged since is found where it lives now."""
        self._known(kind)
        keyed = self._reader.keyed(keys) if kind != USERS else {}
        parties = {number for numbers in keyed.values() for number in numbers}
        records = {record.ref.id: record for record in self._records(kind, sorted(parties))}
        found = {key: [records[str(one)] for one in numbers if str(one) in records] for key, numbers in keyed.items()}
        return {key: hits for key, hits in found.items() if hits}

    def deleted(self, kind: str, since: Watermark) -> Deletions:
        """Tryton forgets what was deleted; `keys` tells what is left."""
        raise MisconfiguredError(
            f"{self._system}: Tryton does not tell which {kind} was deleted; compare its keys ({since.at})"
        )

    def merged(self, kind: str, since: Watermark) -> Merges:
        """What `Replace` did: the loser points to the winner. Chains are followed."""
        self._known(kind)
        start = self._session.now()
        rows = self._reader.replaced(kind, since.at) if kind != USERS else []
        merges = tuple(Merge(self._ref(kind, loser), self._ref(kind, winner), at) for loser, winner, at in rows)
        return Merges(merges, Watermark(_safe(start - self._settings.look_back, since, start)))

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        """One call where all items are good."""
        return self._of_one_kind(batch, [item.kind for item in batch], Writer.create)

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        """One call where all items are good."""
        return self._of_one_kind(batch, [item.ref.kind for item in batch], Writer.update)

    def archive(self, batch: Sequence[Archive]) -> Sequence[ItemResult]:
        """`active` is taken away; whatever refers to the party stays as it is."""
        return self._of_one_kind(batch, [item.ref.kind for item in batch], Writer.archive)

    def _of_one_kind(self, batch: Sequence[Any], kinds: Sequence[str], send: Any) -> Sequence[ItemResult]:
        if len(batch) > self._settings.batch:
            raise ValueError(f"{len(batch)} items in a batch, and {self._settings.batch} are allowed")
        if len(set(kinds)) > 1:
            raise ValueError(f"a batch is of one kind, and this one is of {', '.join(sorted(set(kinds)))}")
        if not batch:
            return []
        if not self._known(kinds[0]).updates:
            raise ValueError(f"{kinds[0]} of {self._system} is read only")
        results: Sequence[ItemResult] = send(Writer(self._session, self._reader, self._system, kinds[0]), batch)
        return results

    def note(self, ref: RecordRef, text: str) -> None:
        """A note on the party, which people see as unread."""
        try:
            self._session.write("model.ir.note.create", [{"resource": f"{PARTY},{int(ref.id)}", "message": text}])
        except RefusalError as error:
            raise MisconfiguredError(f"Tryton refuses a note: {error}") from error

    def close(self) -> None:
        """Give back connections."""
        self._session.close()

    # -- small ones ---------------------------------------------------------------------------------------------------

    def _known(self, kind: str) -> Capabilities:
        if kind not in self.kinds:
            raise ValueError(f"{self._system} has no kind {kind!r}; it has {', '.join(self.kinds)}")
        return self.kinds[kind]

    def _ref(self, kind: str, number: int) -> RecordRef:
        return RecordRef(self._system, kind, str(number))

    def _of_parties(self) -> Capabilities:
        return Capabilities(
            archives=True,
            lists_keys=True,
            states_merges=True,
            keyed=True,
            conditional=True,
            tells_editor=True,
            notes=True,
            max_batch=self._settings.batch,
            look_back=self._settings.look_back,
        )


def _of_users(settings: TrytonSettings) -> Capabilities:
    return Capabilities(
        creates=False,
        updates=False,
        incremental=False,
        lists_keys=True,
        tells_editor=True,
        max_batch=settings.batch,
        look_back=timedelta(0),
    )


def _customs(settings: TrytonSettings) -> Customs:
    return Customs(
        settings.key_prefix, settings.contact_relation, settings.company, dict(settings.tax_types), settings.page
    )


def _safe(point: datetime, since: Watermark | None, start: datetime) -> datetime:
    """Never past the start of this crawl, and never back behind where it began."""
    return min(start, max(point, since.at)) if since else point
