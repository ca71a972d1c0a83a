"""A pace that gives way: a system that refuses again and again, or gets slow, is called less often until it is well."""

FIRST, MOST, LEAST = 0.25, 10.0, 0.05  # seconds between calls: where it begins, ends, and is over
AGAIN = 20  # good answers within which a second refusal is no accident; the first has a pause of its own
SLOW, TIMES = 1.0, 3.0  # seconds, and times the usual, beyond which an answer is late
LEARNS = 0.05  # how much of the usual one answer is
HEALS = 0.8  # what is left of the pause after a good answer


class Easing:
    """Seconds to leave between two calls; none while all is well.

    A late answer is followed by a rest as long as it was late, so nobody is slowed to less than half of what the system
    itself takes. A system that stays slow is usual after a while, and rested from no more.
    """

    def __init__(self) -> None:
        self.pause = 0.0
        self._usual: float | None = None  # seconds
        self._well = AGAIN

    def refused(self) -> None:
        """Too many calls, or trouble of its own (429, 5xx)."""
        if self._well < AGAIN:
            self.pause = min(MOST, max(FIRST, self.pause * 2))
        self._well = 0

    def answered(self, seconds: float) -> None:
        """As it should, after this long."""
        self._well += 1
        usual = seconds if self._usual is None else self._usual
        self._usual = usual + LEARNS * (seconds - usual)
        if seconds > SLOW and seconds > TIMES * usual:
            self.pause = min(MOST, max(self.pause, seconds - usual))
        else:
            self.pause = self.pause * HEALS if self.pause > LEAST else 0.0
