"""What the engine does, event by event, for whoever writes it down: who, where and how many, never what a record says.

An event bears our own words and ids only. What a system quoted of a record stays in the ledger, where it can be erased.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias


class What(StrEnum):
    """What can happen; the first word is what it is about."""

    RUN_BEGUN = "run begun"
    RUN_ENDED = "run ended"
    STEP_BEGUN = "step begun"
    STEP_ENDED = "step ended"
    STEP_BROKEN = "step broken"
    PART_HELD = "part held"
    CALL_REPEATED = "call repeated"
    CALL_THROTTLED = "call throttled"
    CALL_FAILED = "call failed"
    WRITE_SENT = "write sent"
    WRITE_DONE = "write done"
    WRITE_UNCERTAIN = "write uncertain"
    WRITE_REFUSED = "write refused"
    WRITE_DROPPED = "write dropped"
    RECORD_QUARANTINED = "record quarantined"
    QUESTION_ASKED = "question asked"
    QUESTION_ANSWERED = "question answered"
    QUESTION_WITHDRAWN = "question withdrawn"
    LEASE_TAKEN = "lease taken"
    LEASE_REFUSED = "lease refused"
    LEASE_FENCED = "lease fenced"
    ALERT_SENT = "alert sent"
    ALERT_UNSENT = "alert unsent"
    WEBHOOK_RECEIVED = "webhook received"


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. Empty attributes are not told."""

    what: What
    at: datetime
    run: str = ""  # our id of the run; in Dagster it begins with the id of Dagster's
    entity: str = ""  # which sort of thing: account
    entity_id: str = ""  # our id of the thing
    system: str = ""  # which connected system
    kind: str = ""  # what the system calls such records
    record: str = ""  # system/kind/id
    task: str = ""  # of a run: sync, plan, adopt, ...; of a step: recover, read, plan, judge, apply
    op: str = ""  # create, update, archive, blank
    key: str = ""  # of a write, a question, an announcement: by it the ledger finds the rest
    state: str = ""  # how it ended
    reason: str = ""  # a word of ours: gap, fault, misfit, rejected; the class of an error, and its code
    counts: Mapping[str, int] = field(default_factory=dict)
    field: str = ""  # the name of the field it is about, never what it holds
    channel: str = ""  # of an alert
    says: str = ""  # one line of ours on a run, a step or a part, through the sieve that alerts go through


Sink: TypeAlias = Callable[[Happened], None]


@dataclass(slots=True)
class Teller:
    """Tells a sink what happens, with the time and the run that is under way."""

    sink: Sink
    clock: Callable[[], datetime]
    run: str = ""

    def __call__(self, what: What, **about: Any) -> None:
        """`about` are attributes of `Happened`."""
        self.sink(Happened(what, self.clock(), **{"run": self.run, **about}))

    def write(self, happened: Happened) -> None:
        """One that was kept back until it was true."""
        self.sink(happened)

    def made(self, what: What, **about: Any) -> Happened:
        """Not told yet."""
        return Happened(what, self.clock(), **{"run": self.run, **about})


def of_a_call(tell: Teller, system: str, trouble: str, reason: str, seconds: float) -> None:
    """Trouble with a call to a system, in the words of its connector."""
    tell(What(f"call {trouble}"), system=system, reason=reason, counts={"seconds": round(seconds)} if seconds else {})
