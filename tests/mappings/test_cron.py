"""Cron lines mean what cron means by them, and nothing is accepted that Dagster would refuse."""

import dagster as dg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.cron import Cron, CronError, parse

WRONG = {
    "99 2 * * *": "minute 99 is not among 0 to 59",
    "0 24 * * *": "hour 24 is not among 0 to 23",
    "0 2 0 * *": "day of the month 0 is not among 1 to 31",
    "0 2 * 13 *": "month 13 is not among 1 to 12",
    "0 2 * * 8": "weekday 8 is not among 0 to 7",
    "0 mon * * *": "'mon' is no hour",
    "0 2 * * monday": "'monday' is no weekday",
    "0 22-4 * * *": "hour 22-4 runs backwards",
    "*/0 * * * *": "minute cannot go in steps of 0",
    "*/ * * * *": "minute cannot go in steps of nothing",
    "1,,2 * * * *": "'' is no minute",
    "-5 * * * *": "'' is no minute",
    "² * * * *": "'²' is no minute",
    "0 2 * *": "a cron line has 5 parts, and this one 4",
    "0 0 2 * * *": "a cron line has 5 parts, and this one 6",
}


@pytest.mark.parametrize("line", WRONG)
def test_what_no_clock_shows_is_refused_with_what_is_wrong(line: str) -> None:
    with pytest.raises(CronError) as refused:
        parse(line)
    assert str(refused.value) == WRONG[line]


def test_a_line_is_taken_apart() -> None:
    cron = parse("*/20 8-10,22 1 jan-MAR sun,7")
    assert (cron.minutes, cron.hours) == (frozenset({0, 20, 40}), frozenset({8, 9, 10, 22}))
    assert cron == Cron(cron.minutes, cron.hours, frozenset({1}), frozenset({1, 2, 3}), frozenset({0}), either=True)


def _numbers(low: int, high: int) -> st.SearchStrategy[str]:
    one = st.integers(low - 1, high + 1).map(str)
    span = st.one_of(one, st.tuples(one, one).map("-".join), st.just("*"))
    piece = st.one_of(span, st.tuples(span, st.integers(0, high + 1).map(str)).map("/".join))
    return st.lists(piece, min_size=1, max_size=2).map(",".join)


LINES = st.tuples(_numbers(0, 59), _numbers(0, 23), _numbers(1, 31), _numbers(1, 12), _numbers(0, 7)).map(" ".join)


@pytest.mark.filterwarnings("ignore:Found a cron schedule with an interval greater")  # 0/50: Dagster runs too often
@settings(max_examples=60)
@given(LINES)
def test_what_is_accepted_dagster_accepts(line: str) -> None:
    try:
        parse(line)
    except CronError:
        return
    assert dg.ScheduleDefinition(name="any", job_name="any", cron_schedule=line).cron_schedule == line
