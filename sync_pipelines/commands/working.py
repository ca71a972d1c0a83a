"""Matching a long table in as many processes as there are cores: each reads the file itself and takes its share."""

import gc
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import get_context
from typing import Protocol, TypeVar

from mappings.values import Value
from sync_pipelines.identity.evidence import Frequencies
from sync_pipelines.identity.pairs import Index, Met, Pair, Row, scored

Read = Callable[[Sequence[str]], dict[str, Value]]

BELOW = 9.0  # bits below the threshold for asking down to which pairs are told
_ALONE = 20_000  # rows up to which one process does it
_SAMPLE = 20_000  # rows among which words are counted
_BLOCK = 1000  # rows that one process takes in one go
_MOST = 4  # processes

T = TypeVar("T")


class _Rows(Protocol):
    """What is read of a table."""

    @property
    def long(self) -> int: ...
    def rows(self) -> Iterable[tuple[int, list[str]]]:
        """(number, cells)."""
        ...


class Work:
    """What every process is given: by being forked, so nothing of it is sent."""

    def __init__(self, index: Index, table: _Rows, read: Read) -> None:
        self.index, self.table, self.read = index, table, read
        self.known = Frequencies()
        self.pairs: list[tuple[Row, Row]] = []
        rows = table.long
        self.every = max(rows // _SAMPLE, 1)
        self.shares = min(_cores(), _MOST) if rows > _ALONE else 1

    def each(self, do: "Callable[[int], T]") -> Iterator[T]:
        """The answer for each share."""
        _GIVEN.append(self)
        try:
            if self.shares == 1:
                yield do(0)
            else:
                gc.freeze()  # what was read so far is not walked through again in every process
                with get_context("fork").Pool(self.shares, initializer=_begin) as pool:
                    yield from pool.imap(do, range(self.shares))
                    pool.close()  # each goes by itself: one that is ended while it waits may not notice
                    pool.join()
        finally:
            _GIVEN.pop()


def _begin() -> None:
    """In each process. Whatever its parent does when it is told to end, a share of the work just ends."""
    gc.disable()  # nothing here is cyclic
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


_GIVEN: list[Work] = []


def look(share: int) -> Met:
    """A share of the larger table passes by."""
    work, met = _GIVEN[-1], Met()
    for number, cells in work.table.rows():
        if number // _BLOCK % work.shares == share:
            work.index.look(number, work.read(cells), met, sample=number % work.every == 0)
    return met


def weigh(share: int) -> list[Pair]:
    """A share of the pairs, weighed."""
    work = _GIVEN[-1]
    scoring = work.index.scoring
    return scored(work.pairs[share :: work.shares], scoring, work.known, least=scoring.ask - BELOW)
