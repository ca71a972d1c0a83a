"""A problem: one thing that is wrong, as it is found by looking. Alerts are what becomes of it in time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Severity(StrEnum):
    """Whom it wakes."""

    PAGE = "page"  # somebody, now
    WARN = "warn"  # on-call, in waking hours
    STEWARD = "steward"  # the steward it concerns, in office hours; never the pager


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of problem, with its page in `runbooks/` of the same name."""

    name: str
    severity: Severity
    trigger: str  # one sentence for the table of alerts


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, since when, and what to type first. Two with one key are the same problem."""

    kind: Kind
    about: str  # system, system/kind, entity, map …: with the kind it is the key
    says: str
    since: datetime
    count: int = 0  # records it keeps from going on; 0: not known, or none
    entity: str = ""
    system: str = ""
    steward: str = ""
    run: str = ""
    command: str = "concordat status"

    @property
    def key(self) -> str:
        """What makes it one problem."""
        return f"{self.kind.name}:{self.about}"
