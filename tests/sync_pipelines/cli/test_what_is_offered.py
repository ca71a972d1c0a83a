"""What a person is told to type works, and who is asked finds the question in their own list."""

import json
from dataclasses import replace

import pytest

from mappings.book import Guards, WriteSwitch
from tests.laws.little_world import LittleWorld
from tests.sync_pipelines.cli.conftest import Terminal, placed_book


@pytest.fixture
def world() -> LittleWorld:
    """Two firms in the CRM, both won; what concerns the ERP is nobody's to write yet."""
    book = placed_book(Guards())
    switched = {**book.systems, "erp": replace(book.systems["erp"], write=WriteSwitch.OFF)}
    world = LittleWorld(book=replace(book, systems=switched))
    for number in (1, 2):
        world.create("crm", Name=f"Firm {number}", Tax_Id=f"DE{number}", Status="Won")
    return world


def test_no_leave_is_offered_for_what_the_book_keeps_in_shadow(terminal: Terminal) -> None:
    terminal.run("plan", "account")
    assert ("erp is in shadow (write: off)" in terminal.out, "--approve" in terminal.out) == (True, False)
    terminal.run("apply", "account")
    assert ("held:  erp is in shadow (write: off)" in terminal.out, "let it through" in terminal.out) == (True, False)


def test_before_the_first_run_nobody_is_said_not_to_wait(terminal: Terminal) -> None:
    terminal.run("plan", "account")
    assert terminal.run("early", "account") == 0
    assert "Nobody has looked yet who waits, of account" in terminal.out
    terminal.run("apply", "account")
    terminal.run("early", "account", "--overdue")
    assert "Nothing waits longer than promised." in terminal.out


def test_what_a_system_merged_is_asked_of_a_steward_with_both_records_and_an_age(terminal: Terminal) -> None:
    terminal.run("apply", "account")
    one, two = (row.id for row in terminal.world.rows("crm"))
    terminal.world.world.systems["crm"].merge("Account", one, two, by="user:u")
    terminal.run("apply", "account")
    steward = terminal.out.rpartition("1 question for ")[2].partition(":")[0]
    terminal.run("review", "list", "--steward", steward, "--json")
    (question,) = json.loads(terminal.out)["questions"]
    told = {name: record["name"].title() for name, record in question["evidence"]["records"].items()}
    assert (told[f"crm/Account/{one} (gone)"], told[f"crm/Account/{two}"]) == ("Firm 1", "Firm 2")
    assert question["asked_at"]


def test_a_crosswalk_leaves_out_what_is_gone_so_that_it_can_come_back(terminal: Terminal) -> None:
    terminal.run("apply", "account")
    one, two = (row.id for row in terminal.world.rows("crm"))
    terminal.world.world.systems["crm"].merge("Account", one, two, by="user:u")
    terminal.run("apply", "account")
    terminal.run("review", "list", "--json")
    (question,) = json.loads(terminal.out)["questions"]
    terminal.run("review", "answer", question["id"], "link")
    terminal.run("apply", "account")
    terminal.run("crosswalk", "account", "--json")
    assert [line["crm"] for line in json.loads(terminal.out)["lines"]] == [two]


def test_a_doubt_of_day_one_is_called_by_the_name_of_its_firm(terminal: Terminal) -> None:
    terminal.world.create("crm", Name="Firm 1", Tax_Id="DE1", Status="Won")
    terminal.run("adopt", "account")
    terminal.run("review", "list")
    assert "Firm 1: twice in crm?" in terminal.out
