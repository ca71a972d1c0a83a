"""Who edits between a write and the look at it: Shopify does not say who did, so its answer to the write has to."""

from typing import Any

import pytest

from connectors.contract import Written
from connectors.shopify.simulator import ShopifySimulator
from connectors.testing.world import Fault, System
from tests.connectors.people import typing
from tests.connectors.shopify.hands import Connect, create, home, people, update

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
