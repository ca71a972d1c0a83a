"""Every document the connector sends is valid by the published schema, but for the few that are named as newer."""

import re
from pathlib import Path
from typing import Any

import pytest
from graphql import FieldNode, OperationDefinitionNode, build_schema, parse, validate

from connectors.contract import Archive, Create, Update, Written
from connectors.shopify.simulated import schema
from connectors.shopify.simulator import ShopifySimulator
from connectors.testing.world import System
from tests.connectors.shopify.conftest import Open
from tests.connectors.shopify.hands import Connect, create, home, people, ref, told, update

README = Path(schema.__file__).parent.parent / "README.md"
EVERYTHING: Any = {
    "Customer": (
        *("id", "firstName", "lastName", "email", "phone", "note", "tags", "taxExempt", "locale", "state"),
        *("defaultAddress.street", "defaultAddress.city", "defaultAddress.zip", "defaultAddress.countryCodeV2"),
        *("addresses.isDefault", "addresses.company", "addresses.street", "metafields.custom.tax_id"),
        *("outOfUse", "isBusiness", "businessId", "companyId", "companyContactProfiles.title"),
    ),
    "Company": (
        "name",
        "note",
        "isBusiness",
        "mainLocation.billingAddress.street",
        "mainLocation.taxSettings.taxRegistrationId",
    ),
}


def _everything(shop: ShopifySimulator, connectors: Connect, at: System) -> None:
    """Each call of the protocol, with and without bulk, and what only happens on the way."""
    homes = [home(n, company="A", city="B", countryCodeV2="DE") for n in range(5)]
    (ada, *_) = people(at, 3, addresses=homes, defaultAddressId=homes[0]["id"])
    connector = connectors(shop, fields=EVERYTHING, addresses=1)
    connector.fingerprint()
    connector.check()
    for kind in connector.kinds:
        connector.describe(kind)
        told(connector, kind=kind)
        list(connector.keys(kind))
        connector.find_created(kind, ["k1", "k2"])
    told(connectors(shop, fields=EVERYTHING, bulk_above=0))
    at.clock.advance(60)  # each connector has used points that the other did not know of
    made = connector.create([create("k1", email="a@example.com", defaultAddress={"city": "B"})])
    connector.create([create("k2", email="a@example.com")])
    (firm,) = connector.create([Create("k3", "Company", {"name": "A", "mainLocation": {"phone": "+49301234567"}})])
    assert isinstance(made[0], Written)
    assert isinstance(firm, Written)
    values = {
        "note": "x",
        "outOfUse": True,
        "metafields": {"custom": {"tax_id": None}},
        "addresses": {"[city=B]": None, "[city=C]": {"zip": "1"}},
        "defaultAddress": {"city": "D"},
    }
    assert isinstance(connector.update([update(ada, values)])[0], Written)
    connector.archive([Archive("k4", ref(ada))])
    connector.update([update(ada, {"outOfUse": False})])
    located = {"name": "L", "billingAddress": {"street": "S", "countryCode": "DE"}, "taxSettings": None}
    connector.update([Update("k5", firm.record.ref, {"note": "y", "mainLocation": located})])


@pytest.fixture
def sent(open_shop: Open, connectors: Connect, at: System) -> list[str]:
    shop = open_shop()
    _everything(shop, connectors, at)
    shop.shop.definitions.clear()
    connectors(shop).create([create("k9")])
    documents = [*shop.documents, *(one.query for one in shop.shop.operations)]
    return list(dict.fromkeys(documents))


def _roots(document: str) -> set[str]:
    operations = [one for one in parse(document).definitions if isinstance(one, OperationDefinitionNode)]
    fields = [one for each in operations for one in each.selection_set.selections]
    return {one.name.value for one in fields if isinstance(one, FieldNode)}


def test_every_document_is_valid_by_the_published_schema_but_those_named_as_newer(sent: list[str]) -> None:
    published, served = schema.published(), schema.served()
    wrong = {text: errors for text in sent if (errors := validate(served, parse(text)))}
    assert not wrong
    newer = [text for text in sent if validate(published, parse(text))]
    assert all(_roots(text) & set(schema.NEWER) for text in newer), "invalid for another reason than its age"
    assert set().union(*map(_roots, sent)) >= set(schema.NEWER), "named as newer, and never sent"
    assert len(sent) > 25


def test_what_is_newer_is_named_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert set(schema.NEWER) <= set(re.findall(r"`(\w+)`", text))


def test_a_document_that_the_schema_does_not_know_is_refused_by_the_simulator(
    shop: ShopifySimulator, connectors: Connect
) -> None:
    connector = connectors(shop)
    with pytest.raises(Exception, match="Cannot query field 'shoes'"):
        connector._client.ask("x", "query X { shoes }")


def test_the_shipped_schema_is_a_part_of_the_published_one_and_says_of_what() -> None:
    folder = Path(schema.__file__).parent
    assert "ISC License" in (folder / "LICENSE.schema").read_text(encoding="utf-8")
    assert "Shopify/dev-mcp" in (folder / "NOTICE.schema.md").read_text(encoding="utf-8")
    assert (
        validate(
            build_schema((folder / "schema_2025_01.graphql").read_text(encoding="utf-8")), parse("{ shop { id } }")
        )
        == []
    )
