"""What the ledger keeps, shelf by shelf. The database's tables (`tables`) bear the same names and columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.contract import RecordRef, Tombstone, Watermark
from mappings.values import Value, Values
from sync_pipelines.ledger.store import REF, Shelf
from sync_pipelines.model.changes import Approval, Change, Part
from sync_pipelines.model.claims import Agreed
from sync_pipelines.model.decisions import EntityDecision
from sync_pipelines.model.early import KeptEarly
from sync_pipelines.model.golden import Golden, HandOver
from sync_pipelines.model.questions import Question
from sync_pipelines.model.records import (
    AuditEntry,
    Coupling,
    Delivery,
    GoldenStep,
    KeptAlert,
    Lease,
    Login,
    OutgoingMessage,
    PlanHead,
    Quarantined,
    Reference,
    RunRecord,
    Snapshot,
    Visit,
)

RECORD = ("system", "kind", "record_id")
CLAIM_KEY = (*RECORD, "entity", "scope")


@dataclass(frozen=True, slots=True)
class Landed:
    """What a record says now, without coupling and baseline: those stand on shelves of their own and outlive it."""

    ref: RecordRef
    entity: str
    scope: str
    values: Values
    version: str
    payload_hash: str
    map_version: str
    changed_at: datetime | None
    editor: str
    gone: bool
    imprint: str = ""  # digest of what a listing said of its record; empty where it was read otherwise


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a record last agreed to."""

    ref: RecordRef
    entity: str
    scope: str
    agreed: Mapping[str, Agreed]


@dataclass(frozen=True, slots=True)
class MatchKey:
    """One key under which a claim may be found by others that look for their like."""

    ref: RecordRef
    entity: str
    scope: str
    match_key: str


@dataclass(frozen=True, slots=True)
class Attention:
    """An entity that a plan has, or had, to look at. `mark` rises each time something changes about it."""

    entity: str
    entity_id: str
    mark: int
    waiting: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A steward's standing word."""

    entity: str
    entity_id: str
    key: str
    value: Value
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class PlanPart:
    """A judged part of a plan."""

    plan: str
    part: Part


@dataclass(frozen=True, slots=True)
class PlanDecision:
    """What a plan decided about an entity besides its writes."""

    plan: str
    entity_id: str
    decision: EntityDecision


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a flow was read."""

    system: str
    kind: str
    flow: str
    to: Watermark


@dataclass(frozen=True, slots=True)
class Dirty:
    """A record to re-read by id."""

    ref: RecordRef
    reason: str


@dataclass(frozen=True, slots=True)
class GapHead:
    """A code nobody has mapped."""

    table: str
    map: str
    code: str
    way: str
    since: datetime


@dataclass(frozen=True, slots=True)
class GapRecord:
    """A record that waits for a code."""

    table: str
    map: str
    code: str
    way: str
    ref: RecordRef


@dataclass(frozen=True, slots=True)
class KeptApart:
    """Two that a person keeps apart; `left` sorts before `right`."""

    entity: str
    left: str
    right: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls of a day."""

    system: str
    day: str
    calls: int


@dataclass(frozen=True, slots=True)
class Pin:
    """A small fact under a name."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The keyed hash of an erased person."""

    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Audited:
    """A link of the audit chain. `values` stand beside it, bound by `values_digest`; None: erased."""

    at: datetime
    who: str
    did: str
    about: str
    values: Mapping[str, Any] | None
    values_digest: str
    link: str

    def entry(self) -> AuditEntry:
        """What happened, as it was told."""
        return AuditEntry(self.at, self.who, self.did, self.about, {} if self.values is None else self.values)


@dataclass(frozen=True, slots=True)
class Tomb:
    """A system's own word that a record is gone."""

    ref: RecordRef
    at: datetime | None = field(default=None)

    def stone(self) -> Tombstone:
        """As connectors say it."""
        return Tombstone(self.ref, self.at)


LANDED = Shelf("claim", Landed, CLAIM_KEY, (RECORD, ("system", "kind"), ("entity",)), parts=REF)
BASELINE = Shelf("baseline", Baseline, CLAIM_KEY, parts=REF)
MATCH_KEY = Shelf(
    "match_key",
    MatchKey,
    (*CLAIM_KEY, "match_key"),
    (CLAIM_KEY, ("entity", "match_key", *RECORD, "scope")),  # who bears a key is answered from the index alone
    parts=REF,
)
TOMBSTONE = Shelf("tombstone", Tomb, RECORD, (("system", "kind"),), parts=REF)
COUPLING = Shelf(
    "coupling",
    Coupling,
    CLAIM_KEY,
    (("entity", "entity_id"), ("entity", *RECORD), ("entity", "system", "primary"), ("entity",)),
    unique=("entity", "entity_id", "system", "kind", "scope"),
    unique_if="primary",
    parts=REF,
)

