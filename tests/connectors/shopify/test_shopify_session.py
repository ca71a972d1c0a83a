"""Tokens, points, scopes, and answers that are none."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from connectors.errors import MisconfiguredError, RejectedError, TransientError, UncertainError
from connectors.shopify.settings import ShopifySettings
from connectors.shopify.simulator import Behaviour, ShopifySimulator
from connectors.testing.exchange import Reply, Request
from connectors.testing.world import Fault, System
from tests.connectors.shopify.conftest import Open
from tests.connectors.shopify.hands import Connect, create, now, people, ref, sorts, told, update

Spoil = Callable[[Callable[[Reply], Reply]], None]


@pytest.fixture
def spoiled(shop: ShopifySimulator, monkeypatch: pytest.MonkeyPatch) -> Spoil:
    """Changes each answer to a document."""

    def spoil(change: Callable[[Reply], Reply]) -> None:
        plain = shop.answer

        def answer(request: Request) -> Reply:
            reply = plain(request)
            return change(reply) if "graphql" in request.path else reply

        monkeypatch.setattr(shop, "answer", answer)

    return spoil


def with_status(status: int) -> Callable[[Reply], Reply]:
    return lambda reply: Reply(status, {"errors": "no"}, reply.headers)


def with_body(body: Any) -> Callable[[Reply], Reply]:
    return lambda reply: Reply(200, body, reply.headers)


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_that_ends_on_the_way_is_renewed_and_the_crawl_goes_on(
    open_shop: Open, connectors: Connect, at: System
) -> None:
    shop = open_shop(behaviour=Behaviour(token_calls=3))
    people(at, 20)
    assert len(told(connectors(shop))) == 20
    assert shop.tokens.issued == 3  # eight calls, three with each


def test_a_token_that_ends_during_a_write_is_renewed_once_and_nothing_is_done_twice(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    connector = connectors(shop)
    at.faults.force(Fault.TOKEN_EXPIRED, "shop.create")
    assert sorts(connector.create([create("k1")])) == ["Written"]
    assert len(at.written()) == 1
    assert shop.tokens.issued == 2


def test_a_token_is_renewed_before_its_day_is_over(open_shop: Open, connectors: Connect, at: System) -> None:
    shop = open_shop(behaviour=Behaviour(token_seconds=100))
    connector = connectors(shop)
    connector.fingerprint()
    at.clock.advance(99)
    before = len(shop.documents)
    connector.fingerprint()
    assert (shop.tokens.issued, len(shop.documents)) == (2, before + 1)


def test_a_static_token_is_sent_as_it_is(
    shop: ShopifySimulator, connectors: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONCORDAT_SHOP_ACCESS_TOKEN", shop.app.access_token)
    assert connectors(shop).fingerprint()
    assert shop.tokens.issued == 0


@pytest.mark.parametrize("name", ["CONCORDAT_SHOP_ACCESS_TOKEN", "CONCORDAT_SHOP_CLIENT_SECRET"])
def test_credentials_that_are_refused_stop_the_system(
    shop: ShopifySimulator, connectors: Connect, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "wrong")
    connector = connectors(shop)
    with pytest.raises(MisconfiguredError):
        connector.fingerprint()
    (finding,) = connector.check()
    assert (finding.ok, finding.about) == (False, "login")


def test_without_a_way_to_log_in_it_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONCORDAT_SHOP_CLIENT_SECRET", raising=False)
    with pytest.raises(ValueError, match="give access_token, or client_id and client_secret"):
        ShopifySettings(url="https://acme.myshopify.com")


# --- points -----------------------------------------------------------------------------------------------------------


def test_the_limit_of_points_is_kept_without_being_run_into(open_shop: Open, connectors: Connect, at: System) -> None:
    shop = open_shop(behaviour=Behaviour(points=40, rate=2))
    people(at, 30)
    started = at.clock.now()
    assert len(told(connectors(shop))) == 30
    assert shop.throttled == 0
    assert at.clock.now() - started > timedelta(seconds=20)  # ten pages of eight points


def test_pages_that_cost_nearly_all_there_is_are_waited_for_to_the_point(
    open_shop: Open, connectors: Connect, at: System
) -> None:
    shop = open_shop(behaviour=Behaviour(points=2000, rate=100))
    people(at, 3000)
    assert len(told(connectors(shop, page_size=250))) == 3000
    assert shop.throttled == 0


def test_where_the_first_answer_is_throttled_it_waits_as_long_as_it_is_told(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    people(at, 1)
    shop.purse.available, shop.purse.rate = 0, 0.5
    started = at.clock.now()
    assert len(told(connectors(shop))) == 1
    assert at.clock.now() - started >= timedelta(seconds=2)


def test_a_throttled_write_is_not_repeated_and_says_when_to_come_back(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    at.faults.force(Fault.THROTTLED, "shop.create")
    with pytest.raises(TransientError) as caught:
        connectors(shop).create([create("k1")])
    assert caught.value.retry_after is not None
    assert caught.value.code == "THROTTLED"
    assert at.written() == []


def test_many_writes_stay_under_the_limit(open_shop: Open, connectors: Connect, at: System) -> None:
    shop = open_shop(behaviour=Behaviour(points=100, rate=50))
    connector = connectors(shop)
    for start in range(0, 100, 5):
        assert sorts(connector.create([create(f"k{start + n}") for n in range(5)])) == ["Written"] * 5
    assert shop.throttled == 0


# --- scopes, versions -------------------------------------------------------------------------------------------------


def test_a_field_that_is_hidden_is_named(shop: ShopifySimulator, connectors: Connect, at: System) -> None:
    people(at, 1)
    shop.shop.hidden.add("Customer.phone")
    connector = connectors(shop)
    with pytest.raises(MisconfiguredError, match=r"customers\.nodes\.0\.phone.*give the app this scope"):
        told(connector)
    ill = {finding.about: finding.says for finding in connector.check() if not finding.ok}
    assert set(ill) == {"Customer"}


def test_a_missing_scope_is_found_by_the_doctor(shop: ShopifySimulator, connectors: Connect) -> None:
    shop.shop.scopes = ("read_customers", "read_companies")
    ill = [finding.says for finding in connectors(shop).check() if not finding.ok]
    assert ill == ["missing: write_customers, write_companies"]


def test_a_version_that_fell_forward_is_found_by_the_doctor(shop: ShopifySimulator, connectors: Connect) -> None:
    ill = [finding.says for finding in connectors(shop, api_version="2024-01").check() if not finding.ok]
    assert ill == ["API version 2024-01 is not served, but 2025-01"]


def test_a_field_that_the_shop_does_not_know_is_named(shop: ShopifySimulator, connectors: Connect) -> None:
    connector = connectors(shop, fields={"Customer": ("shoeSize",)})
    with pytest.raises(MisconfiguredError, match="shoeSize"):
        told(connector)


def test_a_definition_that_is_not_unique_is_found_by_the_doctor(shop: ShopifySimulator, connectors: Connect) -> None:
    shop.shop.definitions.clear()
    shop.shop.define(type_="single_line_text_field", unique=False)
    (ill,) = [finding for finding in connectors(shop).check() if not finding.ok]
    assert ill.about == "Customer key"
    assert "remove that definition" in ill.do


def test_describe_tells_children_metafields_and_what_can_be_written(
    shop: ShopifySimulator, connectors: Connect
) -> None:
    fields = connectors(shop).describe("Customer").fields
    assert fields["email"].unique
    assert fields["defaultAddress.countryCodeV2"].writable
    assert not fields["defaultAddress.country"].writable
    assert not fields["numberOfOrders"].writable
    assert fields["metafields.concordat.key"].unique
    assert fields["tags"].type == "[String]"
    assert fields["defaultAddress.street"].writable
    assert not fields["isBusiness"].writable


def test_describe_tells_what_a_company_keeps_at_its_location(shop: ShopifySimulator, connectors: Connect) -> None:
    fields = connectors(shop).describe("Company").fields
    assert fields["mainLocation.billingAddress.street"].writable
    assert fields["mainLocation.billingAddress.countryCode"].writable
    assert not fields["mainLocation.billingAddress.country"].writable
    assert fields["externalId"].unique


# --- answers that are none --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [402, 403, 404, 423])
def test_a_closed_shop_stops_the_system_and_blames_no_record(
    shop: ShopifySimulator, connectors: Connect, spoiled: Spoil, at: System, status: int
) -> None:
    (ada,) = people(at, 1)
    connector = connectors(shop)
    spoiled(with_status(status))
    for call in (lambda: told(connector), lambda: connector.update([update(ada, {"note": "x"})])):
        with pytest.raises(MisconfiguredError, match=str(status)):
            call()


@pytest.mark.parametrize(
    "body",
    [{}, [], {"data": None}, {"errors": []}, {"shop": 1}, b"<html>"],
    ids=["{}", "[]", "null", "no", "x", "page"],
)
def test_what_is_no_answer_leaves_a_write_open_and_a_read_for_later(
    shop: ShopifySimulator, connectors: Connect, spoiled: Spoil, at: System, body: Any
) -> None:
    (ada,) = people(at, 1)
    connector = connectors(shop)
    connector.fingerprint()
    spoiled(with_body(body))
    assert sorts(connector.update([update(ada, {"note": "x"})])) == ["UncertainError"]
    with pytest.raises(TransientError):
        connector.read([ref(ada)])


@pytest.mark.parametrize(
    ("told_", "error"),
    [
        ({"m0_0": {"customer": {"id": "gid://shopify/Customer/1"}, "userErrors": []}}, None),
        ({"m0_0": {"customer": None, "userErrors": []}}, UncertainError),
        ({"m0_0": None}, UncertainError),
        ({}, UncertainError),
        ({"m0_0": {"customer": {"id": "x"}, "userErrors": [{"field": ["phone"], "message": "no"}]}}, RejectedError),
        ({"m0_0": {"customer": {"id": "x"}, "userErrors": None}}, UncertainError),
    ],
    ids=["proof", "no record", "null", "silence", "a refusal beside a record", "no word on errors"],
)
def test_success_is_a_record_and_an_empty_list_of_errors(
    shop: ShopifySimulator,
    connectors: Connect,
    at: System,
    monkeypatch: pytest.MonkeyPatch,
    told_: Mapping[str, Any],
    error: type[Exception] | None,
) -> None:
    (ada,) = people(at, 1)
    connector = connectors(shop)
    connector.fingerprint()
    plain = shop.answer

    def answer(request: Request) -> Reply:
        reply = plain(request)
        return Reply(200, {"data": told_}, reply.headers) if b"mutation Write" in request.body else reply

    monkeypatch.setattr(shop, "answer", answer)
    (result,) = connector.update([update(ada, {"note": "x"})])
    assert type(result).__name__ == ("Written" if error is None else error.__name__)


def test_data_beside_an_error_is_no_answer_to_a_read(
    shop: ShopifySimulator, connectors: Connect, spoiled: Spoil, at: System
) -> None:
    people(at, 2)
    connector = connectors(shop)
    connector.fingerprint()
    error = {"message": "timed out", "path": ["customers"], "extensions": {"code": "TIMEOUT"}}
    spoiled(lambda reply: Reply(200, {**reply.body, "errors": [error]}, reply.headers))
    with pytest.raises(TransientError, match="TIMEOUT"):
        told(connector)


def test_nothing_is_written_where_the_call_never_arrived(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    (ada,) = people(at, 1)
    connector = connectors(shop)
    connector.fingerprint()
    at.faults.force(Fault.LOST_BEFORE, "shop.update")
    assert sorts(connector.update([update(ada, {"note": "x"})])) == ["UncertainError"]
    assert now(at, ada)["note"] is None
