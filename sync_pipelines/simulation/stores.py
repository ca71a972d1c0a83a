"""Ledgers for histories: an empty one each time, without the price of a new one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sync_pipelines.ledger.emptying import empty
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.ledger.sql import SqlLedger

KEY = bytes(32)  # of the audit chain: the same in every history
_IN_MEMORY = "sqlite://"
STORES = ("memory", "sqlite", "postgres")


class Fresh(Protocol):
    """Answers an empty ledger at each call. The one before is not used any more."""

    def __call__(self) -> Ledger:
        """An empty ledger."""
        ...


@contextmanager
def store(name: str, url: str = "") -> Iterator[Fresh]:
    """`memory`, `sqlite` (SQLite's own memory, unless `url` names a file), or `postgres` at `url`; both are emptied."""
    if name == "memory":
        yield MemoryLedger
    else:
        yield from _emptied(url or _IN_MEMORY)


def _emptied(url: str) -> Iterator[Fresh]:
    ledger: SqlLedger = open_ledger(url, audit_key=KEY)

    def fresh() -> Ledger:
        empty(ledger)
        return ledger

    try:
        yield fresh
    finally:
        ledger.close()
