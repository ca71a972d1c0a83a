"""After an older copy of the ledger was put in its place, or it was lost: `adopt` finds out what was made."""

from copy import deepcopy
from datetime import datetime, timedelta

import pytest

from connectors.contract import RecordRef
from sync_pipelines.flow.adopting import adopt, rehearse
from sync_pipelines.flow.splitting import plan_split
from sync_pipelines.intake.older import nothing_is_made, older
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.changes import RunState
from sync_pipelines.model.questions import About
from sync_pipelines.settings import SortableIds
from sync_pipelines.simulation.little_book import little_book
from tests.sync_pipelines.flow.restored import OldWorld, copied, names, one_since_the_backup


@pytest.fixture
def little() -> OldWorld:
    """Its last ledger is put back by `restored`, an empty one by `lost`."""
    return one_since_the_backup()


both = pytest.mark.parametrize("which", ["restored", "lost"])


# --- and made good ---------------------------------------------------------------------------------------------------


@both
def test_a_name_alone_makes_no_second_account(which: str, request: pytest.FixtureRequest) -> None:
    little: OldWorld = request.getfixturevalue(which)
    little.run(full=True)
    report = little.adopt_all()["account"]
    assert older(little.ledger) == {}
    assert report.restored.keyed >= 1
    little.rest()
    assert names(little, "crm") == ["ACME", "ONLY A NAME"]
    (question,) = [q for q in little.questions() if "ONLY A NAME" in str(q.evidence).upper()]
    assert question.asks.endswith("for a record that it no longer knows.")
    little.answer(question, "link")
    little.rest()
    assert [names(little, system).count("ONLY A NAME") for system in ("crm", "erp", "shop")] == [1, 1, 1]
    (theirs,) = [row for row in little.rows("erp") if row.values["Name"] == "Only a name"]
    little.edit("erp", theirs.id, Phone="77")
    little.settle()
    assert [row.values["Phone"] for row in little.rows("crm") if row.values["Name"] == "Only a name"] == ["77"]


def test_who_is_said_to_be_somebody_else_is_made_after_all(restored: OldWorld) -> None:
    restored.run(full=True)
    restored.adopt_all()
    (question,) = restored.questions()
    restored.answer(question, "apart")
    restored.rest()
    assert names(restored, "crm").count("ONLY A NAME") == 2


def test_what_was_made_in_several_systems_is_one_again_without_asking(little: OldWorld) -> None:
    little.create("crm", Name="Bolt", Tax_Id="DE7", Status="Won")
    little.settle()
    little.put_back(little.backup)
    little.run(full=True)
    little.adopt_all()
    little.rest()
    assert [names(little, system).count("BOLT") for system in ("crm", "erp", "shop")] == [1, 1, 1]
    bolts = [row for system in ("erp", "shop") for row in little.rows(system) if row.values["Tax_Id"] == "DE7"]
    (home,) = {row.values["Key"] for row in bolts}
    assert len(little.ledger.couplings_of("account", [home])[home]) == 3


def test_a_key_that_was_found_again_proves_what_a_key_proves(restored: OldWorld) -> None:
    restored.run(full=True)
    restored.adopt_all()
    (mine,) = [row for row in restored.rows("crm") if row.values["Name"] == "Only a name"]
    ref = RecordRef("crm", "Account", mine.id)
    restored.ledger.uncouple("account", [ref])
    results = restored.run(full=True)
    assert all(result.state is RunState.COMPLETE for result in results)
    coupling = restored.ledger.couplings_at("account", [ref])[ref]
    assert (coupling.entity_id, coupling.because) == (mine.values["Key"], "our key")


def test_who_was_known_is_not_asked_about() -> None:
    little = OldWorld()
    little.create("crm", Name="Smith", Status="Open")
    little.settle()
    little.backup = copied(little.ledger)
    second = little.create("crm", Name="Smith", Status="Won")
    little.settle()
    little.put_back(little.backup)
    little.run(full=True)
    little.adopt_all()
    (question,) = little.questions()
    assert sorted(question.evidence["records"]) == [f"crm/Account/{second}", "shop/Buyer/Buyer-000001"]


