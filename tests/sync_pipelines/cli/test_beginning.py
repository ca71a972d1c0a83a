"""`init` leads from an empty folder to a first plan, and tells at each step which one comes next."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from connectors.contract import Connector
from connectors.errors import MisconfiguredError
from mappings.book import WriteSwitch
from sync_pipelines.checking.checks import check_book
from sync_pipelines.cli import run
from sync_pipelines.settings import Place, read_book
from tests.laws.little_world import LittleWorld
from tests.sync_pipelines.cli.conftest import Terminal

STEPS = ["book", "set up", "reached", "maps fit", "rehearsed", "taken over", "doubts", "planned", "written"]


@pytest.fixture
def own(terminal: Terminal) -> Terminal:
    """With a book of one's own."""
    terminal.office.place = lambda: Place(Path("book"), "sqlite://")
    return terminal


def _way(terminal: Terminal) -> tuple[dict[str, bool], str]:
    """What is done of each step, and the next one."""
    assert terminal.run("init", "--json") == 0
    told = json.loads(terminal.out)
    return {step["about"]: step["done"] for step in told["steps"]}, (told["next"] or {}).get("about", "")


def _named(terminal: Terminal) -> str:
    assert terminal.run("init") == 0
    return terminal.out.splitlines()[-1]


def test_each_step_is_next_until_it_is_done_and_then_the_one_after_it(own: Terminal, world: LittleWorld) -> None:
    for _ in range(2):
        world.create("erp", Name="Firm 1", Tax_Id="DE1")
    assert _way(own)[1] == "rehearsed"
    assert list(_way(own)[0]) == STEPS
    assert _named(own) == "Next:  concordat adopt --dry"
    own.run("adopt", "--dry")
    assert _named(own) == "Next:  concordat adopt"
    own.run("adopt")
    assert _named(own) == "Next:  concordat review list"
    for question in world.house.ledger.questions():
        own.run("review", "answer", question.id, "apart")
    assert _named(own) == "Next:  concordat plan"
    own.run("plan")
    assert _named(own) == "The way is gone; `concordat status` says how everything stands."


def test_one_entity_that_was_adopted_is_not_all_of_them(own: Terminal) -> None:
    own.run("adopt", "account")
    done, left = _way(own)
    assert left == "rehearsed"
    assert not done["taken over"]
    own.run("init")
    assert "not yet: contact" in own.out


class _Unset(dict[str, Connector]):
    """Connections of which nobody gave that of the ERP."""

    def __getitem__(self, name: str) -> Connector:
        if name == "erp":
            raise MisconfiguredError("erp is not set up: CONCORDAT_ERP_URL is missing")
        return super().__getitem__(name)


def test_a_system_that_is_not_set_up_is_named_and_none_is_asked_before(own: Terminal, world: LittleWorld) -> None:
    world.house.connectors = _Unset(world.house.connectors)
    done, left = _way(own)
    assert left == "set up"
    assert "reached" not in done
    own.run("init")
    assert "CONCORDAT_ERP_URL is missing" in own.out


def test_that_nothing_is_written_is_said(own: Terminal, world: LittleWorld) -> None:
    book = world.book
    world.house.book = replace(
        book, systems={name: replace(one, write=WriteSwitch.OFF) for name, one in book.systems.items()}
    )
    own.run("init")
    assert "nothing is written to crm, erp, shop" in own.out


def test_without_a_book_the_first_step_is_to_copy_one(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCORDAT_HOME", "home")
    monkeypatch.delenv("CONCORDAT_BOOK", raising=False)
    assert _named(terminal) == "Next:  concordat init home/book"


# --- a book of one's own ----------------------------------------------------------------------------------------------

CASES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "all": ((), {"crm": "salesforce", "shop": "shopify", "erp": "kingdee"}),
    "those that are named": (("--crm", "salesforce", "--erp", "tryton"), {"crm": "salesforce", "erp": "tryton"}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_new_book_has_those_that_take_part_writes_nowhere_and_is_sound(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, expected = CASES[case]
    folder = tmp_path / "book"
    assert run(["init", str(folder), *words]) == 0
    systems = yaml.safe_load((folder / "systems.yaml").read_text(encoding="utf-8"))["systems"]
    assert {name: one["connector"] for name, one in systems.items()} == expected
    assert {one["write"] for one in systems.values()} == {False}  # yaml's word for `off`
    monkeypatch.setenv("CONCORDAT_BOOK", str(folder))
    book = read_book(Place.found())
    assert {one.write for one in book.systems.values()} == {WriteSwitch.OFF}
    assert [one for one in check_book(book) if one.code != "role-unplayed"] == []


def test_rules_that_wait_for_a_system_that_takes_no_part_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "book"
    run(["init", str(folder), "--shop", "shopify", "--erp", "kingdee"])
    monkeypatch.setenv("CONCORDAT_BOOK", str(folder))
    monkeypatch.setenv("CONCORDAT_HOME", str(tmp_path))
    assert run(["init"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Next:  concordat check"


def test_a_system_that_nobody_connects_yet_is_refused_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "book", "--crm", "hubspot"]) == 2
    assert "'hubspot' is not 'salesforce'" in capsys.readouterr().err


def test_systems_without_a_folder_make_no_book(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["init", "--crm", "salesforce"]) == 2
    assert "name the folder of the new book" in capsys.readouterr().err
