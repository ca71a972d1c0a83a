"""Time that passes only when told to."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday morning, far from any change of summer time


class SimulatedClock:
    """The true time of a world, aware and UTC. `now` and `sleep` fit wherever a clock and a sleep are passed in."""

    __slots__ = ("_now",)

    def __init__(self, start: datetime = START) -> None:
        """Begin at `start`, which must be aware."""
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The present instant."""
        return self._now

    def advance(self, by: timedelta | float) -> datetime:
        """Let time pass (seconds or a timedelta). True time never runs backwards; a system's own clock may."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        if step < timedelta(0):
            message = "true time runs forward only; let a system's clock step instead"
            raise ValueError(message)
        self._now += step
        return self._now

    def sleep(self, seconds: float) -> None:
        """Wait without waiting."""
        self.advance(max(0.0, seconds))
