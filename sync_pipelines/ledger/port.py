"""What the engine asks of the ledger. `memory` and `sql` keep the same promises; one contract suite holds both to them.

Every call outside of `transaction()` is a transaction of its own. Inside, everything commits together or not at all.
A ledger object serves one thread; other threads and processes open their own. Sequences may be of any length: an
implementation cuts them, and never asks once per item. Answers are ordered by key, so that a run repeats exactly.
An answer that maps ids or keys to sequences has an entry for each that was asked for, be it empty. A call that raises
has changed nothing.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from sync_pipelines.ledger.port_records import Records
from sync_pipelines.ledger.port_running import Running


class LedgerError(Exception):
    """The ledger refuses: what, where and what to do, in one line."""


class TakenError(LedgerError):
    """A constraint of the ledger would be broken: the record, the place of a primary or the key is taken."""


class LeaseLostError(LedgerError):
    """Another one holds the right to write now. Nothing was committed."""


class Ledger(Records, Running, Protocol):
    """The memory of the house."""

    def transaction(self) -> AbstractContextManager[None]:
        """One write transaction (`BEGIN IMMEDIATE`); nested calls join the outer one."""
        ...

    def close(self) -> None:
        """Give back files and connections."""
        ...
