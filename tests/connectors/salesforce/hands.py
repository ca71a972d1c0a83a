"""What the tests of the connector say often."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from connectors.contract import Create, Record, RecordRef, Update, Watermark
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.testing.world import System

Connect: TypeAlias = Callable[..., SalesforceConnector]
Change: TypeAlias = Callable[[Any], Any]
Spoil: TypeAlias = Callable[[str, Change], None]
COLLECTIONS = "services/data/v65.0/composite/sobjects"


def firms(crm: System, number: int, **more: Any) -> list[str]:
    return [crm.create("Account", {"Name": f"Firm {n:03d}", **more}, by="user:anna").id for n in range(number)]


def told(connector: SalesforceConnector, since: Watermark | None = None, kind: str = "Account") -> list[Record]:
    return [record for page in connector.changes(kind, since) for record in page.records]


def ids(records: list[Record]) -> list[str]:
    return [record.ref.id for record in records]


def ref(record_id: str, kind: str = "Account") -> RecordRef:
    return RecordRef("crm", kind, record_id)


def create(key: str, **values: Any) -> Create:
    return Create(key, "Account", {"Name": key, **values})


def update(record_id: str, expected: Mapping[str, Any] | None = None, version: str = "", **values: Any) -> Update:
    return Update(f"key-{record_id}", RecordRef("crm", "Account", record_id), values, expected or {}, version)


def sorts(results: Any) -> list[type]:
    return [type(result) for result in results]


def ours(crm: System) -> list[str]:
    return [entry.op for entry in crm.log if entry.actor == "middleware"]


def writes(org: SalesforceSimulator) -> list[str]:
    return [path for method, path in org.requests if method == "PATCH"]
