"""The bundled maps on the simulated data centre: what is written by them comes back by them as it was meant."""

import shutil
from collections.abc import Mapping
from typing import Any

import pytest

from connectors.contract import Create, Update
from connectors.kingdee.connector import KingdeeConnector
from connectors.kingdee.simulator import KingdeeSimulator
from connectors.testing.contract_bench import proven
from connectors.testing.world import System
from mappings.book import Book
from mappings.loading import BUNDLED, load_book
from mappings.paths import like
from mappings.reading import paths, reader_of
from mappings.writing import writer_of
from tests.connectors.kingdee.hands import Connect, customers, now

ACME: Mapping[str, Any] = {
    "name": "上海晨光精密机械有限公司",
    "tax_id": "91110000600037341L",
    "billing_address": {
        "street": "南京东路 1 号",
        "city": "上海",
        "postal_code": "200001",
        "region": None,
        "country": "CN",
    },
    "phone": "+862161234567",
    "website": "chenguang.example",
    "payment_terms": "net30",
    "credit_limit@100": {"amount": "1500.5", "currency": "EUR"},
    "credit_limit@200": {"amount": "90000", "currency": "CNY"},
    "ship_to": [
        {
            "code": code,
            "address": {"street": street, "city": "上海", "postal_code": "200001", "region": None, "country": "CN"},
        }
        for code, street in (("A", "一号路"), ("B", "二号路"))
    ],
}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The bundled book, with Kingdee as its ERP."""
    place = tmp_path_factory.mktemp("book") / "book"
    shutil.copytree(BUNDLED, place, ignore=shutil.ignore_patterns("*.py", "__pycache__", "loading"))
    systems = place / "systems.yaml"
    written = systems.read_text(encoding="utf-8").replace("connector: tryton", "connector: kingdee")
    systems.write_text(written, encoding="utf-8")
    return load_book(place)


@pytest.fixture
def mapped(book: Book, centre: KingdeeSimulator, connectors: Connect) -> KingdeeConnector:
    maps = [spec.maps["erp"] for spec in book.entities.values()]
    return connectors(centre, fields={one.kind: paths(one) for one in maps})


def account(book: Book, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    reading = reader_of(book, "account", "erp")(payload)
    assert (reading.gaps, reading.faults) == ((), ())
    return reading.values


def test_an_account_comes_back_as_it_was_written(book: Book, mapped: KingdeeConnector) -> None:
    writing = writer_of(book, "account", "erp")(ACME, creating=True)
    assert (writing.gaps, writing.faults) == ((), ())
    record = proven(mapped.create([Create("acme", "BD_Customer", writing.payload)])[0]).record
    values = account(book, record.payload)
    assert {key: values[key] for key in ACME} == ACME
    assert (values["customer_number"], values["account_type"]) == ("CUST0001", "customer")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", None),
        ("payment_terms", "eom"),
        ("credit_limit@200", {"amount": "0", "currency": "CNY"}),
        ("billing_address", {**ACME["billing_address"], "country": "DE", "region": "DE-BY"}),
        ("ship_to", [{**ACME["ship_to"][1], "address": {**ACME["ship_to"][1]["address"], "street": "三号路"}}]),
    ],
)
def test_one_field_is_changed_and_no_other(field: str, value: Any, book: Book, mapped: KingdeeConnector) -> None:
    write = writer_of(book, "account", "erp")
    made = proven(mapped.create([Create("acme", "BD_Customer", write(ACME, creating=True).payload)])[0]).record
    before = account(book, made.payload)
    writing = write({field: value}, {**before, field: value})
    item = Update("k", made.ref, writing.payload, like(made.payload, writing.payload))
    after = account(book, proven(mapped.update([item])[0]).record.payload)
    assert after == {**before, field: value}


def test_a_contact_refers_to_its_account_and_a_user_is_read(book: Book, mapped: KingdeeConnector, erp: System) -> None:
    (firm,) = customers(erp, 1)
    values = {"name": "王丽", "email": "li.wang@example.com", "mobile": "+8613912345678", "account": firm}
    writing = writer_of(book, "contact", "erp")(values, creating=True)
    record = proven(mapped.create([Create("p", "BD_CommonContact", writing.payload)])[0]).record
    read = reader_of(book, "contact", "erp")(record.payload).values
    assert {key: read[key] for key in values} == values
    left = erp.create("BD_Empinfo", {"FName": "李娜", "FEmail": "na.li@example.com", "FForbidStatus": "B"}, by="user:x")
    user = reader_of(book, "user", "erp")(now(mapped, left.id, "BD_Empinfo").payload).values
    assert user == {"name": "李娜", "email": "na.li@example.com", "active": False}


def test_what_is_out_of_use_is_told_so(book: Book, mapped: KingdeeConnector, erp: System) -> None:
    used, forbidden = customers(erp, 1)[0], customers(erp, 1, FForbidStatus="B")[0]
    read = reader_of(book, "account", "erp")
    assert [read(now(mapped, one).payload).archived for one in (used, forbidden)] == [False, True]


def test_the_maps_name_what_a_data_centre_has(mapped: KingdeeConnector) -> None:
    assert not [one for one in mapped.check() if not one.ok]
