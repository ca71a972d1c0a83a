"""What the rules leave open, for a steward."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class About(StrEnum):
    """The kinds of doubt."""

    VALUE = "value"  # two sharers moved, or a hand-over differs: whose value stands?
    PROPOSAL = "proposal"  # somebody who does not decide edited: take it?
    MATCH = "match"  # are these one?
    JOIN = "join"  # a system merged two records whose entities are apart
    CREATE = "create"  # a create is uncertain and cannot be looked up
    ARCHIVE = "archive"  # somebody archived or deleted; should others?


KEPT_APART = ("apart", "create")  # answers by which two stay two


@dataclass(frozen=True, slots=True)
class Question:
    """One doubt. It is asked once per (entity_id, topic) while open; new evidence updates it.

    `choices` maps an answer to what it means in words; `evidence` is what a person needs to see, by system.
    """

    entity: str
    entity_id: str
    topic: str  # e.g. "field:phone", "match:tryton/party/12"
    about: About
    steward: str
    asks: str  # one sentence
    choices: Mapping[str, str]
    evidence: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    asked_at: datetime | None = None
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    open: bool = True  # False without an answer: the doubt went away by itself

    @property
    def others(self) -> tuple[str, ...]:
        """The entities that its own one may be the same as."""
        told = self.evidence.get("others")
        if isinstance(told, Mapping):
            return tuple(str(one) for one in told.values())
        return (str(self.evidence["other"]),) if self.evidence.get("other") else ()
