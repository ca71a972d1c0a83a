"""The facts worth telling, as values, and what is asked of whoever keeps them until they are told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RunFailed:
    """A run of the scheduler that ended badly, as the scheduler saw it.

    It may be one of which our own code never heard: its process was killed, or its definitions did not load.
    """

    run: str  # the scheduler's id
    job: str
    at: datetime
    says: str  # one line without personal data
    entity: str = ""  # empty: none of ours, or it never came so far
    step: str = ""
    location: str = ""  # which of the projects beside each other it belongs to
    link: str = ""

    def __str__(self) -> str:
        where = f" at {self.step}" if self.step else ""
        return f"{self.job} failed{where}: {self.says}"


class Outbox(Protocol):
    """Keeps facts until somebody was told. The same fact may come again, and is kept once."""

    def put(self, fact: RunFailed) -> bool:
        """Keep it, in one transaction. False where it was known already."""
        ...
