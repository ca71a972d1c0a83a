"""Rates are kept, a day's budget leaves a reserve for people, and a system that asks for rest gets it."""

from datetime import datetime, timedelta

import pytest

from connectors.errors import BudgetError, MisconfiguredError, TransientError
from connectors.pacing import Allowance, Pace, SpentHere, Usage
from connectors.testing.clock import SimulatedClock


def a_pace(allowance: Allowance, clock: SimulatedClock | None = None, spending: SpentHere | None = None) -> Pace:
    clock = clock or SimulatedClock()
    return Pace("crm", allowance, clock=clock.now, sleep=clock.sleep, spending=spending)


@pytest.mark.parametrize(
    ("allowance", "calls", "least", "most"),
    [
        (Allowance(per_second=5), 5, 0.0, 0.1),
        (Allowance(per_second=5), 11, 2.0, 2.2),
        (Allowance(per_minute=30), 31, 60.0, 61.0),
        (Allowance(per_second=10, per_minute=30), 31, 60.0, 63.0),
        (Allowance(), 1000, 0.0, 0.0),
    ],
)
def test_calls_keep_the_rate(allowance: Allowance, calls: int, least: float, most: float) -> None:
    clock = SimulatedClock()
    pace, start = a_pace(allowance, clock), clock.now()
    for _ in range(calls):
        pace.take()
    assert least <= (clock.now() - start).total_seconds() <= most


def test_no_second_ever_sees_more_calls_than_allowed() -> None:
    clock = SimulatedClock()
    pace, made = a_pace(Allowance(per_second=3), clock), []
    for step in range(60):
        clock.advance((step % 7) / 20)
        pace.take()
        made.append(clock.now())
    crowds = [sum(one <= other < one + timedelta(seconds=1) for other in made) for one in made]
    assert max(crowds) == 3


def test_no_second_of_the_system_sees_more_calls_although_some_are_longer_on_the_way() -> None:
    clock = SimulatedClock()
    pace, arrived = a_pace(Allowance(per_second=3), clock), []
    for step in range(60):
        pace.take()
        arrived.append(clock.now() + timedelta(milliseconds=20 * (step % 2)))
    crowds = [sum(one <= other < one + timedelta(seconds=1) for other in arrived) for one in arrived]
    assert max(crowds) == 3


class SlowBook(SpentHere):
    """Writing down takes a tenth of a second, now and then."""

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__()
        self._clock, self._times = clock, 0

    def spend(self, system: str, calls: int, at: datetime) -> int:
        self._times += 1
        self._clock.advance(0.1 if self._times % 4 == 1 else 0.0)
        return super().spend(system, calls, at)


def test_a_call_that_was_long_written_down_is_not_followed_too_soon() -> None:
    clock = SimulatedClock()
    pace, left = a_pace(Allowance(per_second=3), clock, SlowBook(clock)), []
    for _ in range(60):
        pace.take()
        left.append(clock.now())
    crowds = [sum(one <= other < one + timedelta(seconds=1) for other in left) for one in left]
    assert max(crowds) == 3


def test_a_call_for_which_nobody_waits_is_not_counted() -> None:
    spent = SpentHere()
    pace = a_pace(Allowance(per_minute=1, longest_wait=timedelta(seconds=5)), spending=spent)
    pace.take()
    with pytest.raises(TransientError, match="asks for a pause"):
        pace.take()
    assert spent.spend("crm", 0, SimulatedClock().now()) == 1


def test_at_least_ninety_five_percent_of_the_rate_are_used() -> None:
    clock = SimulatedClock()
    pace, start = a_pace(Allowance(per_second=20), clock), clock.now()
    for _ in range(2_000):
        pace.take()
    assert 2_000 / (clock.now() - start).total_seconds() >= 0.95 * 20


def test_the_days_budget_leaves_the_reserve_to_people_and_counts_no_refused_call() -> None:
    spent = SpentHere()
    clock = SimulatedClock()
    pace = a_pace(Allowance(per_day=100, reserve=0.1), clock, spent)
    pace.take(90)
    for _ in range(2):
        with pytest.raises(BudgetError, match="90 of 100 calls of the day are spent"):
            pace.take()
    assert spent.spend("crm", 0, clock.now()) == 90
    clock.advance(timedelta(days=1))
    pace.take()


def test_what_another_process_spent_counts() -> None:
    spent, clock = SpentHere(), SimulatedClock()
    a_pace(Allowance(per_day=10, reserve=0), clock, spent).take(8)
    other = a_pace(Allowance(per_day=10, reserve=0), clock, spent)
    other.take(2)
    with pytest.raises(BudgetError):
        other.take()


@pytest.mark.parametrize(("used", "stops"), [(89, False), (90, True), (100, True)])
def test_the_vendors_own_count_is_obeyed(used: int, stops: bool) -> None:
    pace = a_pace(Allowance(reserve=0.1))
    if not stops:
        pace.heard(Usage(used, 100))
        return
    with pytest.raises(BudgetError, match=f"says {used} of 100"):
        pace.heard(Usage(used, 100))


def test_a_vendor_without_a_limit_stops_nobody() -> None:
    a_pace(Allowance()).heard(Usage(5, 0))


def test_a_system_that_asks_for_rest_gets_it_once_and_the_longest_counts() -> None:
    clock = SimulatedClock()
    pace, start = a_pace(Allowance(), clock), clock.now()
    pace.back_off(30)
    pace.back_off(10)
    pace.take()
    pace.take()
    assert clock.now() - start == timedelta(seconds=30)


def test_a_rest_longer_than_anybody_waits_is_told_at_once() -> None:
    clock = SimulatedClock()
    pace, start = a_pace(Allowance(longest_wait=timedelta(seconds=60)), clock), clock.now()
    pace.back_off(3600)
    with pytest.raises(TransientError) as error:
        pace.take()
    assert (error.value.retry_after, clock.now()) == (3600, start)


def test_rates_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(MisconfiguredError, match="contradicts itself"):
        a_pace(Allowance(per_second=10, per_minute=5))
