"""Strangers among many: nobody is looked up by what too many share; by what is rarer they are found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pytest

from connectors.contract import RecordRef
from mappings.matching import Scoring, Weighed
from sync_pipelines.flow.recognising import FEW, near
from sync_pipelines.ledger.memory import MemoryLedger
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld

MANY = 5


class _Watched(MemoryLedger):
    """Remembers how many bearers of keys were told."""

    fetched = 0

    def bearers(self, entity: str, keys: Sequence[str]) -> Mapping[str, Sequence[tuple[RecordRef, str]]]:
        found = super().bearers(entity, keys)
        self.fetched += sum(map(len, found.values()))
        return found


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> LittleWorld:
    """Namesakes in the CRM, one of them with a tax number."""
    monkeypatch.setattr("sync_pipelines.flow.recognising.MANY", MANY)
    little = LittleWorld(ledger=_Watched())
    for number in range(MANY):
        little.create("crm", Name="Acme", Status="Open", Remark=str(number))
    little.create("crm", Name="Acme", Status="Open", Tax_Id="DE1")
    little.settle()
    assert isinstance(little.ledger, _Watched)
    little.ledger.fetched = 0
    return little


def because(little: LittleWorld, record: str) -> str:
    ref = RecordRef("erp", "Customer", record)
    return little.ledger.couplings_at("account", [ref])[ref].because


def test_a_name_that_too_many_bear_fetches_nobody_and_asks_nothing(little: LittleWorld) -> None:
    record = little.create("erp", Name="ACME")
    little.run()
    assert isinstance(little.ledger, _Watched)
    assert (little.ledger.fetched, little.questions()) == (0, [])
    assert because(little, record) == "new; not looked up by its name: more than 100 records share it"


def test_one_of_many_namesakes_is_found_by_what_is_rarer(little: LittleWorld) -> None:
    record = little.create("erp", Name="ACME", Tax_Id="DE1")
    little.run()
    assert because(little, record) == "tax_id"


def test_a_name_that_just_not_too_many_bear_is_asked_about(little: LittleWorld) -> None:
    for number in range(MANY - 1):
        little.create("crm", Name="Zeta", Status="Open", Remark=str(number))
    little.settle()
    before = {question.id for question in little.questions()}
    little.create("erp", Name="Zeta")
    little.run()
    (asked,) = [question for question in little.questions() if question.id not in before]
    assert len(asked.others) == MANY - 1


def test_a_key_of_ours_that_somebody_typed_in_where_we_made_nothing_proves_nothing(little: LittleWorld) -> None:
    zeta = little.create("crm", Name="Zeta", Status="Open")
    little.settle()
    ref = RecordRef("crm", "Account", zeta)
    key = little.ledger.couplings_at("account", [ref])[ref].entity_id
    record = little.create("erp", Name="Borg", Tax_Id="DE9", Key=key)
    little.run()
    assert because(little, record) == "new"


# --- parts of names and addresses -------------------------------------------------------------------------------------

MANY_FIRMS = FEW + 1


def ref(record: object) -> tuple[RecordRef, str]:
    return RecordRef("erp", "Customer", str(record)), ""


def under(bearers: Iterable[object], others: int) -> list[tuple[RecordRef, str]]:
    """These, and so many whom nobody looks for."""
    return [*map(ref, bearers), *(ref(f"other{number}") for number in range(others))]


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({"~company:nord": under("a", FEW)}, FEW + 1),  # there is nothing else to find it by
        ({"~company:nord": under("a", FEW), "~company:nord mill": []}, 0),
        ({"~company:nord": under("a", FEW - 1), "~company:nord mill": []}, FEW),
        ({"~company:nord": under("a", FEW), "~company:nord mill": under("a", 0)}, 1),
        ({"~company:nord": under("ab", FEW), "~company:nord mill": under("a", 0), "~company:mill": under("b", 0)}, 2),
        ({"~address:12 kai": under("a", FEW), "~address:12 24103": [], "~phone:77": []}, 0),
        ({"~phone:77": under("a", FEW), "~company:nord": [], "~company:mill": []}, FEW + 1),
        ({"tax id:1": under("a", FEW), "~company:nord": [], "~company:mill": []}, FEW + 1),
        ({"web site and name:x|y": under("a", FEW), "~company:x": [], "~company:y": []}, FEW + 1),
    ],
)
def test_of_a_part_that_many_bear_those_are_near_who_share_another(
    keys: Mapping[str, Sequence[tuple[RecordRef, str]]], found: int
) -> None:
    assert len(near(keys, keys)) == found


def test_a_part_of_the_name_and_a_part_of_the_address_find_one_among_many() -> None:
    names, places = under("a", FEW), under("a", 0) + [ref(f"neighbour{number}") for number in range(FEW)]
    bearers = {"~company:nord": names, "~company:x": [], "~address:12 kai": places, "~address:12 1": []}
    assert near(bearers, bearers) == {ref("a")}


def weighed() -> LittleWorld:
    """Whoever is recognised is recognised by name and address."""
    book = little_book()
    account = book.entities["account"]
    matching = replace(
        account.matching, levels=(), scoring=Scoring({"name": Weighed("company"), "address": Weighed("address")})
    )
    return LittleWorld(book=replace(book, entities={**book.entities, "account": replace(account, matching=matching)}))


@pytest.mark.parametrize("first", ["crm", "erp"])
def test_one_of_many_firms_of_a_region_is_found_by_the_rest_of_its_name_whoever_came_first(first: str) -> None:
    little = weighed()
    for number in range(MANY_FIRMS):
        little.create("crm", Name=f"Nordland {chr(97 + number) * 4}o Mühle GmbH", Status="Open")
    for system in (first, "erp" if first == "crm" else "crm"):
        more = {"Status": "Open"} if system == "crm" else {}
        little.create(system, Name="Nordland Kupferberg Mühle GmbH", **more)
        little.run()
    (asked,) = little.questions()
    assert [said["name"] for said in asked.evidence["records"].values()] == ["Nordland Kupferberg Mühle GmbH"] * 2
