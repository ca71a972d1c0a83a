"""A reading of everything that finds nothing, where there was something, is no success."""

from datetime import UTC, datetime

import pytest

from sync_pipelines.flow.emptiness import suspicious
from sync_pipelines.flow.run import RunResult
from sync_pipelines.intake.crawl import Crawl
from sync_pipelines.intake.landing import Tally
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.changes import RunState
from sync_pipelines.model.records import RunRecord
from tests.laws.little_world import LittleWorld

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def read(ledger: MemoryLedger, name: str, records: int, *, full: bool = True, complete: bool = True) -> None:
    said = {"read": records, "complete": complete, "halted": False, "full": full, "says": ""}
    ledger.start_run(RunRecord(name, "account", "sync", NOW))
    ledger.end_run(name, NOW, "complete", "", {"reads": {"crm/Account": said}})


def doubt(ledger: MemoryLedger, records: int = 0, *, full: bool = True) -> str:
    return suspicious(ledger, "account", Crawl("crm", "Account", Tally(read=records), full=full))


def test_nothing_where_there_was_something_is_not_believed() -> None:
    ledger = MemoryLedger()
    read(ledger, "r1", 50)
    assert doubt(ledger) == (
        "crm/Account: a reading of everything found nothing, where there were 50 records; is our user still allowed to "
        "see them? `concordat doctor crm`"
    )
    assert (doubt(ledger, 1), doubt(ledger, full=False)) == ("", ""), "only nothing, and only of everything"


@pytest.mark.parametrize("before", [[], [0], [0, 0, 0, 0, 0, 50]])
def test_nothing_where_there_usually_is_nothing_is_believed(before: list[int]) -> None:
    ledger = MemoryLedger()
    for number, records in enumerate(reversed(before)):
        read(ledger, f"r{number}", records)
    assert doubt(ledger) == ""


def test_what_was_read_of_changes_only_or_was_not_finished_says_nothing_of_what_is_usual() -> None:
    ledger = MemoryLedger()
    read(ledger, "r1", 50, full=False)
    read(ledger, "r2", 50, complete=False)
    assert doubt(ledger) == ""


def test_a_run_that_suddenly_finds_nothing_is_incomplete_and_says_why() -> None:
    little = LittleWorld()
    little.create("crm", Name="Firm", Tax_Id="DE1", Status="Won")
    little.settle()
    assert {run.state for run in little.run(full=True)} == {RunState.COMPLETE}
    house = little.engine()
    result = RunResult("r", "account")
    house.take_crawl(result, Crawl("crm", "Account", full=True))
    assert result.state is RunState.INCOMPLETE
    assert result.says[0].startswith("crm/Account: a reading of everything found nothing")
