"""What was taken for one becomes two again, each with its own values, and those who refer to one follow it."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.contract import RecordRef
from sync_pipelines.flow.splitting import Split, plan_split
from sync_pipelines.flow.undoing import plan_undo
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import State
from tests.laws.little_world import LittleWorld


@pytest.fixture
def little() -> LittleWorld:
    """Acme in the CRM and Beta in the ERP under one number that somebody mistyped; both have people."""
    little = LittleWorld()
    crm = little.create("crm", Name="Acme", Tax_Id="DE1", Phone="1", Remark="r1", Street="S1", City="C1")
    erp = little.create("erp", Name="Beta", Tax_Id="DE1", Phone="2", Remark="r2", Street="S2", City="C2", Terms="30")
    little.create("crm", "Person", Name="Ann", Email="a@x", AccountId=crm)
    little.create("erp", "Person", Name="Bob", Email="b@x", AccountId=erp)
    little.settle()
    little.edit("crm", crm, Remark="new", Phone="7")
    little.settle()
    assert len(little.ledger.entity_ids("account")) == 1
    assert little.only("erp").values["Name"] == "Acme"
    return little


def customer(little: LittleWorld) -> RecordRef:
    return RecordRef("erp", "Customer", little.rows("erp")[0].id)


def split(little: LittleWorld, ref: RecordRef) -> Split:
    parted = plan_split(little.house, "account", [ref], "stella")
    little.house.apply(parted.result)
    little.house.end(parted.result)
    return parted


def says(little: LittleWorld, system: str, **of: Any) -> Mapping[str, Any]:
    (row,) = [row for row in little.rows(system) if all(row.values[key] == value for key, value in of.items())]
    return {key: row.values[key] for key in ("Name", "Phone", "Remark", "Street", "City", "Terms", "Number")}


def test_each_gets_its_own_values_back_and_they_stay_two(little: LittleWorld) -> None:
    split(little, customer(little))
    acme = {"Name": "Acme", "Phone": "7", "Remark": "new", "Street": "S1", "City": "C1", "Terms": None, "Number": None}
    beta = {"Name": "Beta", "Phone": "2", "Remark": "r2", "Street": "S2", "City": "C2", "Terms": "30"}
    assert says(little, "crm", Name="Acme") == acme
    assert says(little, "erp") == {**beta, "Number": "K00001"}
    little.settle()
    assert says(little, "crm", Name="Acme") == acme
    assert says(little, "erp") == {**beta, "Number": "K00001"}
    assert says(little, "crm", Name="Beta") == {**beta, "Terms": "N30", "Number": "K00001"}
    assert little.questions() == []


def test_edits_afterwards_reach_their_own_side_alone(little: LittleWorld) -> None:
    split(little, customer(little))
    little.settle()
    little.edit("erp", customer(little).id, Remark="of beta")
    little.edit("crm", little.rows("crm")[0].id, Remark="of acme")
    little.settle()
    assert [row.values["Remark"] for row in little.rows("crm")] == ["of acme", "of beta"]
    assert [row.values["Remark"] for row in little.rows("erp")] == ["of beta"]


def test_whoever_refers_to_one_that_leaves_follows_it(little: LittleWorld) -> None:
    acme = little.only("crm").id
    split(little, customer(little))
    little.settle()
    beta = next(row.id for row in little.rows("crm") if row.values["Name"] == "Beta")
    homes = {row.values["Name"]: row.values["AccountId"] for row in little.rows("crm", "Person")}
    assert homes == {"Ann": acme, "Bob": beta}


def test_what_somebody_edited_since_is_left_and_said(little: LittleWorld) -> None:
    little.world.systems["erp"].update("Customer", customer(little).id, {"Remark": "typed"}, by="user:u")
    little.world.clock.advance(60)
    parted = plan_split(little.house, "account", [customer(little)], "stella")
    assert [(held.system, held.because) for held in parted.result.held] == [
        ("erp", f"{customer(little)}: edited since: remark")
    ]
    little.house.apply(parted.result)
    little.house.end(parted.result)
    little.settle()
    assert says(little, "erp")["Remark"] == "typed"
    assert says(little, "crm", Name="Acme")["Remark"] == "new"


def test_a_split_is_a_plan_first_and_writes_nothing_before_it_is_applied(little: LittleWorld) -> None:
    written, before = len(little.written()), little.ledger.entity_ids("account")
    parted = plan_split(little.house, "account", [customer(little)], "stella")
    little.house.end(parted.result)
    assert (len(little.written()), little.ledger.entity_ids("account")) == (written, before)
    assert {change.state for change in little.ledger.changes(plan=parted.result.plan)} == {State.PLANNED}


def test_what_changed_since_the_plan_was_made_is_not_split_by_it(little: LittleWorld) -> None:
    before = little.ledger.entity_ids("account")
    parted = plan_split(little.house, "account", [customer(little)], "stella")
    little.ledger.attend("account", before)
    little.house.apply(parted.result)
    assert little.ledger.entity_ids("account") == before
    assert len(little.ledger.couplings_of("account", before)[before[0]]) == 2
    assert says(little, "erp")["Name"] == "Acme"


def test_a_value_that_came_from_its_own_side_stays(little: LittleWorld) -> None:
    twin = little.create("crm", Name="Acme", Tax_Id="DE1", Remark="r3")
    little.settle()
    (doubt,) = [question for question in little.questions() if "link" in question.choices]
    little.answer(doubt, "link")
    little.settle()
    little.edit("crm", little.rows("crm")[0].id, Segment="gold", Remark="from crm")
    little.settle()
    remark, segment = (little.rows("erp")[0].values[key] for key in ("Remark", "Segment"))
    split(little, RecordRef("crm", "Account", twin))
    little.settle()
    assert (little.rows("erp")[0].values["Remark"], little.rows("erp")[0].values["Segment"]) == (remark, segment)
    assert (remark, segment) == ("from crm", "gold")


@pytest.mark.parametrize(
    ("refs", "says_so"),
    [
        ([RecordRef("erp", "Customer", "nobody")], "erp/Customer/nobody belongs to no account"),
        (
            [RecordRef("erp", "Customer", "Customer-000001"), RecordRef("crm", "Account", "Account-000001")],
            "has to stay",
        ),
    ],
)
def test_what_cannot_be_split_is_said_in_one_line(little: LittleWorld, refs: list[RecordRef], says_so: str) -> None:
    with pytest.raises(LedgerError, match=says_so):
        plan_split(little.house, "account", refs, "stella")


def test_one_that_was_merged_away_is_not_split_from_others() -> None:
    """It lives on in a record that nobody has read yet, whose own values a split would have emptied."""
    little = LittleWorld()
    little.create("erp", Name="Acme", Tax_Id="DE1")
    little.settle()
    ours = little.only("crm").id
    theirs = little.create("crm", Name="Theirs", Tax_Id="DE3", Status="Won")
    little.world.systems["crm"].merge("Account", ours, theirs, by="user:u")
    with pytest.raises(LedgerError, match=rf"{ours}: gone there, or merged into another record, so there are no two"):
        plan_split(little.house, "account", [RecordRef("crm", "Account", ours)], "stella")
    little.settle()
    assert "Theirs" in [row.values["Name"] for row in little.rows("crm")]


def test_what_was_taken_back_and_typed_once_more_is_its_own(little: LittleWorld) -> None:
    little.edit("crm", little.only("crm").id, Segment="7")
    little.settle()
    (run,) = {change.run for change in little.ledger.changes(entity="account") if "segment" in change.fields}
    little.house.apply(plan_undo(little.house, run))
    assert little.only("erp").values["Segment"] is None
    little.edit("erp", little.only("erp").id, Segment="7")
    little.run()
    split(little, customer(little))
    little.settle()
    assert little.only("erp").values["Segment"] == "7"


def test_those_who_were_parted_are_not_joined_again_when_they_are_recognised_anew(little: LittleWorld) -> None:
    (home,) = little.ledger.entity_ids("account")
    split(little, customer(little))
    little.ledger.uncouple("account", [customer(little)])
    little.run()
    assert little.ledger.couplings_at("account", [customer(little)])[customer(little)].entity_id != home
    assert [str(c.ref.system) for c in little.ledger.couplings_of("account", [home])[home]] == ["crm"]


def test_whoever_bears_the_key_keeps_the_name_so_that_both_can_be_made_everywhere() -> None:
    """A record that we made leaves: the one that stays is made there anew, under a key that is free."""
    little = LittleWorld()
    little.create("erp", Name="Acme", Tax_Id="DE1", Status="Open")
    little.settle()
    made = RecordRef("crm", "Account", little.only("crm").id)
    parted = split(little, made)
    assert [[claim.ref.system for claim in side.claims] for side in (parted.stays, parted.leaves)] == [["erp"], ["crm"]]
    little.settle()
    assert len(little.rows("crm")) == 2
    assert len({row.values["Key"] for row in little.rows("crm")}) == 2
    assert not little.ledger.quarantined()


@pytest.fixture
def made() -> LittleWorld:
    """A CRM account and the shop's buyer that we made for it."""
    little = LittleWorld()
    little.create("crm", Name="Acme", Status="Won", Rating="0", Segment="gold")
    little.settle()
    return little


