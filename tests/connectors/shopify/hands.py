"""What the tests of the connector say often."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from connectors.contract import Create, Record, RecordRef, Update, Watermark
from connectors.shopify.connector import ShopifyConnector
from connectors.testing.world import System

Connect: TypeAlias = Callable[..., ShopifyConnector]


def people(at: System, number: int, **more: Any) -> list[str]:
    return [at.create("Customer", {"firstName": f"P{n:03d}", **more}, by="user:anna").id for n in range(number)]


def home(number: int, **values: Any) -> dict[str, Any]:
    return {"id": f"gid://shopify/MailingAddress/{number}?model_name=CustomerAddress", **values}


def told(connector: ShopifyConnector, since: Watermark | None = None, kind: str = "Customer") -> list[Record]:
    return [record for page in connector.changes(kind, since) for record in page.records]


def ids(records: list[Record]) -> list[str]:
    return [record.ref.id for record in records]


def ref(record_id: str, kind: str = "Customer") -> RecordRef:
    return RecordRef("shop", kind, record_id)


def create(key: str, **values: Any) -> Create:
    return Create(key, "Customer", {"firstName": key, **values})


def update(record_id: str, values: Mapping[str, Any], expected: Mapping[str, Any] | None = None) -> Update:
    return Update(f"key-{record_id}", ref(record_id), values, expected or {})


def now(at: System, record_id: str, kind: str = "Customer") -> Mapping[str, Any]:
    row = at.read(kind, record_id)
    assert row is not None
    return row.values


def sorts(results: Any) -> list[str]:
    return [type(result).__name__ for result in results]
