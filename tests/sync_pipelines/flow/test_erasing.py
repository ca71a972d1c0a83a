"""A person who asked to be forgotten: gone from the ledger, not read, not made again, and nobody else is disturbed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.testing.faults import Fault
from sync_pipelines.flow.erasing import erase, plan_erasure
from sync_pipelines.ledger.keeping import KeptLedger
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.ledger.shelves import SHELVES
from sync_pipelines.model.changes import RunState
from tests.laws.little_world import LittleWorld

KEY = b"a key of thirty-two random bytes"
NAME, MAIL = "Canarina Vogelsang", "canary@x.example"
SAYS = ("canar", "vogelsang")


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeptLedger]:
    sqlite = request.param == "sqlite"
    made = open_ledger(f"sqlite:///{tmp_path}/l.sqlite", audit_key=KEY) if sqlite else MemoryLedger(KEY)
    yield made
    made.close()


@pytest.fixture
def little(ledger: KeptLedger) -> LittleWorld:
    """Two persons at one firm, in two systems; one of them was edited on both sides, so that somebody is asked."""
    little = LittleWorld(ledger=ledger)
    firm = little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    little.create("crm", "Person", Name=NAME, Email=MAIL, AccountId=firm)
    little.create("crm", "Person", Name="Bert", Email="bert@x.example", AccountId=firm)
    little.settle()
    little.edit("crm", anna(little), "Person", Name=f"{NAME} the first")
    little.edit("erp", there(little), "Person", Name=f"{NAME} the second")
    little.settle()
    return little


def anna(little: LittleWorld) -> str:
    return next(row.id for row in little.rows("crm", "Person") if row.values["Email"] == MAIL)


def there(little: LittleWorld) -> str:
    return next(row.id for row in little.rows("erp", "Person") if row.values["Email"] == MAIL)


def kept(ledger: KeptLedger) -> set[str]:
    told = {shelf.name: repr(ledger.store.find(shelf, {})).casefold() for shelf in SHELVES}
    return {name for name, words in told.items() if any(word in words for word in SAYS)}


def forget(little: LittleWorld, entity: str = "contact", name: str = "") -> None:
    erase(little.house, plan_erasure(little.house, entity, name or f"crm/Person/{anna(little)}"), "dora")


def test_nothing_of_a_person_is_in_any_table_afterwards(little: LittleWorld, ledger: KeptLedger) -> None:
    assert {"claim", "baseline", "golden", "golden_step", "change", "match_key"} <= kept(ledger)
    forget(little)
    assert kept(ledger) == set()


def test_a_plan_changes_nothing_and_says_what_would_go(little: LittleWorld, ledger: KeptLedger) -> None:
    before = kept(ledger)
    found = plan_erasure(little.house, "contact", f"crm/Person/{anna(little)}")
    assert kept(ledger) == before
    assert {*map(str, found.living)} == {f"crm/Person/{anna(little)}", f"erp/Person/{there(little)}"}
    assert (found.gone["claim"], found.gone["coupling"], found.gone["golden"]) == (2, 2, 1)
    assert ledger.audit_trail() == []


def test_they_are_not_read_again_though_their_records_are_still_there(little: LittleWorld, ledger: KeptLedger) -> None:
    forget(little)
    little.settle()
    little.edit("crm", anna(little), "Person", Name=f"{NAME} the third")
    little.settle()
    assert kept(ledger) == set()
    assert len(little.rows("erp", "Person")) == 2


def test_they_are_not_made_again_when_somebody_enters_them_anew(little: LittleWorld) -> None:
    record, other = anna(little), there(little)
    forget(little)
    little.world.systems["crm"].delete("Person", record, by="user:u")
    little.world.systems["erp"].delete("Person", other, by="user:u")
    little.settle()
    little.create("crm", "Person", Name=NAME, Email=MAIL.upper(), AccountId=little.rows("crm")[0].id)
    little.settle()
    assert [row.values["Name"] for row in little.rows("erp", "Person")] == ["Bert"]


def test_nobody_else_is_written_to(little: LittleWorld) -> None:
    forget(little)
    before = len(little.written())
    assert little.settle() <= 2
    assert len(little.written()) == before
    assert [result.state for result in little.run()] == [RunState.COMPLETE, RunState.COMPLETE]


def test_whoever_refers_to_one_who_is_gone_keeps_their_reference_where_it_is(little: LittleWorld) -> None:
    """The firm of two contacts is forgotten: their records go on naming it, and nothing is emptied."""
    firm = little.rows("crm")[0].id
    before = [(row.id, row.values["AccountId"]) for row in little.rows("erp", "Person")]
    found = plan_erasure(little.house, "account", f"crm/Account/{firm}")
    erase(little.house, found, "dora")
    little.settle()
    assert [(row.id, row.values["AccountId"]) for row in little.rows("erp", "Person")] == before
    assert {row.values["AccountId"] for row in little.rows("crm", "Person")} == {firm}


def test_a_write_without_an_outcome_is_looked_up_first(little: LittleWorld) -> None:
    little.edit("crm", anna(little), "Person", Email="c2@x.example")
    little.world.clock.advance(60)
    little.world.faults.force(Fault.LOST_AFTER, "erp.update")
    little.house.run("contact")
    record = next(row.id for row in little.rows("crm", "Person") if row.values["Email"] == "c2@x.example")
    with pytest.raises(LedgerError, match="1 of our writes about it have no known outcome"):
        plan_erasure(little.house, "contact", f"crm/Person/{record}")
    little.settle()
    assert plan_erasure(little.house, "contact", f"crm/Person/{record}").entity_id


def test_a_plan_that_was_made_before_is_not_applied(little: LittleWorld) -> None:
    little.create("crm", "Person", Name="Cora", Email="cora@x.example", AccountId=little.rows("crm")[0].id)
    result = little.house.begin("contact", "sync")
    little.house.refresh(result)
    little.house.plan(result)
    little.house.judge(result)
    forget(little)
    with pytest.raises(LedgerError, match="was superseded already"):
        little.house.apply(result)


def test_a_record_that_belongs_to_nobody_yet_is_forgotten_too(little: LittleWorld, ledger: KeptLedger) -> None:
    forget(little)
    record = little.create("crm", "Person", Name=f"{NAME} junior", Email="junior@canary.example")
    little.house.crawl("crm", "Person")
    assert "claim" in kept(ledger)
    forget(little, name=f"crm/Person/{record}")
    assert kept(ledger) == set()


def test_the_audit_says_that_it_was_done_and_of_whom_only_our_own_id(little: LittleWorld, ledger: KeptLedger) -> None:
    found = plan_erasure(little.house, "contact", f"crm/Person/{anna(little)}")
    erase(little.house, found, "dora")
    (entry,) = ledger.audit_trail()
    assert (entry.who, entry.did, entry.about) == ("dora", "erased a person", f"contact/{found.entity_id}")
    assert entry.values == {"records": 2}
    assert ledger.verify_audit() == 1


def test_nobody_is_erased_where_there_is_no_such_person(little: LittleWorld) -> None:
    with pytest.raises(LedgerError, match="contact"):
        plan_erasure(little.house, "contact", "crm/Person/none")
    with pytest.raises(LedgerError, match="no contact has the id"):
        plan_erasure(little.house, "contact", "none")