@pytest.mark.parametrize("first", ["merged", "deleted"])
@pytest.mark.parametrize("known_in", [1, 2])
def test_who_was_split_since_the_backup_is_asked_about_where_nobody_else_is_like_it(first: str, known_in: int) -> None:
    """Since a record of ours bears the old name, the one that stayed got a new one, which the copy does not know."""
    little = OldWorld()
    theirs = little.create("erp", Name="Smith", Tax_Id="DE5", Status="Open")
    if known_in > 1:
        little.create("shop", Name="Smith", Tax_Id="DE5")
    little.adopt_at_once()
    little.backup = copied(little.ledger)
    little.settle()
    (made,) = little.rows("crm")
    parted = plan_split(little.house, "account", [RecordRef("crm", "Account", made.id)], "stella").result
    little.house.apply(parted)
    little.house.end(parted)
    little.settle()
    (again,) = [row for row in little.rows("crm") if row.id != made.id]
    if first == "merged":
        little.world.systems["crm"].merge("Account", made.id, again.id, by="user:u")
    else:
        little.world.systems["crm"].delete("Account", made.id, by="user:u")
    little.put_back(little.backup)
    little.run(full=True)
    little.adopt_all()
    little.rest()
    (question,) = little.questions()
    assert {f"crm/Account/{again.id}", f"erp/Customer/{theirs}"} == question.evidence["records"].keys()
    assert [row.id for row in little.rows("crm")] == [again.id]
    little.answer(question, "link")
    little.rest()
    assert [row.id for row in little.rows("crm")] == [again.id]


def test_whom_somebody_decided_about_before_the_loss_was_noticed_is_asked_about() -> None:
    """As long as what we made was not shown, nothing told that the ledger is older."""
    little = OldWorld()
    little.create("erp", Name="Smith", Status="Open")
    little.settle()
    little.put_back(MemoryLedger())
    little.world.systems["crm"].blind.add("Account")
    little.adopt_all()
    little.world.systems["crm"].blind.clear()
    little.run(full=True)
    little.adopt_all()
    (question,) = little.questions()
    assert sorted(question.evidence["records"]) == ["crm/Account/Account-000001", "erp/Customer/Customer-000001"]
    little.settle()
    assert len(little.rows("crm")) == 1, "and nothing is made until somebody has said"


def test_what_is_asked_for_likeness_about_a_record_of_ours_stands_whatever_becomes_of_the_other_one() -> None:
    little = OldWorld(book=little_book())
    for name in ("Smith", "Jones"):
        little.create("crm", Name=name, Status="Won")
    little.settle()
    little.put_back(MemoryLedger())
    little.run(full=True)
    little.adopt_all()
    asked = {question.evidence["level"] for question in little.questions()}
    assert asked == {"our key"}, "and not only a name"
    smith, jones = (f"Account-{n:06d}" for n in (1, 2))
    little.world.systems["crm"].merge("Account", jones, smith, by="user:u")
    little.settle()
    whose = {ref for question in little.questions() for ref in question.evidence["records"]}
    assert {f"crm/Account/{jones}", "shop/Buyer/Buyer-000002"} <= whose, "it was made for the one that lives elsewhere"
    for question in little.questions():
        if question.about is About.JOIN:
            little.answer(question, "link")
    little.settle()
    assert {"Buyer-000001", "Buyer-000002"} == {row.id for row in little.rows("shop")}


def test_of_several_that_may_be_the_one_it_is_asked_once_which_it_is() -> None:
    little = OldWorld()
    ours = [little.create("erp", Name="Smith", Phone=str(n), Status="Open") for n in (1, 2)]
    little.settle()
    little.put_back(MemoryLedger())
    little.run(full=True)
    little.adopt_all()
    assert [len(question.others) for question in little.questions()] == [2, 2]
    for record in ours:
        (question,) = [q for q in little.questions() if f"erp/Customer/{record}" in q.evidence["records"]]
        phone = little.row("erp", record).values["Phone"]
        (mine,) = [row.id for row in little.rows("crm") if row.values["Phone"] == phone]
        little.answer(question, f"crm/Account/{mine}" if len(question.others) > 1 else "link")
        little.run()
    little.rest()
    assert little.questions() == []
    assert names(little, "crm") == ["SMITH", "SMITH"]
    little.edit("erp", ours[0], Phone="111")
    little.edit("erp", ours[1], Phone="222")
    little.settle()
    assert sorted(row.values["Phone"] for row in little.rows("crm")) == ["111", "222"]


def test_a_second_record_of_the_same_system_is_not_asked_about(restored: OldWorld) -> None:
    namesake = restored.create("crm", Name="Only a name", Status="Open")
    restored.run(full=True)
    restored.adopt_all()
    (question,) = restored.questions()
    assert f"crm/Account/{namesake}" not in question.evidence["records"]


def test_a_record_of_ours_that_nobody_is_like_is_asked_about_and_not_made_elsewhere(little: OldWorld) -> None:
    for system, kind in (("erp", "Customer"), ("shop", "Buyer")):
        gone = next(row for row in little.rows(system) if row.values["Name"].upper() == "ONLY A NAME")
        little.world.systems[system].delete(kind, gone.id, by="user:u")
    little.put_back(MemoryLedger())
    little.run(full=True)
    little.adopt_all()
    little.rest()
    (question,) = little.questions()
    assert question.asks.startswith("For whom did we make ")
    assert names(little, "shop") == ["ACME"]
    little.answer(question, "apart")
    little.rest()
    assert names(little, "shop") == ["ACME", "ONLY A NAME"]


