"""L1-L10 in random histories of three systems, two entities with children and thirty operations.

With faults on the way: people, administrators, networks, clocks and processes that die.
"""

from collections import Counter

import pytest

from sync_pipelines.simulation.campaign import run
from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.stores import store

HISTORIES = 3000
SLICE = 250
IN_SQLITE = 200
SLICE_IN_SQLITE = 50


def told(seed: int) -> str:
    """What to do with a seed that fails."""
    return f"seed {seed}: concordat simulate --seeds {seed}..{seed + 1}"


@pytest.mark.parametrize("first", range(0, HISTORIES, SLICE))
def test_every_law_holds_at_the_end_of_every_history(first: int) -> None:
    for seed in range(first, first + SLICE):
        verdict = examine(History.of(seed))
        assert not verdict.broken, "\n".join([told(seed), *verdict.broken])


@pytest.mark.parametrize("first", range(0, IN_SQLITE, SLICE_IN_SQLITE))
def test_a_history_comes_to_the_same_end_in_a_real_database(first: int) -> None:
    with store("sqlite") as fresh:
        for seed in range(first, first + SLICE_IN_SQLITE):
            quick, real = examine(History.of(seed)), examine(History.of(seed), fresh())
            assert not real.broken, "\n".join([told(seed), *real.broken])
            assert quick.trace == real.trace, told(seed)


def test_histories_are_not_vacuous() -> None:
    """I37, at the size of a test: what a campaign of many more counts, this one has at least begun to do."""
    with store("memory") as fresh:
        tally = run(range(120), fresh, clock=lambda: 0.0)
    assert not tally.found
    assert len(tally.missing()) < 30, tally.missing()
    assert tally.waited > 10
    least = Counter(create=200, edit=300, child=40, archive=15, delete=20, answer=80, run=600, died=10)
    least += Counter(merge=30, join=50, undo=8)
    assert not {name: tally.met[name] for name in least if tally.met[name] < least[name]}
    assert min(tally.written[op] for op in ("create", "update", "archive")) > 5, tally.written
