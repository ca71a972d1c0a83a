"""How long history is kept."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sync_pipelines.ledger.port import Ledger

OLD = timedelta(days=90)
KEEP = 20  # of each sort of run, so that there is something to see of one that stopped long ago


def prune(ledger: Ledger, before: datetime) -> Mapping[str, int]:
    """Take away what is older; answers how many of each."""
    return ledger.prune(before, KEEP)
