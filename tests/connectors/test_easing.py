"""A pace that gives way to a system in trouble, and comes back."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.easing import AGAIN, FIRST, MOST, Easing
from connectors.pacing import Allowance, Pace


def eased(*answers: float | None) -> Easing:
    """Seconds of each answer; None: refused."""
    easing = Easing()
    for seconds in answers:
        if seconds is None:
            easing.refused()
        else:
            easing.answered(seconds)
    return easing


WELL = [0.2] * AGAIN


@pytest.mark.parametrize(
    ("answers", "pause"),
    [
        ([], 0.0),
        (WELL, 0.0),
        ([*WELL, None], 0.0),  # one refusal has its own pause
        ([*WELL, None, *WELL, None], 0.0),  # and so has the next one a while later
        ([*WELL, None, None], FIRST),
        ([*WELL, None, 0.2, None], FIRST),
        ([*WELL, None, None, None], 2 * FIRST),
        ([None] * 20, MOST),
        ([0.2] * 50 + [0.9], 0.0),  # nobody waits long for it
        ([2.0] * 50, 0.0),  # it is always like that
    ],
)
def test_how_long_it_is_left_alone(answers: list[float | None], pause: float) -> None:
    assert eased(*answers).pause == pytest.approx(pause)


def test_a_late_answer_is_followed_by_a_rest_as_long_as_it_was_late() -> None:
    assert eased(*[0.5] * 50, 4.0).pause == pytest.approx(3.5)
    assert eased(*[0.5] * 50, 400.0).pause == MOST


def test_good_answers_end_it() -> None:
    easing = eased(*[None] * 20)
    for _ in range(30):
        easing.answered(0.2)
    assert easing.pause == 0.0


def test_what_stays_slow_is_usual_after_a_while() -> None:
    assert eased(*[0.5] * 50, *[4.0] * 60).pause == 0.0


class Clock:
    def __init__(self) -> None:
        self.now, self.slept = datetime(2026, 3, 4, tzinfo=UTC), 0.0

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.slept += seconds


def test_a_pace_waits_between_calls_while_the_system_is_in_trouble() -> None:
    clock = Clock()
    pace = Pace("crm", Allowance(), clock=clock, sleep=clock.sleep)
    pace.take()
    assert clock.slept == 0.0
    for _ in range(3):
        pace.refused()
    pace.take()
    assert clock.slept == pytest.approx(2 * FIRST)


def test_what_was_waited_since_the_last_answer_counts() -> None:
    clock = Clock()
    pace = Pace("crm", Allowance(), clock=clock, sleep=clock.sleep)
    for _ in range(3):
        pace.refused()
    clock.now += timedelta(seconds=0.4)
    pace.take()
    assert clock.slept == pytest.approx(2 * FIRST - 0.4)


def test_a_pace_says_when_it_slows_down() -> None:
    clock = Clock()
    pace = Pace("crm", Allowance(), clock=clock, sleep=clock.sleep)
    assert [pace.answered(seconds) for seconds in (0.5, 0.5, 4.0, 0.5)] == [False, False, True, False]
