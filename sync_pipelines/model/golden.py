"""The golden record: decided values, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mappings.values import Value

JOINED = "_joined"  # the key under which an entity that is no more names the one it became


class Because(StrEnum):
    """Why a value is what it is."""

    FIRST = "first"  # nobody had said anything before
    CHANGED = "changed"  # one who may moved it
    DEPARTMENT_UNTOLD = "department_untold"  # so it was, and nobody can tell whether by the department that may
    UNCHANGED = "unchanged"
    HANDED_OVER = "handed_over"  # a higher decider came to know the entity
    SEEDED = "seeded"  # the higher decider was given the agreed value
    KEPT = "kept"  # a blank did not erase it
    CONTESTED = "contested"  # two moved; the agreed value stands until somebody answers
    RANK = "rank"  # a conflict settled by rank
    LATEST = "latest"  # a conflict settled by the systems' clocks
    VERDICT = "verdict"  # a steward said so
    BORROWED = "borrowed"  # another entity said so
    ADOPTED = "adopted"  # found in agreement on day one
    LEFT = "left"  # it takes part no longer, and the book says what follows
    UNDONE = "undone"  # a run was taken back
    SPLIT = "split"  # what was taken for one became two again
    REMOVED = "removed"  # nothing is agreed on it any more


@dataclass(frozen=True, slots=True)
class Decided:
    """One golden value: `by` is a system, or `steward:<name>`; `rule` is where in the book the sentence stands."""

    value: Value
    because: Because
    by: str = ""
    rule: str = ""
    run: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """A moment at which the decider of a field changed."""

    entity: str
    entity_id: str
    key: str
    from_: str
    to: str
    outcome: str  # agreed | taken | seeded | asked | fell_back
    run: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """A steward's standing word on a value; it outranks rules until it is revoked."""

    key: str
    value: Value
    by: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Golden:
    """The golden values of one entity, by `field` or `field@scope`."""

    entity: str
    entity_id: str
    fields: Mapping[str, Decided] = field(default_factory=dict)

    def value(self, key: str) -> Value:
        """The agreed value; None where there is none or nobody ever said."""
        decided = self.fields.get(key)
        return None if decided is None else decided.value
