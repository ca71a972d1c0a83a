"""What the tests of the connector say often."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, TypeAlias

from connectors.contract import Create, Record, RecordRef, Update, Watermark
from connectors.kingdee.connector import KingdeeConnector, open_connector
from connectors.kingdee.simulator import KingdeeSimulator
from connectors.pacing import Pace
from connectors.seams import Seams
from connectors.testing.world import System

Connect: TypeAlias = Callable[..., KingdeeConnector]
ADDRESSES = "FT_BD_CUSTCONTACT"
FIELDS: Mapping[str, Sequence[str]] = {
    "BD_Customer": (
        "FNumber",
        "FName",
        "FTEL",
        "FADDRESS",
        "FTAXREGISTERCODE",
        "FRECCONDITIONID.FNumber",
        f"{ADDRESSES}.FNUMBER1",
        f"{ADDRESSES}.FADDRESS1",
        "FT_BD_CUSTLOCATION.FContactId.FNumber",
        "credit_limits.100",
        "credit_limits.200",
    ),
    "BD_CommonContact": ("FNumber", "FName", "FMobile", "FEmail", "FCompany.id"),
    "BD_Empinfo": ("FNumber", "FName", "FEmail", "FForbidStatus"),
}


def seams(centre: KingdeeSimulator, **more: Any) -> Seams:
    """The world's own clock; nobody really sleeps."""
    clock = centre.system.clock
    numbers = count()
    return Seams(clock=clock.now, sleep=clock.sleep, new_id=lambda: f"id-{next(numbers)}", random=lambda: 0.5, **more)


def connect(centre: KingdeeSimulator, *, pace: Pace | None = None, **options: Any) -> KingdeeConnector:
    """A connector to this data centre, with small pages unless told otherwise. Its secrets come as the engine's do."""
    app = centre.app
    usual = {
        "url": centre.url,
        "on_premise": True,
        "acct_id": app.acct_id,
        "user": app.user,
        "app_id": app.app_id,
        "page": 3,
        "batch": 20,
        "fields": FIELDS,
    }
    return open_connector(centre.system.name, {**usual, **options}, seams(centre, pace=pace))


def customers(erp: System, number: int, **more: Any) -> list[str]:
    return [erp.create("BD_Customer", {"FName": f"客户 {n:03d}", **more}, by="user:anna").id for n in range(number)]


def told(connector: KingdeeConnector, since: Watermark | None = None, kind: str = "BD_Customer") -> list[Record]:
    return [record for page in connector.changes(kind, since) for record in page.records]


def ids(records: Sequence[Record]) -> list[str]:
    return [record.ref.id for record in records]


def ref(record_id: str, kind: str = "BD_Customer") -> RecordRef:
    return RecordRef("erp", kind, record_id)


def now(connector: KingdeeConnector, record_id: str, kind: str = "BD_Customer") -> Record:
    return connector.read([ref(record_id, kind)])[ref(record_id, kind)]


def create(key: str, **values: Any) -> Create:
    return Create(key, "BD_Customer", {"FName": f"客户 {key}", **values})


def update(record_id: str, values: Mapping[str, Any], expected: Mapping[str, Any] | None = None) -> Update:
    return Update(f"key-{record_id}", ref(record_id), values, expected or {})


def sorts(results: Any) -> list[type]:
    return [type(result) for result in results]
