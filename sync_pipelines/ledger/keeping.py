"""The whole ledger over any store: `MemoryLedger` and `SqlLedger` differ in the store only."""

from contextlib import AbstractContextManager

from sync_pipelines.ledger.alerts import Alerts
from sync_pipelines.ledger.audit import Audit
from sync_pipelines.ledger.claims import Claims
from sync_pipelines.ledger.couplings import Couplings
from sync_pipelines.ledger.earlies import Earlies
from sync_pipelines.ledger.erasing import Erasing
from sync_pipelines.ledger.gate import Gate
from sync_pipelines.ledger.golden import GoldenRecords
from sync_pipelines.ledger.operation import Operation
from sync_pipelines.ledger.people import People
from sync_pipelines.ledger.plans import Plans
from sync_pipelines.ledger.reading import Reading
from sync_pipelines.ledger.upkeep import Upkeep


class KeptLedger(
    Claims, Couplings, GoldenRecords, Earlies, Plans, Reading, People, Operation, Alerts, Gate, Upkeep, Audit, Erasing
):
    """Keeps the promises of `port.Ledger`; what each call promises stands there."""

    def transaction(self) -> AbstractContextManager[None]:
        return self._store.transaction()

    def close(self) -> None:
        self._store.close()
