"""What systems announce: what is noted of it, what is read because of it, and what it cannot do."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Hint
from connectors.errors import MisconfiguredError
from connectors.webhooks import Signed, Webhooks
from mappings.book import Book
from mappings.ownership import Cadence
from sync_pipelines.flow.hinting import Wanted, replay, take_in
from sync_pipelines.flow.steps import READ, SYNC
from sync_pipelines.model.changes import RunState
from sync_pipelines.model.records import Delivery, RunRecord
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld, shared

TOLD = Cadence((), "0 2 * * *", timedelta(hours=26), webhooks=True)


def listening_book() -> Book:
    book = little_book()
    entities = {
        name: replace(spec, ownership=replace(spec.ownership, cadence=(TOLD,))) for name, spec in book.entities.items()
    }
    return replace(book, entities=entities)


@pytest.fixture
def world() -> LittleWorld:
    """One account that all three systems agree on."""
    made = LittleWorld(book=listening_book())
    shared(made)
    made.world.clock.advance(1)
    return made


def listens(_: str) -> Webhooks:
    return Signed([])


def announce(world: LittleWorld, said: Any, name: str = "d1", system: str = "crm") -> Delivery:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    one = Delivery(system, name, world.world.clock.now(), body=base64.b64encode(body).decode())
    assert world.ledger.receive(one)
    return one


def heard(world: LittleWorld) -> list[Wanted]:
    return [*take_in(world.ledger, world.book, listens, world.world.clock.now())]


def run(world: LittleWorld) -> str:
    """Of accounts; answers its state."""
    return world.house.run("account").state.value


def kept(world: LittleWorld) -> Delivery:
    return world.ledger.deliveries()[0]


def test_of_what_was_understood_only_the_hints_stay(world: LittleWorld) -> None:
    announce(world, {"kind": "Account", "ids": ["1"], "Name": "personal data of somebody"})
    heard(world)
    assert (kept(world).body, kept(world).hints, kept(world).waiting) == ("", (Hint("Account", ("1",)),), False)
    assert kept(world).says == "Account: 1 to read by id"


def test_what_is_not_understood_is_kept_and_all_that_changed_is_read(world: LittleWorld) -> None:
    before = announce(world, b"<xml/>")
    assert [one.entity for one in heard(world)] == ["account", "contact"]
    assert kept(world).body == before.body
    assert kept(world).says == "not understood, so all that changed is read: it is no JSON"


def test_where_the_secret_is_gone_meanwhile_all_that_changed_is_read(world: LittleWorld) -> None:
    def gone(system: str) -> Webhooks:
        raise MisconfiguredError(f"{system} has no secret")

    announce(world, {"kind": "Account"})
    assert take_in(world.ledger, world.book, gone, world.world.clock.now())
    assert "crm has no secret" in kept(world).says


@pytest.mark.parametrize(("system", "kind"), [("crm", "Invoice"), ("warehouse", "Account")])
def test_what_is_about_nothing_that_is_read_starts_nothing(world: LittleWorld, system: str, kind: str) -> None:
    announce(world, {"kind": kind, "ids": ["1"]}, system=system)
    assert heard(world) == []
    assert (kept(world).waiting, kept(world).says) == (False, "about no kind that is read")


def test_only_the_entities_that_read_the_kind_are_wanted(world: LittleWorld) -> None:
    announce(world, {"kind": "Person", "ids": ["1"]})
    assert [one.entity for one in heard(world)] == ["contact"]


def test_an_edit_that_was_announced_arrives_with_the_run_and_then_nothing_more_is_wanted(world: LittleWorld) -> None:
    account = world.only("crm").id
    world.edit("crm", account, Name="Acme Berlin")
    announce(world, {"kind": "Account", "ids": [account]})
    assert [one.entity for one in heard(world)] == ["account"]
    world.world.clock.advance(1)
    run(world)
    assert world.only("erp").values["Name"] == "Acme Berlin"
    assert heard(world) == []
    assert world.ledger.dirty("crm", "Account") == []


def test_what_a_delivery_says_of_a_record_is_never_taken_as_data(world: LittleWorld) -> None:
    account = world.only("crm").id
    announce(world, {"kind": "Account", "ids": [account], "Name": "Mallory", "deleted": True})
    heard(world)
    world.world.clock.advance(1)
    run(world)
    assert {world.only(system).values["Name"].casefold() for system in ("crm", "erp", "shop")} == {"acme"}
    assert world.ledger.tombstones("crm", "Account") == []


def test_an_id_that_no_record_has_spoils_no_reading_and_is_asked_for_once(world: LittleWorld) -> None:
    announce(world, {"kind": "Account", "ids": ["no-such-record"]})
    heard(world)
    world.world.clock.advance(1)
    assert run(world) == "complete"
    assert world.ledger.dirty("crm", "Account") == []


def test_a_reading_that_failed_leaves_the_run_wanted_under_the_same_key(world: LittleWorld) -> None:
    announce(world, {"kind": "Account", "ids": ["1"]})
    first = heard(world)
    world.world.clock.advance(timedelta(hours=1))
    assert heard(world) == first


def test_a_later_announcement_wants_another_run(world: LittleWorld) -> None:
    announce(world, {"kind": "Account"})
    first = heard(world)
    world.world.clock.advance(1)
    announce(world, {"kind": "Account"}, "d2")
    assert [one.key for one in heard(world)] != [one.key for one in first]


def test_a_delivery_may_be_replayed_when_only_its_hints_are_left(world: LittleWorld) -> None:
    announce(world, {"kind": "Account", "ids": ["1"]})
    heard(world)
    world.world.clock.advance(1)
    run(world)
    assert heard(world) == []
    replay(world.ledger, [kept(world)])
    assert [one.entity for one in heard(world)] == ["account"]
    assert [ref.id for ref in world.ledger.dirty("crm", "Account")] == ["1"]


def test_an_entity_that_does_not_listen_is_not_wanted_and_its_records_are_read_with_the_next_run() -> None:
    world = LittleWorld()
    world.settle()
    announce(world, {"kind": "Account", "ids": ["1"]})
    assert heard(world) == []
    assert [ref.id for ref in world.ledger.dirty("crm", "Account")] == ["1"]


@pytest.mark.parametrize(
    ("kind", "began", "state", "stats"),
    [
        (READ, -1, RunState.COMPLETE, {}),
        (READ, 1, RunState.INCOMPLETE, {}),
        (SYNC, -1, RunState.COMPLETE, {"reads": {"crm/Account": {"complete": True}}}),
        (SYNC, 1, RunState.INCOMPLETE, {"reads": {"crm/Account": {"complete": False, "landed": 1}}}),
    ],
)
def test_what_was_read_before_it_was_announced_or_not_to_its_end_will_not_do(
    world: LittleWorld, kind: str, began: int, state: RunState, stats: dict[str, Any]
) -> None:
    """What began after it, and came to its end, does."""
    announce(world, {"kind": "Account", "ids": ["1"]})
    first, now = heard(world), world.world.clock.now()
    about = "crm/Account" if kind == READ else "account"
    run = RunRecord("1", about, kind, now + timedelta(seconds=began), now + timedelta(hours=1), str(state), "", stats)
    world.ledger.start_run(run)
    assert heard(world) == first
    done = {"reads": {"crm/Account": {"complete": True}}} if stats else {}
    last = replace(run, id="2", started_at=now + timedelta(seconds=1), state=str(RunState.COMPLETE), stats=done)
    world.ledger.start_run(last)
    assert heard(world) == []
