"""The kinds of a shop: what each is called in a document, and the record that a node becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.contract import Record, RecordRef
from connectors.errors import TransientError
from connectors.shopify import selection
from connectors.shopify.client import quoted
from connectors.shopify.selection import Tree

CUSTOMER, COMPANY = "Customer", "Company"
KEY = "concordatKey"


@dataclass(frozen=True, slots=True)
class Shape:
    """What is fetched of one kind."""

    system: str
    kind: str
    wanted: Tree
    archive_tag: str
    key_namespace: str
    key_name: str
    addresses: int  # of a customer in one page

    @property
    def root(self) -> str:
        """The field of the query root that lists them."""
        return "customers" if self.kind == CUSTOMER else "companies"

    @property
    def count(self) -> str:
        """The field of the query root that counts them."""
        return f"{self.root}Count"

    def asked(self, wanted: Tree | None = None, *, bulk: bool = False) -> str:
        """The selection of one record, our key with it."""
        tree = self.wanted if wanted is None else wanted
        asked = selection.asked(tree, self.addresses, bulk=bulk, of_customers=self.kind == CUSTOMER)
        return f"{asked} {self._key()}"

    def record(self, node: Mapping[str, Any]) -> Record:
        """Raises TransientError where the node lacks what every node has: the answer is not whole."""
        if not isinstance(node.get("id"), str) or not isinstance(node.get("updatedAt"), str):
            raise TransientError(f"Shopify answered a {self.kind} without id or updatedAt; try again later")
        return Record(
            ref=RecordRef(self.system, self.kind, selection.number(node["id"])),
            payload=self.payload(node),
            changed_at=moment(node["updatedAt"]),
            key=_key_of(node),
        )

    def payload(self, node: Mapping[str, Any], wanted: Tree | None = None) -> dict[str, Any]:
        """The payload alone."""
        return selection.payload(node, self.wanted if wanted is None else wanted, self.archive_tag)

    def _key(self) -> str:
        if self.kind == COMPANY:
            return f"{KEY}: externalId"
        return f"{KEY}: metafield(namespace: {quoted(self.key_namespace)}, key: {quoted(self.key_name)}) {{ value }}"


def _key_of(node: Mapping[str, Any]) -> str:
    held = node.get(KEY)
    return str((held.get("value") if isinstance(held, Mapping) else held) or "")


def moment(text: str) -> datetime:
    """Read `2026-03-02T08:00:00Z`. Raises TransientError where it is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        message = f"Shopify answered {text!r} where a time was due"
        raise TransientError(message) from None


def stamp(at: datetime) -> str:
    """A moment as the search syntax takes it, in whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
