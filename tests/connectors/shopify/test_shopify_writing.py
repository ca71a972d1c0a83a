"""Writes: what is sent, what comes back, and what stays as it was."""

from typing import Any

import pytest

from connectors.contract import Archive, Create, Update, Written
from connectors.errors import MisconfiguredError, RejectedError, StaleError, UncertainError
from connectors.shopify.simulator import Behaviour, ShopifySimulator
from connectors.testing.world import Fault, System
from tests.connectors.shopify.benches import WITH_CHILDREN
from tests.connectors.shopify.conftest import Open
from tests.connectors.shopify.hands import Connect, create, home, now, people, ref, sorts, update

BERLIN = home(1, address1="Unter den Linden 1", address2="Hof", city="Berlin", zip="10117", countryCodeV2="DE")
ROME = home(2, company="Acme", city="Rom", zip="00100", countryCodeV2="FR")


@pytest.fixture
def ada(at: System) -> str:
    (number,) = people(at, 1, addresses=[BERLIN, ROME], defaultAddressId=BERLIN["id"], tags=["vip"])
    return number


# --- addresses --------------------------------------------------------------------------------------------------------


def test_updating_one_address_leaves_the_other_and_its_own_other_parts(
    shop: ShopifySimulator, connectors: Connect, at: System, ada: str
) -> None:
    (result,) = connectors(shop).update([update(ada, {"defaultAddress": {"city": "Potsdam"}})])
    assert isinstance(result, Written)
    assert now(at, ada)["addresses"] == [{**BERLIN, "city": "Potsdam"}, ROME]
    assert now(at, ada)["defaultAddressId"] == BERLIN["id"]


def test_emptying_one_part_of_an_address_leaves_all_its_others(
    shop: ShopifySimulator, connectors: Connect, at: System, ada: str
) -> None:
    (result,) = connectors(shop).update([update(ada, {"defaultAddress": {"zip": None}})])
    assert isinstance(result, Written), result
    emptied = {name: value for name, value in BERLIN.items() if name != "zip"}
    assert now(at, ada)["addresses"] == [emptied, ROME]


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ({"[company=Acme]": {"city": "Mailand"}}, [BERLIN, {**ROME, "city": "Mailand"}]),
        ({"[company=Acme]": None}, [BERLIN]),
        ({"[company=Acme]": {"city": None, "zip": None}}, [BERLIN]),
        ({"[city=Berlin|Bonn]": {"zip": "1"}}, [{**BERLIN, "zip": "1"}, ROME]),
        ({"[isDefault=true]": {"zip": "1"}}, [{**BERLIN, "zip": "1"}, ROME]),
        ({"[company=Acme]": []}, [BERLIN]),
        ([{"city": "Rom", "zip": "00100", "company": "Acme AG"}], [{**ROME, "company": "Acme AG"}]),
        ([{"id": BERLIN["id"], "city": "Bonn"}, {"id": ROME["id"]}], [{**BERLIN, "city": "Bonn"}, ROME]),
        (None, []),
    ],
    ids=[
        "the element that is meant",
        "null takes it away",
        "nulls alone take it away",
        "either value",
        "the default one",
        "an empty list behind a selector",
        "who is alike is the same one",
        "by id",
        "null takes all away",
    ],
)
def test_a_list_of_addresses_is_entered_through_selectors(
    shop: ShopifySimulator, connectors: Connect, at: System, ada: str, wanted: Any, left: Any
) -> None:
    connector = connectors(shop, fields=WITH_CHILDREN)
    (result,) = connector.update([update(ada, {"addresses": wanted})])
    assert isinstance(result, Written), result
    assert now(at, ada)["addresses"] == left


def test_an_address_that_matches_none_is_made_with_what_the_selector_says(
    shop: ShopifySimulator, connectors: Connect, at: System, ada: str
) -> None:
    wanted = {"[company=Emca]": {"city": "Bonn", "countryCodeV2": "DE"}}
    connectors(shop, fields=WITH_CHILDREN).update([update(ada, {"addresses": wanted})])
    *before, made = now(at, ada)["addresses"]
    assert before == [BERLIN, ROME]
    assert {**made, "id": ""} == {"id": "", "company": "Emca", "city": "Bonn", "countryCodeV2": "DE"}


