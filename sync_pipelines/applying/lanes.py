"""Work on several systems beside each other; the engine's part of it, and all of the ledger, in one thread."""

from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from typing import Any, TypeAlias, TypeVar

R = TypeVar("R")
Steps: TypeAlias = Generator[Future[Any], None, R]  # gives out what it has to wait for


def outcome(told: Future[R]) -> Steps[R]:
    """Waits for it; raises what it raised."""
    yield told
    return told.result()


def beside(lanes: Sequence[Steps[None]]) -> None:
    """Go on with each lane as soon as what it waits for is there, in turns. An error in one ends them all."""
    waiting: dict[Future[Any], Steps[None]] = {}
    with ExitStack() as ends:
        for lane in lanes:
            ends.callback(lane.close)  # of all of them, also where the end of one fails
        for lane in lanes:
            _go_on(lane, waiting)
        while waiting:
            wait(waiting, return_when=FIRST_COMPLETED)
            for told in [each for each in waiting if each.done()]:
                _go_on(waiting.pop(told), waiting)


def _go_on(lane: Steps[None], waiting: dict[Future[Any], Steps[None]]) -> None:
    told = next(lane, None)
    if told is not None:
        waiting[told] = lane
