"""What is done every night leaves a record of its own, so that somebody notices when it is no longer done."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from monitoring.redact import redact
from monitoring.standing import Chore
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.changes import RunState
from sync_pipelines.model.records import RunRecord

PRUNE, RECONCILE, DESCRIBE, BACKUP, DRILL = "prune", "reconcile", "describe", "backup", "drill"
_A_DAY = timedelta(days=1)
EVERY = {PRUNE: _A_DAY, RECONCILE: _A_DAY, DESCRIBE: _A_DAY, BACKUP: _A_DAY, DRILL: timedelta(days=7)}
_KIND = "chore"
_LOOKED_AT = 20


@contextmanager
def chore(ledger: Ledger, name: str, clock: Callable[[], datetime]) -> Iterator[dict[str, Any]]:
    """Around the work. What it puts into the dict is kept with it; where it fails, so is why."""
    begun, told = clock(), dict[str, Any]()
    try:
        yield told
    except Exception as error:
        with suppress(LedgerError):
            _keep(ledger, name, begun, clock(), RunState.HALTED, redact(str(error)), told)
        raise
    _keep(ledger, name, begun, clock(), RunState.COMPLETE, "", told)


def _keep(
    ledger: Ledger, name: str, begun: datetime, ended: datetime, state: RunState, says: str, told: dict[str, Any]
) -> None:
    run = f"{name}.{begun:%Y%m%dT%H%M%S}.{secrets.token_hex(3)}"
    with ledger.transaction():
        ledger.start_run(RunRecord(run, f"upkeep/{name}", _KIND, begun))
        ledger.end_run(run, ended, state, says, told)


def chores_of(ledger: Ledger) -> Iterator[Chore]:
    """Those that were ever done here: when they last went well, and what the newest says where it did not."""
    for name, every in EVERY.items():
        runs = ledger.runs(f"upkeep/{name}", _LOOKED_AT)
        if runs:
            good = next((run.started_at for run in runs if run.state == RunState.COMPLETE), None)
            failed = runs[0].says if runs[0].state != RunState.COMPLETE else ""
            yield Chore(name, every, runs[-1].started_at if good is None else good, failed)
