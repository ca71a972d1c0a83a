"""Erased persons are not made again."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.webhooks import Signed
from sync_pipelines.flow.hinting import take_in
from sync_pipelines.flow.suppressing import suppress
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.model.records import Delivery
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def little_with_anna() -> LittleWorld:
    little = LittleWorld(ledger=MemoryLedger(b"a key of thirty-two random bytes"))
    firm = little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    little.settle()
    little.create("crm", "Person", Name="Anna", Email="Anna@X.example", AccountId=firm)
    little.create("crm", "Person", Name="Bert", Email="bert@x.example", AccountId=firm)
    return little


def erase(little: LittleWorld, email: str) -> None:
    suppress(little.ledger, little.book.entities["contact"], [{"email": email}], little.world.clock.now())


def test_an_erased_person_is_not_made_again_however_they_are_spelled_and_others_are() -> None:
    little = little_with_anna()
    erase(little, "anna@x.EXAMPLE")
    little.settle()
    assert [row.values["Name"] for row in little.rows("erp", "Person")] == ["Bert"]
    result = little.house.run("contact")
    assert [held.because for held in result.held] == ["it is an erased person, who is not made again"]


def test_no_announcement_names_an_erased_person_and_none_is_lost_by_that() -> None:
    little = little_with_anna()
    came = little.world.clock.now() - timedelta(minutes=1)
    little.ledger.receive(Delivery("crm", "d1", came, body="eyJFbWFpbCI6ICJhbm5hQHguZXhhbXBsZSJ9"))
    erase(little, "anna@x.example")
    assert [one.body for one in little.ledger.inbox()] == [""]
    take_in(little.ledger, little.book, lambda _: Signed([b"a secret of the tests"]), little.world.clock.now())
    (noted,) = little.ledger.deliveries()
    assert noted.says == "not understood, so all that changed is read: it is no JSON"


def test_one_who_is_erased_between_plan_and_apply_is_not_made_either() -> None:
    little = little_with_anna()
    result = little.house.begin("contact", "sync")
    little.house.refresh(result)
    little.house.plan(result)
    little.house.judge(result)
    erase(little, "anna@x.example")
    little.house.apply(result)
    assert [row.values["Name"] for row in little.rows("erp", "Person")] == ["Bert"]


def test_only_hashes_that_need_the_key_are_kept(tmp_path: Path) -> None:
    said: list[list[tuple[str]]] = []
    for key in (b"one key of thirty-two random bytes", b"another key, of as many random ones"):
        file = tmp_path / f"{len(said)}.sqlite"
        ledger = open_ledger(f"sqlite:///{file}", audit_key=key)
        suppress(ledger, little_book().entities["contact"], [{"email": "anna@x.example"}], NOW)
        ledger.close()
        with closing(sqlite3.connect(file)) as there:
            said.append(there.execute("SELECT digest FROM suppression").fetchall())
    assert len(said[0]) == 1
    assert said[0] != said[1]
    assert "anna" not in str(said)