@pytest.mark.parametrize(("typed", "stands"), [("typed", "typed"), ("", None)])
def test_an_edit_that_was_only_reported_stands_after_a_split(made: LittleWorld, typed: str, stands: str | None) -> None:
    """What was ours goes with whoever said it."""
    for _ in filter(None, [typed]):
        made.edit("shop", made.only("shop").id, Rating=typed)
        made.settle()
    split(made, RecordRef("crm", "Account", made.only("crm").id))
    made.settle()
    made.create("crm", Name="ACME", Tax_Id="T9", Status="Won")
    made.edit("shop", "Buyer-000001", Tax_Id="T9")
    made.settle()
    assert [row.values["Rating"] for row in made.rows("shop")] == [stands, "0"]


@pytest.fixture
def three() -> LittleWorld:
    """One firm that people typed in everywhere. While it is only tried out, nothing of it is written anywhere."""
    little = LittleWorld()
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Test")
    little.create("erp", Name="Acme", Tax_Id="DE1")
    little.create("shop", Name="ACME", Tax_Id="DE1")
    little.run()
    assert (len(little.ledger.entity_ids("account")), little.written()) == (1, [])
    return little


def parted(little: LittleWorld) -> tuple[str, str | None]:
    """The account leaves, and what the ERP and the shop say of the rating in the end."""
    split(little, RecordRef("crm", "Account", little.rows("crm")[0].id))
    little.settle()
    return little.rows("erp")[0].values["Rating"], little.rows("shop")[0].values["Rating"]


