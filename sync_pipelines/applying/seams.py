"""What the engine is given from outside: time, ids, who makes calls, and where a test may pull the plug."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from sync_pipelines.ledger.memento import FORGETFUL, Memento

P = ParamSpec("P")
R = TypeVar("R")


def go_on(name: str) -> None:
    """A checkpoint at which nothing happens. `name` is read by those that pass another one in."""
    del name


class AtOnce(Executor):
    """Each call is made where it is handed over and nothing runs beside anything, so that a run repeats exactly."""

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """What it came to, already."""
        told: Future[R] = Future()
        try:
            told.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            told.set_exception(error)
        return told


@dataclass(frozen=True, slots=True)
class Seams:
    """Passed in, so that a run repeats exactly."""

    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    checkpoint: Callable[[str], None] = go_on
    holder: str = "concordat"  # who writes: named in leases
    lease_for: timedelta = timedelta(minutes=10)  # longer than any one call may take
    settle_after: timedelta = timedelta(minutes=10)  # how long a lost request may still be executed by its system
    memento: Memento = FORGETFUL  # what outlives the ledger
    caller: Callable[[], Executor] = AtOnce  # makes the calls to one system: one at a time, in the order handed over
