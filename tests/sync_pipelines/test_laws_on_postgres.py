"""A sample of the laws on PostgreSQL: the same history comes to the same end, write for write."""

from contextlib import closing

import pytest

from sync_pipelines.ledger.opening import open_ledger
from tests.laws.checkers import check_all
from tests.laws.histories import History
from tests.postgres import Databases


@pytest.mark.parametrize("seed", range(100, 104))
def test_a_history_comes_to_the_same_end_in_postgresql(seed: int, postgres: Databases) -> None:
    quick, real = History(seed), History(seed)
    quick.play()
    with closing(open_ledger(postgres.create(), audit_key=bytes(32))) as ledger:
        real.little.ledger = ledger
        real.little.engine()
        real.play()
        check_all(real.little)
    assert quick.little.written() == real.little.written()