def test_of_two_that_say_nothing_of_themselves_it_is_asked_before_one_more_is_made() -> None:
    little = OldWorld()
    firm = little.create("erp", Name="Acme", Tax_Id="DE1", Status="Won")
    little.create("erp", "Person", AccountId=firm)
    little.settle()
    little.put_back(MemoryLedger())
    little.run(full=True)
    little.adopt_all()
    little.rest()
    assert len(little.rows("crm", "Person")) == 1
    (question,) = [q for q in little.questions() if q.entity == "contact"]
    assert "They agree on nothing: neither says who it is." in question.asks
    little.answer(question, "link")
    little.rest()
    assert len(little.rows("crm", "Person")) == 1


def test_adopting_twice_asks_nothing_again_and_couples_nothing_else(restored: OldWorld) -> None:
    restored.run(full=True)
    restored.adopt_all()
    asked = {question.id for question in restored.questions()}
    known = restored.ledger.couplings_of("account", restored.ledger.entity_ids("account"))
    again = restored.adopt_all()["account"].restored
    assert (again.keyed, again.asked) == (0, 0)
    assert {question.id for question in restored.questions()} == asked
    assert restored.ledger.couplings_of("account", restored.ledger.entity_ids("account")) == known


@pytest.mark.parametrize("is_there", [True, False])
def test_what_was_answered_is_not_asked_by_the_next_restore(*, is_there: bool) -> None:
    little = OldWorld()
    theirs = little.create("erp", Name="Smith", Status="Open")
    little.settle()
    if not is_there:  # and so nobody is like the record of ours
        little.world.systems["erp"].delete("Customer", theirs, by="user:u")
    little.put_back(MemoryLedger())
    little.run(full=True)
    little.adopt_all()
    (question,) = little.questions()
    little.answer(question, "apart")
    little.create("crm", Name="Strange", Key=SortableIds()(), Status="Open")
    little.adopt_all()
    (other,) = little.questions()
    assert "Strange" in str(other.evidence)


def test_a_rehearsal_tells_the_same_and_keeps_nothing(restored: OldWorld) -> None:
    restored.run(full=True)
    before = deepcopy(restored.ledger.entity_ids("account"))
    rehearsed = rehearse(restored.house, ["account"])[0].restored
    assert restored.ledger.entity_ids("account") == before
    assert older(restored.ledger)
    assert restored.questions() == []
    assert adopt(restored.house, "account").restored == rehearsed


def test_who_dies_while_adopting_goes_on_where_it_was(lost: OldWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    lost.run(full=True)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sync_pipelines.flow.adopting.ask_for_whom", dies)
    with pytest.raises(KeyboardInterrupt):
        adopt(lost.house, "account")
    monkeypatch.undo()
    assert nothing_is_made(lost.ledger)
    lost.adopt_all()
    lost.rest()
    assert names(lost, "crm") == ["ACME", "ONLY A NAME"]
    assert len(lost.questions()) == 1


# --- what is not to be read, or not shown, yet ------------------------------------------------------------------------


def test_a_record_of_ours_that_cannot_be_read_yet_holds_things_up_until_its_code_is_mapped(little: OldWorld) -> None:
    mine = next(row for row in little.rows("crm") if row.values["Name"] == "Only a name")
    little.edit("crm", mine.id, Terms="N45")
    little.put_back(little.backup)
    little.run(full=True)
    assert [report.restored.kept_back for report in little.adopt_all().values()] == [[f"crm/Account/{mine.id}"], []]
    little.run()
    assert nothing_is_made(little.ledger)
    little.edit("crm", mine.id, Terms="N60")
    little.run()
    little.adopt_all()
    assert not nothing_is_made(little.ledger)
    little.rest()
    assert names(little, "crm") == ["ACME", "ONLY A NAME"]


def test_what_no_listing_shows_yet_is_not_made_twice() -> None:
    """Made just before the loss: adopted too early, nothing is made; adopted again, it is found."""
    little = OldWorld(options={"shop": {"search_lag": timedelta(seconds=85)}})
    little.create("crm", Name="Old", Tax_Id="T0", Status="Won")
    little.run()
    little.world.clock.advance(120)
    little.create("crm", Name="Late", Tax_Id="T1", Status="Won")
    little.run()
    little.put_back(MemoryLedger())
    early = little.adopt_at_once()["account"].restored
    noticed = datetime.fromisoformat(older(little.ledger)["account"].since)
    assert early.shown_from == noticed + timedelta(seconds=90)
    little.house.run("account")
    assert names(little, "shop") == ["LATE", "OLD"]
    little.world.clock.advance(90)
    assert {report.restored.shown_from for report in little.adopt_at_once().values()} == {None}
    little.rest()
    assert names(little, "shop") == ["LATE", "OLD"]
