"""After a restore: what tells for whom a record was made where its records contradict each other by now."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import RecordRef
from mappings.matching import Matching
from sync_pipelines.flow.likely import borne, given, issuers_of
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.claims import Claim
from sync_pipelines.settings import SortableIds
from sync_pipelines.simulation.little_book import little_book
from tests.sync_pipelines.flow.restored import OldWorld, copied, names

BEARS = "bears a number that the first one was given"


# --- by a number that one side gives ---------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["us", "a person"])
def test_the_number_that_the_erp_gave_tells_for_whom_it_was_made_whatever_else_was_edited_since(by: str) -> None:
    little = OldWorld()
    theirs = little.create("erp", Name="Smith", Tax_Id="DE5", Status="Open")
    if by == "a person":
        little.create("crm", Name="Smith", Tax_Id="DE5", Status="Open")
    little.settle()
    (ours,) = little.rows("crm")
    assert ours.values["Number"] == little.row("erp", theirs).values["Number"] != ""
    little.edit("erp", theirs, Name="Jones", Tax_Id="DE6")
    little.put_back(MemoryLedger())
    little.create("crm", Name="Strange", Key=SortableIds()(), Status="Open")
    little.run(full=True)
    little.adopt_all()
    little.rest()
    (question,) = [asked for asked in little.questions() if BEARS in asked.asks]
    assert sorted(question.evidence["records"]) == [f"crm/Account/{ours.id}", f"erp/Customer/{theirs}"]
    assert names(little, "crm") == ["SMITH", "STRANGE"], "nothing is made until somebody has said"
    little.answer(question, "link")
    little.rest()
    assert names(little, "crm") == ["SMITH", "STRANGE"]
    little.edit("erp", theirs, Phone="77")
    little.settle()
    assert little.row("crm", ours.id).values["Phone"] == "77"


def test_it_tells_it_too_where_the_key_leads_to_somebody_whom_the_other_one_contradicts() -> None:
    """A tax id that two records said was edited back in one of them before the other was made from it."""
    little = OldWorld()
    buyer = little.create("shop", Name="Acme", Tax_Id="T3")
    little.settle()
    little.backup = copied(little.ledger)
    little.edit("shop", buyer, Tax_Id="T1")
    theirs = little.create("erp", Name="Bolt", Tax_Id="T1", Status="Open")
    little.run()
    (ours,) = little.rows("crm")
    assert (ours.values["Tax_Id"], little.row("erp", theirs).values["Tax_Id"]) == ("T3", "T1")
    little.put_back(little.backup)
    little.run(full=True)
    report = little.adopt_all()["account"].restored
    assert (report.coupled, report.asked) == (1, 1)
    little.rest()
    (question,) = little.questions()
    assert {f"crm/Account/{ours.id}", f"erp/Customer/{theirs}"} <= question.evidence["records"].keys()
    assert [row.id for row in little.rows("crm")] == [ours.id]
    little.answer(question, "link")
    little.rest()
    assert [row.id for row in little.rows("crm")] == [ours.id]


def test_it_tells_it_too_where_both_have_another_record_in_one_system() -> None:
    """Of whom the key leads to, the shop knows one; of whom it was made for, another one."""
    little = OldWorld()
    buyer = little.create("shop", Name="Acme", Tax_Id="T3")
    little.settle()
    little.backup = copied(little.ledger)
    little.edit("shop", buyer, Tax_Id="T1")
    theirs = little.create("erp", Name="Bolt", Tax_Id="T1", Status="Open")
    little.run()
    little.create("shop", Name="Bolt", Tax_Id="T1")
    little.put_back(little.backup)
    little.run(full=True)
    little.adopt_all()
    little.rest()
    (ours,) = little.rows("crm")
    whose = [question.evidence["records"].keys() for question in little.questions()]
    assert {f"crm/Account/{ours.id}", f"erp/Customer/{theirs}"} in whose


def test_who_is_said_to_be_somebody_else_whatever_the_number_is_made_after_all_and_not_asked_about_again() -> None:
    little = OldWorld()
    theirs = little.create("erp", Name="Smith", Tax_Id="DE5", Status="Open")
    little.settle()
    little.edit("erp", theirs, Name="Jones", Tax_Id="DE6")
    little.put_back(MemoryLedger())
    little.run(full=True)
    little.adopt_all()
    (question,) = little.questions()
    little.answer(question, "apart")
    little.rest()
    assert names(little, "crm") == ["JONES", "SMITH"]
    little.create("crm", Name="Strange", Key=SortableIds()(), Status="Open")
    little.adopt_all()
    assert not [asked for asked in little.questions() if BEARS in asked.asks]


def test_whoever_was_given_a_number_is_nobody_else_because_a_person_typed_another_one() -> None:
    little = OldWorld()
    firms = [little.create("erp", Name=name, Tax_Id=name, Status="Open") for name in ("Acme", "Bolt")]
    little.settle()
    first, second = (little.row("erp", firm).values["Number"] for firm in firms)
    (acme,) = [row for row in little.rows("crm") if row.values["Number"] == first]
    little.edit("crm", acme.id, Number=second)
    little.put_back(MemoryLedger())
    little.run(full=True)
    little.adopt_all()
    assert little.questions() == []
    little.rest()
    assert names(little, "crm") == ["ACME", "BOLT"]


SAID: list[tuple[str, dict[str, Any], set[str], set[str]]] = [
    ("erp", {"number": "K00001"}, {"number:k00001"}, set()),
    ("crm", {"number": "K00001"}, set(), {"number:k00001"}),
    ("crm", {"number": " k-00001 "}, set(), {"number:k00001"}),
    ("erp", {"number@de": "K1", "number@cn": "K1"}, {"number@de:k1", "number@cn:k1"}, set()),
    ("crm", {"number": "", "tax_id": "K00001"}, set(), set()),
    ("crm", {"number": None}, set(), set()),
    ("crm", {"number": "0"}, set(), set()),
]


@pytest.mark.parametrize(("system", "values", "was_given", "bears"), SAID)
def test_a_number_is_given_where_it_is_issued_and_borne_elsewhere(
    system: str, values: dict[str, Any], was_given: set[str], bears: set[str]
) -> None:
    book = little_book()
    account = replace(book.entities["account"], matching=Matching("account", (), never={"number": ("0",)}))
    claim, issuers = Claim(RecordRef(system, "X", "1"), "account", values), issuers_of(book, account)
    assert given(account, issuers, claim) == frozenset(was_given)
    assert borne(account, issuers, claim) == frozenset(bears)


def test_of_what_nobody_issues_nothing_is_told() -> None:
    book = little_book()
    assert issuers_of(book, book.entities["account"]) == {"number": frozenset({"erp"})}
    assert issuers_of(book, book.entities["contact"]) == {}


# --- by one of several records ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("says", ["link", "apart"])
def test_for_whom_it_was_made_may_have_been_merged_since_with_somebody_who_is_another_one(says: str) -> None:
    """And who has a record of their own wherever the one has that was made for it."""
    little = OldWorld()
    little.create("erp", Name="Borg", Tax_Id="T1", Status="Open")
    little.run()
    little.backup = copied(little.ledger)
    (borg,) = little.rows("crm")
    acme = little.create("crm", Name="Acme", Tax_Id="T2", Status="Won")
    little.run()
    assert names(little, "shop") == ["ACME"]
    little.put_back(little.backup)
    little.world.systems["crm"].merge("Account", borg.id, acme, by="user:u")
    little.run(full=True)
    assert little.adopt_all()["account"].restored.alone == 1
    little.rest()
    (question,) = little.questions()
    assert f"crm/Account/{acme}" in question.evidence["records"]
    assert len(little.rows("shop")) == 1, "nothing is made until somebody has said"
    little.answer(question, says)
    little.rest()
    assert len(little.rows("shop")) == (1 if says == "link" else 2)
