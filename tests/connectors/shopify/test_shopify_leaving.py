"""Who edits between a write and the look at it: Shopify does not say who did, so its answer to the write has to."""

from typing import Any

import pytest

from connectors.contract import Update, Written
from connectors.errors import UncertainError
from connectors.shopify.simulator import Behaviour, ShopifySimulator
from connectors.testing.world import Fault, System
from tests.connectors.people import typing
from tests.connectors.shopify.conftest import Open
from tests.connectors.shopify.hands import Connect, create, home, people, ref, update

BERLIN = home(1, address1="Unter den Linden 1", address2="Hof", city="Berlin", zip="10117", countryCodeV2="DE")
ROME = home(2, company="Acme", city="Rom", zip="00100", countryCodeV2="FR")
_TAX_ID = {"namespace": "custom", "key": "tax_id", "value": "DE1"}


@pytest.fixture
def ada(at: System) -> str:
    (number,) = people(at, 1, addresses=[BERLIN, ROME], defaultAddressId=BERLIN["id"], tags=["vip"])
    return number


@pytest.mark.parametrize(
    ("ours", "theirs", "touched"),
    [
        ({"lastName": "Byron"}, {"lastName": "Lovelace"}, True),
        ({"lastName": "Byron"}, {"note": "calls on Mondays"}, False),  # nothing that we sent
        ({"defaultAddress": {"city": "Potsdam"}}, {"addresses": [{**BERLIN, "city": "Bonn"}, ROME]}, True),
        ({"defaultAddress": {"city": "Potsdam"}, "lastName": "Byron"}, {"lastName": "Lovelace"}, True),
        ({"defaultAddress": {"city": "Potsdam"}, "lastName": "Byron"}, {"addresses": [ROME, BERLIN]}, True),
        ({"outOfUse": True}, {"tags": ["vip"]}, True),
        ({"outOfUse": True, "lastName": "Byron"}, {"lastName": "Lovelace"}, True),
        ({"metafields": {"custom": {"tax_id": None}}}, {"metafields": [_TAX_ID]}, True),
        ({"metafields": {"custom": {"tax_id": "DE2"}}}, {"metafields": [_TAX_ID]}, True),
        ({"metafields": {"custom": {"tax_id": "DE2"}}, "lastName": "Byron"}, {"metafields": []}, True),
    ],
)
@pytest.mark.parametrize("edited", [False, True])
def test_an_edit_between_a_write_and_the_look_at_it_is_told_as_such(
    shop: ShopifySimulator,
    connectors: Connect,
    at: System,
    ada: str,
    ours: Any,
    theirs: Any,
    *,
    touched: bool,
    edited: bool,
) -> None:
    shop.shop.define("custom", "tax_id", type_="single_line_text_field", unique=False)
    at.update("Customer", ada, {"metafields": [{**_TAX_ID, "value": "DE9"}]}, by="user:anna")
    at.meanwhile = typing(at, theirs)
    connector = connectors(
        shop, fields={"Customer": ("lastName", "outOfUse", "defaultAddress.city", "metafields.custom.tax_id")}
    )
    looks = 1 if "defaultAddress" in ours else 0  # the first one comes before the write
    if edited:
        at.faults.force(Fault.EDITED_BETWEEN, f"shop.update:Customer/{ada}", nth=looks)
    (result,) = connector.update([update(ada, ours)])
    assert isinstance(result, Written), result
    assert result.touched is (edited and touched)


@pytest.mark.parametrize("edited", [False, True])
def test_an_edit_between_a_create_and_the_look_at_it_is_told_as_such(
    shop: ShopifySimulator, connectors: Connect, at: System, *, edited: bool
) -> None:
    (before,) = people(at, 1)
    made = str(int(before) + 1)
    at.meanwhile = typing(at, {"addresses": []})
    if edited:
        at.faults.force(Fault.EDITED_BETWEEN, f"shop.update:Customer/{made}")
    (result,) = connectors(shop).create([create("ada", defaultAddress={"city": "Bonn", "countryCodeV2": "DE"})])
    assert isinstance(result, Written), result
    assert result.touched is edited, result.record


