"""What the engine says of itself, as plain values: checkers read this beside the systems' own logs.

Nothing here is the engine's: a checker that shared code with the engine would share its mistakes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from connectors.testing.world import LogEntry, World

Ref: TypeAlias = tuple[str, str, str]  # system, kind, id


class Coupled(NamedTuple):
    """Which record is said to be which entity."""

    entity: str
    entity_id: str
    system: str
    kind: str
    id: str
    primary: bool


class Decided(NamedTuple):
    """One agreed value and its reason."""

    value: Any
    by: str
    because: str
    at: datetime | None
    run: str


class Planned(NamedTuple):
    """One line of the journal."""

    key: str
    create_key: str
    plan: str
    entity: str
    entity_id: str
    system: str
    kind: str
    id: str
    op: str
    state: str  # planned intended done dropped quarantined uncertain
    reason: str
    payload: frozenset[str]  # names of the fields that were sent
    undone: frozenset[str]  # canonical fields that were given an older value back, and may differ since
    sent_at: datetime | None


class Waiting(NamedTuple):
    """A record, or a field of it, that cannot go on."""

    system: str
    kind: str
    id: str
    entity: str
    reason: str
    field: str
    says: str
    since: datetime | None
    payload_hash: str


class Asked(NamedTuple):
    """An open question."""

    entity: str
    entity_id: str
    topic: str


@dataclass(frozen=True, slots=True)
class Testimony:
    """Everything that was asked of the ledger at one moment."""

    couplings: Sequence[Coupled]
    golden: Mapping[tuple[str, str], Mapping[str, Decided]]  # (entity, its id) → field → decided
    journal: Sequence[Planned]
    passed: frozenset[str]  # parts of plans that were let through: `<plan>:<system>:<op>`
    books: Mapping[str, str]  # plan → the version of the rules it was made with
    waiting: Sequence[Waiting]
    asked: Sequence[Asked]
    dirty: Sequence[str]
    gaps: Sequence[tuple[str, str]]  # (system, id) of records that wait for a code
    audited: int  # entries of the chain, which was walked


class Pass(NamedTuple):
    """One run as it was seen from outside."""

    operation: int
    calls: Mapping[str, int]  # by system
    records: int  # in all systems, gone ones too
    watermarks: Mapping[tuple[str, str, str], datetime]
    rewound: bool  # a named rewind took place: the positions may be earlier
    logged: Mapping[str, int] = {}  # by system: entries in its log when the run was over


class Overwritten(NamedTuple):
    """One field of an update of ours, at the instant at which it was executed."""

    system: str
    id: str
    field: str
    decided_on: Any  # what the record was believed to say
    there: Mapping[str, Any]  # what it said
    written: Mapping[str, Any]
    n: int = 0  # in the log of its system


class Made(NamedTuple):
    """One create of ours, at the instant at which it was executed."""

    system: str
    kind: str
    id: str
    sources: frozenset[Ref]  # records elsewhere for which it was made
    at: datetime
    sent: datetime | None = None  # some are executed long after


class Archived(NamedTuple):
    """One archive of ours, at the instant at which it was executed."""

    ref: Ref
    n: int  # in the log of its system
    of: frozenset[Ref]  # records of the same entity, itself among them


class Sent(NamedTuple):
    """What we sent with one write, at the instant at which it was executed; the log says what became of it."""

    system: str
    kind: str
    id: str
    values: Mapping[str, Any]


class Leave(NamedTuple):
    """A person let more through than is usual: one part of a plan by its id, or up to so many."""

    part: str
    system: str
    entity: str
    op: str
    up_to: int
    at: datetime


class Parted(NamedTuple):
    """A steward parted what was taken for one."""

    entity: str
    leaves: Ref
    stays: tuple[Ref, ...]
    plan: str
    at: datetime


class Ruled(NamedTuple):
    """Whose value stands, as a person said when asked."""

    of: frozenset[Ref]
    field: str  # in the words of the book
    value: Any
    at: datetime


class Unseen(NamedTuple):
    """A kind that showed nothing since a ledger was put back, and nothing beside it told that it is an older one."""

    system: str
    kind: str
    since: datetime
    until: datetime


class Alarm(NamedTuple):
    """Something that the engine says is wrong."""

    kind: str
    entity: str
    system: str
    says: str


class Silence(NamedTuple):
    """While something stands still."""

    stopped: frozenset[str]  # systems that answer nothing, or nobody any more
    told: Sequence[Alarm]  # after a few runs that found them so
    due: frozenset[str]  # entities that were run before
    later: Sequence[Alarm]  # when nobody had run anything for longer than is promised


class LastEdit(NamedTuple):
    """After everything settled, one person edited one field that all may edit."""

    entity_id: str
    system: str
    id: str
    field: str
    value: str
    mark: int  # entries in all logs before it


@dataclass(slots=True)
class Evidence:
    """What a checker may look at."""

    world: World
    told: Testimony
    kinds: frozenset[str]  # of faults that were let loose
    done: Mapping[str, int]  # what people did, and how often
    passes: Sequence[Pass] = ()
    unannounced: Sequence[str] = ()  # writes that were executed before they were intended
    unleased: Sequence[str] = ()  # writes that were executed when nobody had the right to write there
    overwritten: Sequence[Overwritten] = ()
    made: Sequence[Made] = ()
    settled: Mapping[str, int] = field(default_factory=dict)  # entries in each log when all had settled
    rested: Testimony | None = None  # after one more run that read everything anew
    last_edit: LastEdit | None = None
    differing: frozenset[tuple[str, str]] = frozenset()  # entity and field that were taken over as they differ
    sent: Sequence[Sent] = ()
    leaves: Sequence[Leave] = ()
    parted: Sequence[Parted] = ()  # and joined by nobody since
    ever_parted: Sequence[Parted] = ()
    apart: Sequence[frozenset[Ref]] = ()  # of whom a person said that they are several
    archived: Sequence[Archived] = ()
    unseen: Sequence[Unseen] = ()
    ruled: Sequence[Ruled] = ()
    let_go: frozenset[str] = frozenset()  # entities of which a person said that they go out of use
    undoing: frozenset[str] = frozenset()  # plans that took a run back
    silence: Silence | None = None
    secrets: frozenset[str] = frozenset()  # that connections hold
    said: Sequence[str] = ()  # everything that was told or kept, where somebody listened
    called: Mapping[tuple[str, str], str] = field(default_factory=dict)  # kinds that a system calls otherwise: ours
    forgotten: frozenset[str] = frozenset()  # keys of writes that a restored ledger knows nothing of

    def place(self, entry: LogEntry) -> tuple[str, str]:
        """System and kind, as the little book calls them."""
        return entry.system, self.called.get((entry.system, entry.kind), entry.kind)
