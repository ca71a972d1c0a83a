"""Crawls by page and by bulk operation, with all that can go wrong on the way."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Watermark
from connectors.errors import MisconfiguredError, TransientError
from connectors.shopify.simulator import CUT_BODY, Behaviour, ShopifySimulator
from connectors.testing.exchange import Reply, Request
from connectors.testing.world import Fault, System
from tests.connectors.shopify.benches import WITH_CHILDREN
from tests.connectors.shopify.conftest import Open
from tests.connectors.shopify.hands import Connect, home, ids, people, ref, told


def test_a_later_crawl_asks_for_what_moved_and_reads_back_so_far_as_the_search_lags(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    people(at, 3)
    at.clock.advance(1000)
    connector = connectors(shop)
    started = at.now()
    (*_, last) = connector.changes("Customer", None)
    assert last.safe_point == Watermark(started - timedelta(minutes=5))
    (moved,) = people(at, 1)
    assert ids(told(connector, last.safe_point)) == [moved]
    assert f"updated_at:>='{started - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}'" in str(shop.requests)


def test_an_update_that_commits_late_is_told_by_the_next_crawl(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    (ada,) = people(at, 1)
    at.clock.advance(1000)
    connector = connectors(shop)
    at.late(timedelta(seconds=40), lambda: at.update("Customer", ada, {"note": "late"}, by="user:ben"))
    at.clock.advance(20)
    (*_, last) = connector.changes("Customer", None)
    at.clock.advance(30)
    (record,) = told(connector, last.safe_point)
    assert record.payload["note"] == "late"


def test_a_page_that_costs_too_much_is_made_smaller_and_stays_so(
    open_shop: Open, connectors: Connect, at: System
) -> None:
    shop = open_shop(behaviour=Behaviour(most_points=30))
    made = people(at, 20)
    connector = connectors(shop, page_size=20)
    assert ids(told(connector)) == made
    sizes = [request["first"] for request in shop.requests if "first" in request]
    assert sizes == [20, 10, 10]


def test_a_record_that_alone_costs_too_much_is_said_so(open_shop: Open, connectors: Connect, at: System) -> None:
    shop = open_shop(behaviour=Behaviour(most_points=3))
    people(at, 1)
    with pytest.raises(MisconfiguredError, match="map fewer fields"):
        told(connectors(shop))


def test_more_addresses_than_were_asked_for_at_once_are_all_told(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    homes = [home(n, city=f"City {n}") for n in range(120)]
    people(at, 1, addresses=homes, defaultAddressId=homes[2]["id"])
    (record,) = told(connectors(shop, fields=WITH_CHILDREN, addresses=10))
    assert [one["city"] for one in record.payload["addresses"]] == [f"City {n}" for n in range(120)]
    assert [place for place, one in enumerate(record.payload["addresses"]) if one["isDefault"]] == [2]


def test_who_was_merged_away_or_deleted_is_missing_among_the_keys_and_in_a_read(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    stays, merged, deleted = people(at, 3)
    connector = connectors(shop)
    at.merge("Customer", merged, stays, by="user:anna")
    at.delete("Customer", deleted, by="user:anna")
    assert [key for page in connector.keys("Customer") for key in page] == [stays]
    assert set(connector.read([ref(one) for one in (stays, merged, deleted, "x/y", "99")])) == {ref(stays)}


def test_whom_a_customer_buys_for_is_told_by_its_main_profile(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    firms = [at.create("Company", {"name": name}, by="user:anna").id for name in ("A", "B")]
    profiles = [{"company": firms[0]}, {"company": firms[1], "main": True}]
    people(at, 1, companies=profiles)
    people(at, 1)
    connector = connectors(shop, fields={"Customer": ("companyId", "companyContactProfiles.company.name")})
    payloads = [record.payload for record in told(connector)]
    assert [one["companyId"] for one in payloads] == [firms[1], None]
    assert payloads[0]["companyContactProfiles"] == [{"company": {"name": "A"}}, {"company": {"name": "B"}}]


@pytest.mark.parametrize(("company", "business"), [("Acme", True), (" ", False), (None, False)])
def test_a_business_is_who_names_a_company(
    shop: ShopifySimulator, connectors: Connect, at: System, company: Any, business: bool
) -> None:
    (ada,) = people(at, 1, addresses=[home(1, company=company)], defaultAddressId=home(1)["id"])
    (record,) = told(connectors(shop, fields={"Customer": ("isBusiness", "businessId")}))
    assert record.payload == {"isBusiness": business, "businessId": ada if business else None}


def test_a_page_that_is_cut_is_asked_for_again(shop: ShopifySimulator, connectors: Connect, at: System) -> None:
    made = people(at, 7)
    at.faults.force(CUT_BODY, "shop.changes", nth=1)
    assert ids(told(connectors(shop))) == made


def test_a_page_that_does_not_say_whether_it_is_the_last_is_no_end(
    shop: ShopifySimulator, connectors: Connect, at: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(at, 7)
    plain = shop.answer

    def answer(request: Request) -> Reply:
        reply = plain(request)
        if b"query Crawl" in request.body:
            reply.body["data"]["customers"]["pageInfo"]["hasNextPage"] = None
        return reply

    monkeypatch.setattr(shop, "answer", answer)
    with pytest.raises(TransientError, match="whether it is the last"):
        told(connectors(shop))


# --- bulk operations --------------------------------------------------------------------------------------------------

ALL: Any = {"bulk_above": 0, "bulk_slice": 100, "fields": WITH_CHILDREN}


def test_a_first_load_above_the_bound_is_one_bulk_operation(open_shop: Open, connectors: Connect, at: System) -> None:
    shop = open_shop(behaviour=Behaviour(bulk_polls=5))
    homes = [home(n, city=f"City {n}") for n in range(3)]
    made = people(at, 10, addresses=homes, defaultAddressId=homes[1]["id"])
    records = told(connectors(shop, **{**ALL, "bulk_above": 9}))
    assert ids(records) == made
    assert [[one["city"] for one in record.payload["addresses"]] for record in records] == [
        ["City 0", "City 1", "City 2"]
    ] * 10
    assert len(shop.shop.operations) == 1
    assert not shop.leaked


def test_at_the_bound_pages_are_read(shop: ShopifySimulator, connectors: Connect, at: System) -> None:
    made = people(at, 9)
    assert ids(told(connectors(shop, bulk_above=9))) == made
    assert shop.shop.operations == []


def test_a_later_crawl_is_never_a_bulk_operation(shop: ShopifySimulator, connectors: Connect, at: System) -> None:
    people(at, 1)
    connector = connectors(shop, **ALL)
    told(connector)
    at.clock.advance(10_000)
    (made,) = people(at, 1)
    assert ids(told(connector, Watermark(at.now() - timedelta(hours=1)))) == [made]
    assert len(shop.shop.operations) == 1


@pytest.mark.parametrize("end", ["FAILED", "CANCELED", "EXPIRED"])
def test_a_part_of_a_bulk_result_is_no_crawl(open_shop: Open, connectors: Connect, at: System, end: str) -> None:
    shop = open_shop(behaviour=Behaviour(bulk_ends=end))
    people(at, 5)
    with pytest.raises(TransientError, match=f"ended .* as {end}"):
        told(connectors(shop, **ALL))


@pytest.mark.parametrize("missing", [1, 50, 400])
def test_a_bulk_file_that_is_shorter_than_promised_is_no_crawl(
    shop: ShopifySimulator, connectors: Connect, at: System, monkeypatch: pytest.MonkeyPatch, missing: int
) -> None:
    people(at, 5)
    plain = shop.answer

    def answer(request: Request) -> Reply:
        for one in shop.shop.operations:
            one.cut = missing
        return plain(request)

    monkeypatch.setattr(shop, "answer", answer)
    with pytest.raises(TransientError, match=r"ends at byte|cannot be read"):
        told(connectors(shop, **ALL))


def test_a_bulk_result_that_lacks_a_record_is_no_crawl(
    shop: ShopifySimulator, connectors: Connect, at: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(at, 5)
    plain = shop.answer

    def answer(request: Request) -> Reply:
        reply = plain(request)
        if b"query Look" in request.body:
            reply.body["data"]["node"]["rootObjectCount"] = "6"
        return reply

    monkeypatch.setattr(shop, "answer", answer)
    with pytest.raises(TransientError, match="found 6 records and gave 5"):
        told(connectors(shop, **ALL))


def test_another_operation_under_way_is_waited_for_by_the_next_run(
    open_shop: Open, connectors: Connect, at: System
) -> None:
    shop = open_shop(behaviour=Behaviour(bulk_polls=10_000))
    people(at, 2)
    first, second = connectors(shop, **ALL), connectors(shop, **ALL)
    with pytest.raises(TransientError, match=r"still runs after 3\d\d\d s"):
        told(first)
    shop.shop.operations[-1].polls = 0
    with pytest.raises(TransientError, match="already in progress"):
        told(second)


def test_a_result_on_a_host_that_nobody_named_is_not_fetched(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    people(at, 2)
    shop.shop.storage = "http://storage.example"
    with pytest.raises(MisconfiguredError, match=r"storage\.example is none of the allowed hosts"):
        told(connectors(shop, **ALL))


def test_an_empty_shop_is_loaded_in_bulk_and_comes_to_an_end(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    people(at, 1)
    at.delete("Customer", people(at, 1)[0], by="user:anna")
    connector = connectors(shop, **{**ALL, "bulk_above": 0})
    assert len(told(connector)) == 1
    at.delete("Customer", at.living("Customer")[0].id, by="user:anna")
    assert told(connector) == []


def test_a_passing_trouble_at_the_storage_is_asked_through(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    made = people(at, 4)
    at.faults.force(Fault.SERVER_ERROR, "shop.changes", nth=1)
    assert ids(told(connectors(shop, **ALL))) == made


@pytest.mark.parametrize("bulk_above", [None, 0])
def test_half_a_character_in_one_record_takes_no_other_along(
    shop: ShopifySimulator, connectors: Connect, at: System, bulk_above: int | None
) -> None:
    made = people(at, 5)
    at.update("Customer", made[2], {"note": "a\ud83db"}, by="user:ben")
    connector = connectors(shop, page_size=2, bulk_above=bulk_above)
    records = told(connector)
    assert ids(records) == made
    assert [one.payload["note"] for one in records if one.ref.id == made[2]] == ["a\ud83db"]
    assert connector.read([ref(made[2])])[ref(made[2])].payload["note"] == "a\ud83db"
