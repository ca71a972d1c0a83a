"""A reading of everything that finds nothing, where there was something, is no success."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.contract import Page
from connectors.errors import TransientError
from mappings.book import Book
from sync_pipelines.flow.emptiness import note_if_none_was_met, suspicious, unbelieved_since, unmet
from sync_pipelines.flow.leave import asks_for_leave
from sync_pipelines.flow.run import RunResult
from sync_pipelines.flow.undoing import plan_undo
from sync_pipelines.intake.crawl import Crawl
from sync_pipelines.intake.landing import Tally
from sync_pipelines.intake.vanishing import say_gone, vanished
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.changes import RunState
from sync_pipelines.model.records import RunRecord
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld, shared

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def read(ledger: MemoryLedger, name: str, records: int, *, full: bool = True, complete: bool = True) -> None:
    said = {"read": records, "complete": complete, "halted": False, "full": full, "says": ""}
    ledger.start_run(RunRecord(name, "account", "sync", NOW))
    ledger.end_run(name, NOW, "complete", "", {"reads": {"crm/Account": said}})


def doubt(ledger: MemoryLedger, records: int = 0, *, full: bool = True) -> str:
    return suspicious(ledger, little_book(), "account", Crawl("crm", "Account", Tally(read=records), full=full))


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


# --- what was never met ---------------------------------------------------------------------------------------------

DOUBT = (
    "nothing was ever found in shop/Buyer: may our user see it? `concordat doctor shop`; where it is empty indeed, "
    "write `may_be_empty: [Buyer]` under shop in systems.yaml"
)
HELD = "nothing was ever found in shop/Buyer, so nothing is written there"


def strict_book(*believed: str) -> Book:
    """Of a team that has said of these systems only that they may be empty."""
    book = little_book()
    systems = {name: one if name in believed else replace(one, may_be_empty=()) for name, one in book.systems.items()}
    return replace(book, systems=systems)


def one_won_firm(book: Book) -> LittleWorld:
    little = LittleWorld(book=book)
    little.create("crm", Name="Firm", Tax_Id="DE1", Status="Won")
    little.create("erp", Name="Other", Tax_Id="DE2")
    little.create("crm", "Person", Name="Ann", Email="ann@example.com")
    little.create("erp", "Person", Name="Bea", Email="bea@example.com")
    return little


def test_a_system_of_which_nothing_ever_came_is_doubted_run_after_run_and_nothing_is_made_in_it() -> None:
    little = one_won_firm(strict_book())
    for full in (False, False, True):
        result = little.house.run("account", full=full)
        assert (result.state, result.says[0]) == (RunState.INCOMPLETE, DOUBT)
        assert [(part.system, part.says) for part in result.parts if not part.passed] == [("shop", HELD)]
    assert little.rows("shop") == []
    assert len(little.rows("erp")) == 2, "others go on"


def test_the_doubt_is_over_when_the_book_says_that_it_is_empty() -> None:
    little = one_won_firm(strict_book())
    little.house.run("account")
    little.book = strict_book("shop")
    assert little.engine().run("account").state is RunState.COMPLETE
    assert [row.values["Tax_Id"] for row in little.rows("shop")] == ["DE1"]


def test_the_doubt_is_over_with_the_first_record_that_is_seen() -> None:
    little = one_won_firm(strict_book())
    little.house.run("account")
    little.create("shop", Name="Firm", Tax_Id="DE1")
    assert little.house.run("account").state is RunState.COMPLETE
    assert little.house.run("account").state is RunState.COMPLETE


def test_what_was_met_once_may_all_be_gone() -> None:
    little = LittleWorld(book=strict_book())
    shop = little.create("shop", Name="Firm", Tax_Id="DE1")
    little.house.run("account")
    little.world.systems["shop"].delete("Buyer", shop, by="anna")
    little.house.run("account", full=True)
    little.house.run("account", full=True)
    assert little.rows("shop") == []
    assert unbelieved_since(little.ledger, little.book, "shop", "Buyer") is None


def test_a_reading_that_was_cut_off_or_only_of_changes_says_nothing_of_what_is_there() -> None:
    ledger, book = MemoryLedger(), strict_book()
    for crawl in (Crawl("shop", "Buyer", full=True, complete=False), Crawl("shop", "Buyer", full=False)):
        note_if_none_was_met(ledger, crawl, NOW)
        assert unbelieved_since(ledger, book, "shop", "Buyer") is None
    note_if_none_was_met(ledger, Crawl("shop", "Buyer", full=True), NOW)
    assert unbelieved_since(ledger, book, "shop", "Buyer") == NOW


# --- what was never read to its end ----------------------------------------------------------------------------------


def test_where_no_reading_ever_came_to_its_end_nothing_is_made_and_whoever_is_there_is_met_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Everybody who is there would be made a second time."""
    little = LittleWorld(page_size=1)
    for system in ("crm", "erp"):
        little.create(system, Name="Other", Tax_Id="DE1", Status="Won")
        little.create(system, Name="Firm", Tax_Id="DE2", Status="Won")
    whole = little.connectors["erp"].changes
    monkeypatch.setattr(little.connectors["erp"], "changes", lambda kind, since: _cut_off(whole(kind, since)))
    (accounts, _) = little.run()
    assert accounts.state is RunState.INCOMPLETE
    assert "erp/Customer was not read to its end, so 1 creates wait: they may be there by now" in accounts.says
    assert unmet(little.ledger, little.book, "account") == {
        "erp": "no reading came to the end of erp/Customer, so nothing is written there"
    }
    monkeypatch.undo()
    little.settle()
    assert [len(little.rows(system)) for system in ("crm", "erp", "shop")] == [2, 2, 2]


