"""The backup and its drill, as chores that are missed when they are no longer done."""

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sync_pipelines.flow.chores import BACKUP, DRILL, chore
from sync_pipelines.ledger.backing_up import Backup, Drilled, back_up, backups, drill
from sync_pipelines.ledger.port import Ledger, LedgerError

KEEP = 7  # copies


def backed_up(
    ledger: Ledger, url: str, folder: Path, clock: Callable[[], datetime], *, audit_key: bytes = b"", keep: int = KEEP
) -> Backup:
    """Copy the ledger at `url`. Raises LedgerError."""
    with chore(ledger, BACKUP, clock) as told:
        made = back_up(url, folder, clock(), audit_key=audit_key, keep=keep)
        told |= {"size": made.size, "rows": sum(made.rows.values())}
        return made


def drilled(ledger: Ledger, url: str, folder: Path, clock: Callable[[], datetime]) -> Drilled:
    """Bring the newest copy back into a place that is thrown away afterwards. Raises LedgerError."""
    with chore(ledger, DRILL, clock) as told, tempfile.TemporaryDirectory(prefix="concordat-drill-") as scratch:
        newest = next(iter(backups(folder)), None)
        if newest is None:
            raise LedgerError(f"there is no backup in {folder} yet: `concordat backup` makes one")
        found = drill(newest, folder, Path(scratch), url)
        told |= {"backup": newest.name, "rows": found.rows, "audited": found.audited}
        return found
