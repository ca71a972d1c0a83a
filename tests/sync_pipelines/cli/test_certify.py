"""`certify --write`: what is kept, what is unmasked, what is left alone, and what is left behind."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Create, ItemResult, Update, Written
from connectors.errors import UncertainError
from connectors.testing.memory import MemoryConnector
from connectors.testing.world import MIDDLEWARE
from mappings.book import WriteSwitch
from tests.connectors import test_contract_suite as liars
from tests.laws.little_book import abilities, little_book
from tests.sync_pipelines.cli.conftest import Terminal

SANDBOX = ("--write", "--sandbox", "tenant-of-crm", "--json")


def certified(terminal: Terminal, *more: str) -> dict[str, Any]:
    terminal.run("certify", "crm", *SANDBOX, *more)
    said: dict[str, Any] = json.loads(terminal.out)
    return said


def broken(said: dict[str, Any]) -> set[str]:
    return {one["promise"] for one in said["tried"] if one["verdict"] == "broken"}


def with_connector(terminal: Terminal, made: type[MemoryConnector]) -> None:
    connector = made(terminal.world.world.systems["crm"], abilities("crm"), page_size=4)
    terminal.world.connectors["crm"] = connector


class GivesBackAStranger(MemoryConnector):
    """Says of somebody's record that it has just been made."""

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        stranger = self._record(self._at.living(batch[0].kind)[0])
        return [Written(item.key, stranger, created=True) for item in batch]


class ForgetsAnswers(MemoryConnector):
    """Does what it is asked for, and knows nothing of it."""

    def create(self, batch: Sequence[Create]) -> Sequence[ItemResult]:
        super().create(batch)
        return [UncertainError("no answer") for _ in batch]


class WritesNothing(MemoryConnector):
    """Answers an update with the record as it was asked to be."""

    def update(self, batch: Sequence[Update]) -> Sequence[ItemResult]:
        there = self.read([item.ref for item in batch])
        told = [replace(there[i.ref], payload={**there[i.ref].payload, **i.values}) for i in batch]
        return [Written(item.key, record) for item, record in zip(batch, told, strict=True)]


LIARS = [
    (liars.StoresNoKey, "what was created is found by our key at once"),
    (liars.TellsNoKey, "a record of ours tells its key wherever it is told"),
    (liars.KeepsTwoUnderOneKey, "the system refuses a second record under one key"),
    (liars.SendsWholeRecords, "an update changes the given fields and no others"),
    (liars.DropsNulls, "null clears a field and silence leaves it"),
    (liars.ComparesNothing, "an update over what is no longer expected is refused"),
    (liars.ArchivesNothing, "an archived record shows it"),
    (liars.ReadsAnotherShape, "a crawl and a read tell the same payload"),
    (liars.ShufflesResults, "results come one per item and in order"),
    (WritesNothing, "a strong read shows an edit at once"),
    (GivesBackAStranger, "a create proves itself with the record as stored"),
    (ForgetsAnswers, "a create proves itself with the record as stored"),
]


@pytest.mark.parametrize(("liar", "promise"), LIARS)
def test_a_liar_is_unmasked(liar: type[MemoryConnector], promise: str, terminal: Terminal) -> None:
    with_connector(terminal, liar)
    assert promise in broken(certified(terminal))


def test_an_honest_connector_keeps_everything_that_is_tried(terminal: Terminal) -> None:
    assert terminal.run("certify", "crm", *SANDBOX) == 0
    said = json.loads(terminal.out)
    assert not broken(said)
    assert sum(one["verdict"] == "kept" for one in said["tried"]) > 30


def test_what_cannot_be_tried_is_never_called_kept_and_has_a_reason(terminal: Terminal) -> None:
    untried = {one["promise"]: one["says"] for one in certified(terminal)["tried"] if one["verdict"] == "not tried"}
    assert untried["a lost answer to a create is uncertain and not repeated"]
    assert untried["the system states what was deleted"]
    assert all(untried.values())


@pytest.mark.parametrize("made", [MemoryConnector, ForgetsAnswers, *(liar for liar, _ in LIARS)])
def test_only_our_own_records_are_touched_and_all_of_them_are_archived_or_named(
    made: type[MemoryConnector], terminal: Terminal
) -> None:
    before = {row.id: row.values for kind in ("Account", "Person") for row in terminal.world.rows("crm", kind)}
    with_connector(terminal, made)
    left = {one["ref"]["id"]: one["is_archived"] for one in certified(terminal)["left"]}
    now = {row.id: row.values for kind in ("Account", "Person") for row in terminal.world.rows("crm", kind)}
    assert {one: now[one] for one in before} == before
    assert {one for one, values in now.items() if values["Active"]} - before.keys() <= left.keys()


def test_what_stays_in_use_is_named_and_something_to_look_at(terminal: Terminal) -> None:
    can = {kind: replace(one, archives=False) for kind, one in abilities("crm").items()}
    terminal.world.connectors["crm"] = MemoryConnector(terminal.world.world.systems["crm"], can, page_size=4)
    assert terminal.run("certify", "crm", "--write", "--sandbox", "tenant-of-crm") == 1
    assert "NOT taken away again" in terminal.out
    assert "Left behind, IN USE: crm/Account/Account-000006" in terminal.out


def test_a_record_that_the_system_refuses_is_no_broken_promise(terminal: Terminal) -> None:
    said = certified(terminal, "--set", "Account.Nope=1", "--kind", "Account")
    assert [one["verdict"] for one in said["tried"]] == ["not tried"]
    assert "give it values with --set" in said["tried"][0]["says"]
    assert said["left"] == []


def test_values_that_are_given_are_sent_in_every_record(terminal: Terminal) -> None:
    certified(terminal, "--set", "Account.City=Mainz", "--kind", "Account")
    made = [row for row in terminal.world.rows("crm") if not row.values["Active"]]
    assert made
    assert {row.values["City"] for row in made} == {"Mainz"}


@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("", 1), ("y\n", 0)])
def test_a_system_in_the_shadow_is_written_to_only_after_a_yes(
    answer: str, code: int, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = {"crm": WriteSwitch.OFF}
    terminal.world.engine(replace(terminal.world.book, systems=little_book(switches=off).systems))
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert terminal.run("certify", "crm", "--write", "--kind", "Account") == code
    assert bool(_by_us(terminal)) == (code == 0)


def test_a_tenant_this_ledger_has_written_to_is_no_sandbox_by_itself(terminal: Terminal) -> None:
    off = {"crm": WriteSwitch.OFF}
    terminal.world.engine(replace(terminal.world.book, systems=little_book(switches=off).systems))
    with terminal.world.ledger.transaction():
        terminal.world.ledger.pin("tenant:crm", "tenant-of-crm")
    assert terminal.run("certify", "crm", "--write") == 2
    assert "was written to by this ledger" in terminal.err


def test_with_json_nobody_is_asked(terminal: Terminal) -> None:
    off = {"crm": WriteSwitch.OFF}
    terminal.world.engine(replace(terminal.world.book, systems=little_book(switches=off).systems))
    assert terminal.run("certify", "crm", "--write", "--json") == 2
    assert "say --sandbox tenant-of-crm" in terminal.err
    assert not _by_us(terminal)


def _by_us(terminal: Terminal) -> Sequence[object]:
    return [entry for entry in terminal.world.world.log() if entry.actor == MIDDLEWARE]
