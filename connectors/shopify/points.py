"""The shop's own currency: each call costs points, a bucket holds so many and fills up at so many a second.

What a call of this sort cost last time, and what the bucket held at the last answer, say how long to wait before the
next one: so the limit is kept without being run into.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from connectors.errors import TransientError

LONGEST_WAIT = 120.0  # seconds; rather than wait longer, the call is TransientError
_LEAST_PAUSE = 1.0
_MARGIN = 1.0  # a point more, so that no rounding on either side is run into
_STATUS = ("maximumAvailable", "currentlyAvailable", "restoreRate")


@dataclass(frozen=True, slots=True)
class Bucket:
    """`throttleStatus` of one answer."""

    most: float
    available: float
    rate: float  # points a second
    at: datetime

    def holds(self, now: datetime) -> float:
        """What has flown in since."""
        return min(self.most, self.available + self.rate * max(0.0, (now - self.at).total_seconds()))


class Points:
    """The bucket of one app in one shop; threads may share it."""

    def __init__(self, clock: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        """Nothing is known before the first answer."""
        self._clock = clock
        self._sleep = sleep
        self._bucket: Bucket | None = None
        self._costs: dict[str, float] = {}  # by sort of call: what it was asked for last time
        self._lock = Lock()

    def wait_for(self, call: str, guess: float = 1.0) -> None:
        """Until the bucket holds what such a call cost last time, or seems to (`guess`); they count as spent now."""
        with self._lock:
            need, now = max(self._costs.get(call, guess), guess), self._clock()
            if self._bucket is None or self._bucket.rate <= 0:
                return
            lacking = min(need + _MARGIN, self._bucket.most) - self._bucket.holds(now)
            if lacking > 0:
                self._pause(lacking / self._bucket.rate)
            left = self._bucket.holds(self._clock()) - need
            self._bucket = Bucket(self._bucket.most, left, self._bucket.rate, self._clock())

    def heard(self, call: str, body: Any) -> None:
        """What the shop says of the cost of a call, and of what is left."""
        cost = told_cost(body)
        status = cost.get("throttleStatus")
        with self._lock:
            if call and isinstance(cost.get("requestedQueryCost"), int | float):
                self._costs[call] = float(cost["requestedQueryCost"])
            if isinstance(status, Mapping):
                most, available, rate = (float(status.get(name) or 0) for name in _STATUS)
                self._bucket = Bucket(most, available, rate, self._clock())

    def _pause(self, seconds: float) -> None:
        if seconds > LONGEST_WAIT:
            raise TransientError(
                f"the shop's call points are used up for {seconds:.0f} s; try later", retry_after=seconds
            )
        self._sleep(seconds)


def told_cost(body: Any) -> Mapping[str, Any]:
    """`extensions.cost` of an answer; empty where it tells none."""
    extensions = body.get("extensions") if isinstance(body, Mapping) else None
    cost = extensions.get("cost") if isinstance(extensions, Mapping) else None
    return cost if isinstance(cost, Mapping) else {}


def pause_after(body: Any) -> float:
    """Seconds to leave a shop alone that said THROTTLED."""
    cost = told_cost(body)
    status = cost.get("throttleStatus") or {}
    lacking = float(cost.get("requestedQueryCost") or 0) - float(status.get("currentlyAvailable") or 0)
    return max(_LEAST_PAUSE, lacking / float(status.get("restoreRate") or 50))
