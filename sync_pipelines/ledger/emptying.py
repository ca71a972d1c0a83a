"""Takes everything out of a ledger and leaves its tables: for histories that are played one after another."""

from sync_pipelines.ledger.sql import SqlLedger
from sync_pipelines.ledger.tables import METADATA


def empty(ledger: SqlLedger) -> None:
    """Nothing is left. There is no way back."""
    with ledger.transaction():
        for table in reversed(METADATA.sorted_tables):
            ledger.session.execute(table.delete())
