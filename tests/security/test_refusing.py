"""Whatever breaks on our side of a write, nothing is written: no judgement, no journal, no lease, no call."""

from datetime import timedelta
from typing import Any

import pytest

from mappings.book import Guards
from sync_pipelines.ledger.port import LedgerError
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld, shared

JOURNAL = ("land", "save_plan", "judge", "parts", "acquire", "renew", "intend", "start_run", "approvals", "pin")


def due(little: LittleWorld) -> None:
    """An edit and a new firm that have to be written somewhere."""
    account = shared(little)
    little.edit("crm", account, Phone="2")
    little.create("crm", Name="New", Tax_Id="DE2", Status="Won", Phone="3", Street="T", City="D")


def tried(little: LittleWorld) -> None:
    """A run that may end in an error."""
    try:
        little.run()
    except LedgerError:
        return


@pytest.mark.parametrize("method", JOURNAL)
def test_t33_where_the_ledger_fails_nothing_is_written(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    little = LittleWorld()
    due(little)
    before = len(little.written())
    asked = []

    def fails(*_: Any, **__: Any) -> None:
        asked.append(method)
        raise LedgerError("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr(little.ledger, method, fails)
        tried(little)
    assert asked
    assert len(little.written()) == before
    little.settle()
    assert len(little.written()) > before


@pytest.mark.parametrize("part", ["sync_pipelines.flow.run.judge_plan", "sync_pipelines.flow.run.closed_now"])
def test_t33_where_the_judgement_fails_nothing_is_written(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    little = LittleWorld()
    due(little)
    before = len(little.written())

    def fails(*_: Any, **__: Any) -> None:
        raise LedgerError("no judgement")

    monkeypatch.setattr(part, fails)
    tried(little)
    assert len(little.written()) == before


def test_t33_a_plan_that_nobody_judged_is_not_applied() -> None:
    little = LittleWorld()
    due(little)
    before = len(little.written())
    result = little.house.begin("account", "sync")
    little.house.refresh(result)
    little.house.plan(result)
    with pytest.raises(LedgerError, match="has not been judged"):
        little.house.apply(result)
    assert len(little.written()) == before


def test_t40_ten_years_that_pass_at_once_write_nothing() -> None:
    little = LittleWorld()
    shared(little)
    before = len(little.written())
    little.world.clock.advance(timedelta(days=3653))
    little.run()
    assert len(little.written()) == before


def test_t40_a_mass_edit_by_whoever_has_the_clock_waits_for_a_person() -> None:
    little = LittleWorld(book=little_book(guards=Guards(at_least=2)))
    accounts = [
        little.create("crm", Name=f"F{n}", Tax_Id=f"DE{n}", Status="Won", Phone="1", Street="S", City="C")
        for n in range(12)
    ]
    for _ in range(8):
        little.run()
        little.world.clock.advance(timedelta(minutes=11))
    before = len(little.written())
    for account in accounts:
        little.edit("crm", account, Name="Owned", Phone="666")
    held = little.run()
    assert len(little.written()) == before
    assert any(not part.passed for result in held for part in result.parts)


HOSTILE = ('=HYPERLINK("http://evil")', "<script>alert(1)</script>", "x' OR 1=1 --", "@SUM(A1)", "{{7*7}}", "%n%n")


@pytest.mark.parametrize("value", HOSTILE)
def test_t07_business_data_arrives_as_it_was_typed(value: str) -> None:
    little = LittleWorld()
    account = little.create("crm", Name=value, Tax_Id="DE1", Status="Won", Phone="1", Street=value, City="C")
    little.settle()
    assert little.row("crm", account).values["Name"] == value
    assert little.only("erp").values["Name"] == value
