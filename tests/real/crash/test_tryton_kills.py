"""The short version of `make crash ARGS="--erp tryton"`: one episode with a real ERP."""

from tests.crash.campaign import OPENING, play
from tests.crash.tryton import TrytonPeople, TrytonSystems


def test_processes_killed_around_their_writes_to_a_real_erp_make_nothing_twice_and_lose_no_edit() -> None:
    block = play(seed=1, store="sqlite", databases=None, episodes=1, stage=(TrytonSystems, TrytonPeople))
    assert block.complaints == []
    assert sum(block.kills[point] for point in OPENING) >= 1
    assert block.kills.total() >= 2, block.story
    assert block.writes > 8
