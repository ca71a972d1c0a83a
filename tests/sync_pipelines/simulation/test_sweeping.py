"""A campaign sweeps between its histories, and leaves Python's own sweeping as it found it."""

import gc
from typing import Never

import pytest

from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.simulation.campaign import run


def test_worlds_that_are_over_do_not_pile_up() -> None:
    def alive() -> int:
        return sum(isinstance(one, MemoryLedger) for one in gc.get_objects())

    met: list[int] = []
    run(range(60), MemoryLedger, lambda: 0.0, told=lambda *_: met.append(alive()))
    assert 1 < max(met) < 40


def test_a_campaign_that_is_stopped_leaves_the_sweeping_as_it_was() -> None:
    def stop(*_: object) -> Never:
        assert not gc.isenabled()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(range(1), MemoryLedger, lambda: 0.0, told=stop)
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
