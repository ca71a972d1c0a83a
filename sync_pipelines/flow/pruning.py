"""How long history is kept."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sync_pipelines.flow.chores import PRUNE, chore
from sync_pipelines.ledger.port import Ledger

OLD = timedelta(days=90)
BODIES = timedelta(days=7)  # so long an announcement that nobody understood is kept as it came
KEEP = 20  # of each sort of run, so that there is something to see of one that stopped long ago


def prune(ledger: Ledger, before: datetime, clock: Callable[[], datetime]) -> Mapping[str, int]:
    """Take away what is older; answers how many of each."""
    with chore(ledger, PRUNE, clock) as told:
        gone = ledger.prune(before, KEEP)
        told.update({**gone, "bodies": ledger.forget_bodies(clock() - BODIES)})
    return gone
