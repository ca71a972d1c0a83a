"""What `adopt` tells programs, and people who want to see every difference."""

import csv
import json
from pathlib import Path

import pytest

from tests.laws.little_world import LittleWorld
from tests.sync_pipelines.cli.conftest import Terminal, lived_apart


@pytest.fixture
def world() -> LittleWorld:
    return lived_apart()


def _lines(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_every_difference_is_a_line_of_the_table_and_none_is_left_out(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "differences.csv"
    terminal.run("adopt", "account", "--dry", "--differences", str(path), "--json")
    told = json.loads(terminal.out)["adopted"][0]["fields"]
    lines = _lines(path)
    for name, field in told.items():
        mine = [line for line in lines if line["field"] == name]
        assert len(mine) == field["differ"] == sum(field["patterns"].values())
    acme = next(line for line in lines if line["says"] == "ACME GMBH")
    assert (acme["record"], acme["against"]) == ("erp/Customer/Customer-000001", "crm/Account/Account-000001")
    assert (acme["how"], acme["stands"]) == ("only case (in capitals)", "Acme GmbH")


def test_an_adoption_that_was_rehearsed_tells_the_same_differences_as_the_one_that_counts(
    terminal: Terminal, tmp_path: Path
) -> None:
    dry, real = tmp_path / "dry.csv", tmp_path / "real.csv"
    terminal.run("adopt", "account", "--dry", "--differences", str(dry))
    terminal.run("adopt", "account", "--differences", str(real))
    said = [[{**line, "entity_id": ""} for line in _lines(path)] for path in (dry, real)]
    assert said[0] == said[1] != []


def test_a_phone_in_the_table_is_masked_until_it_is_asked_for(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "differences.csv"
    terminal.run("adopt", "account", "--dry", "--differences", str(path))
    assert "999999" not in path.read_text(encoding="utf-8-sig")
    terminal.run("adopt", "account", "--dry", "--differences", str(path), "--reveal")
    assert "999999" in path.read_text(encoding="utf-8-sig")


def test_no_half_table_is_left_where_adoption_was_refused(terminal: Terminal, tmp_path: Path) -> None:
    path, pairs = tmp_path / "differences.csv", tmp_path / "pairs.csv"
    pairs.write_text("crm,erp\nnobody,nothing\n", encoding="utf-8")
    assert terminal.run("adopt", "account", "--crosswalk", str(pairs), "--differences", str(path)) == 2
    assert list(tmp_path.iterdir()) == [pairs]


def test_a_table_that_cannot_be_written_is_one_line_and_adopts_nothing(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "no such folder" / "differences.csv"
    assert terminal.run("adopt", "account", "--differences", str(path)) == 2
    assert "differences.csv: cannot be written (No such file or directory)" in terminal.err
    assert not terminal.world.ledger.entity_ids("account")


def test_what_fails_elsewhere_meanwhile_is_not_told_of_the_table(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reset(*_: object, **__: object) -> None:
        raise ConnectionResetError("by peer")

    monkeypatch.setattr("sync_pipelines.commands.adopting.take_over", reset)
    monkeypatch.chdir(tmp_path)  # a report of what went wrong is left behind
    terminal.run("adopt", "account", "--differences", "differences.csv")
    assert "ConnectionResetError" in terminal.err
    assert "cannot be written" not in terminal.err
    assert not list(tmp_path.glob("differences*"))


def test_records_that_were_taken_for_one_are_counted_by_what_they_were_known_by(terminal: Terminal) -> None:
    terminal.run("adopt", "account", "--dry", "--json")
    told = json.loads(terminal.out)["adopted"][0]
    assert (told["shared"], told["alone"], sum(told["known_by"].values())) == (8, {"crm": 1}, 8)


def test_programs_are_told_that_firms_by_which_people_are_known_are_not_adopted(
    terminal: Terminal, world: LittleWorld
) -> None:
    world.create("crm", "Person", Name="Anna", Email="a@x.example", AccountId="Account-000001")
    terminal.run("adopt", "contact", "--dry", "--json")
    (told,) = json.loads(terminal.out)["adopted"]
    assert told["unadopted"] == [{"told": "account", "named": 1, "known": 0, "is_needed": True}]
