"""Calls are counted in the ledger, so that all processes share one budget."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from zoneinfo import ZoneInfo

from sync_pipelines.ledger.port import Ledger


class Purse:
    """The ledger that calls are counted in, for all threads of this process: opened when the first call is made."""

    def __init__(self, opened: Callable[[], Ledger]) -> None:
        """`opened` opens one for nobody else: counting must not fall into a transaction of the engine."""
        self._opened = opened
        self._ledger: Ledger | None = None
        self._lock = Lock()

    def spend(self, system: str, day: str, calls: int) -> int:
        """Add to the day; answers its sum."""
        with self._lock:
            if self._ledger is None:
                self._ledger = self._opened()
            return self._ledger.spend(system, day, calls)

    def close(self) -> None:
        """Close what was opened."""
        with self._lock:
            ledger, self._ledger = self._ledger, None
        if ledger is not None:
            ledger.close()


class SpentInLedger:
    """Calls are counted in the ledger, by the system's own calendar day: all processes share one budget.

    They are written down a block at a time, before the first of them is made, and what is left of a block is given
    back when work rests: a process that dies has counted some calls too many, never one too few.
    """

    def __init__(self, spend: Callable[[str, str, int], int], system: str, time_zone: str, block: int = 1) -> None:
        """`spend` is the ledger's."""
        self._spend, self._system, self._block = spend, system, block
        self._zone = ZoneInfo(time_zone)
        self._day, self._sum, self._left = "", 0, 0
        self._lock = Lock()

    def spend(self, system: str, calls: int, at: datetime) -> int:  # noqa: ARG002 - there is a purse for each system
        """Add to the day; answers its sum, without what is left of the block."""
        day = at.astimezone(self._zone).date().isoformat()
        with self._lock:
            if day != self._day:
                self._return_rest()
                self._day = day
            if calls > self._left or not self._sum:
                self._take(max(calls - self._left, self._block))
            self._left -= calls
            return self._sum - self._left

    def give_back(self) -> None:
        """What was written down and not used."""
        with self._lock:
            self._return_rest()

    def _take(self, calls: int) -> None:
        self._sum = self._spend(self._system, self._day, calls)
        self._left += calls

    def _return_rest(self) -> None:
        if self._left:
            self._take(-self._left)
