"""What is to be written, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from mappings.values import Value


class Op(StrEnum):
    """What is done to a record."""

    CREATE = "create"
    UPDATE = "update"
    ARCHIVE = "archive"


class State(StrEnum):
    """The life of a change: planned → intended → one of the rest."""

    PLANNED = "planned"
    INTENDED = "intended"  # committed before the call: from here on it may have happened
    DONE = "done"
    DROPPED = "dropped"  # surely not done, and not wanted any more: the next plan decides anew
    QUARANTINED = "quarantined"  # the system refused this record
    UNCERTAIN = "uncertain"  # the answer was lost; looked up before anything else happens to the record


OPEN = (State.INTENDED, State.UNCERTAIN)
UNDER_WAY = "an earlier write to this record has no known outcome yet"  # why another one waits
NOT_SEEN = "it was not executed, or was edited over since"  # why a write was dropped that may have taken place


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a change. `old` is what the record was known to say; `why` is for people."""

    old: Value
    new: Value
    why: str = ""
    reverts: bool = False  # takes back an edit by one who does not decide
    undoes: bool = False  # takes back our own write: `agreed` stays agreed, and this record may differ from it
    agreed: Value = None


@dataclass(frozen=True, slots=True)
class Change:
    """One write on one record. `key` is ours: for a create it is stored in the record by the creating call."""

    key: str
    plan: str
    op: Op
    system: str
    kind: str
    entity: str
    entity_id: str
    fields: Mapping[str, FieldChange]
    record_id: str = ""  # empty for a create
    scope: str = ""
    version: str = ""
    state: State = State.PLANNED
    payload: Mapping[str, Any] = field(default_factory=dict)  # frozen when intended
    reason: str = ""
    sent_at: datetime | None = None
    run: str = ""
    create_key: str = ""  # the key stored in a created record: stable per entity and system


@dataclass(frozen=True, slots=True)
class Held:
    """A write that is due and does not happen, and why: said to the steward it concerns."""

    entity: str
    entity_id: str
    system: str
    key: str  # field, or "" for the whole record
    because: str
    steward: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a plan that a guard judges: one system, one operation. `id` names it for an approval."""

    id: str
    system: str
    entity: str
    op: str  # create | update | blank | archive
    count: int
    known: int  # records the share is taken of
    passed: bool
    says: str = ""
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's leave: for one part by its id, or a bound (`up to 300 archives in tryton until …`)."""

    by: str
    at: datetime
    part: str = ""
    system: str = ""
    entity: str = ""
    op: str = ""
    up_to: int = 0
    until: datetime | None = None


class RunState(StrEnum):
    """How a run ended. `complete` is said only when everything due was done."""

    COMPLETE = "complete"
    WITH_REJECTS = "complete_with_rejects"
    INCOMPLETE = "incomplete"  # budget, window, an unread page
    HALTED = "halted"  # a person must act
    STALE = "stale"  # it never came to its end
