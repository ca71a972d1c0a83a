"""A bad field spoils itself: the others of its record go on, and it goes when it is mended."""

from dataclasses import replace
from typing import Any

import pytest

from sync_pipelines.model.changes import RunState
from tests.laws.little_world import LittleWorld, shared


@pytest.fixture
def little() -> LittleWorld:
    """An account everywhere; the ERP takes no phone number but 1 or 3."""
    world = LittleWorld()
    shared(world)
    (table,) = (table for kind, table in world.world.systems["erp"].tables.items() if kind == "Customer")
    table.spec = table.spec.with_fields(replace(table.spec.fields["Phone"], choices=("1", "3")))
    return world


def erp(little: LittleWorld) -> tuple[Any, Any]:
    values = little.only("erp").values
    return values["Name"], values["Phone"]


def waiting(little: LittleWorld) -> list[tuple[str, str]]:
    return [(entry.reason, entry.field) for entry in little.ledger.quarantined(entity="account")]


def test_the_other_fields_of_the_record_go_on(little: LittleWorld) -> None:
    little.edit("crm", little.only("crm").id, Name="Borg", Phone="2")
    (accounts, _) = little.run()
    assert (accounts.state, erp(little)) == (RunState.WITH_REJECTS, ("Acme", "1"))
    little.run()
    assert erp(little) == ("Borg", "1")
    assert waiting(little) == [("rejected", "Phone")]
    assert little.only("shop").values["Phone"] == "2"


def test_what_was_refused_is_not_sent_again_with_every_later_edit(little: LittleWorld) -> None:
    crm = little.only("crm").id
    little.edit("crm", crm, Name="Borg", Phone="2")
    little.settle()
    little.edit("crm", crm, Name="Corp")
    (accounts, _) = little.run()
    assert (accounts.applied.total("rejected"), erp(little)) == (0, ("Corp", "1"))
    assert [(held.system, held.key) for held in accounts.held] == [("erp", "phone")]
    assert waiting(little) == [("rejected", "Phone")]


def test_another_value_is_tried_and_lets_it_go(little: LittleWorld) -> None:
    crm = little.only("crm").id
    little.edit("crm", crm, Phone="2")
    little.settle()
    little.edit("crm", crm, Phone="3")
    little.settle()
    assert (erp(little), waiting(little)) == (("Acme", "3"), [])


def test_a_record_that_cannot_be_made_so_is_made_whole_when_it_is_mended(little: LittleWorld) -> None:
    bad = little.create("crm", Name="Borg", Tax_Id="DE2", Status="Won", Phone="2")
    little.settle()
    assert len(little.rows("erp")) == 1
    little.edit("crm", bad, Name="Borg AG")
    little.settle()
    assert len(little.rows("erp")) == 1
    little.edit("crm", bad, Phone="3")
    little.settle()
    assert [row.values["Phone"] for row in little.rows("erp")] == ["1", "3"]
    assert waiting(little) == []
