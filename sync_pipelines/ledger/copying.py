"""An older copy of a ledger in its own place: what a restored backup is, for whoever wants to see what comes of it."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sync_pipelines.ledger.audit import HEAD_PIN, KEY_PIN
from sync_pipelines.ledger.keeping import KeptLedger
from sync_pipelines.ledger.shelves import AUDIT, GAP, PIN, PLAN, SHELVES
from sync_pipelines.ledger.store import Shelf

Copy: TypeAlias = Mapping[Shelf[Any], Sequence[Any]]
_FIRST: tuple[Shelf[Any], ...] = (PLAN, GAP)  # others belong to them
_SHELVES: tuple[Shelf[Any], ...] = (*_FIRST, *(shelf for shelf in SHELVES if shelf not in (*_FIRST, AUDIT)))


def copy_of(ledger: KeptLedger) -> Copy:
    """Everything but the audit trail, which no database gives up again."""
    return {shelf: ledger.store.find(shelf, {}) for shelf in _SHELVES}


def put_back(ledger: KeptLedger, copy: Copy) -> None:
    """In the place of what it knows now. What it did since is forgotten, but for the audit trail and where it ends."""
    with ledger.transaction():
        ends = ledger.store.find(PIN, {"name": (KEY_PIN, HEAD_PIN)})
        for shelf in reversed(_SHELVES):
            ledger.store.clear(shelf, {})
        for shelf, items in copy.items():
            ledger.store.add(shelf, items)
        ledger.store.drop(PIN, [(KEY_PIN,), (HEAD_PIN,)])
        ledger.store.put(PIN, ends)
