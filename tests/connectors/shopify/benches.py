"""The contract suite's hands on the simulated shop: what users do there, behind the connector's back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from connectors.contract import Capabilities, Connector, Payload, Record
from connectors.pacing import Pace
from connectors.seams import Seams
from connectors.shopify.connector import ShopifyConnector, open_connector
from connectors.shopify.simulator import ShopifySimulator
from connectors.testing.contract_suite import Bench
from connectors.testing.world import Fault

LOOK_BACK = timedelta(minutes=5)
FIELDS: Mapping[str, Sequence[str]] = {
    "Customer": (
        "firstName",
        "lastName",
        "email",
        "phone",
        "note",
        "defaultAddress.city",
        "defaultAddress.zip",
        "outOfUse",
    ),
    "Company": ("name", "note", "mainLocation.billingAddress.city", "mainLocation.taxSettings.taxRegistrationId"),
}
WITH_CHILDREN: Mapping[str, Sequence[str]] = {
    "Customer": (
        *("firstName", "lastName", "email", "phone", "outOfUse", "addresses.isDefault", "addresses.company"),
        *("addresses.city", "addresses.zip", "addresses.countryCodeV2", "metafields.custom.tax_id"),
    )
}
CUSTOMERS = Capabilities(archives=True, lists_keys=True, keyed=True, unique_key=True, max_batch=20, look_back=LOOK_BACK)
COMPANIES = Capabilities(incremental=False, lists_keys=True, keyed=True, unique_key=True, max_batch=20)
WRITES = ("create", "update", "archive")


def seams(shop: ShopifySimulator, **more: Any) -> Seams:
    """The world's own clock; nobody really sleeps."""
    clock = shop.system.clock
    numbers = count()
    return Seams(clock=clock.now, sleep=clock.sleep, new_id=lambda: f"id-{next(numbers)}", random=lambda: 0.5, **more)


def connect(shop: ShopifySimulator, *, pace: Pace | None = None, **options: Any) -> ShopifyConnector:
    """A connector to this shop, with small pages unless told otherwise. Its secret comes as the engine's does."""
    usual = {
        "url": shop.url,
        "on_premise": True,
        "client_id": shop.app.client_id,
        "companies": True,
        "page_size": 3,
        "fields": FIELDS,
    }
    return open_connector(shop.system.name, {**usual, **options}, seams(shop, pace=pace))


class ShopBench(Bench):
    """One kind of one shop; see the subclasses."""

    page_size = 3
    options: Mapping[str, Any] = {}

    def __init__(self, shop: ShopifySimulator, connectors: Callable[..., ShopifyConnector]) -> None:
        self.shop = shop
        self.at = shop.system
        self.connector: Connector = connectors(shop, **self.options)
        self._n = count(1)

    def make(self, values: Payload) -> str:
        return self.at.create(self.kind, values, by="user:anna").id

    def edit(self, record_id: str, values: Payload) -> None:
        self.at.update(self.kind, record_id, values, by="user:ben")

    def delete(self, record_id: str) -> None:
        self.at.delete(self.kind, record_id, by="user:anna")

    def tick(self) -> None:
        self.at.clock.advance(2)

    def settle(self) -> None:
        self.at.clock.advance(310)

    def burst(self, count: int) -> Sequence[str]:
        return [self.make(self.fresh()) for _ in range(count)]

    def break_page(self) -> None:
        """The first page goes through; what follows fails for as long as the door asks."""
        for nth in range(1, 9):
            self.at.faults.force(Fault.PAGE_ERROR, f"{self.at.name}.changes", nth=nth)

    def lose_answer(self) -> None:
        for call in WRITES:
            self.at.faults.force(Fault.LOST_AFTER, f"{self.at.name}.{call}")

    def throttle(self) -> None:
        for call in WRITES:
            self.at.faults.force(Fault.THROTTLED, f"{self.at.name}.{call}")

    def write_calls(self) -> int:
        return sum(self.at.calls[call] for call in WRITES)


class CustomerBench(ShopBench):
    kind = "Customer"
    capabilities = CUSTOMERS

    def fresh(self) -> Mapping[str, object]:
        n = next(self._n)
        return {"firstName": f"Ada {n}", "lastName": "王", "email": f"ada{n}@example.com", "phone": f"+4930{n:06d}"}

    def changed(self) -> Mapping[str, object]:
        return {"lastName": f"Lovelace {next(self._n)}", "note": "rings twice"}

    def refused(self) -> Mapping[str, object]:
        return {**self.fresh(), "email": "no address"}

    def clearable(self) -> str:
        return "phone"

    def is_archived(self, record: Record) -> bool:
        return bool(record.payload["outOfUse"])


class ChildrenBench(CustomerBench):
    """With all addresses and a metafield, which each crawl has to bring."""

    options: Mapping[str, Any] = {"fields": WITH_CHILDREN, "addresses": 1}

    def changed(self) -> Mapping[str, object]:
        return {"lastName": f"Lovelace {next(self._n)}"}

    def make(self, values: Payload) -> str:
        homes = [
            {"id": f"gid://shopify/MailingAddress/{next(self._n)}?model_name=CustomerAddress", "city": city}
            for city in "AB"
        ]
        made = {**values, "addresses": homes, "defaultAddressId": homes[1]["id"]}
        return self.at.create(self.kind, made, by="user:anna").id


class BulkBench(CustomerBench):
    """Every full crawl as a bulk operation."""

    options: Mapping[str, Any] = {"bulk_above": 0, "bulk_slice": 100}


class BulkChildrenBench(ChildrenBench):
    options: Mapping[str, Any] = {"fields": WITH_CHILDREN, "addresses": 1, "bulk_above": 0, "bulk_slice": 100}


class CompanyBench(ShopBench):
    kind = "Company"
    capabilities = COMPANIES

    def fresh(self) -> Mapping[str, object]:
        return {"name": f"Firm {next(self._n)} 有限公司", "note": "since 1999"}

    def changed(self) -> Mapping[str, object]:
        return {"name": f"Firm {next(self._n)} GmbH"}

    def refused(self) -> Mapping[str, object]:
        return {"name": ""}

    def clearable(self) -> str:
        return "note"
