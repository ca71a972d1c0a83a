"""What a system lets us hear besides answers: its clock, when its certificate ends, and what went wrong with calls."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from connectors.answers import as_instant

_EXACT = timedelta(seconds=1)  # a Date header has no more than that
NO_TIME = timedelta(0)


class Trouble(StrEnum):
    """What can happen to a call."""

    REPEATED = "repeated"  # a read that is asked once more
    THROTTLED = "throttled"  # the system said when it may be called again
    FAILED = "failed"  # it came to nothing, or nobody knows to what


def tell_nobody(trouble: Trouble, reason: str, seconds: float) -> None:
    """Nobody keeps a log."""
    del trouble, reason, seconds


@dataclass(slots=True)
class Heard:
    """Filled by the door with every answer; kept by whoever outlives the process."""

    skew: timedelta | None = None  # its clock less ours; 0 where the time on the way explains it
    certificate_ends: datetime | None = None
    repeats: int = 0  # reads that had to be asked again
    tell: Callable[[Trouble, str, float], None] = tell_nobody  # why, in a word of ours; for how many seconds

    def clock(self, headers: Mapping[str, str], asked: datetime, answered: datetime) -> None:
        """Its Date against ours. An answer out of a cache (`Age`) bears the time of another day."""
        said = as_instant(headers.get("date", ""))
        if said is None or "age" in headers:
            return
        ahead, behind = said - answered, asked - (said + _EXACT)
        self.skew = ahead if ahead > NO_TIME else -behind if behind > NO_TIME else NO_TIME

    def certificate(self, stream: Any) -> None:
        """Of the connection an answer came by, where it was a safe one; looked at once."""
        if self.certificate_ends is not None or stream is None:
            return
        shown = stream.get_extra_info("ssl_object")
        told = (shown.getpeercert() or {}).get("notAfter") if shown is not None else None
        if told:
            self.certificate_ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(told), UTC)

    def repeated(self, reason: str) -> None:
        """One more try."""
        self.repeats += 1
        self.tell(Trouble.REPEATED, reason, 0.0)

    def repeats_told(self) -> int:
        """How many since this was last asked."""
        told, self.repeats = self.repeats, 0
        return told
