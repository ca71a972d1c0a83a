"""What the engine is given from outside: time, ids, and the points at which a test may pull the plug."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


def go_on(name: str) -> None:
    """A checkpoint at which nothing happens. `name` is read by those that pass another one in."""
    del name


@dataclass(frozen=True, slots=True)
class Seams:
    """Passed in, so that a run repeats exactly."""

    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    checkpoint: Callable[[str], None] = go_on
    holder: str = "concordat"  # who writes: named in leases
    lease_for: timedelta = timedelta(minutes=10)  # longer than any one call may take
    settle_after: timedelta = timedelta(minutes=10)  # how long a lost request may still be executed by its system
