"""A world that counts what the ledger and the systems are asked."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sync_pipelines.ledger.memory import MemoryLedger
from tests.laws.little_world import LittleWorld

CALLS = ("changes", "keys", "read", "find_created", "deleted", "merged", "describe", "create", "update", "archive")


class Counting:
    """Passes every call on, and counts it."""

    def __init__(self, inner: Any) -> None:
        """`inner` may be anything."""
        self._inner = inner
        self.calls: Counter[str] = Counter()
        self.label = ""
        self.order: list[str] = []  # shared by those who give it to each other

    def __getattr__(self, name: str) -> Any:
        """Attributes as they are, calls counted."""
        found = getattr(self._inner, name)
        return self._counted(name, found) if callable(found) else found

    def _counted(self, name: str, found: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            self.calls[name] += 1
            self.order.append(f"{self.label}{name}")
            return found(*args, **named)

        return call


class CountedWorld:
    """Firms and people in the CRM; pages and batches hold them all."""

    def __init__(self, firms: int) -> None:
        """As many firms, with a person each."""
        self.ledger = Counting(MemoryLedger())
        self.little = LittleWorld(page_size=500, ledger=self.ledger)
        for system, connector in self.little.connectors.items():
            kinds = {kind: replace(can, max_batch=500) for kind, can in connector.kinds.items()}
            connector._kinds = kinds  # type: ignore[attr-defined]  # of the memory connector
            self.little.connectors[system] = Counting(connector)
        self.little.engine()
        for number in range(firms):
            firm = self.little.create("crm", Name=f"Firm {number}", Tax_Id=f"T{number}", Status="Won", Phone="1")
            self.little.create("crm", "Person", Name=f"P{number}", Email=f"{number}@x.example", AccountId=firm)

    def counted(self, what: Callable[[], object]) -> dict[str, int]:
        """The calls that something takes, by whom."""
        connectors: dict[str, Any] = dict(self.little.connectors)
        for one in (self.ledger, *connectors.values()):
            one.calls.clear()
        what()
        asked = {f"{system}.{name}": one.calls[name] for system, one in connectors.items() for name in CALLS}
        return {f"ledger.{name}": count for name, count in self.ledger.calls.items()} | asked
