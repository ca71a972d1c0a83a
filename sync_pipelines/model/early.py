"""Early records: known in some system, and not yet where the book wants them once something has happened there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

EARLY = "_early"  # the key under which a person's word about an early record stands, for each role by itself


class Stage(StrEnum):
    """The life of an early record."""

    PROVISIONAL = "provisional"  # nothing asks for it there yet
    WAITING = "waiting"  # the book wants it there, and something is missing
    POOLED = "pooled"  # one record there serves it and others: it is to have none of its own
    HELD = "held"  # a person said: not yet
    DISMISSED = "dismissed"  # a person said: never
    COUPLED = "coupled"  # over: it has its record there
    JOINED = "joined"  # over: it became one with another
    LEFT = "left"  # over: it is gone, out of use, or takes part no longer


class Word(StrEnum):
    """What a person may say of one; it stands until it is revoked."""

    HOLD = "held"
    DISMISS = "dismissed"
    CREATE = "create"  # do not wait for the condition; what is needed is needed still


def key_of(role: str) -> str:
    """Where a person's word about a place in this role stands."""
    return f"{EARLY}@{role}"


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that it waits for, and whom that concerns."""

    what: str  # a field, or the subject of a condition
    says: str
    steward: str = ""


@dataclass(frozen=True, slots=True)
class Early:
    """How an entity stands to one role that has no record of it. `there`: the systems that play the role."""

    role: str
    stage: Stage
    lacks: tuple[Lack, ...] = ()
    there: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptEarly:
    """The same as the ledger keeps it."""

    entity: str
    entity_id: str
    role: str
    stage: Stage
    known_since: datetime
    since: datetime  # of its stage: a promise counts from here
    lacks: tuple[Lack, ...] = ()
    there: tuple[str, ...] = ()
    open: bool = True
