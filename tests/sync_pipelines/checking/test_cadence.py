"""How long a rhythm lets pass at most."""

from datetime import timedelta

import pytest

from sync_pipelines.checking.cadence import longest_wait


@pytest.mark.parametrize(
    ("every", "longest"),
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("2h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("1w", timedelta(weeks=1)),
        ("* * * * *", timedelta(minutes=1)),
        ("*/15 * * * *", timedelta(minutes=15)),
        ("5/20 * * * *", timedelta(minutes=20)),  # 5, 25, 45
        ("0 2 * * *", timedelta(days=1)),
        ("0 2,14 * * *", timedelta(hours=12)),
        ("0 8-18/2 * * *", timedelta(hours=14)),
        ("30 2 * * 1-5", timedelta(days=3)),
        ("0 2 * * mon,thu", timedelta(days=4)),
        ("0 2 * * 0", timedelta(weeks=1)),
        ("0 2 * * 7", timedelta(weeks=1)),
        ("0 2 1 * *", timedelta(days=31)),
        ("0 2 1 jan *", timedelta(days=366)),
        ("0 2 1 * sun", timedelta(weeks=1)),  # either will do
        ("0 2 29 2 *", timedelta(days=1461)),
    ],
)
def test_the_longest_wait_of_a_rhythm(every: str, longest: timedelta) -> None:
    assert longest_wait(every) == longest


@pytest.mark.parametrize("every", ["0 2 30 2 *", "60 2 * * *", "0 24 * * *", "0 2 0 * *", "0 2 * 13 *", "0 2 * * foo"])
def test_a_time_that_never_comes_is_told(every: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        longest_wait(every)
