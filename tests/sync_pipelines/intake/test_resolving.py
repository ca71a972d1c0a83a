"""References: a record's id in a claim, an entity's id in a decision."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.contract import RecordRef
from mappings.values import Value
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.claims import ARCHIVED, Claim
from sync_pipelines.model.records import Coupling
from tests.laws.little_book import little_book
from tests.sync_pipelines.flow.stints import stints_book

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def resolver() -> Resolver:
    """Account a1 is A-1 in the CRM (and its twin A-9) and C-1 in the ERP; a2 is in the CRM only."""
    ledger = MemoryLedger()
    places = [("crm", "Account", "A-1", "a1", True), ("crm", "Account", "A-9", "a1", False),
              ("erp", "Customer", "C-1", "a1", True), ("crm", "Account", "A-2", "a2", True)]  # fmt: skip
    ledger.couple([Coupling(RecordRef(s, k, r), "account", e, primary=first) for s, k, r, e, first in places])
    ledger.land([Claim(RecordRef(s, k, r), "account", {}) for s, k, r, _, _ in places])
    return Resolver(ledger, little_book())


def person(system: str, **values: Value) -> Claim:
    return Claim(RecordRef(system, "Person", "P-1"), "contact", values)


@pytest.mark.parametrize(
    ("system", "said", "resolved"),
    [
        ("crm", {"account": "A-1", "name": "Anna"}, {"account": "a1", "name": "Anna"}),
        ("crm", {"account": "A-9"}, {"account": "a1"}),  # a twin is the same account
        ("erp", {"account": "C-1"}, {"account": "a1"}),
        ("erp", {"account": "A-1"}, {}),  # another system's id means nothing here
        ("crm", {"account": "A-7", "name": "Anna"}, {"name": "Anna"}),  # nobody knows it yet: silence, not null
        ("crm", {"account": None}, {"account": None}),
        ("crm", {"account@100": "A-2"}, {"account@100": "a2"}),
        ("crm", {"name": "A-1"}, {"name": "A-1"}),
    ],
)
def test_a_reference_in_a_claim_becomes_the_entity(
    resolver: Resolver, system: str, said: dict[str, Value], resolved: dict[str, Value]
) -> None:
    assert resolver.resolve("contact", [person(system, **said)])[0].values == resolved


def test_an_entity_without_references_is_left_as_it_is(resolver: Resolver) -> None:
    claims = [Claim(RecordRef("crm", "Account", "A-1"), "account", {"name": "A-1"})]
    assert resolver.resolve("account", claims) == claims


def test_links_name_the_first_record_of_each_system(resolver: Resolver) -> None:
    links = resolver.links("contact", [("account", "a1"), ("account", "a2"), ("account", None), ("name", "a1")])
    assert links.records == {
        ("crm", "account", "a1"): "A-1",
        ("erp", "account", "a1"): "C-1",
        ("crm", "account", "a2"): "A-2",
    }
    assert links.missing("erp", "account", "a2")
    assert not links.missing("erp", "account", "a1")


def test_nothing_is_made_to_refer_to_one_who_left(resolver: Resolver) -> None:
    resolver.ledger.land([Claim(RecordRef("crm", "Account", "A-2"), "account", {ARCHIVED: True})])
    resolver.ledger.bury([RecordRef("erp", "Customer", "C-1")], NOW)
    links = resolver.links("contact", [("account", "a1"), ("account", "a2")])
    assert links.records == {("crm", "account", "a1"): "A-1"}


# --- in the items of a list -------------------------------------------------------------------------------------------

STINTS = [
    ([("1", "A-1"), ("2", "A-2")], [("1", "a1"), ("2", "a2")]),
    ([("1", "A-1"), ("2", "A-7")], None),  # without the unknown one the list would look shortened
    ([("1", "A-1"), ("2", None)], [("1", "a1"), ("2", None)]),
    ([("1", "A-1"), ("2", "A-9")], [("1", "a1"), ("2", "a1")]),  # a twin is the same account
    ([], []),
]


def stints(told: list[tuple[str, str | None]]) -> Value:
    return [{"code": code, "account": account} for code, account in told]


@pytest.mark.parametrize(("said", "resolved"), STINTS)
def test_the_references_in_a_list_become_entities_or_the_list_is_silent(
    resolver: Resolver, said: list[tuple[str, str | None]], resolved: list[tuple[str, str | None]] | None
) -> None:
    listing = replace(resolver, book=stints_book())
    values = listing.resolve("contact", [person("crm", stints=stints(said), name="Anna")])[0].values
    assert values == {"name": "Anna", **({} if resolved is None else {"stints": stints(resolved)})}


@pytest.mark.parametrize(
    ("said", "resolved"),
    [
        ([("1", "A-1"), ("2", "A-2")], [("1", "a1"), ("2", "a2")]),
        ([("2", "A-2"), ("1", "A-1")], [("1", "a1"), ("2", "a2")]),  # in the order of entities, not of ids there
        ([("1", "A-1"), ("2", "A-9")], None),  # two items for one account: which is which?
    ],
)
def test_items_that_are_told_apart_by_a_reference_stand_in_the_order_of_entities(
    resolver: Resolver, said: list[tuple[str, str | None]], resolved: list[tuple[str, str | None]] | None
) -> None:
    listing = replace(resolver, book=stints_book("account"))
    values = listing.resolve("contact", [person("crm", stints=stints(said))])[0].values
    assert values == ({} if resolved is None else {"stints": stints(resolved)})


def test_links_lead_to_what_the_items_of_a_list_refer_to(resolver: Resolver) -> None:
    listing = replace(resolver, book=stints_book())
    listing.ledger.land([Claim(RecordRef("crm", "Account", "A-2"), "account", {ARCHIVED: True})])
    links = listing.links("contact", [("stints", stints([("1", "a1"), ("2", "a2"), ("3", None)]))])
    assert links.records == {("crm", "account", "a1"): "A-1", ("erp", "account", "a1"): "C-1"}
    assert links.left == {("crm", "account", "a2"): "A-2"}
