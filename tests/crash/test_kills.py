"""The short version of `make crash`: two episodes of real processes that are killed, on SQLite."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.__main__ import Progress
from tests.crash.campaign import OPENING, POINTS, RECOVERY, Block, play
from tests.crash.conftest import all_is_well
from tests.crash.engine import AFTER_COMMIT, BEFORE_COMMIT
from tests.crash.firms import People
from tests.crash.house import House
from tests.crash.systems import DONE, ERP

pytestmark = pytest.mark.slow


def test_processes_killed_at_the_worst_moments_make_nothing_twice_lose_no_edit_and_leave_no_write_open() -> None:
    block = play(seed=2, store="sqlite", databases=None, episodes=2)
    assert block.complaints == []
    assert block.kills[RECOVERY] >= 1
    assert sum(block.kills[point] for point in OPENING) >= 2
    assert block.kills.total() >= 6, block.story
    assert block.writes > 20


def test_a_create_by_a_process_that_died_is_looked_up_where_no_listing_shows_it(
    on_sqlite: tuple[House, People],
) -> None:
    house, people = on_sqlite
    house.systems.world.systems[ERP].search_lag = timedelta(hours=12)
    people.sells()
    assert house.die(DONE, 1)
    assert house.stuck() == ["erp create intended"]
    assert all_is_well(house, people)


@pytest.mark.parametrize("point", [BEFORE_COMMIT, AFTER_COMMIT])
def test_a_process_that_died_at_a_commit_of_the_ledger_is_one_of_those_that_are_killed(
    on_sqlite: tuple[House, People], point: str
) -> None:
    house, people = on_sqlite
    people.sells()
    assert house.die(point, 3)
    assert all_is_well(house, people)


def test_what_was_done_is_kept_and_counts_the_next_time(tmp_path: Path) -> None:
    file = tmp_path / "crash.json"
    Progress(file).add("sqlite", 4, Block(Counter({POINTS[0]: 3}), writes=7, complaints=["lost"]), 1.5)
    again = Progress(file)
    assert again.kills("sqlite") == {POINTS[0]: 3}
    assert again.kept["sqlite"]["next"] == 5
    assert again.kept["failed"] == ["sqlite:4"]
    assert again.kept["postgres"]["next"] == 0
