"""The book that comes with the house: it loads clean, and every map reads what it writes."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.salesforce.simulated.metadata import standard_kinds
from connectors.testing.metadata import KindSpec
from mappings.book import Book, FieldSpec
from mappings.fieldmap import Line
from mappings.loading import BUNDLED, load_book
from mappings.ownership import Clause, Mode
from mappings.ownership import Test as Asks
from mappings.paths import parse
from mappings.reading import paths, reader_of
from mappings.values import scoped
from mappings.writing import writable, writer_of
from sync_pipelines.demo.home import book_with

BOOK: Book = load_book(BUNDLED)
with TemporaryDirectory() as folder:
    BOOKS = {"kingdee": BOOK, "tryton": load_book(book_with(Path(folder) / "book", "tryton"))}
MAPS = [  # by the ERP that plays; what is not the ERP's is the same in both books
    (erp, name, system)
    for erp, book in BOOKS.items()
    for name, entity in book.entities.items()
    for system in entity.maps
    if system == "erp" or erp == "kingdee"
]
READERS = {(erp, entity, system): reader_of(BOOKS[erp], entity, system) for erp, entity, system in MAPS}
WRITERS = {(erp, entity, system): writer_of(BOOKS[erp], entity, system) for erp, entity, system in MAPS}

_TEXTS = st.lists(st.sampled_from(["ACME", "Bürgel", "上海", "GmbH & Co. KG", "Łódź"]), min_size=1, max_size=3).map(
    " ".join
)

_REGIONS = {"DE": "DE-BY", "CN": "CN-GD", "US": "US-CA", "FR": "FR-IDF", "GB": None, "JP": "JP-13", None: None}
_PLACES = st.sampled_from([*_REGIONS]).flatmap(
    lambda country: st.tuples(st.just(country), st.sampled_from([None, _REGIONS[country]]))
)
_ADDRESSES = st.builds(
    lambda street, city, postal_code, place: {
        "street": street, "city": city, "postal_code": postal_code, "region": place[1], "country": place[0],
    },
    _TEXTS | st.just("Weg 1\nHof 2"),
    _TEXTS | st.none(),
    st.sampled_from(["04109", "200120"]),
    _PLACES,
)  # fmt: skip
_BY_TYPE: Mapping[str, st.SearchStrategy[Any]] = {
    "text": _TEXTS,
    "person_name": st.sampled_from(["Ada Lovelace", "王丽", "Cher", "欧阳修", "Vincent van Gogh"]),
    "tax_id": st.sampled_from(["DE136695976", "91110000600037341L"]),
    "phone": st.sampled_from(["+49301234567", "+861065529988", "+12125550123;ext=7"]),
    "email": st.sampled_from(["anna.berg@example.com", "info@xn--bcher-kva.example"]),
    "domain": st.sampled_from(["acme.example", "xn--bcher-kva.example"]),
    "address": _ADDRESSES,
    "code": st.sampled_from(
        sorted(
            BOOK.tables["payment_terms"].encode["kingdee"].keys() & BOOK.tables["payment_terms"].encode["tryton"].keys()
        )
    ),
    "yes_no": st.booleans(),
    "reference": st.from_regex(r"[0-9]{1,9}", fullmatch=True),
}


def _values_of(spec: FieldSpec, line: Line) -> st.SearchStrategy[Any]:
    if spec.type == "choice":
        return st.sampled_from(spec.choices)
    if spec.type == "money":
        amounts = st.integers(0, 10**9).map(_plain)
        return st.none() | amounts.map(lambda amount: {"amount": amount, "currency": line.options["currency"]})
    if spec.type == "list":
        items = st.fixed_dictionaries({"code": st.from_regex(r"[A-Z]{1,3}", fullmatch=True), "address": _ADDRESSES})
        made = st.lists(items, max_size=3, unique_by=lambda item: str(item["code"]))
        return made.map(lambda items: sorted(items, key=lambda item: str(item["code"])))
    return st.none() | _BY_TYPE[spec.type]


def _plain(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}".rstrip("0").removesuffix(".")


def _all_values(book: Book, entity: str, system: str) -> st.SearchStrategy[dict[str, Any]]:
    """Canonical values of everything that may be written there."""
    spec = book.entities[entity]
    kind_map = spec.maps[system]
    lines = {scoped(line.field, line.scope): line for line in kind_map.lines}
    return st.fixed_dictionaries(
        {
            key: _values_of(spec.fields[line.field], line)
            for key, line in lines.items()
            if writable(kind_map, key, creating=True)
        }
    )


def _saved(payload: Any) -> Any:
    """What a system holds after a write: elements that were selected have become elements of a list."""
    if not isinstance(payload, Mapping):
        return payload
    if not payload or not all(str(name).startswith("[") for name in payload):
        return {name: _saved(inner) for name, inner in payload.items()}
    elements: list[Any] = []
    for selector, inner in payload.items():
        (step,) = parse(f"x{selector}")
        given_ = {step.key: {"true": True, "false": False}.get(step.values[0], step.values[0])}
        wanted = inner if isinstance(inner, list) else [inner] if any(v is not None for v in inner.values()) else []
        elements += [{**given_, **_saved(one)} for one in wanted]
    return elements


@pytest.mark.parametrize(("erp", "entity", "system"), MAPS)
@settings(max_examples=40)
@given(data=st.data())
def test_every_map_reads_what_it_writes(erp: str, entity: str, system: str, data: st.DataObject) -> None:
    values = data.draw(_all_values(BOOKS[erp], entity, system))
    writing = WRITERS[erp, entity, system](values, creating=True)
    reading = READERS[erp, entity, system](_saved(writing.payload))
    assert (writing.gaps, writing.faults, reading.gaps, reading.faults) == ((), (), (), ())
    assert {key: reading.values[key] for key in values} == values


@pytest.mark.parametrize("erp", BOOKS)
def test_some_map_writes_every_field_that_is_not_only_read(erp: str) -> None:
    written = {
        (entity, line.field)
        for entity in BOOK.entities
        for kind_map in BOOKS[erp].entities[entity].maps.values()
        for line in kind_map.lines
        if line.write != "never"
    }
    assert {(name, field) for name in ("account", "contact") for field in BOOK.entities[name].fields} == written


def test_entities_that_are_referred_to_come_first() -> None:
    assert list(BOOK.entities) == ["user", "account", "contact"]


def test_the_roles_have_their_systems() -> None:
    assert {system.name: (system.role, system.connector) for system in BOOK.systems.values()} == {
        "crm": ("crm", "salesforce"),
        "shop": ("shop", "shopify"),
        "erp": ("erp", "kingdee"),
    }


def test_every_field_stands_in_one_sentence() -> None:
    for entity in BOOK.entities.values():
        assert set(entity.ownership.rules) == set(entity.fields)


def test_the_sentences_say_what_the_design_says() -> None:
    rules = {name: rule for name, (rule, *_) in BOOK.entities["account"].ownership.rules.items()}
    assert (rules["customer_number"].mode, rules["customer_number"].roles) == (Mode.ISSUED, ("erp",))
    assert (rules["tax_id"].roles, rules["tax_id"].keep_on_blank) == (("erp", "crm", "shop"), True)
    assert (rules["credit_limit"].per, BOOK.entities["account"].fields["credit_limit"].per) == ("company", "company")
    assert rules["ship_to"].each is not None
    assert rules["ship_to"].each.remove == ("erp",)
    erp = BOOK.entities["account"].ownership.create["erp"]
    assert erp.when.clauses == (Clause(Asks.IN, "customer_status", ("won", "ordered")),)
    assert erp.needs == ("tax_id", "billing_address", "name")  # and what fields.yaml requires


def test_each_field_says_what_it_means_and_how_private_it_is() -> None:
    for entity in BOOK.entities.values():
        for spec in entity.fields.values():
            assert spec.means.endswith(".")
            assert spec.privacy in {"public", "personal", "financial"}


def test_colleagues_are_only_read() -> None:
    for system, kind_map in BOOK.entities["user"].maps.items():
        assert {line.write for line in kind_map.lines} == {"never"}, system


@pytest.mark.parametrize("kind", standard_kinds(), ids=lambda kind: kind.name)
def test_the_maps_name_what_an_org_has(kind: KindSpec) -> None:
    kind_map = next(spec.maps["crm"] for spec in BOOK.entities.values() if spec.maps["crm"].kind == kind.name)
    assert set(paths(kind_map)) <= set(kind.fields)
    for line in kind_map.lines:
        field = kind.fields.get(line.at)
        if field is not None and field.choices is not None:
            assert set(line.options["values"]) == set(field.choices)


def test_nothing_is_fetched_that_no_line_needs() -> None:
    fetched = paths(BOOK.entities["account"].maps["crm"])
    assert {"Name", "OwnerId", "BillingCountry", "Active__c"} <= set(fetched)
    assert not {"AnnualRevenue", "Description"} & set(fetched)


FIRM = {
    "Name": "上海钢铁有限公司", "Type": "Customer", "Customer_Status__c": "Won", "Tax_Number__c": "91110000600037341l",
    "BillingStreet": "世纪大道100号", "BillingCity": "上海", "BillingPostalCode": "200120", "BillingState": None,
    "BillingCountry": "China", "Phone": "(021) 6552 9988", "Website": "https://www.example.cn/", "Terms__c": "N45",
    "Credit_Limit__c": 5000, "Segment__c": "", "OwnerId": "0055g00000AbCdE", "Active__c": True,
}  # fmt: skip


def test_a_firm_as_salesforce_tells_it() -> None:
    reading = reader_of(BOOK, "account", "crm")(FIRM)
    street, city = FIRM["BillingStreet"], FIRM["BillingCity"]
    assert reading.values == {
        "name": "上海钢铁有限公司",
        "account_type": "customer",
        "customer_status": "won",
        "tax_id": "91110000600037341L",
        "billing_address": {
            "street": street, "city": city, "postal_code": "200120", "region": None, "country": "CN",
        },
        "phone": "+862165529988",
        "website": "example.cn",
        "credit_limit@100": {"amount": "5000", "currency": "EUR"},
        "segment": None,
        "account_manager": "0055g00000AbCdE",
    }  # fmt: skip
    assert [(gap.table, gap.code) for gap in reading.gaps] == [("payment_terms", "N45")]