GOLDEN = Shelf("golden", Golden, ("entity", "entity_id"))
GOLDEN_STEP = Shelf(
    "golden_step",
    GoldenStep,
    indexes=(("entity", "entity_id"), ("run",)),
    ordered=True,
)
HAND_OVER = Shelf("hand_over", HandOver, indexes=(("entity", "entity_id"),), ordered=True)
OVERRIDE = Shelf("override", Standing, ("entity", "entity_id", "key"), (("entity", "entity_id"),))
REFERENCE = Shelf(
    "reference",
    Reference,
    ("entity", "entity_id", "told", "told_id"),
    (("entity", "entity_id"), ("told", "told_id", "entity")),
)
ATTENTION = Shelf("attention", Attention, ("entity", "entity_id"), (("entity", "waiting", "entity_id"),))
EARLY = Shelf("early", KeptEarly, ("entity", "entity_id", "role"), (("entity", "open"), ("open",)))

PLAN = Shelf("plan", PlanHead, ("id",), (("entity", "state"), ("entity",)), ordered=True)
PART = Shelf(
    "plan_part", PlanPart, ("plan", "part"), (("plan",),), ordered=True, parts={"part": (Part, {"id": "part"})}
)
DECISION = Shelf("plan_decision", PlanDecision, ("plan", "entity_id"), (("plan",),))
APPROVAL = Shelf("approval", Approval, ordered=True)
CHANGE = Shelf(
    "change",
    Change,
    ("key",),
    (("plan", "state"), ("plan",), ("run",), ("entity", "entity_id"), ("state",), ("entity",), ("system",)),
    ordered=True,
)

WATERMARK = Shelf("watermark", Mark, ("system", "kind", "flow"), parts={"to": (Watermark, {})})
DIRTY = Shelf("dirty", Dirty, RECORD, (("system", "kind"),), parts=REF)
QUARANTINE = Shelf(
    "quarantine",
    Quarantined,
    (*RECORD, "entity", "reason", "field"),
    (("entity", *RECORD), ("entity",), ("system",)),
    ordered=True,
    parts=REF,
)
GAP = Shelf("gap", GapHead, ("table", "map", "code", "way"))
GAP_RECORD = Shelf(
    "gap_record",
    GapRecord,
    ("table", "map", "code", "way", *RECORD),
    (("table", "map", "code", "way"),),
    parts=REF,
)

QUESTION = Shelf(
    "question",
    Question,
    ("id",),
    (("entity", "entity_id", "open"), ("entity", "open"), ("open",)),
    unique=("entity", "entity_id", "topic"),
    unique_if="open",
    ordered=True,
)
KEPT_APART = Shelf("kept_apart", KeptApart, ("entity", "left", "right"), (("entity", "left"), ("entity", "right")))

ALERT = Shelf("alert", KeptAlert, ("alert",), (("open",),))
OUTBOX = Shelf("alert_outbox", OutgoingMessage, ("id",), (("waiting",),), ordered=True)

SNAPSHOT = Shelf("describe_snapshot", Snapshot, ("system", "kind", "taken_at"), (("system", "kind"),))

INBOX = Shelf("inbox", Delivery, ("system", "id"), (("waiting",), ("system",)), ordered=True)
LOGIN = Shelf("gate_login", Login, ("name",))
VISIT = Shelf("gate_visit", Visit, ("digest",), (("name",),))

LEASE = Shelf("lease", Lease, ("name",))
RUN = Shelf("run", RunRecord, ("id",), (("entity",),), ordered=True)
BUDGET = Shelf("budget", Spent, ("system", "day"))
PIN = Shelf("pin", Pin, ("name",))
SUPPRESSION = Shelf("suppression", Suppressed, ("digest",))
AUDIT = Shelf("audit", Audited, indexes=(("about",),), ordered=True)

SHELVES: tuple[Shelf[Any], ...] = (
    LANDED, BASELINE, MATCH_KEY, TOMBSTONE, COUPLING,
    GOLDEN, GOLDEN_STEP, HAND_OVER, OVERRIDE, REFERENCE, ATTENTION, EARLY,
    PLAN, PART, DECISION, APPROVAL, CHANGE,
    WATERMARK, DIRTY, QUARANTINE, GAP, GAP_RECORD,
    QUESTION, KEPT_APART,
    ALERT, OUTBOX, SNAPSHOT,
    INBOX, LOGIN, VISIT,
    LEASE, RUN, BUDGET, PIN, SUPPRESSION, AUDIT,
)  # fmt: skip
