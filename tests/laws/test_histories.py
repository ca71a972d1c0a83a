"""L1-L10 in random histories of three systems, two entities and thirty operations.

With faults and crashes on the way.
"""

import pytest

from sync_pipelines.ledger.opening import open_ledger
from tests.laws.checkers import check_all
from tests.laws.histories import History

HISTORIES = 2000
SLICE = 250


@pytest.mark.parametrize("first", range(0, HISTORIES, SLICE))
def test_every_law_holds_at_the_end_of_every_history(first: int) -> None:
    for seed in range(first, first + SLICE):
        history = History(seed)
        try:
            check_all(history.play())
        except AssertionError as error:
            pytest.fail(f"seed {seed}: {error}\n" + "\n".join(history.log))


@pytest.mark.parametrize("seed", range(25))
def test_a_history_comes_to_the_same_end_in_a_real_database(seed: int, tmp_path: object) -> None:
    quick, real = History(seed), History(seed)
    quick.play()
    real.little.ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite")
    real.little.engine()
    try:
        real.play()
        check_all(real.little)
    finally:
        real.little.ledger.close()
    assert [entry[1:] for entry in quick.little.world.log()] == [entry[1:] for entry in real.little.world.log()]


def test_histories_are_not_vacuous() -> None:
    fired: set[str] = set()
    wrote, asked, crashed = 0, 0, 0
    for seed in range(100):
        history = History(seed)
        little = history.play()
        fired |= set(little.world.faults.fired)
        wrote += len(little.written())
        asked += sum(line.startswith("answer") for line in history.log)
        crashed += sum(line.startswith("crash") for line in history.log)
    assert len(fired) >= 7, fired
    assert wrote > 200
    assert asked > 40
    assert crashed > 20


@pytest.mark.parametrize("seed", range(5))
def test_the_same_seed_writes_the_same_log(seed: int) -> None:
    assert History(seed).play().world.log() == History(seed).play().world.log()
