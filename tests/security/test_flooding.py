"""Much that is bad, or goes to and fro for ever, takes neither the good along nor the house down."""

from collections import Counter
from contextlib import nullcontext
from datetime import timedelta

import pytest

from monitoring.settings import AlertSettings
from monitoring.watching import look
from sync_pipelines.cli import run
from sync_pipelines.commands.office import Office
from sync_pipelines.flow.standing import standing_of
from tests.laws.little_world import LittleWorld, shared

MANY = 1_500


@pytest.fixture(scope="module")
def flooded() -> LittleWorld:
    """Very many records with a code that nobody mapped, each with another one, and a good one among them."""
    little = LittleWorld(page_size=200, max_batch=200)
    shared(little)
    for number in range(MANY):
        little.world.systems["crm"].create("Account", {"Name": f"Bad {number}", "Terms": f"X{number}"}, by="user:u")
    little.create("crm", Name="Good", Tax_Id="DE2", Status="Won")
    little.run()
    return little


def test_t32_the_good_record_goes_through(flooded: LittleWorld) -> None:
    assert [row.values["Name"] for row in flooded.rows("erp")] == ["Acme", "Good"]
    assert len(flooded.ledger.quarantined(entity="account")) == MANY


def test_t32_what_a_terminal_and_a_person_are_told_does_not_grow_with_it(
    flooded: LittleWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    office = Office(open_house=lambda: nullcontext(flooded.house), clock=flooded.world.clock.now, width=100)
    assert run(["quarantine", "list"], office) == 1
    assert len(capsys.readouterr().out.splitlines()) < 200
    run(["status"], office)
    assert len(capsys.readouterr().out.splitlines()) < 60


@pytest.mark.parametrize(("hours", "kind"), [(20, "gaps_grow"), (40, "unknown_code")])
def test_t32_nobody_is_woken_by_each_of_them(flooded: LittleWorld, hours: int, kind: str) -> None:
    now = flooded.world.clock.now() + timedelta(hours=hours)
    seen = look(standing_of(flooded.ledger, flooded.book, now), AlertSettings().limits_as_told())
    kinds = Counter(problem.kind.name for problem in seen.problems)
    assert kinds[kind] == 1
    assert kinds.total() < 10


@pytest.mark.parametrize("field", ["Phone", "Name"])
def test_t32_somebody_who_takes_everything_back_costs_one_write_a_run(field: str) -> None:
    little = LittleWorld()
    account = shared(little)
    little.edit("crm", account, **{field: "flip"})
    (theirs,) = little.rows("erp")
    counts = []
    for turn in range(8):
        little.edit("erp", theirs.id, **{field: f"flop {turn}"})
        before = len(little.written())
        little.run()
        counts.append(len(little.written()) - before)
    assert max(counts) <= 2
    assert len(little.rows("erp")) == 1
