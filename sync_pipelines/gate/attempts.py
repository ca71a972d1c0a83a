"""How often somebody may be wrong. Kept in memory: there is one gate, and a restart forgives."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import Lock

SPAN = timedelta(minutes=15)
_OF_BOTH, _OF_ADDRESS, _OF_NAME = 5, 20, 50  # a name is known to many: who only knows it must not shut its owner out
_MOST = 10_000  # keys held; beyond, everybody waits


class Attempts:
    """Counts failures by name and address, by address, and by name."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Nobody failed yet."""
        self._now = now
        self._failed: defaultdict[tuple[str, str], deque[datetime]] = defaultdict(deque)
        self._lock = Lock()

    def wait(self, name: str, address: str) -> int:
        """Seconds until the next try; 0: now."""
        now = self._now()
        with self._lock:
            self._forget(now)
            if len(self._failed) > _MOST:
                return int(SPAN.total_seconds())
            ends = [self._failed[key][-most] + SPAN for key, most in _keys(name, address) if self._many(key, most)]
        return max((int((end - now).total_seconds()) + 1 for end in ends), default=0)

    def failed(self, name: str, address: str) -> None:
        """Once more."""
        with self._lock:
            for key, _ in _keys(name, address):
                self._failed[key].append(self._now())

    def passed(self, name: str, address: str) -> None:
        """Who knows the password was only mistaken before. The address may still be trying other names."""
        with self._lock:
            self._failed.pop((name, address), None)

    def _many(self, key: tuple[str, str], most: int) -> bool:
        return key in self._failed and len(self._failed[key]) >= most

    def _forget(self, now: datetime) -> None:
        for key in [*self._failed]:
            times = self._failed[key]
            while times and times[0] <= now - SPAN:
                times.popleft()
            if not times:
                del self._failed[key]


def _keys(name: str, address: str) -> Iterator[tuple[tuple[str, str], int]]:
    yield (name, address), _OF_BOTH
    yield ("", address), _OF_ADDRESS
    yield (name, ""), _OF_NAME
