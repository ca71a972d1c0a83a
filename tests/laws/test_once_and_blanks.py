"""L4 once, L5 silence, null and zero, L6 absence is not deletion: each in small stories."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.testing.faults import Fault
from connectors.testing.metadata import KindSpec
from sync_pipelines.model.changes import OPEN
from sync_pipelines.model.questions import About
from sync_pipelines.simulation.little_book import kinds_of
from tests.laws.checkers import check_all
from tests.laws.little_world import LittleWorld, shared

# --- L4 once ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.GATEWAY_AFTER])
def test_a_create_whose_answer_is_lost_is_made_once(little: LittleWorld, fault: Fault) -> None:
    little.world.faults.force(fault, "erp.create")
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    little.run()
    little.settle()
    assert len(little.rows("erp")) == 1
    check_all(little)


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.GATEWAY_AFTER])
def test_a_create_whose_answer_is_lost_is_found_though_no_listing_shows_it_yet(fault: Fault) -> None:
    """Its key would tell who it is as soon as it is listed; until then only a look at it by the key does."""
    little = LittleWorld(kinds={"erp": _without_unique_keys(kinds_of("erp"))})
    erp = little.connectors["erp"]
    erp._kinds = {name: replace(can, unique_key=False) for name, can in erp.kinds.items()}  # type: ignore[attr-defined]  # the double's own
    little.world.systems["erp"].search_lag = timedelta(days=1)
    little.world.faults.force(fault, "erp.create")
    account = little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    little.run()
    assert len(little.ledger.changes(states=OPEN)) == 1
    little.world.clock.advance(timedelta(minutes=11))
    little.settle()
    assert little.ledger.changes(states=OPEN) == []
    assert len(little.rows("erp")) == 1
    little.edit("crm", account, Phone="7")
    little.settle()
    assert little.only("erp").values["Phone"] == "7"
    little.world.clock.advance(timedelta(days=2))
    little.settle()
    check_all(little)


def _without_unique_keys(kinds: Sequence[KindSpec]) -> Sequence[KindSpec]:
    return [
        replace(kind, fields={name: replace(field, unique=False) for name, field in kind.fields.items()})
        for kind in kinds
    ]


@pytest.mark.parametrize(
    "point", ["before-intent", "after-intent", "after-call", "after-outcome", "in-recovery", "after-reread"]
)
def test_a_process_that_dies_anywhere_doubles_nothing(little: LittleWorld, point: str) -> None:
    account = shared(little)
    little.create("crm", Name="Borg", Tax_Id="DE2", Status="Won")
    little.edit("crm", account, Phone="2")
    if point == "in-recovery":
        little.world.faults.force(Fault.LOST_AFTER, "erp.create")
        little.run()

    def die(name: str) -> None:
        if name == point:
            little.checkpoint = lambda _: None
            raise KeyboardInterrupt

    little.checkpoint = die
    with pytest.raises(KeyboardInterrupt):
        little.run()
    little.world.clock.advance(timedelta(minutes=11))
    little.engine()
    little.settle()
    assert len(little.rows("erp")) == len(little.rows("shop")) == 2
    assert little.row("crm", account).values["Phone"] == "2"
    check_all(little)


def test_an_uncertain_create_is_a_question_where_it_cannot_be_looked_up(little: LittleWorld) -> None:
    erp = little.connectors["erp"]
    kinds = dict(erp.kinds)
    kinds["Customer"] = replace(kinds["Customer"], keyed=False, unique_key=False)
    erp._kinds = kinds  # type: ignore[attr-defined]  # the double's own configuration
    little.world.faults.force(Fault.LOST_AFTER, "erp.create")
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    for _ in range(4):
        little.run()
        little.world.clock.advance(timedelta(hours=1))
    (question,) = [q for q in little.questions() if q.about is About.CREATE]
    assert len(little.rows("erp")) == 1
    little.answer(question, f"made:{little.only('erp').id}")
    little.settle()
    assert len(little.rows("erp")) == 1


# --- L5 silence, null, zero ------------------------------------------------------------------------------------------


def test_a_decider_that_empties_a_field_empties_it_everywhere(little: LittleWorld) -> None:
    shared(little)
    little.edit("erp", little.only("erp").id, Credit="5")
    little.settle()
    little.edit("erp", little.only("erp").id, Credit=None)
    little.settle()
    assert little.only("crm").values["Credit"] is None


def test_a_blank_does_not_erase_where_the_book_says_keep(little: LittleWorld) -> None:
    shared(little)
    little.edit("erp", little.only("erp").id, Tax_Id=None)
    little.settle()
    assert {little.only(system).values["Tax_Id"] for system in ("crm", "erp", "shop")} == {"DE1"}


def test_a_blank_of_a_record_that_was_just_coupled_does_not_beat_a_value(little: LittleWorld) -> None:
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Open", Street="Fresh", City="Bonn")
    little.settle()
    little.create("erp", Name="Acme", Tax_Id="DE1")
    little.settle()
    assert little.only("crm").values["Street"] == little.only("erp").values["Street"] == "Fresh"


def test_a_field_that_is_hidden_is_silent_and_empties_nothing(little: LittleWorld) -> None:
    shared(little)
    table = little.world.systems["erp"].tables["Customer"]
    table.spec = table.spec.with_fields(replace(table.spec.fields["Phone"], visible=False))
    little.settle()
    assert little.only("crm").values["Phone"] == "1"


# --- L6 absence is not deletion --------------------------------------------------------------------------------------


def test_a_record_that_a_listing_leaves_out_is_not_gone(little: LittleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    shared(little)
    monkeypatch.setattr(little.connectors["erp"], "keys", lambda _: iter(()))  # a permission was lost: an empty list
    before = len(little.written())
    little.run(full=True)
    little.run()
    assert len(little.written()) == before
    assert not little.questions()


def test_a_record_that_its_decider_archives_is_archived_elsewhere_and_not_made_again(little: LittleWorld) -> None:
    account = shared(little)
    little.world.systems["erp"].archive("Customer", little.only("erp").id, by="user:u")
    little.settle()
    assert little.row("crm", account).values["Active"] is False
    assert len(little.rows("erp")) == 1


def test_a_record_deleted_by_one_who_does_not_decide_is_a_question_and_is_not_made_again(little: LittleWorld) -> None:
    account = shared(little)
    little.world.systems["crm"].delete("Account", account, by="user:u")
    little.settle()
    assert little.rows("crm") == []
    assert [question.about for question in little.questions()] == [About.ARCHIVE]
