"""A run asks the ledger and the systems as often for sixty firms as for six: nothing asks once for each record."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.testing.faults import Fault
from sync_pipelines.flow.adopting import adopt
from sync_pipelines.flow.undoing import plan_undo
from tests.laws.little_world import LittleWorld
from tests.sync_pipelines.flow.counting import CountedWorld


def edit(little: LittleWorld, system: str, **values: str) -> None:
    for row in little.rows(system):
        little.edit(system, row.id, **values)


def contested(little: LittleWorld) -> None:
    edit(little, "crm", Phone="8")
    edit(little, "shop", Phone="9")


def archived(little: LittleWorld) -> None:
    for row in little.rows("erp"):
        little.world.systems["erp"].archive("Customer", row.id, by="user:u")


def deleted(little: LittleWorld) -> None:
    for row in little.rows("erp"):
        little.world.systems["erp"].delete("Customer", row.id, by="user:u")


def twins(little: LittleWorld) -> None:
    for number, _ in enumerate(little.rows("crm")):
        little.create("shop", Name=f"firm {number}")


@pytest.mark.parametrize("before", [lambda _: None, contested, archived, deleted, twins])
def test_a_run_of_many_records_asks_as_often_as_one_of_few(before: Callable[[LittleWorld], None]) -> None:
    asked = []
    for firms in (6, 60):
        world = CountedWorld(firms)
        world.little.settle()
        before(world.little)
        asked.append(world.counted(lambda little=world.little: little.run(full=True)))  # type: ignore[misc]  # bound now
    assert asked[0] == asked[1]


def test_the_first_run_asks_as_often_for_many_as_for_few() -> None:
    asked = [(world := CountedWorld(firms)).counted(world.little.run) for firms in (6, 60)]
    assert asked[0] == asked[1]
    assert (asked[0]["erp.create"], asked[0]["shop.create"]) == (2, 1)  # firms, and people


def test_recovery_asks_once_for_all_that_was_lost() -> None:
    asked = []
    for firms in (6, 60):
        world = CountedWorld(firms)
        world.little.world.faults.force(Fault.LOST_AFTER, "erp.create")
        world.little.run()
        asked.append(world.counted(world.little.run))
    assert asked[0] == asked[1]
    assert asked[0]["erp.find_created"] == 1


def test_a_run_is_taken_back_with_as_few_calls() -> None:
    asked = []
    for firms in (6, 60):
        world = CountedWorld(firms)
        world.little.settle()
        edit(world.little, "crm", Phone="2")
        (accounts, _) = world.little.run()
        asked.append(world.counted(lambda w=world, run=accounts.run: plan_undo(w.little.house, run)))  # type: ignore[misc]  # bound now
    assert asked[0] == asked[1]


def test_adoption_with_a_crosswalk_takes_as_few_calls(tmp_path: Path) -> None:
    asked = []
    for firms in (6, 60):
        world = CountedWorld(firms)
        pairs = [
            (row.id, world.little.create("erp", Name=f"Other {number}"))
            for number, row in enumerate(world.little.rows("crm"))
        ]
        path = tmp_path / f"{firms}.csv"
        path.write_text("crm,erp\n" + "\n".join(map(",".join, pairs)), encoding="utf-8")
        asked.append(world.counted(lambda w=world, at=path: adopt(w.little.house, "account", at)))  # type: ignore[misc]  # bound now
    assert asked[0] == asked[1]


def test_a_house_that_lives_long_asks_each_plan_anew_how_a_system_describes_what_is_written() -> None:
    world = CountedWorld(6)
    world.little.settle()
    house = world.little.engine()
    asked = []
    for phone in ("2", "3"):
        edit(world.little, "crm", Phone=phone)
        asked.append(world.counted(lambda: house.run("account")))
    assert [one["erp.describe"] for one in asked] == [1, 1]
