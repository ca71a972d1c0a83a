"""A door with simulated time, and what it waited for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

import httpx

from connectors.address import Address
from connectors.http import Bounds, HttpDoor, Judge, no_objection
from connectors.pacing import Pace
from connectors.seams import Seams
from connectors.testing.clock import SimulatedClock


@dataclass
class Hands:
    """Seams of a test: time that is told, chance that is always a half."""

    clock: SimulatedClock = field(default_factory=SimulatedClock)
    slept: list[float] = field(default_factory=list)
    per_look: float = 0.0  # seconds that pass whenever somebody looks at the clock
    ids: Iterator[int] = field(default_factory=count)

    def seams(self, pace: Pace | None = None) -> Seams:
        return Seams(self._now, self._sleep, lambda: f"id-{next(self.ids)}", lambda: 0.5, pace)

    def _now(self) -> datetime:
        return self.clock.advance(timedelta(seconds=self.per_look))

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.sleep(seconds)


def a_door(
    url: str,
    *,
    hands: Hands | None = None,
    auth: httpx.Auth | None = None,
    judge: Judge = no_objection,
    bounds: Bounds | None = None,
    address: Address | None = None,
    pace: Callable[[Hands], Pace] | None = None,
) -> HttpDoor:
    hands = hands or Hands()
    place = address or Address.of(url, on_premise=True)
    seams = hands.seams(pace(hands) if pace else None)
    return HttpDoor("crm", place, seams, auth=auth, judge=judge, bounds=bounds or Bounds(connect=2, silence=2))
