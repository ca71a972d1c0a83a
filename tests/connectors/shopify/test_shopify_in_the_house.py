"""The bundled maps, in the real engine: a shop beside a CRM, both over HTTP."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from connectors.salesforce.simulated.metadata import standard_kinds as crm_kinds
from connectors.salesforce.simulated.tokens import App as CrmApp
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.shopify.simulator import App, ShopifySimulator, standard_kinds
from connectors.testing.world import World
from mappings.book import Book
from mappings.loading import load_book
from sync_pipelines.applying.seams import Seams
from sync_pipelines.flow.run import House
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.settings import BUNDLED_BOOK, fields_of
from tests.connectors.salesforce import benches as crm_benches
from tests.connectors.shopify import benches

SYSTEMS = """
systems:
  crm: {role: crm, connector: salesforce, write: on, scopes: ["100"], may_be_empty: [Account, Contact, User],
        calendar: {time_zone: Europe/Berlin}}
  shop: {role: shop, connector: shopify, write: on, calendar: {time_zone: Europe/Berlin}}
roles: [erp, service]
guards: {creates: 1.0, updates: 1.0, blanks: 1.0, archives: 1.0, at_least: 100}
"""
# For whom only the shop knows, it may speak.
CONTACTS = {
    "name:            {decides: [crm, erp]": "name:            {decides: [crm, erp, shop]",
    "email:           {decides: [crm, erp]": "email:           {decides: [crm, erp, shop]",
    "account:         {decides: [crm, erp]": "account:         {decides: [crm, erp, shop]",
}
BERLIN = {"address1": "Unter den Linden 1", "address2": "Hof", "city": "Berlin", "zip": "10117", "countryCodeV2": "DE"}


OF_COMPANIES = "map: shopify_b2b, options: {companies: true}, "


@pytest.fixture(params=[""])
def book(tmp_path: Path, request: pytest.FixtureRequest) -> Book:
    """The bundled one with a CRM and a shop."""
    for source in BUNDLED_BOOK.rglob("*"):
        if source.suffix in {".yaml", ".csv"} and source.parent != BUNDLED_BOOK:
            place = tmp_path / source.relative_to(BUNDLED_BOOK)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "systems.yaml").write_text(
        SYSTEMS.replace("connector: shopify, ", f"connector: shopify, {request.param}"), encoding="utf-8"
    )
    ownership = tmp_path / "contact" / "ownership.yaml"
    text = ownership.read_text(encoding="utf-8")
    for before, after in CONTACTS.items():
        text = text.replace(before, after)
    ownership.write_text(text, encoding="utf-8")
    return load_book(tmp_path)


class Town:
    """A CRM, a shop and the house between them."""

    def __init__(self, book: Book, crm: SalesforceSimulator, shop: ShopifySimulator) -> None:
        self.crm, self.shop = crm.system, shop.system
        self.clock = crm.system.clock
        numbers = count(1)
        connectors: Any = {
            "crm": crm_benches.connect(crm, page_size=200, fields=fields_of(book, "crm")),
            "shop": benches.connect(shop, page_size=50, companies=True, fields=fields_of(book, "shop")),
        }
        self.connectors = connectors
        seams = Seams(self.clock.now, lambda: f"id{next(numbers):06d}")
        self.house = House(book, MemoryLedger(), connectors, seams)

    def run(self) -> None:
        for entity in ("user", "account", "contact"):
            if entity in self.house.book.entities:
                self.clock.advance(400)
                self.house.run(entity)

    def buyer(self, **values: Any) -> str:
        home = {"id": "gid://shopify/MailingAddress/1?model_name=CustomerAddress", **BERLIN, **values.pop("home", {})}
        whole = {"firstName": "Ada", "lastName": "Lovelace", "email": "ada@acme.example", "addresses": [home]}
        return self.shop.create("Customer", {**whole, "defaultAddressId": home["id"], **values}, by="user:buyer").id


@pytest.fixture
def town(book: Book, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setenv("CONCORDAT_CRM_CLIENT_SECRET", CrmApp().client_secret)
    monkeypatch.setenv("CONCORDAT_SHOP_CLIENT_SECRET", App().client_secret)
    world = World(seed=7)
    crm = SalesforceSimulator(world.add("crm", *crm_kinds()))
    shop = ShopifySimulator(world.add("shop", *standard_kinds()))
    with crm, shop:
        made = Town(book, crm, shop)
        yield made
        for one in made.connectors.values():
            one.close()


def test_one_customer_lands_as_a_claim_of_an_account_and_of_a_contact(town: Town) -> None:
    customer = town.buyer(home={"company": "Acme GmbH", "phone": "+49301234567"}, phone="+491701234567")
    town.run()
    town.run()
    (account,), (contact,) = town.crm.living("Account"), town.crm.living("Contact")
    assert account.values["Name"] == "Acme GmbH"
    assert account.values["BillingStreet"] == "Unter den Linden 1\nHof"
    assert account.values["Phone"] == "+49 30 1234567"
    assert (contact.values["FirstName"], contact.values["LastName"]) == ("Ada", "Lovelace")
    assert contact.values["AccountId"] == account.id
    ledger = town.house.ledger
    for entity in ("account", "contact"):
        (one,) = ledger.entity_ids(entity)
        refs = sorted(str(coupling.ref) for coupling in ledger.couplings_of(entity, [one])[one])
        assert f"shop/Customer/{customer}" in refs


def test_a_private_person_is_a_contact_and_no_account(town: Town) -> None:
    town.buyer()
    town.run()
    assert len(town.house.ledger.entity_ids("contact")) == 1
    assert list(town.house.ledger.entity_ids("account")) == []
    assert town.crm.living("Account") == []


def test_an_agreed_house_comes_to_rest(town: Town) -> None:
    town.buyer(home={"company": "Acme GmbH"})
    for _ in range(3):
        town.run()
    before = len(town.crm.written()) + len(town.shop.written())
    town.run()
    assert len(town.crm.written()) + len(town.shop.written()) == before


def test_what_the_crm_decides_reaches_the_shop_and_leaves_the_other_address_alone(town: Town) -> None:
    other = {"id": "gid://shopify/MailingAddress/2?model_name=CustomerAddress", "city": "Rom", "company": "Acme"}
    customer = town.buyer(home={"company": "Acme GmbH"})
    held = town.shop.read("Customer", customer)
    assert held is not None
    town.shop.update("Customer", customer, {"addresses": [*held.values["addresses"], other]}, by="user:buyer")
    town.run()
    town.run()
    (account,) = town.crm.living("Account")
    town.crm.update("Account", account.id, {"BillingCity": "Potsdam", "Name": "Acme AG"}, by="user:anna")
    town.run()
    row = town.shop.read("Customer", customer)
    assert row is not None
    home, left = row.values["addresses"]
    assert (home["city"], home["company"], home["address1"]) == ("Potsdam", "Acme AG", "Unter den Linden 1")
    assert left == other


@pytest.mark.parametrize("book", [OF_COMPANIES], indirect=True)
def test_a_company_is_the_account_and_its_buyer_the_contact(town: Town) -> None:
    address = {"address1": "Markt 1", "city": "Bonn", "zip": "53111", "countryCode": "DE"}
    located = {
        "id": "gid://shopify/CompanyLocation/5",
        "name": "Bonn",
        "phone": "+49228123456",
        "billingAddress": address,
    }
    firm = town.shop.create("Company", {"name": "Acme GmbH", "locations": [located]}, by="user:anna").id
    town.buyer(companies=[{"company": firm, "main": True}], home={"company": "nobody's business"})
    town.run()
    town.run()
    (account,), (contact,) = town.crm.living("Account"), town.crm.living("Contact")
    assert (account.values["Name"], account.values["BillingStreet"]) == ("Acme GmbH", "Markt 1")
    assert contact.values["AccountId"] == account.id
    town.crm.update("Account", account.id, {"Name": "Acme AG", "BillingCity": "Köln"}, by="user:anna")
    town.run()
    row = town.shop.read("Company", firm)
    assert row is not None
    assert row.values["name"] == "Acme AG"
    (changed,) = row.values["locations"]
    assert {**changed["billingAddress"], "id": ""} == {**address, "city": "Köln", "id": ""}
    before = len(town.shop.written())
    town.run()
    assert len(town.shop.written()) == before


def test_who_names_a_company_later_becomes_an_account_then(town: Town) -> None:
    customer = town.buyer()
    town.run()
    row = town.shop.read("Customer", customer)
    assert row is not None
    (home,) = row.values["addresses"]
    town.shop.update("Customer", customer, {"addresses": [{**home, "company": "Acme"}]}, by="user:buyer")
    town.run()
    town.run()
    (account,), (contact,) = town.crm.living("Account"), town.crm.living("Contact")
    assert account.values["Name"] == "Acme"
    assert contact.values["AccountId"] == account.id
