"""Facts for alerts go into the ledger, where whoever tells people finds them."""

from dataclasses import dataclass

from monitoring.events import RunFailed
from sync_pipelines.flow.steps import PLAN_ONLY, SYNC
from sync_pipelines.ledger.port import Ledger, TakenError
from sync_pipelines.model.changes import RunState
from sync_pipelines.model.records import RunRecord

FAILED = "failed"  # the kind of record under which a failure of the scheduler is kept
_RECENT = 200  # runs looked through for those that the failed one left open


@dataclass(frozen=True, slots=True)
class LedgerOutbox:
    """Keeps `monitoring.events.Outbox`'s promise."""

    ledger: Ledger

    def put(self, fact: RunFailed) -> bool:
        """Keep the fact, and end as stale what the failed run had begun and never ended."""
        stats = {"job": fact.job, "step": fact.step, "location": fact.location, "link": fact.link}
        begun = [run for run in self.ledger.runs(limit=_RECENT) if run.id.startswith(f"{fact.run}.")]
        own = next((run for run in begun if run.kind in (SYNC, PLAN_ONLY)), None)
        about = fact.entity or (own.entity if own else fact.job)
        state = own.state if own and own.ended_at else RunState.STALE  # its own word, where it came to say one
        try:
            with self.ledger.transaction():
                self.ledger.start_run(RunRecord(f"{fact.run}.{FAILED}", about, FAILED, fact.at))
                self.ledger.end_run(f"{fact.run}.{FAILED}", fact.at, state, fact.says, stats)
                for run in begun:
                    if run.ended_at is None:
                        self.ledger.end_run(run.id, fact.at, RunState.STALE, fact.says, run.stats)
        except TakenError:
            return False
        return True
