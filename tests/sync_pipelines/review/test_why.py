"""Why a value is what it is: who decided, by which sentence, and what everybody says now."""

from dataclasses import replace

import pytest

from mappings.book import Book
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.review.why import Explanation, explain, sentence
from tests.laws.little_world import LittleWorld
from tests.sync_pipelines.cli.conftest import a_world


@pytest.fixture
def world() -> LittleWorld:
    settled = a_world()
    settled.settle()
    return settled


def why(world: LittleWorld, key: str, name: str = "crm/Account/Account-000002", entity: str = "account") -> Explanation:
    return explain(world.ledger, world.book, entity, name, key)


def said(told: Explanation) -> dict[str, tuple[str, str]]:
    return {voice.ref.system: (voice.part, voice.says) for voice in told.voices}


def test_an_entity_is_named_by_its_id_or_by_any_of_its_records(world: LittleWorld) -> None:
    by_crm = why(world, "name")
    (erp,) = [voice.ref for voice in by_crm.voices if voice.ref.system == "erp"]
    assert why(world, "name", str(erp)) == by_crm
    assert why(world, "name", by_crm.entity_id) == by_crm


def test_the_sentence_that_decided_is_named_with_its_place(world: LittleWorld) -> None:
    told = why(world, "tax_id")
    assert told.decided is not None
    assert told.rule is not None
    assert told.decided.rule == str(told.rule.where) == "account/ownership.yaml:14"
    assert sentence(told.rule) == "the first of erp, crm, shop that knows it decides"


def test_of_several_sentences_it_is_the_one_that_applied(world: LittleWorld) -> None:
    undecided = why(world, "terms")
    assert (undecided.decided, undecided.rule, len(undecided.rules)) == (None, None, 2)
    (erp,) = [voice.ref for voice in undecided.voices if voice.ref.system == "erp"]
    world.edit("erp", erp.id, Terms="60")
    world.run()
    won, open_ = why(world, "terms"), why(world, "terms", "crm/Account/Account-000003")
    assert (won.rule, open_.rule) == tuple(world.book.entities["account"].ownership.rules["terms"])


def test_a_hand_over_is_told_with_its_run(world: LittleWorld) -> None:
    (hand_over,) = why(world, "tax_id").hand_overs
    assert (hand_over.from_, hand_over.to, hand_over.outcome) == ("crm", "erp", "agreed")
    assert hand_over.run in {run.id for run in world.ledger.runs("account", 100)}


def test_the_run_that_decided_and_the_writes_that_carried_it_are_told(world: LittleWorld) -> None:
    told = why(world, "name")
    assert told.run is not None
    assert told.run.id == told.decided.run  # type: ignore[union-attr]  # it is decided
    assert {change.system for change in told.writes} == {"erp", "shop"}


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("name", {"crm": "decides", "erp": "decides", "shop": "decides"}),
        ("phone", {"crm": "shares", "erp": "shares", "shop": "shares"}),
        ("number", {"crm": "is told", "erp": "decides", "shop": "is told"}),
        ("credit_limit", {"crm": "is told", "erp": "decides", "shop": "is told"}),
    ],
)
def test_each_system_has_its_part(key: str, parts: dict[str, str], world: LittleWorld) -> None:
    assert {system: part for system, (part, _) in said(why(world, key)).items()} == parts


def test_who_says_something_else_has_lost_until_the_next_run(world: LittleWorld) -> None:
    world.edit("shop", world.rows("shop")[0].id, Number="Z1")
    world.house.crawl("shop", "Buyer")
    told = why(world, "number")
    assert said(told) == {"crm": ("is told", "agrees"), "erp": ("decides", "agrees"), "shop": ("is told", "differs")}
    assert [voice.ref.system for voice in told.losers] == ["shop"]


def test_a_record_that_is_gone_and_one_that_does_not_speak_are_told_apart(world: LittleWorld) -> None:
    world.world.systems["shop"].delete("Buyer", world.rows("shop")[0].id, by="user:u")
    world.run()
    assert said(why(world, "credit_limit"))["shop"] == ("is told", "is gone")
    assert said(why(world, "credit_limit", "crm/Account/Account-000004"))["shop"] == ("is told", "says nothing")


def test_an_open_question_and_its_answer_are_part_of_the_reason(world: LittleWorld) -> None:
    twice = "crm/Account/Account-000001"
    asked = why(world, "phone", twice)
    assert asked.question is not None
    assert asked.decided is None
    world.answer(asked.question, "erp")
    answered = why(world, "phone", twice)
    assert answered.question is None
    assert answered.decided is not None
    assert (answered.decided.because, answered.decided.by) == (Because.VERDICT, "steward:stella")


def test_a_reference_is_told_as_the_entity_it_means(world: LittleWorld) -> None:
    told = why(world, "account", "crm/Person/Person-000001", "contact")
    account = why(world, "name", "crm/Account/Account-000001").entity_id
    assert {(voice.value, voice.says) for voice in told.voices} == {(account, "agrees")}


def test_a_sentence_that_has_left_the_book_is_not_made_up(world: LittleWorld) -> None:
    spec = world.book.entities["account"]
    left = {**spec.ownership.rules, "terms": spec.ownership.rules["terms"][1:] * 2}
    changed = replace(spec, ownership=replace(spec.ownership, rules=left))
    book: Book = replace(world.book, entities={**world.book.entities, "account": changed})
    assert explain(world.ledger, book, "account", "crm/Account/Account-000002", "terms").rule is None


def test_a_record_that_was_read_and_not_recognised_is_no_stranger_to_the_answer(world: LittleWorld) -> None:
    record = world.create("crm", Name="New one", Status="Open")
    world.house.crawl("crm", "Account")
    with pytest.raises(LedgerError, match="was read and belongs to no account yet"):
        why(world, "name", f"crm/Account/{record}")


def test_a_value_that_was_taken_out_is_still_told_of(world: LittleWorld) -> None:
    before = why(world, "name")
    gone = Decided(None, Because.REMOVED, "steward:ada", run="r9", at=world.world.clock.now())
    world.ledger.decide("account", {}, {before.entity_id: {"name": gone}})
    told = why(world, "name")
    assert told.decided is None
    assert (told.history[-1].old, told.history[-1].new) == ("Firm 1", None)
    assert (told.history[-1].because, told.history[-1].by, told.history[-1].run) == ("removed", "steward:ada", "r9")
