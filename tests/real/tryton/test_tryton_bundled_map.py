"""The bundled book on the real server: what is written through the map is read back through it as the same values."""

from collections.abc import Iterator

import pytest

from connectors.contract import Create, Record, Update
from connectors.testing.contract_bench import proven
from connectors.tryton.connector import TrytonConnector
from connectors.tryton.server import TrytonServer
from mappings.book import Book
from mappings.loading.loader import load_book
from mappings.reading import reader_of
from mappings.values import Value, Values
from mappings.writing import writer_of
from sync_pipelines.demo.home import book_with
from tests.real.tryton.hands import a_connector

GERMAN: Values = {
    "name": "Nordwind Maschinenbau GmbH",
    "billing_address": {"street": "Hafenstraße 12", "city": "Bremen", "postal_code": "28195", "country": "DE"},
    "tax_id": "DE136695976",
    "phone": "+49421361560",
    "website": "nordwind.example",
    "payment_terms": "net30",
    "credit_limit@100": {"amount": "50000", "currency": "EUR"},
    "credit_limit@200": {"amount": "0", "currency": "CNY"},
}
CHINESE: Values = {
    "name": "上海远洋贸易有限公司",
    "billing_address": {"street": "南京西路1266号", "city": "上海", "postal_code": "200040", "country": "CN"},
    "tax_id": "91310000775785552L",
    "phone": "+862162882666",
    "payment_terms": "eom",
}
AMERICAN: Values = {
    "name": "Lakeside Tools, Inc.",
    "billing_address": {"street": "233 S Wacker Dr", "city": "Chicago", "postal_code": "60606", "country": "US"},
    "tax_id": "123456789",
    "phone": "+13128759447",
}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return load_book(book_with(tmp_path_factory.mktemp("book"), "tryton"))


@pytest.fixture(scope="module")
def erp(server: TrytonServer) -> Iterator[TrytonConnector]:
    connector = a_connector(server)
    yield connector
    connector.close()


def made(erp: TrytonConnector, book: Book, entity: str, values: Values, kind: str) -> Record:
    writing = writer_of(book, entity, "erp")(values, values, creating=True)
    assert (writing.faults, writing.gaps) == ((), ())
    return proven(erp.create([Create(f"map-{values['name']}", kind, writing.payload)])[0]).record


def read(book: Book, entity: str, record: Record) -> Values:
    reading = reader_of(book, entity, "erp")(record.payload)
    assert not reading.faults
    assert not reading.gaps
    return {name: _set_parts(value) for name, value in reading.values.items()}


def _set_parts(value: Value) -> Value:
    """Parts of an address that are not set may be told as null or not at all."""
    if isinstance(value, dict):
        return {name: _set_parts(part) for name, part in value.items() if part is not None}
    return [_set_parts(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("firm", [GERMAN, CHINESE, AMERICAN], ids=lambda firm: str(firm["name"]))
def test_an_account_comes_back_as_it_was_written(erp: TrytonConnector, book: Book, firm: Values) -> None:
    record = made(erp, book, "account", firm, "party")
    values = read(book, "account", record)
    assert {name: values.get(name) for name in firm} == firm
    assert values["customer_number"]


@pytest.mark.parametrize("firm", [GERMAN, CHINESE, AMERICAN], ids=lambda firm: str(firm["name"]))
def test_writing_what_was_read_changes_nothing(erp: TrytonConnector, book: Book, firm: Values) -> None:
    record = made(erp, book, "account", firm, "party")
    values = {name: value for name, value in read(book, "account", record).items() if name in firm}
    writing = writer_of(book, "account", "erp")(values, values)
    same = proven(erp.update([Update("u", record.ref, writing.payload, version=record.version)])[0])
    assert same.record == record


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Nordwind Anlagenbau SE"),
        ("tax_id", "FR40303265045"),
        ("phone", "+49421361561"),
        ("phone", None),
        ("website", None),
        ("payment_terms", None),
        ("payment_terms", "net60"),
        ("credit_limit@100", {"amount": "0.01", "currency": "EUR"}),
        ("credit_limit@200", None),
        ("billing_address", {"street": "Am Wall 1", "city": "Bremen", "postal_code": "28195", "country": "DE"}),
        ("tax_id", None),
    ],
)
def test_a_change_of_one_field_changes_that_field_only(
    erp: TrytonConnector, book: Book, field: str, value: Value
) -> None:
    record = made(erp, book, "account", GERMAN, "party")
    before = read(book, "account", record)
    writing = writer_of(book, "account", "erp")({field: value}, {**before, field: value})
    assert not writing.faults
    after = proven(erp.update([Update("u", record.ref, writing.payload, version=record.version)])[0]).record
    assert read(book, "account", after) == {**before, field: value}


def test_places_of_delivery_are_kept_apart_from_the_invoice_address(erp: TrytonConnector, book: Book) -> None:
    works: Value = {"city": "Kassel", "country": "DE", "postal_code": "34117", "street": "Werkstor 2"}
    yard: Value = {"city": "Erfurt", "country": "DE", "postal_code": "99084", "street": "Lager 1"}
    places: list[Value] = [{"code": "Werk", "address": works}, {"code": "Lager", "address": yard}]
    record = made(erp, book, "account", {**GERMAN, "ship_to": places}, "party")
    values = read(book, "account", record)
    assert values["ship_to"] == places or values["ship_to"] == places[::-1]
    assert values["billing_address"] == GERMAN["billing_address"]
    writing = writer_of(book, "account", "erp")({"ship_to": places[:1]}, values)
    after = proven(erp.update([Update("u", record.ref, writing.payload, version=record.version)])[0]).record
    assert read(book, "account", after) == {**values, "ship_to": places[:1]}


def test_a_contact_comes_back_as_it_was_written(erp: TrytonConnector, book: Book) -> None:
    firm = made(erp, book, "account", GERMAN, "party")
    person: Values = {
        "name": "Erika Mustermann",
        "email": "erika@nordwind.example",
        "mobile": "+4915112345678",
        "account": firm.ref.id,
    }
    values = read(book, "contact", made(erp, book, "contact", person, "contact"))
    assert {name: values.get(name) for name in person} == person
