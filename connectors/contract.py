"""What a connected system is to the rest of the house: values, capabilities and one protocol.

A connector returns payloads untranslated. It never decides, never remembers and never repeats a write.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias, overload, runtime_checkable

from connectors.errors import WriteError

Payload: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class RecordRef:
    """The address of one record: `salesforce/Account/0015g00000XyZabAAC`.

    The id is opaque text, normalised by its connector.
    """

    system: str
    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.system}/{self.kind}/{self.id}"

    @classmethod
    def parse(cls, text: str) -> "RecordRef":
        """Read what `str` wrote; an id may itself hold slashes. Raises ValueError."""
        parts = text.split("/", 2)
        if len(parts) != 3 or not all(parts):  # noqa: PLR2004 - system, kind and id
            message = f"{text!r} is not a record address; write system/kind/id"
            raise ValueError(message)
        return cls(*parts)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as its system tells it."""

    ref: RecordRef
    payload: Payload
    version: str = ""  # opaque token for a conditional write; empty where the system has none
    changed_at: datetime | None = None  # on the system's clock, aware, UTC
    changed_by: str = ""  # who touched it last, in the system's words; empty where it does not tell
    key: str = ""  # our key, where the record carries one


class Listed(Sequence[Record]):
    """Records of one kind as a listing told them, each made only when somebody looks at it.

    `imprints` holds, by record id and in order, a digest of all that the listing said of each: equal ones become equal
    records, so that whoever knows a record by its imprint need not look. Of a record that is told twice it holds one.
    """

    def __init__(
        self, system: str, kind: str, imprints: Mapping[str, str], rows: Sequence[Any], make: Callable[[Any], Record]
    ) -> None:
        """`make` is called once for each row that is looked at."""
        self.system, self.kind, self.imprints = system, kind, imprints
        self._rows, self._make = rows, make
        self._made: dict[int, Record] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Record]: ...
    def __getitem__(self, place: int | slice) -> Record | Sequence[Record]:
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        which = range(len(self))[place]
        if which not in self._made:
            self._made[which] = self._make(self._rows[which])
        return self._made[which]


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A system's own word that a record is gone."""

    ref: RecordRef
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """A system announced that something changed: these records, or (without ids) anything of the kind."""

    kind: str
    ids: tuple[str, ...] = ()  # normalised as in RecordRef


@dataclass(frozen=True, slots=True)
class Merge:
    """`loser` now lives in `winner`, by the system's own word."""

    loser: RecordRef
    winner: RecordRef
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a flow has been read, on the *system's* clock. `token` is for systems that hand out opaque positions."""

    at: datetime
    token: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a crawl.

    The last page of a complete crawl, and only it, carries `safe_point`: the position from which the next crawl has
    to start so that nothing is missed (look-back deducted, never past the start of this crawl, the system's own safe
    point where it offers one). A crawl that ends without one was incomplete, and its watermark does not move.
    """

    records: Sequence[Record]
    safe_point: Watermark | None = None


@dataclass(frozen=True, slots=True)
class Deletions:
    """What `deleted` found. `complete_since` later than asked for means: resync, some deletions are no longer told."""

    tombstones: tuple[Tombstone, ...]
    safe_point: Watermark
    complete_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Merges:
    """What `merged` found."""

    merges: tuple[Merge, ...]
    safe_point: Watermark


@dataclass(frozen=True, slots=True)
class Create:
    """A record to make. `key` is ours, stored in the record by the very call that makes it."""

    key: str
    kind: str
    values: Payload


@dataclass(frozen=True, slots=True)
class Update:
    """Fields to change, and no others. `version` makes it conditional where the kind can; `expected` is compared else.

    `expected` holds, for the same paths as `values`, what the system is believed to hold now; a connector without
    conditional writes re-reads just before the call and answers `StaleError` where they differ.
    """

    key: str
    ref: RecordRef
    values: Payload
    expected: Payload = field(default_factory=dict)
    version: str = ""


@dataclass(frozen=True, slots=True)
class Archive:
    """A record to take out of use in the system's own way (inactive, forbidden, archived).

    Never an irreversible delete.
    """

    key: str
    ref: RecordRef
    version: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """Positive proof of a write: the record as the system holds it after it."""

    key: str
    record: Record
    created: bool = False  # an upsert that met an existing record says False
    touched: bool = False  # by somebody else, between the write and the look that proves it


ItemResult: TypeAlias = Written | WriteError


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind can do. Each claim is a promise that the contract suite tests."""

    creates: bool = True
    updates: bool = True
    archives: bool = False
    incremental: bool = True  # False: every `changes` is a full read
    states_deletes: bool = False  # `deleted` is the system's own word
    lists_keys: bool = False  # `keys` enumerates all living ids, so that absence can be proven
    reads_strongly: bool = False  # a full read shows what is there now, as `keys` does, which then need not be asked
    windows: int = 1  # parts of a full read that are fetched at once; its pages then come in no order
    states_merges: bool = False
    keyed: bool = False  # our key is stored by the creating call and `find_created` finds it with a strong read
    unique_key: bool = False  # the system itself refuses a second record with our key
    conditional: bool = False  # an update with a stale version is refused by the system
    tells_editor: bool = False  # `Record.changed_by` is filled
    notes: bool = False  # `note` reaches people who look at the record
    max_batch: int = 200  # items a write call takes; more raise ValueError before anything is sent
    look_back: timedelta = timedelta(0)  # how late a change may become visible


