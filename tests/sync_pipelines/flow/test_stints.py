"""References in the items of a list go both ways, wait for what they lead to, and hold nothing but their list."""

import pytest

from sync_pipelines.review.why import explain
from tests.sync_pipelines.flow.stints import StintsWorld, stints_book, stints_of


@pytest.fixture(params=["code", "account"])
def world(request: pytest.FixtureRequest) -> StintsWorld:
    """Items are told apart by a code, or by the reference itself."""
    return StintsWorld(book=stints_book(request.param))


def test_an_item_names_the_same_firm_in_each_system(world: StintsWorld) -> None:
    (acme, borg, _), (acme_there, borg_there, _) = world.firms, world.there
    anna = world.person("crm", ("1", borg), ("2", acme))
    world.settle()
    assert sorted(world.stints("erp")) == [("1", borg_there), ("2", acme_there)]
    world.edit("crm", anna, "Person", Stints=stints_of(("1", borg)))
    world.settle()
    assert world.stints("erp") == [("1", borg_there)]
    assert (world.settle(), world.questions()) == (1, [])


def test_an_item_added_in_the_other_system_comes_back_in_this_one_s_words(world: StintsWorld) -> None:
    world.person("crm", ("1", world.firms[0]))
    world.settle()
    there = world.only("erp", "Person")
    world.edit("erp", there.id, "Person", Stints=stints_of(("1", world.there[0]), ("2", world.there[1])))
    world.settle()
    assert sorted(world.stints("crm")) == [("1", world.firms[0]), ("2", world.firms[1])]
    assert world.settle() == 1


def test_the_order_in_which_a_system_lists_them_is_no_edit(world: StintsWorld) -> None:
    stints = [(code, firm) for code, firm in zip("123", world.firms, strict=True)]
    anna = world.person("crm", *stints)
    world.settle()
    before = len(world.written())
    world.edit("crm", anna, "Person", Stints=stints_of(*reversed(stints)))
    world.settle()
    assert len(world.written()) == before


def test_a_list_that_names_a_firm_nobody_knows_waits_and_the_other_fields_go(world: StintsWorld) -> None:
    """The firm is out of scope until it is won."""
    early = world.create("crm", Name="Early", Tax_Id="E", Status="Open")
    anna = world.person("crm", ("1", world.firms[0]))
    world.settle()
    world.edit("crm", anna, "Person", Name="Anne", Stints=stints_of(("1", world.firms[0]), ("2", early)))
    world.settle()
    assert (world.only("erp", "Person").values["Name"], world.stints("erp")) == ("Anne", [("1", world.there[0])])
    world.edit("crm", early, Status="Won")
    world.settle()
    world.settle()
    made = next(row.id for row in world.rows("erp") if row.values["Name"] == "Early")
    assert sorted(world.stints("erp")) == [("1", world.there[0]), ("2", made)]


def test_a_list_of_which_the_system_has_one_unknown_firm_is_not_overwritten(world: StintsWorld) -> None:
    """Nobody has read that firm, so nobody knows what a new list would take away."""
    anna = world.person("crm", ("1", world.firms[0]))
    world.settle()
    there = world.only("erp", "Person").id
    world.edit("erp", there, "Person", Stints=stints_of(("1", world.there[0]), ("9", "no-such-firm")))
    world.edit("crm", anna, "Person", Name="Anne", Stints=[])
    world.settle()
    assert world.only("erp", "Person").values["Name"] == "Anne"
    assert world.stints("erp") == [("1", world.there[0]), ("9", "no-such-firm")]
    assert world.stints("crm") == []


def test_nothing_is_made_to_name_one_who_left_and_the_other_fields_go(world: StintsWorld) -> None:
    anna = world.person("crm", ("1", world.firms[0]))
    world.settle()
    world.world.systems["erp"].archive("Customer", world.there[1], by="user:u")
    world.edit("crm", anna, "Person", Name="Anne", Stints=stints_of(("1", world.firms[0]), ("2", world.firms[1])))
    for _ in range(3):
        world.run()
    assert (world.only("erp", "Person").values["Name"], world.stints("erp")) == ("Anne", [("1", world.there[0])])


def test_why_speaks_of_firms_and_not_of_ids_in_systems(world: StintsWorld) -> None:
    world.person("crm", ("1", world.firms[1]))
    world.settle()
    told = explain(world.ledger, world.book, "contact", f"crm/Person/{world.only('crm', 'Person').id}", "stints")
    assert {voice.says for voice in told.voices} == {"agrees"}
    assert {str(voice.value) for voice in told.voices} == {str(told.decided and told.decided.value)}


def test_a_list_goes_on_when_two_of_its_firms_become_one() -> None:
    world = StintsWorld()
    acme, borg, corp = world.firms
    anna = world.person("crm", ("1", borg), ("2", corp))
    world.settle()
    world.world.clock.advance(1)
    world.world.systems["crm"].merge("Account", corp, borg, by="user:u")
    world.settle()
    (question,) = world.questions()
    world.answer(question, "link")
    world.settle()
    world.settle()
    assert world.stints("erp") == [("1", world.there[1]), ("2", world.there[2])]  # a twin is the same firm
    named = explain(world.ledger, world.book, "contact", f"crm/Person/{anna}", "stints").decided
    assert named is not None
    assert isinstance(named.value, list)
    assert len({str(item["account"]) for item in named.value if isinstance(item, dict)}) == 1
    assert world.questions() == []
    world.edit("crm", anna, "Person", Stints=stints_of(("1", borg), ("2", acme)))
    world.settle()
    assert world.stints("erp") == [("1", world.there[1]), ("2", world.there[0])]
