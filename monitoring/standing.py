"""How everything stands at one moment: what the rules of alerting and the metrics are read from.

Whoever keeps the facts fills it in; nothing here names a record or holds a value of one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of an entity, or of a step."""

    run: str
    started_at: datetime
    ended_at: datetime | None = None
    state: str = ""  # complete | complete_with_rejects | incomplete | halted | stale; empty while it runs
    says: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)  # read, landed, creates, updates, archives, rejected …


@dataclass(frozen=True, slots=True)
class Read:
    """How the reading of one kind of one system went in one run."""

    at: datetime
    read: int
    complete: bool
    halted: bool = False
    full: bool = False
    says: str = ""
    landed: int = 0  # of what was read, new or changed


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many things wait, the oldest of them since."""

    count: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the newest plan that a guard or a switch holds."""

    id: str
    system: str
    op: str
    count: int
    says: str
    asks: bool = True  # somebody's leave is missing; not where the book wills it, or it is told with its own cause


@dataclass(frozen=True, slots=True)
class TotalStanding:
    """What two systems say of the same money, added up."""

    field: str
    currency: str
    systems: str  # crm/erp
    difference: float  # the first less the second
    of: float = 0.0  # the larger of the two, without its sign
    records: int = 0  # things of which both name an amount
    steward: str = ""  # of the field


@dataclass(frozen=True, slots=True)
class EntityStanding:
    """One entity of the book."""

    name: str
    runs: tuple[Ran, ...] = ()  # newest first
    every: timedelta | None = None  # the longest time the book lets pass between two runs
    fresh_within: timedelta | None = None  # the strictest promise
    systems: tuple[str, ...] = ()
    known: int = 0
    steward: str = ""  # whoever decides most about it
    quarantined: Mapping[str, Waiting] = field(default_factory=dict)  # by reason
    questions: Mapping[str, Waiting] = field(default_factory=dict)  # by steward
    uncertain: Waiting = Waiting(0)  # writes without a known outcome
    blocked: tuple[Part, ...] = ()
    blocked_since: datetime | None = None
    early: Mapping[str, Waiting] = field(default_factory=dict)  # wait for accounting longer than promised, by steward
    compared: int = 0  # records that were compared with what was decided, when somebody last did
    in_sync: int = 0  # those that say it
    compared_at: datetime | None = None
    unexplained: int = 0  # of those that differ; of the others it is known why, and what will change it
    totals: tuple[TotalStanding, ...] = ()


_GOOD = ("complete", "complete_with_rejects")


def is_stale(entity: EntityStanding, now: datetime) -> bool:
    """Whether the last good run (else the oldest that is known) is older than the book promises."""
    if entity.fresh_within is None or not entity.runs:
        return False
    good = next((run for run in entity.runs if run.state in _GOOD), entity.runs[-1])
    return now - good.started_at > entity.fresh_within


@dataclass(frozen=True, slots=True)
class PlaceStanding:
    """One kind of one system."""

    system: str
    kind: str
    reads: tuple[Read, ...] = ()  # newest first
    watermark: datetime | None = None  # on the system's clock
    dirty: int = 0
    doubted_since: datetime | None = None  # nothing was ever found there, and the book does not expect that
    said_gone: bool = False  # a person has looked: what was there was deleted


@dataclass(frozen=True, slots=True)
class SystemStanding:
    """One system of the book."""

    name: str
    role: str
    time_zone: str = "UTC"
    holidays: tuple[str, ...] = ()
    calls_today: int = 0
    calls_per_day: int | None = None
    reserve: float = 0.0
    day_share: float = 0.0  # how much of its day is over, 0 to 1
    calls_forecast: int | None = None  # of today by its end, as days usually go on from this hour
    repeats_today: int = 0  # reads that had to be asked again
    skew: timedelta | None = None  # its clock less ours
    announced_at: datetime | None = None  # when its last webhook came; None: it never sent one
    unheard: Waiting = Waiting(0)  # announcements into which nobody looked yet
    writes: str = "on"


@dataclass(frozen=True, slots=True)
class GapStanding:
    """A code that nobody has mapped."""

    table: str
    map: str
    code: str
    records: int
    since: datetime | None = None
    steward: str = ""  # of the fields that are spelled with it


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """A system describes a field of a kind in another way than before."""

    system: str
    kind: str
    since: datetime
    level: str  # harmless | map_affected | write_fails
    says: str


@dataclass(frozen=True, slots=True)
class Expiry:
    """Something without which nothing can be reached or told, and when it ends."""

    name: str  # of the system, or of whatever else needs it
    what: str  # certificate | credential
    ends: datetime
    system: str = ""


@dataclass(frozen=True, slots=True)
class Canary:
    """A record that a team edits by a clock, so that silence means something."""

    entity: str
    record: str
    within: timedelta  # so often its edit has to arrive somewhere else
    written_at: datetime | None = None  # when it last did


@dataclass(frozen=True, slots=True)
class Chore:
    """What keeps the house in order: backup, restore drill, pruning, comparing, asking systems for their fields."""

    name: str
    every: timedelta
    done_at: datetime  # when it last went well, or was first tried
    failed: str = ""  # what the newest try says where it failed


@dataclass(frozen=True, slots=True)
class BookStanding:
    """A book of rules that is not sound. One that does not load stops every run; with another one runs go on."""

    since: datetime
    says: str  # its first fault
    faults: int = 1
    loads: bool = False
    until: datetime | None = None  # when it was found mended: that runs failed meanwhile is no news any more


@dataclass(frozen=True, slots=True)
class LoadedStanding:
    """What the scheduler shows of the book, as its own sensor says it."""

    looked_at: datetime  # when the sensor last looked, to within five minutes
    since: datetime | None = None  # since when it shows another book than the one that lies there
    says: str = ""  # what of the book it does not know


@dataclass(frozen=True, slots=True)
class KeptStanding:
    """The ledger's own house: its size in bytes, how fast it grows, and what is left on its disk."""

    size: int | None = None
    disk_free: int | None = None
    disk_size: int | None = None
    grows_per_day: float | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything, at one moment."""

    now: datetime
    entities: tuple[EntityStanding, ...] = ()
    places: tuple[PlaceStanding, ...] = ()
    systems: tuple[SystemStanding, ...] = ()
    gaps: tuple[GapStanding, ...] = ()
    schema: tuple[SchemaChange, ...] = ()  # what is news
    expiring: tuple[Expiry, ...] = ()
    canaries: tuple[Canary, ...] = ()
    chores: tuple[Chore, ...] = ()
    kept: KeptStanding = KeptStanding()
    failed: tuple[Ran, ...] = ()  # runs that the scheduler calls failed, newest first; `run` is the scheduler's id
    undelivered: Mapping[str, Waiting] = field(default_factory=dict)  # messages that a channel did not take, by channel
    restored_since: datetime | None = None  # since it is known that the ledger is older than the systems
    restored_says: str = ""
    book: BookStanding | None = None  # where it is not sound, or was not of late
    loaded: LoadedStanding | None = None  # None: no sensor ever looked, as where nobody uses the scheduler
    watched_at: datetime | None = None  # when somebody last looked for what is wrong

    def system(self, name: str) -> SystemStanding | None:
        """A system by its name."""
        return next((one for one in self.systems if one.name == name), None)
