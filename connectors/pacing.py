"""How fast and how much a system may be called: rates, a day's budget, and a reserve for people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from pyrate_limiter import Duration, InMemoryBucket, Rate, RateItem

from connectors.easing import Easing
from connectors.errors import BudgetError, MisconfiguredError, TransientError


class Spending(Protocol):
    """The book of calls spent, kept by whoever outlives a run (the ledger)."""

    def spend(self, system: str, calls: int, at: datetime) -> int:
        """Write down `calls` before they are made (negative: given back); gives the sum of the system's present day."""
        ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the book of rules allows a system to be called. None: no limit of ours."""

    per_second: int | None = None
    per_minute: int | None = None
    per_day: int | None = None
    reserve: float = 0.1  # share of the day, ours and the vendor's, that is left to people
    longest_wait: timedelta = timedelta(minutes=2)  # rather than wait longer, the call is TransientError


@dataclass(frozen=True, slots=True)
class Usage:
    """What the vendor says of its own limit."""

    used: int
    of: int


class Pace:
    """The pace of one system; threads may share it."""

    def __init__(
        self,
        system: str,
        allowance: Allowance,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        spending: Spending | None = None,
    ) -> None:
        """Without `spending` the day's budget is counted in this process only."""
        self.system = system
        self.allowance = allowance
        self._clock = clock
        self._sleep = sleep
        self._spending = spending or SpentHere()
        self._bucket = _bucket(allowance)
        self._not_before: datetime | None = None
        self._easing = Easing()
        self._last: datetime | None = None  # answer
        self._lock = Lock()

    def take(self, calls: int = 1) -> None:
        """Leave to make this many calls; waits for it. Raises BudgetError (nothing was sent), or TransientError."""
        with self._lock:
            self._rest()
            self._ease()
            self._spend(calls)  # first: it may take a while, and the call has to leave when the rate lets it
            try:
                for _ in range(calls):
                    self._wait_for_rate()
            except TransientError:
                self._spending.spend(self.system, -calls, self._clock())
                raise

    def back_off(self, seconds: float) -> None:
        """The system asked to be left alone: no call of any thread before that."""
        until = self._clock() + timedelta(seconds=seconds)
        with self._lock:
            self._not_before = max(until, self._not_before or until)

    def refused(self) -> None:
        """It is in trouble; where that goes on, calls are made less often until it is well."""
        with self._lock:
            self._last = self._clock()
            self._easing.refused()

    def answered(self, seconds: float) -> bool:
        """How long it took. Whether it is called less often from now on, because it got slow."""
        with self._lock:
            self._last, before = self._clock(), self._easing.pause
            self._easing.answered(seconds)
            return self._easing.pause > before

    def heard(self, usage: Usage) -> None:
        """The vendor's own count. Raises BudgetError once only the reserve for people is left of it."""
        if usage.of > 0 and usage.used >= usage.of * (1 - self.allowance.reserve):
            raise BudgetError(
                f"{self.system} says {usage.used} of {usage.of} calls are used; the rest is kept for people",
                code="vendor_limit",
            )

    def _rest(self) -> None:
        if self._not_before is None:
            return
        self._pause((self._not_before - self._clock()).total_seconds())
        self._not_before = None

    def _ease(self) -> None:
        """What was waited since the last answer for another reason counts."""
        if self._easing.pause and self._last is not None:
            self._pause(self._easing.pause - (self._clock() - self._last).total_seconds())

    def _wait_for_rate(self) -> None:
        if self._bucket is None:
            return
        while not self._bucket.put(item := RateItem(self.system, _milliseconds(self._clock()))):
            self._pause(max(1, _as_int(self._bucket.waiting(item))) / 1000)
        self._bucket.leak(_milliseconds(self._clock()))

    def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            return
        if seconds > self.allowance.longest_wait.total_seconds():
            raise TransientError(f"{self.system} asks for a pause of {seconds:.0f} s; try later", retry_after=seconds)
        self._sleep(seconds)

    def _spend(self, calls: int) -> None:
        spent = self._spending.spend(self.system, calls, self._clock())
        limit = self.allowance.per_day
        if limit is not None and spent > limit * (1 - self.allowance.reserve):
            spent = self._spending.spend(self.system, -calls, self._clock())
            raise BudgetError(
                f"{self.system}: {spent} of {limit} calls of the day are spent; the rest is kept for people",
                code="day_budget",
            )


class SpentHere:
    """Counts in this process, by UTC day."""

    def __init__(self) -> None:
        """Nothing spent."""
        self._days: dict[tuple[str, str], int] = {}

    def spend(self, system: str, calls: int, at: datetime) -> int:
        """Add up."""
        day = (system, at.date().isoformat())
        self._days[day] = self._days.get(day, 0) + calls
        return self._days[day]


# Calls are counted where they leave and limited where they arrive: one that was long on the way and one that was quick
# come nearer to each other than they left.
_ON_THE_WAY = 25  # milliseconds


def _bucket(allowance: Allowance) -> InMemoryBucket | None:
    pairs = ((allowance.per_second, Duration.SECOND), (allowance.per_minute, Duration.MINUTE))
    rates = [Rate(limit, interval + _ON_THE_WAY) for limit, interval in pairs if limit is not None]
    try:
        return InMemoryBucket(rates) if rates else None
    except ValueError as error:
        raise MisconfiguredError(f"the call budget contradicts itself: {error}") from error


def _as_int(wait: object) -> int:
    return wait if isinstance(wait, int) else 1  # a bucket in memory answers at once, not with an awaitable


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
