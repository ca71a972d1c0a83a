"""What a key of ours proves once the ledger that knew it is lost: a copy bears it too, as does whoever forges it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from connectors.contract import RecordRef
from connectors.testing.metadata import KindSpec
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.simulation.little_book import kinds_of, little_book
from tests.sync_pipelines.flow.restored import OldWorld, names, one_since_the_backup


@pytest.fixture
def little() -> OldWorld:
    return one_since_the_backup()


def copyable() -> dict[str, Sequence[KindSpec]]:
    """Systems in which a person may copy a record with our key."""
    return {
        system: tuple(
            replace(kind, fields={name: replace(f, unique=False) for name, f in kind.fields.items()})
            for kind in kinds_of(system)
        )
        for system in ("crm", "erp", "shop")
    }


def cloned(little: OldWorld, system: str, name: str) -> str:
    """A person copies a record, key and all."""
    row = next(row for row in little.rows(system) if row.values["Name"].upper() == name)
    said = {name: row.values[name] for name in ("Name", "Tax_Id", "Status", "Key") if row.values.get(name)}
    return little.create(system, **said)


@pytest.mark.parametrize("name", ["BOLT", "ONLY A NAME"])
def test_of_two_records_with_one_key_neither_is_joined_by_it(name: str) -> None:
    little = OldWorld(kinds=copyable())
    little.create("erp", Name="Bolt", Tax_Id="DE7", Status="Won")
    little.create("erp", Name="Only a name", Status="Won")
    little.settle()
    copy = cloned(little, "crm", name)
    little.put_back(MemoryLedger())
    little.run(full=True)
    report = little.adopt_all()["account"]
    assert report.restored.doubted >= 1
    little.rest()
    assert names(little, "crm").count(name) == 2
    assert [names(little, system).count(name) for system in ("erp", "shop")] == [1, 1]
    assert any(copy in str(question.evidence["records"]) for question in little.questions())
    accounts = [RecordRef("crm", "Account", row.id) for row in little.rows("crm") if row.values["Name"].upper() == name]
    buyers = [RecordRef("shop", "Buyer", row.id) for row in little.rows("shop") if row.values["Name"] == name]
    homes = [{c.entity_id for c in little.ledger.couplings_at("account", refs).values()} for refs in (accounts, buyers)]
    assert homes[0].isdisjoint(homes[1])


def test_a_key_on_a_record_that_says_something_else_is_asked_about(little: OldWorld) -> None:
    victim = next(row for row in little.rows("shop") if row.values["Name"] == "ONLY A NAME")
    mine = next(row for row in little.rows("crm") if row.values["Name"] == "Only a name")
    little.world.systems["crm"].delete("Account", mine.id, by="user:u")
    forged = little.create("crm", Name="Villain", Status="Won", Key=victim.values["Key"])
    little.put_back(MemoryLedger())
    little.run(full=True)
    little.adopt_all()
    little.rest()
    refs = [RecordRef("crm", "Account", forged), RecordRef("shop", "Buyer", victim.id)]
    one, two = (c.entity_id for c in little.ledger.couplings_at("account", refs).values())
    assert one != two
    assert [q for q in little.questions() if "the same key of ours" in q.asks and forged in str(q.evidence)]
    assert victim.values["Name"] == "ONLY A NAME"


@pytest.mark.parametrize(("tax_id", "homes"), [("DE7", 1), ("DE8", 2)])
def test_a_key_does_not_join_two_that_contradict_each_other_however_alike(tax_id: str, homes: int) -> None:
    little = OldWorld(book=little_book())
    little.create("erp", Name="Bolt", Tax_Id="DE7", Status="Won")
    little.settle()
    made = {system: little.rows(system)[0].id for system in ("crm", "shop")}
    little.edit("shop", made["shop"], Tax_Id=tax_id)
    little.put_back(MemoryLedger())
    little.run(full=True)
    little.adopt_all()
    little.rest()
    refs = [RecordRef("crm", "Account", made["crm"]), RecordRef("shop", "Buyer", made["shop"])]
    found = little.ledger.couplings_at("account", refs)
    assert len({coupling.entity_id for coupling in found.values()}) == homes
    asked = [q for q in little.questions() if "the same key of ours" in q.asks]
    assert len(asked) == homes - 1