@pytest.mark.parametrize("was_read", [True, False])
def test_what_a_record_says_by_itself_stays_though_who_decides_it_is_on_the_other_side(
    three: LittleWorld, was_read: bool
) -> None:
    """The CRM decides the rating, and said the same. It is the new account there that decides now, once it says any."""
    little = three
    little.edit("crm", little.only("crm").id, Rating="7")
    if was_read:
        little.edit("erp", little.only("erp").id, Rating="7")
        little.edit("shop", little.only("shop").id, Rating="7")
        little.run()
    else:
        little.run()
        for system, kind in (("erp", "Customer"), ("shop", "Buyer")):
            little.world.systems[system].update(kind, little.only(system).id, {"Rating": "7"}, by="user:u")
            little.world.clock.advance(60)
    assert parted(little) == ("7", "7")
    little.edit("crm", little.rows("crm")[1].id, Rating="8")
    little.settle()
    assert [little.rows(system)[0].values["Rating"] for system in ("crm", "erp", "shop")] == ["7", "8", "8"]


def test_what_a_record_was_made_with_is_not_what_it_says_by_itself() -> None:
    """The shop's buyer had its rating from the account that leaves; in the ERP somebody had typed it."""
    little = LittleWorld()
    little.create("erp", Name="Acme", Tax_Id="DE1")
    little.settle()
    little.edit("erp", little.only("erp").id, Rating="7")
    little.edit("crm", little.only("crm").id, Rating="7", Status="Won")
    little.settle()
    assert little.only("shop").values["Rating"] == "7"
    assert parted(little) == ("7", None)


def test_two_that_had_the_same_from_the_other_side_are_each_given_back_their_own(three: LittleWorld) -> None:
    """That the other one says so, too, does not make it theirs."""
    little = three
    little.edit("erp", little.only("erp").id, Rating="5")
    little.edit("shop", little.only("shop").id, Rating="6")
    little.edit("crm", little.only("crm").id, Rating="7", Status="Won")
    little.settle()
    assert (little.only("erp").values["Rating"], little.only("shop").values["Rating"]) == ("7", "7")
    assert parted(little) == ("5", "6")


def test_the_last_word_of_one_that_is_gone_stands_on_its_own_side() -> None:
    """The CRM said what segment the ERP's customer belongs to, before somebody deleted its account."""
    little = LittleWorld()
    little.create("erp", Name="Acme", Tax_Id="DE1")
    little.create("shop", Name="BETA", Tax_Id="DE1")
    little.settle()
    account = little.only("crm").id
    little.edit("crm", account, Segment="7")
    little.settle()
    assert little.only("erp").values["Segment"] == "7"
    little.world.systems["crm"].delete("Account", account, by="user:u")
    split(little, RecordRef("shop", "Buyer", little.only("shop").id))
    little.settle()
    home = little.ledger.couplings_at("account", [customer(little)])[customer(little)].entity_id
    assert little.only("erp").values["Segment"] == "7"
    assert little.ledger.golden_of("account", [home])[home].value("segment") == "7"


def test_what_nobody_has_read_being_taken_out_is_taken_out_on_its_side(little: LittleWorld) -> None:
    """The ERP decides the credit, and both the account and the customer stay together."""
    buyer = little.create("shop", Name="Acme", Tax_Id="DE1")
    little.edit("erp", customer(little).id, Credit="100")
    little.settle()
    assert little.only("crm").values["Credit"] == "100"
    unread(little, Credit=None)
    split(little, RecordRef("shop", "Buyer", buyer))
    little.settle()
    assert little.only("crm").values["Credit"] is None