_ALL = (
    "lastName",
    "outOfUse",
    "defaultAddress.city",
    "defaultAddress.zip",
    "addresses.city",
    "addresses.company",
    "tags",
)


@pytest.mark.parametrize(
    "ours",
    [
        {"defaultAddress": {"city": "Berlin"}},  # it is so already
        {"defaultAddress": {"city": "Berlin"}, "addresses": {"[company=Acme]": {"city": "Mailand"}}},
        {"defaultAddress": {"city": "Potsdam"}, "addresses": {"[company=Acme]": {"city": "Mailand"}}},
        {"defaultAddress": None, "addresses": {"[company=Acme]": {"city": "Mailand"}}},
        {"defaultAddress": None},
        {"defaultAddress": {"city": None, "zip": None}},
        {"addresses": {"[company=Acme]": None}, "defaultAddress": {"city": "Potsdam"}},
        {"tags": ["b", "a"], "outOfUse": True},
        {"tags": ["out-of-use", "a"], "outOfUse": False},
    ],
    ids=str,
)
def test_where_nobody_edits_nobody_is_told_of(shop: ShopifySimulator, connectors: Connect, ada: str, ours: Any) -> None:
    (result,) = connectors(shop, fields={"Customer": _ALL}).update([update(ada, ours)])
    assert isinstance(result, Written), result
    assert not result.touched, result.record.payload


@pytest.mark.parametrize("ours", [{}, {"addresses": {"[company=Acme]": {"city": "Mailand"}}}], ids=str)
def test_an_edit_of_what_was_already_so_is_told(
    shop: ShopifySimulator, connectors: Connect, at: System, ada: str, ours: Any
) -> None:
    at.meanwhile = typing(at, {"addresses": [{**BERLIN, "city": "Bonn"}, ROME]})
    at.faults.force(Fault.EDITED_BETWEEN, f"shop.update:Customer/{ada}", nth=1)
    values = {"defaultAddress": {"city": "Berlin"}, **ours}
    (result,) = connectors(shop, fields={"Customer": _ALL}).update([update(ada, values)])
    assert isinstance(result, Written), result
    assert result.touched


def test_an_edit_of_a_company_between_a_write_and_the_look_at_it_is_told_as_such(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    number = at.create("Company", {"name": "Acme", "note": "x", "locations": []}, by="user:anna").id
    connector = connectors(shop, fields={"Company": ("name", "note")})
    written = [connector.update([Update("k", ref(number, "Company"), {"note": note})])[0] for note in ("y",)]
    at.meanwhile = typing(at, {"note": "typed"})
    at.faults.force(Fault.EDITED_BETWEEN, f"shop.update:Company/{number}")
    written += connector.update([Update("k", ref(number, "Company"), {"note": "z"})])
    assert [isinstance(one, Written) and one.touched for one in written] == [False, True]


@pytest.mark.parametrize(("hidden", "values"), [("tags", {"outOfUse": True}), ("updatedAt", {"lastName": "Byron"})])
def test_what_was_done_and_cannot_be_told_is_uncertain_and_not_refused(
    shop: ShopifySimulator, connectors: Connect, ada: str, hidden: str, values: Any
) -> None:
    connector = connectors(shop, fields={"Customer": ("lastName", "outOfUse")})
    shop.shop.hidden = {f"Customer.{hidden}"}
    (result,) = connector.update([update(ada, values)])
    assert isinstance(result, UncertainError), result


def test_what_is_asked_back_is_paid_for_before_it_is_asked(open_shop: Open, connectors: Connect, at: System) -> None:
    shop = open_shop(behaviour=Behaviour(points=700.0, rate=100.0))
    shop.shop.define("custom", "tax_id", type_="single_line_text_field", unique=False)
    connector = connectors(shop, fields={"Customer": ("note", "metafields.custom.tax_id", "defaultAddress.city")})
    ids = people(at, 20)
    for n in range(10):
        values: Any = {"metafields": {"custom": {"tax_id": f"t{n}"}}} if n % 2 else {"note": f"n{n}"}
        assert {type(one) for one in connector.update([update(one, values) for one in ids])} == {Written}
    assert shop.throttled == 0
