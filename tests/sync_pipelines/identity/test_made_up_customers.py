"""Customers as people enter them, with known truth: what the bundled book links, asks, keeps apart."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest

from connectors.contract import RecordRef
from mappings.loading import BUNDLED, load_book
from sync_pipelines.identity.keys import match_keys
from sync_pipelines.identity.matcher import Known
from sync_pipelines.identity.scored import match
from sync_pipelines.model.claims import Claim
from sync_pipelines.simulation.customers.stream import customers
from sync_pipelines.simulation.customers.truth import Appearance, Customer, System

PAIRS: tuple[tuple[System, System], ...] = (("erp", "crm"), ("shop", "crm"), ("erp", "shop"))
FAMILIES, SEED = 700, 23
pytestmark = pytest.mark.slow
MATCHING = load_book(BUNDLED).entities["account"].matching


@dataclass(frozen=True)
class Outcome:
    """What became of one record of one customer, when another system knew all the others."""

    customer: Customer
    told: Appearance
    there: tuple[Appearance, ...]  # of the same customer in the other system
    linked: str  # the customer it was linked to
    asked: frozenset[str]  # those it was asked about

    @property
    def found(self) -> bool:
        return self.customer.id in {self.linked, *self.asked}

    @property
    def distortions(self) -> frozenset[str]:
        return frozenset((*self.told.distortions, *(one for other in self.there for one in other.distortions)))


def accounts(system: System) -> Iterator[tuple[Customer, Appearance]]:
    for customer in customers(SEED, FAMILIES):
        for one in customer.appearances:
            if one.system == system and one.entity == "account":
                yield customer, one


def claim(one: Appearance, entity_id: str = "") -> Claim:
    return Claim(RecordRef(one.system, "Account", one.record), "account", one.values, entity_id=entity_id)


def outcomes(new: System, known: System) -> list[Outcome]:
    """Each record of one system by itself, held against all of another one."""
    there: dict[str, list[Appearance]] = defaultdict(list)
    under: dict[str, list[Claim]] = defaultdict(list)
    for customer, one in accounts(known):
        there[customer.id].append(one)
        for key in match_keys(one.values, MATCHING, frozenset()):
            under[key].append(claim(one, customer.id))
    return [outcome(customer, one, under, tuple(there[customer.id])) for customer, one in accounts(new)]


def outcome(
    customer: Customer, one: Appearance, under: dict[str, list[Claim]], there: tuple[Appearance, ...]
) -> Outcome:
    stranger, ids = claim(one), count(1)
    others = {c.ref: c for key in match_keys(one.values, MATCHING, frozenset()) for c in under.get(key, ())}
    seen = Known("account", {stranger.ref: sorted(others.values(), key=lambda c: c.ref)}, frozenset())
    found = match(MATCHING, [stranger], seen, lambda: f"new{next(ids)}")
    linked = found.couplings[0].entity_id
    asked = frozenset(other for question in found.questions for other in question.topic[len("match:") :].split("+"))
    return Outcome(customer, one, there, "" if linked.startswith("new") else linked, asked)


@pytest.fixture(scope="module", params=PAIRS, ids="-".join)
def told(request: pytest.FixtureRequest) -> list[Outcome]:
    return outcomes(*request.param)


def test_what_is_linked_without_asking_is_right(told: list[Outcome]) -> None:
    linked = [one for one in told if one.linked]
    wrong = [(one.told.values["name"], one.linked) for one in linked if one.linked != one.customer.id]
    assert len(linked) > 100
    assert len(wrong) <= 0.005 * len(linked), wrong


def test_nobody_is_linked_to_the_firm_he_works_for_nor_a_branch_to_its_parent(told: list[Outcome]) -> None:
    ties = {(one.customer.id, tie.to) for one in told for tie in one.customer.relations}
    assert ties
    assert not {(one.customer.id, one.linked) for one in told} & (ties | {(to, of) for of, to in ties})


def test_nine_of_ten_are_linked_or_asked_about(told: list[Outcome]) -> None:
    known = [one for one in told if one.there]
    assert sum(one.found for one in known) >= 0.9 * len(known)


def test_few_are_asked_about(told: list[Outcome]) -> None:
    assert sum(bool(one.asked) for one in told) <= 0.14 * len(told)


@pytest.mark.parametrize(
    ("distortion", "least"),
    [
        ("shouted", 0.98), ("form_dropped", 0.98), ("form_written_otherwise", 0.98), ("without_accents", 0.98),
        ("word_for_and", 0.98), ("traditional", 0.98), ("typo", 0.95), ("in_english", 0.85),
        ("short_name", 0.85), ("moved", 0.75), ("shared_phone", 0.9),
    ],
)  # fmt: skip
def test_a_name_spelled_otherwise_is_still_known(distortion: str, least: float) -> None:
    """Where the name is all that is wrong: the share that is linked or asked about."""
    spoiled = {"no_address", "no_phone", "former_name", "person_for_firm", "moved", "short_name"} - {distortion}
    pairs = [one for one in ALL() if one.there and distortion in one.distortions and not spoiled & one.distortions]
    assert len(pairs) >= 5
    assert sum(one.found for one in pairs) >= least * len(pairs), Counter(one.found for one in pairs)


class _All:
    """The outcomes of every pair of systems, made once."""

    def __init__(self) -> None:
        self.kept: list[Outcome] = []

    def __call__(self) -> list[Outcome]:
        self.kept = self.kept or [one for pair in PAIRS for one in outcomes(*pair)]
        return self.kept


ALL = _All()