def test_where_a_reading_was_cut_off_updates_go_on_and_creates_wait_for_one_that_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sales made the same firm in the CRM a minute ago, and this reading did not come as far."""
    little = LittleWorld(page_size=1)
    old = little.create("erp", Name="Old", Tax_Id="DE1", Status="Won")
    little.settle()
    little.edit("erp", old, Phone="555")
    little.create("erp", Name="Firm", Tax_Id="DE2", Status="Won")
    little.create("crm", Name="First", Tax_Id="DE3", Status="Won")
    little.create("crm", Name="Firm", Tax_Id="DE2", Status="Won")
    whole = little.connectors["crm"].changes
    monkeypatch.setattr(little.connectors["crm"], "changes", lambda kind, since: _cut_off(whole(kind, since)))
    (accounts, _) = little.run()
    assert "crm/Account was not read to its end, so 1 creates wait: they may be there by now" in accounts.says
    assert "555" in {row.values.get("Phone") for row in little.rows("crm")}
    monkeypatch.undo()
    little.settle()
    assert sorted(row.values["Name"] for row in little.rows("crm")) == ["Firm", "First", "Old"]


def _cut_off(pages: Iterator[Page]) -> Iterator[Page]:
    yield next(pages)
    raise TransientError("busy")


# --- what has vanished ----------------------------------------------------------------------------------------------


ONE_VANISHED = (
    "erp/Customer: nothing is shown any more, where there was 1 record; none is taken for deleted, and nothing is "
    "written there; may our user still see them? `concordat doctor erp`; where all of them are gone indeed, "
    "`concordat doctor erp --gone Customer`"
)


def blinded() -> LittleWorld:
    """A firm that is at rest everywhere, and an ERP that does not show it any more."""
    little = LittleWorld()
    shared(little)
    little.edit("crm", "Account-000001", Phone="2")
    little.run()
    little.world.systems["erp"].blind.add("Customer")
    little.run(full=True)
    return little


def test_where_the_one_record_is_not_shown_any_more_each_run_says_so_and_writes_nothing_there() -> None:
    little = blinded()
    little.edit("crm", "Account-000001", Phone="3")
    for _ in range(3):
        (accounts, _) = little.run()
        assert (accounts.state, accounts.says) == (RunState.HALTED, [ONE_VANISHED])
    assert [little.only(system).values["Phone"] for system in ("erp", "shop")] == ["2", "3"]
    assert little.only("crm").values["Active"], "and nobody is put out of use"


def test_with_sight_comes_what_had_to_wait() -> None:
    little = blinded()
    little.edit("crm", "Account-000001", Phone="3")
    little.run()
    little.world.systems["erp"].blind.clear()
    (accounts, _) = little.run()
    assert (accounts.state, little.only("erp").values["Phone"]) == (RunState.COMPLETE, "3")


def test_a_plan_that_is_made_without_a_reading_does_not_write_there_either() -> None:
    little = blinded()
    wrote = next(run for run in little.ledger.runs("account", 10) if run.stats["updates"])
    result = plan_undo(little.house, wrote.id)
    (part,) = [part for part in result.parts if part.system == "erp"]
    assert (part.passed, part.says) == (
        False,
        "nothing is shown any more in erp/Customer, so nothing is written there",
    )
    assert not asks_for_leave(part), "nobody may let it through"
    assert {part.passed for part in result.parts if part.system != "erp"} == {True}


def test_what_a_person_says_is_gone_goes_by_the_policy_and_is_not_doubted_again() -> None:
    little = blinded()
    at = little.world.systems["erp"]
    at.delete("Customer", little.only("erp").id, by="user:u")
    at.blind.clear()
    assert little.run()[0].state is RunState.HALTED, "it knows no better"
    say_gone(little.ledger, "erp", "Customer", "olga", little.world.clock.now())
    assert [little.run(full=full)[0].says for full in (False, False, True)] == [[], [], []]
    assert [little.only(system).values["Active"] for system in ("crm", "shop")] == [False, False]
    little.create("erp", Name="Newcomer", Tax_Id="DE9")
    little.run()
    assert vanished(little.ledger, "erp", "Customer") is None