def test_the_first_address_of_a_customer_becomes_the_default(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    (ben,) = people(at, 1)
    connectors(shop).update([update(ben, {"defaultAddress": {"city": "Bonn", "street": "Markt 1\nEG\nlinks"}})])
    (made,) = now(at, ben)["addresses"]
    assert now(at, ben)["defaultAddressId"] == made["id"]
    assert (made["address1"], made["address2"]) == ("Markt 1", "EG, links")


def test_a_street_is_read_as_its_two_lines(shop: ShopifySimulator, connectors: Connect, ada: str) -> None:
    connector = connectors(shop, fields={"Customer": ("defaultAddress.street", "addresses.street")})
    payload = connector.read([ref(ada)])[ref(ada)].payload
    assert payload["defaultAddress"] == {"street": "Unter den Linden 1\nHof"}
    assert [one["street"] for one in payload["addresses"]] == ["Unter den Linden 1\nHof", None]


def test_an_address_that_is_as_wanted_already_is_not_sent(
    shop: ShopifySimulator, connectors: Connect, at: System, ada: str
) -> None:
    (result,) = connectors(shop).update([update(ada, {"defaultAddress": {"city": "Berlin"}})])
    assert isinstance(result, Written)
    assert at.written() == []


def test_a_customer_is_made_with_all_addresses_and_metafields_at_once(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    values = {
        "addresses": {"[company=Acme]": {"city": "Rom"}},
        "defaultAddress": {"city": "Berlin", "zip": None},
        "metafields": {"custom": {"tax_id": "DE136695976", "hobby": None}},
        "outOfUse": True,
    }
    (result,) = connectors(shop, fields=WITH_CHILDREN).create([create("k1", **values)])
    assert isinstance(result, Written)
    held = now(at, result.record.ref.id)
    assert [one["city"] for one in held["addresses"]] == ["Berlin", "Rom"]
    assert held["defaultAddressId"] == held["addresses"][0]["id"]
    assert held["tags"] == ["out-of-use"]
    assert result.record.payload["metafields"] == {"custom": {"tax_id": "DE136695976"}}
    assert len(at.written()) == 1


# --- metafields and tags ----------------------------------------------------------------------------------------------


def test_a_metafield_is_set_and_taken_away_and_the_others_stay(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    kept = [{"namespace": "custom", "key": name, "value": name} for name in ("tax_id", "shoe")]
    (ada,) = people(at, 1, metafields=kept)
    shop.shop.define("custom", "new", type_="single_line_text_field", unique=False)
    connector = connectors(shop, fields={"Customer": ("metafields.custom.tax_id", "metafields.custom.new")})
    connector.update([update(ada, {"metafields": {"custom": {"tax_id": None, "new": "1"}}})])
    assert {one["key"]: one["value"] for one in now(at, ada)["metafields"]} == {"shoe": "shoe", "new": "1"}
    payload = connector.read([ref(ada)])[ref(ada)].payload
    assert payload["metafields"] == {"custom": {"new": "1", "tax_id": None}}


def test_who_is_taken_out_of_use_keeps_all_other_tags(
    shop: ShopifySimulator, connectors: Connect, at: System, ada: str
) -> None:
    connector = connectors(shop)
    (result,) = connector.archive([Archive("k", ref(ada))])
    assert isinstance(result, Written)
    assert now(at, ada)["tags"] == ["out-of-use", "vip"]
    connector.update([update(ada, {"outOfUse": False})])
    assert now(at, ada)["tags"] == ["vip"]


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_an_email_that_is_taken_is_refused_with_its_field_and_its_holder(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    (holder,) = people(at, 1, email="ada@example.com")
    bad, good = connectors(shop).create([create("k1", email="ada@example.com"), create("k2", email="b@example.com")])
    assert isinstance(bad, RejectedError)
    assert (bad.field, bad.code, bad.candidates) == ("email", "TAKEN", (holder,))
    assert "already been taken" in str(bad)
    assert isinstance(good, Written)


def test_a_key_that_is_taken_makes_no_second_customer(shop: ShopifySimulator, connectors: Connect, at: System) -> None:
    connector = connectors(shop)
    connector.create([create("k1")])
    (second,) = connector.create([create("k1")])
    assert isinstance(second, RejectedError)
    assert second.code == "TAKEN"
    assert len(at.living("Customer")) == 1


def test_a_value_that_spoils_the_whole_call_is_found_and_the_others_go_through_once(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    batch = [create(f"k{n}", defaultAddress={"countryCodeV2": "DE" if n != 2 else "Utopia"}) for n in range(4)]
    results = connectors(shop).create(batch)
    assert sorts(results) == ["Written", "Written", "RejectedError", "Written"]
    assert isinstance(results[2], RejectedError)
    assert results[2].field == "addresses.countryCode"
    assert len(at.living("Customer")) == 3


def test_a_batch_that_costs_too_much_is_sent_in_smaller_ones(open_shop: Open, connectors: Connect, at: System) -> None:
    shop = open_shop(behaviour=Behaviour(most_points=25))
    results = connectors(shop).create([create(f"k{n}") for n in range(5)])
    assert sorts(results) == ["Written"] * 5
    assert len(at.written()) == 5


@pytest.mark.parametrize("name", ["isBusiness", "businessId", "companyId", "id"])
def test_what_is_computed_cannot_be_written(shop: ShopifySimulator, connectors: Connect, ada: str, name: str) -> None:
    (result,) = connectors(shop).update([update(ada, {name: "7"})])
    assert isinstance(result, RejectedError)
    assert result.field == name


def test_a_customer_who_went_away_is_stale_and_not_rejected(
    shop: ShopifySimulator, connectors: Connect, at: System, ada: str
) -> None:
    at.delete("Customer", ada, by="user:anna")
    (result,) = connectors(shop).update([update(ada, {"note": "x"})])
    assert isinstance(result, StaleError)


# --- what was expected ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"note": "ours"}, {"note": "theirs"}),
        ({"defaultAddress": {"city": "Bonn"}}, {"defaultAddress": {"city": "Hamburg"}}),
        ({"addresses": {"[company=Acme]": {"city": "Bonn"}}}, {"addresses": {"[company=Acme]": {"city": "Turin"}}}),
        ({"addresses": {"[company=X]": {"city": "Bonn"}}}, {"addresses": {"[company=X]": {"city": "Turin"}}}),
        ({"metafields": {"custom": {"tax_id": "1"}}}, {"metafields": {"custom": {"tax_id": "2"}}}),
    ],
    ids=["a field", "a part of an address", "an element of the list", "an element that is gone", "a metafield"],
)
def test_what_is_no_longer_as_expected_is_stale_and_nothing_is_sent(
    shop: ShopifySimulator, connectors: Connect, at: System, ada: str, values: Any, expected: Any
) -> None:
    (result,) = connectors(shop, fields=WITH_CHILDREN).update([update(ada, values, expected)])
    assert isinstance(result, StaleError), result
    assert at.written() == []


def test_what_is_as_expected_is_sent(shop: ShopifySimulator, connectors: Connect, at: System, ada: str) -> None:
    expected = {"defaultAddress": {"city": "Berlin"}, "addresses": {"[company=Acme]": {"city": "Rom"}}, "note": None}
    (result,) = connectors(shop).update([update(ada, {"note": "ours"}, expected)])
    assert isinstance(result, Written), result
    assert now(at, ada)["note"] == "ours"


# --- nobody knows -----------------------------------------------------------------------------------------------------


def test_a_part_that_is_done_beside_one_that_is_refused_is_uncertain(
    shop: ShopifySimulator, connectors: Connect, at: System, ada: str
) -> None:
    values = {"note": "done", "defaultAddress": {"zip": "refused"}}
    (result,) = connectors(shop).update([update(ada, values)])
    assert isinstance(result, UncertainError)
    assert result.code == "partly"
    assert now(at, ada)["note"] == "done"


def test_a_refusal_of_all_parts_is_a_refusal(shop: ShopifySimulator, connectors: Connect, ada: str) -> None:
    values = {"email": "no address", "defaultAddress": {"zip": "refused"}}
    (result,) = connectors(shop).update([update(ada, values)])
    assert isinstance(result, RejectedError)
    assert result.field == "zip"


def test_an_internal_error_in_one_item_leaves_that_one_open_and_spoils_no_other(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    at.faults.force(Fault.PARTIAL_BATCH, "shop.create:Customer/k1")
    results = connectors(shop).create([create("k0"), create("k1"), create("k2")])
    assert sorts(results) == ["Written", "UncertainError", "Written"]


@pytest.mark.parametrize("fault", [Fault.LOST_MIDWAY, Fault.LOST_AFTER, Fault.GATEWAY_AFTER, Fault.BODY_ERROR])
def test_a_batch_without_an_answer_is_uncertain_and_each_is_found_by_its_key_if_it_is_there(
    shop: ShopifySimulator, connectors: Connect, at: System, fault: Fault
) -> None:
    connector = connectors(shop)
    at.faults.force(fault, "shop.create")
    keys = [f"k{n}" for n in range(4)]
    results = connector.create([create(key) for key in keys])
    assert sorts(results) == ["UncertainError"] * 4
    there = [row.values["concordatKey"] for row in at.living("Customer")]
    assert sorted(connector.find_created("Customer", keys)) == sorted(there)
    assert len(at.written()) == len(there)


def test_a_record_that_cannot_be_read_back_is_uncertain(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    for nth in range(8):
        at.faults.force(Fault.SERVER_ERROR, "shop.read", nth=nth)
    (result,) = connectors(shop).create([create("k1")])
    assert isinstance(result, UncertainError)
    assert result.code == "unproven"


# --- our key ----------------------------------------------------------------------------------------------------------


def test_the_definition_of_our_key_is_made_before_the_first_customer(
    shop: ShopifySimulator, connectors: Connect
) -> None:
    shop.shop.definitions.clear()
    connector = connectors(shop)
    assert connector.find_created("Customer", ["k1"]) == {}
    assert sorts(connector.create([create("k1")])) == ["Written"]
    (made,) = shop.shop.definitions
    assert (made["type"], made["unique"]) == ("id", True)
    assert set(connector.find_created("Customer", ["k1"])) == {"k1"}


def test_a_key_that_would_not_be_unique_stops_before_anything_is_sent(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    shop.shop.definitions.clear()
    shop.shop.define(type_="single_line_text_field", unique=False)
    with pytest.raises(MisconfiguredError, match=r"concordat\.key is no metafield of type id"):
        connectors(shop).create([create("k1")])
    assert at.written() == []


def test_the_key_is_found_at_once_though_the_search_lags(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    at.faults.force(Fault.SEARCH_LAG, "shop.index")
    connector = connectors(shop)
    connector.create([create("k1")])
    assert set(connector.find_created("Customer", ["k1", "k2"])) == {"k1"}


# --- companies --------------------------------------------------------------------------------------------------------

TAX = {"taxRegistrationId": "DE136695976"}


def test_a_company_is_made_with_its_first_location(shop: ShopifySimulator, connectors: Connect, at: System) -> None:
    located = {"billingAddress": {"street": "Markt 1", "city": "Bonn", "countryCode": "DE"}, "taxSettings": TAX}
    values = {"name": "Acme GmbH", "mainLocation": located}
    (result,) = connectors(shop).create([Create("k1", "Company", values)])
    assert isinstance(result, Written), result
    (location,) = now(at, result.record.ref.id, "Company")["locations"]
    assert location["billingAddress"]["address1"] == "Markt 1"
    assert result.record.key == "k1"
    assert result.record.payload["mainLocation"]["taxSettings"] == TAX


def test_a_change_at_a_location_keeps_the_rest_of_its_address(
    shop: ShopifySimulator, connectors: Connect, at: System
) -> None:
    connector = connectors(shop)
    address = {"address1": "Markt 1", "city": "Bonn", "zip": "53111", "countryCode": "DE"}
    values = {"name": "Acme GmbH", "mainLocation": {"billingAddress": address}}
    (made,) = connector.create([Create("k1", "Company", values)])
    assert isinstance(made, Written)
    change = {"name": "Acme AG", "mainLocation": {"billingAddress": {"city": "Köln"}, "taxSettings": TAX}}
    (result,) = connector.update([Update("k2", made.record.ref, change)])
    assert isinstance(result, Written), result
    (location,) = now(at, made.record.ref.id, "Company")["locations"]
    assert {**location["billingAddress"], "id": ""} == {"id": "", **address, "city": "Köln"}
    assert location["taxSettings"]["taxRegistrationId"] == "DE136695976"
    assert now(at, made.record.ref.id, "Company")["name"] == "Acme AG"


def test_a_company_cannot_be_taken_out_of_use(shop: ShopifySimulator, connectors: Connect) -> None:
    with pytest.raises(MisconfiguredError, match="no way to take a Company out of use"):
        connectors(shop).archive([Archive("k", ref("1", "Company"))])


def test_kinds_in_one_batch_keep_the_order_of_their_results(shop: ShopifySimulator, connectors: Connect) -> None:
    batch = [create("k1"), Create("k2", "Company", {"name": "Acme"}), create("k3")]
    results = connectors(shop).create(batch)
    assert [result.record.ref.kind for result in results if isinstance(result, Written)] == [
        "Customer",
        "Company",
        "Customer",
    ]


def test_a_metafield_that_nobody_defined_is_refused_and_found_by_the_doctor(
    shop: ShopifySimulator, connectors: Connect, ada: str
) -> None:
    connector = connectors(shop, fields={"Customer": ("metafields.custom.shoe", "metafields.custom.tax_id")})
    (result,) = connector.update([update(ada, {"metafields": {"custom": {"shoe": "42"}}})])
    assert isinstance(result, RejectedError)
    assert result.field == "metafields.type"
    (ill,) = [finding for finding in connector.check() if not finding.ok]
    assert (ill.about, ill.says) == ("Customer metafields", "not defined: custom.shoe")