@dataclass(frozen=True, slots=True)
class FieldDescription:
    """One field as the system describes it, in the system's words."""

    name: str
    type: str
    length: int | None = None  # characters
    scale: int | None = None  # digits after the point
    required: bool = False  # a create without it is refused
    writable: bool = True
    unique: bool = False
    choices: tuple[str, ...] | None = None  # None: free
    refers_to: str = ""


@dataclass(frozen=True, slots=True)
class KindDescription:
    """The metadata of a kind, for snapshots, drift and checks before a write."""

    kind: str
    fields: Mapping[str, FieldDescription]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `doctor`: what was looked at, whether it is well, and what to do if not."""

    ok: bool
    about: str
    says: str
    do: str = ""


@runtime_checkable
class Connector(Protocol):
    """One connected system. Every call may raise TransientError.

    BudgetError or MisconfiguredError for the whole call.
    """

    @property
    def system(self) -> str:
        """The name the book gives it."""
        ...

    @property
    def kinds(self) -> Mapping[str, Capabilities]:
        """What it calls a sort of record, and what can be done with each."""
        ...

    def fingerprint(self) -> str:
        """The tenant's own identity (organisation id, database uuid): a clone or another tenant answers another one."""
        ...

    def check(self) -> Sequence[Finding]:
        """Reachability, credentials, scopes, clock skew, room in the quota."""
        ...

    def describe(self, kind: str) -> KindDescription:
        """The system's own metadata, as it is now."""
        ...

    def changes(self, kind: str, since: Watermark | None) -> Iterator[Page]:
        """All records changed at or after `since`, or all living ones. A record may come twice; never none at all."""
        ...

    def keys(self, kind: str) -> Iterator[Sequence[str]]:
        """All living ids of a kind, in pages. Raises rather than end early."""
        ...

    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        """These records as they are now, by a strong read. A ref that is missing in the answer is not there."""
        ...

    def find_created(self, kind: str, keys: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """Records that carry these keys of ours, by a strong read. Two records under one key are both returned.

        Where merges are stated, one that was merged since is told as the record in which it lives now.
        """
        ...

    def deleted(self, kind: str, since: Watermark) -> Deletions:
        """The system's own word on what is gone. Only where `states_deletes`."""
        ...

    def merged(self, kind: str, since: Watermark) -> Merges:
        """The system's own word on what now lives elsewhere. Only where `states_merges`."""
        ...

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        """One result per item, in the order of the batch. Never repeated by the connector."""
        ...

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        """One result per item, in the order of the batch. Only the given fields are sent."""
        ...

    def archive(self, batch: Sequence[Archive]) -> Sequence[ItemResult]:
        """One result per item, in the order of the batch. `Written.record` shows the archived record."""
        ...

    def note(self, ref: RecordRef, text: str) -> None:
        """Tell the people who look at this record. Only where `notes`."""
        ...

    def close(self) -> None:
        """Give back connections."""
        ...
