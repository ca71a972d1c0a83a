"""L1-L10 where one record of the ERP serves all accounts without a tax number: random histories of the small book."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from mappings.ownership import Clause, When
from mappings.ownership import Test as Asks
from sync_pipelines.model.early import Stage
from sync_pipelines.simulation.examining import Verdict, examine
from sync_pipelines.simulation.history import History
from tests.laws.little_world import LittleWorld
from tests.sync_pipelines.flow.pools import pooling_book

HISTORIES, SLICE = 60, 15
BOOK = pooling_book(When((Clause(Asks.UNSET, "tax_id"),)))


def little(seed: int, page_size: int, **more: Any) -> LittleWorld:
    """The number of the record that serves many is the first that the ERP gives: whoever comes first bears it."""
    guards = more["book"].guards if "book" in more else BOOK.guards
    return LittleWorld(seed, page_size, **{**more, "book": replace(BOOK, guards=guards)})


def served(verdict: Verdict) -> Counter[str]:
    """How many were, in the end."""
    rows = verdict.stage.little.ledger.early(entity="account", stages=[Stage.POOLED])
    return Counter(pooled=len(rows), waiting=sum(bool(row.lacks) for row in rows))


@pytest.mark.parametrize("first", range(0, HISTORIES, SLICE))
def test_every_law_holds_where_one_record_serves_many(first: int) -> None:
    told: Counter[str] = Counter()
    for seed in range(first, first + SLICE):
        verdict = examine(History.of(seed), make=little)
        assert not verdict.broken, f"seed {seed} with a pool: {verdict.broken}"
        told += served(verdict)
    assert told["pooled"] > told["waiting"], told


@pytest.mark.parametrize("seed", [1074, 1218, 1282])
def test_who_belongs_to_the_record_of_many_by_its_own_right_is_not_written_to_again_and_again(seed: int) -> None:
    """Another record of the same person names somebody whom that record serves."""
    assert not examine(History.of(seed), make=little).broken
