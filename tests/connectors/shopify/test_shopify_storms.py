"""Whatever befalls the calls: what a result says is true, and nothing is there twice."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from connectors.contract import ItemResult, Written
from connectors.errors import TransientError, UncertainError
from connectors.shopify.connector import ShopifyConnector
from connectors.shopify.simulator import CUT_BODY, Behaviour, ShopifySimulator, standard_kinds
from connectors.testing.world import Fault, FaultSchedule, System, World
from tests.connectors.shopify.conftest import Open
from tests.connectors.shopify.hands import Connect, create, home, now, update

STORM = {
    Fault.LOST_BEFORE: 0.1,
    Fault.LOST_MIDWAY: 0.1,
    Fault.LOST_AFTER: 0.1,
    Fault.GATEWAY_AFTER: 0.1,
    Fault.THROTTLED: 0.1,
    Fault.SERVER_ERROR: 0.1,
    Fault.BODY_ERROR: 0.1,
    Fault.PARTIAL_BATCH: 0.1,
    Fault.POISON: 0.1,
    CUT_BODY: 0.1,
}
SEEDS = range(12)
TIRED = Behaviour(token_calls=4)  # a token ends all the time, too


@pytest.fixture
def at(request: pytest.FixtureRequest) -> System:
    return World(faults=FaultSchedule(request.param, STORM)).add("shop", *standard_kinds())


def results_of(send: Callable[[], Sequence[ItemResult]], count: int) -> Sequence[ItemResult]:
    """What became of each; a storm is no reason to stop, so nothing but TransientError may come for the whole call."""
    try:
        return send()
    except TransientError as error:
        return [error] * count


@pytest.mark.parametrize("at", SEEDS, indirect=True)
def test_a_storm_of_faults_makes_nobody_twice_and_each_result_is_true(
    open_shop: Open, connectors: Connect, at: System
) -> None:
    connector = connectors(open_shop(behaviour=TIRED))
    said: dict[str, ItemResult] = {}
    for round_ in range(6):
        at.faults.begin(round_)
        keys = [f"k{round_}-{n}" for n in range(4)]
        batch = [create(key, defaultAddress={"city": "Bonn"}) for key in keys]
        said |= dict(zip(keys, results_of(partial(connector.create, batch), 4), strict=True))
    at.faults.heal()
    _hold_true(connector, at, said)


def _hold_true(connector: ShopifyConnector, at: System, said: dict[str, ItemResult]) -> None:
    assert {Written, UncertainError} <= set(map(type, said.values())), "a storm in which nothing went well, or all did"
    there = Counter(row.values["concordatKey"] for row in at.living("Customer"))
    assert set(there.values()) <= {1}
    found = connector.find_created("Customer", list(said))
    assert set(found) == set(there)
    for key, result in said.items():
        if isinstance(result, Written):
            assert key in there, f"{key}: said to be there, and is not"
        elif not isinstance(result, UncertainError):
            assert key not in there, f"{key}: said to be surely not done ({result!r}), and is there"


@pytest.mark.parametrize("at", SEEDS, indirect=True)
def test_a_storm_of_faults_changes_what_was_said_and_leaves_the_other_addresses(
    open_shop: Open, connectors: Connect, at: System
) -> None:
    connector = connectors(open_shop(behaviour=TIRED))
    homes = [home(1, city="Berlin", zip="1"), home(2, city="Rom", zip="2")]
    values = {"addresses": homes, "defaultAddressId": homes[0]["id"]}
    people = [at.create("Customer", {"firstName": "P", **values}, by="user:anna").id for _ in range(3)]
    for round_ in range(6):
        at.faults.begin(round_)
        before = {one: now(at, one) for one in people}
        wanted = {"note": f"note {round_}", "defaultAddress": {"city": f"City {round_}"}}
        batch = [update(one, wanted) for one in people]
        for one, result in zip(people, results_of(partial(connector.update, batch), 3), strict=True):
            held = now(at, one)
            assert held["addresses"][1] == homes[1]
            assert held["addresses"][0]["zip"] == "1"
            if isinstance(result, Written):
                assert (held["note"], held["addresses"][0]["city"]) == (f"note {round_}", f"City {round_}")
            elif not isinstance(result, UncertainError):
                assert held == before[one], f"said to be surely not done ({result!r}), and changed"


@pytest.mark.parametrize("at", SEEDS, indirect=True)
def test_a_crawl_in_a_storm_tells_all_or_raises(open_shop: Open, connectors: Connect, at: System) -> None:
    shop: ShopifySimulator = open_shop(behaviour=TIRED)
    people = {at.create("Customer", {"firstName": f"P{n}"}, by="user:anna").id for n in range(10)}
    connector = connectors(shop, bulk_above=0 if at.faults.seed % 2 else None)
    for round_ in range(5):
        at.faults.begin(round_)
        told: set[str] = set()
        try:
            for page in connector.changes("Customer", None):
                told |= {record.ref.id for record in page.records}
        except TransientError:
            continue
        assert told == people
