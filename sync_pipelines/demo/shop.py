"""The shop: its state before we came, and what its customers do."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.shopify.simulated.kinds import CUSTOMER
from connectors.testing.system import System
from connectors.testing.table import Row
from mappings.book import Book
from mappings.values import Values
from mappings.writing import writer_of
from sync_pipelines.demo.cast import SHOP, Firm

_BY = "user:storefront"


class Shop:
    """The shop. A record of it is a firm and the person who buys for it."""

    def __init__(self, system: System, book: Book) -> None:
        """`system` is the simulator's state; the book's own maps say where a shop keeps what."""
        self.system = system
        self._writers = [writer_of(book, entity, SHOP) for entity in ("account", "contact") if _maps(book, entity)]

    def enter(self, firms: Sequence[Firm]) -> Mapping[str, str]:
        """Everything from before we came; answers the customer of each firm by the firm's id."""
        return {firm.id: self._enter(firm) for firm in firms if SHOP in firm.appearances}

    def _enter(self, firm: Firm) -> str:
        buyers = [one.appearances[SHOP].values for one in firm.people if SHOP in one.appearances]
        return self.make(firm.says(SHOP), buyers[0] if buyers else {})

    def make(self, account: Values, contact: Values) -> str:
        """Somebody opens an account for a firm."""
        payload: dict[str, Any] = {}
        for writer, said in zip(self._writers, (account, contact), strict=False):
            told = {key: value for key, value in said.items() if key != "account" and value is not None}
            _merge(payload, writer(told, told, creating=True).payload)
        return self.system.create(CUSTOMER, self._stored(payload), by=_BY).id

    def customer(self, record: str) -> Mapping[str, Any]:
        """As it is in truth; empty where there is none."""
        row = self.system.read(CUSTOMER, record)
        return row.values if row else {}

    def customers(self) -> Sequence[Row]:
        """All of them."""
        return self.system.living(CUSTOMER)

    def _stored(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """A payload as the simulator keeps it."""
        values = dict(payload)
        address = _address(values.pop("defaultAddress", {}), len(self.customers()))
        held = values.pop("metafields", None) or {}
        metafields = [
            {"namespace": space, "key": key, "type": "single_line_text_field", "value": value}
            for space, inner in held.items()
            for key, value in inner.items()
        ]
        return values | {"addresses": [address], "defaultAddressId": address["id"], "metafields": metafields}


def _maps(book: Book, entity: str) -> bool:
    return SHOP in book.entities[entity].maps


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = dict(value) if isinstance(value, Mapping) else value


def _address(told: Mapping[str, Any], serial: int) -> dict[str, Any]:
    """The one address of somebody who has just registered."""
    street = {"address1": told["street"]} if told.get("street") else {}
    own = {name: value for name, value in told.items() if name != "street"}
    return {"id": f"gid://shopify/MailingAddress/{5_000_000 + serial}?model_name=CustomerAddress", **own, **street}
