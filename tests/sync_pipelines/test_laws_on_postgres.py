"""A sample of the laws on PostgreSQL: the same history comes to the same end, write for write."""

import pytest

from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.stores import store
from tests.postgres import Databases


@pytest.mark.parametrize("seed", range(100, 104))
def test_a_history_comes_to_the_same_end_in_postgresql(seed: int, postgres: Databases) -> None:
    quick = examine(History.of(seed))
    with store("postgres", postgres.create()) as fresh:
        real = examine(History.of(seed), fresh())
    assert not real.broken
    assert quick.trace == real.trace
