"""Small facts the ledger keeps beside claims, golden records and changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.contract import Hint, RecordRef
from mappings.values import Value


@dataclass(frozen=True, slots=True)
class Coupling:
    """Which record is which entity. One primary per (entity_id, system, kind, scope); further ones are aliases."""

    ref: RecordRef
    entity: str
    entity_id: str
    scope: str = ""
    primary: bool = True
    because: str = ""  # match level, "created", "crosswalk", "steward:<name>"
    run: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the ledger knows of a record without reading its claim."""

    payload_hash: str
    version: str
    map_version: str
    changed_at: datetime | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """One entity refers to another, as far as was agreed."""

    entity: str
    entity_id: str
    told: str  # the entity it refers to, and its id
    told_id: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A record, or one field of it, that cannot go on, with its reason; replayable."""

    ref: RecordRef
    entity: str
    reason: str  # gap (a code nobody mapped) | fault (unreadable) | misfit (not writable there) | rejected
    says: str
    field: str = ""
    payload_hash: str = ""
    since: datetime | None = None
    change: str = ""  # key of the rejected change


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A code nobody has mapped, and the records that wait for it."""

    table: str
    map: str
    code: str
    way: str
    since: datetime | None = None
    refs: tuple[RecordRef, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldenStep:
    """One step in the history of a golden value."""

    entity: str
    entity_id: str
    key: str
    old: Value
    new: Value
    had_old: bool  # False: there was no golden value before
    because: str
    by: str
    rule: str
    run: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PlanHead:
    """A plan without its changes. `flow` names what it covers (`account`)."""

    id: str
    entity: str
    run: str
    book: str  # version of the rules it was made with
    made_at: datetime
    judged: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)  # "tryton/create": 3 …
    held: int = 0
    state: str = "planned"  # drafting | planned | judged | applied | superseded


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as it ended, or as it stands."""

    id: str
    entity: str
    kind: str  # sync | plan | adopt | undo | replay …
    started_at: datetime
    ended_at: datetime | None = None
    state: str = ""  # a RunState, empty while it runs
    says: str = ""
    stats: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to a system's kind. `token` rises with each holder; a commit with an older one is refused."""

    name: str
    holder: str
    token: int
    until: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what: answers, approvals, undo, erasure. `values` stand beside the chain and can be erased."""

    at: datetime
    who: str
    did: str
    about: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How a system described one of its kinds at a moment; `fields` by name, in plain words."""

    system: str
    kind: str
    taken_at: datetime
    fingerprint: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """One alert as people know it; `facts` are the words of whoever keeps it."""

    alert: str
    since: datetime
    open: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What is to be told to one channel, until it is told."""

    id: str
    alert: str
    channel: str
    made_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    waiting: bool = True
    tries: int = 0
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a system announced, as it came. It hints at what to read again; nothing in it is taken as data."""

    system: str
    id: str  # tells one delivery from another
    received_at: datetime
    topic: str = ""  # what its sender says it is about
    body: str = ""  # as it came, in base64; emptied once it was understood
    waiting: bool = True  # nothing was read since
    noted_at: datetime | None = None  # when its hints were taken
    hints: tuple[Hint, ...] = ()
    says: str = ""  # what became of it


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who may pass the gate."""

    name: str
    role: str  # viewer | operator | admin
    secret: str  # a strong hash of the password; empty: only by way of a proxy that is trusted
    since: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """A login that lasts until it ends. Whoever reads this table cannot make the cookie out of it."""

    digest: str
    name: str
    began_at: datetime
    until: datetime