def unread(little: LittleWorld, **values: Any) -> None:
    """Somebody edits the ERP's customer, and nobody reads it."""
    little.world.systems["erp"].update("Customer", little.only("erp").id, values, by="user:u")
    little.world.clock.advance(60)


@pytest.mark.parametrize(("field", "in_the_shop"), [("Name", "BETA"), ("Remark", "Beta")])
def test_an_edit_that_nobody_has_read_reaches_the_others_on_its_side(
    three: LittleWorld, field: str, in_the_shop: str
) -> None:
    """That each may go on saying its own is of what was there, not of what is said anew, be it for the first time."""
    little = three
    little.edit("crm", little.only("crm").id, Remark="Acme")
    little.edit("shop", little.only("shop").id, Remark="Acme")
    little.run()
    unread(little, **{field: "Beta"})
    parted(little)
    said = [little.rows(system)[0].values[field] for system in ("crm", "erp", "shop")]
    assert said == ["Acme", "Beta", in_the_shop]


def test_an_item_that_nobody_has_read_reaches_the_others_on_its_side(three: LittleWorld) -> None:
    """A list that several add to is nobody's own."""
    little = three
    little.edit("crm", little.only("crm").id, Places=[{"code": "C", "town": "Bonn"}])
    little.run()
    unread(little, Places=[{"code": "B", "town": "Ulm"}])
    split(little, RecordRef("shop", "Buyer", little.only("shop").id))
    little.edit("crm", little.only("crm").id, Status="Won")
    little.settle()
    said = [little.rows(system)[0].values["Places"] for system in ("crm", "erp")]
    assert [sorted(item["code"] for item in items) for items in said] == [["B", "C"], ["B", "C"]]


@pytest.mark.parametrize("typed", [None, "Borg"])
def test_what_its_record_does_not_show_during_a_split_is_as_it_was_once_it_does(typed: str | None) -> None:
    """A person may have typed it; or it came from the other side, and is all that the record has."""
    little = LittleWorld()
    little.create("erp", Name="Acme", Tax_Id="DE1", Status="Open", Phone="7")
    little.settle()
    account = little.only("crm").id
    little.edit("crm", account, Remark="new", **({"Name": typed, "Phone": typed} if typed else {}))
    little.run()
    table = little.world.systems["crm"].tables["Account"]
    shown = table.spec
    table.respecify(shown.without("Name").without("Phone"))
    little.engine()
    parted = split(little, RecordRef("crm", "Account", account))
    little.settle()
    home = parted.leaves.entity_id
    assert little.ledger.golden_of("account", [home])[home].value("name") == (typed or "Acme")
    table.respecify(shown)
    little.engine()
    little.settle()
    said = little.rows("crm")[0].values
    assert (said["Name"], said["Phone"], said["Number"]) == (typed or "Acme", typed or "7", None)


def test_its_own_value_comes_back_though_the_split_could_not_write_it_at_once(little: LittleWorld) -> None:
    """What it said before, be it nothing at all."""
    little.edit("crm", little.only("crm").id, Rating="gold")
    little.settle()
    assert little.only("erp").values["Rating"] == "gold"
    little.world.faults.force("server_error", "erp.update")
    split(little, customer(little))
    assert says(little, "erp")["Name"] == "Acme", "as the other side's it still stands there, and is nobody's edit"
    little.settle()
    assert (says(little, "erp")["Name"], says(little, "erp")["Remark"]) == ("Beta", "r2")
    assert little.only("erp").values["Rating"] is None
    assert sorted(str(row.values["Rating"]) for row in little.rows("crm")) == ["None", "gold"]
    assert sorted(row.values["Name"] for row in little.rows("crm")) == ["Acme", "Beta"]


def test_what_was_asked_of_both_is_asked_no_more_and_nobody_waits_for_it(little: LittleWorld) -> None:
    little.edit("crm", little.only("crm").id, Phone="8")
    little.edit("erp", customer(little).id, Phone="9")
    little.run()
    assert [question.topic for question in little.questions()] == ["field:phone", "field:address"]
    split(little, customer(little))
    assert little.questions() == []


def test_nothing_is_split_as_long_as_a_write_has_no_outcome(little: LittleWorld) -> None:
    little.edit("crm", little.only("crm").id, Remark="later")
    little.world.faults.force("lost_after", "erp.update")
    little.run()
    little.world.faults.force("server_error", "erp.read")
    with pytest.raises(LedgerError, match="has no known outcome yet: run again"):
        plan_split(little.house, "account", [customer(little)], "stella")
    split(little, customer(little))
