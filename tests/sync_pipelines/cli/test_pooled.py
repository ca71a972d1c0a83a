"""What people read of those whom one record of accounting serves."""

import csv
import json
from pathlib import Path

import pytest

from mappings.ownership import Clause, When
from mappings.ownership import Test as Asks
from tests.laws.little_world import LittleWorld
from tests.sync_pipelines.cli.conftest import Terminal
from tests.sync_pipelines.flow.pools import pooling_book


@pytest.fixture
def world() -> LittleWorld:
    """Two who have no tax number, and the record that serves them."""
    world = LittleWorld(book=pooling_book(When((Clause(Asks.UNSET, "tax_id"),))))
    world.create("erp", Name="Web buyers", Tax_Id="DE0", Status="Open")
    for name in ("Anna", "Bert"):
        world.create("crm", Name=name, Status="Open")
    world.settle()
    return world


def test_early_counts_them_and_lists_them_when_all_are_asked_for(terminal: Terminal) -> None:
    assert terminal.run("early", "account") == 0
    assert ("2 pooled" in terminal.out, "Anna" in terminal.out) == (True, False)
    assert terminal.run("early", "account", "--all") == 0
    assert [name in terminal.out for name in ("Anna", "Bert", "one record there")] == [True] * 3
    terminal.run("early", "account", "--all", "--json")
    told = {(one["name"], one["stage"]) for one in json.loads(terminal.out)["early"] if one["role"] == "erp"}
    assert told == {("Anna", "pooled"), ("Bert", "pooled")}


def test_a_crosswalk_says_who_is_pooled_and_couples_none_of_them_when_it_comes_back(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "accounts.csv"
    assert terminal.run("crosswalk", "account", "--out", str(path)) == 0
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert sorted(row["erp"] for row in rows) == ["(pooled)", "(pooled)", terminal.world.rows("erp")[0].id]
    before = terminal.world.ledger.couplings_of("account", terminal.world.ledger.entity_ids("account"))
    assert terminal.run("adopt", "account", "--crosswalk", str(path)) == 0
    assert terminal.world.ledger.couplings_of("account", terminal.world.ledger.entity_ids("account")) == before
    terminal.world.settle()
    assert len(terminal.world.rows("erp")) == 1
