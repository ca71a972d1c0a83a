"""A run in separate steps, perhaps of several processes: what one leaves for the next lies in the ledger.

`recover`, then `read` for each kind, then `plan`, then `apply`. Whoever triggers the steps (Dagster) carries only the
name of the run between them, and a step whose predecessor did not happen in this very run is refused.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from mappings.book import WriteSwitch
from sync_pipelines.applying.recovery import Recovered
from sync_pipelines.flow.drafting import Drafted
from sync_pipelines.flow.emptiness import suspicious
from sync_pipelines.flow.forecasting import calls_today
from sync_pipelines.flow.replaying import replay_mapped_gaps
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.intake.crawl import Crawl
from sync_pipelines.intake.landing import Tally
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import Part, RunState
from sync_pipelines.model.records import PlanHead, RunRecord

SYNC, PLAN_ONLY, RECOVER, READ = "sync", "plan", "recover", "read"  # what kind of record a step leaves
_FULL = "full"  # beside the counts of a reading: whether it was of everything
_RECENT = 100  # records looked through for one of this run


class Leave(StrEnum):
    """Whether a judged plan may be applied."""

    GIVEN = "given"
    IN_PART = "in_part"  # something is held or was not read; the rest goes on
    REFUSED = "refused"  # nothing of it may be applied


@dataclass(frozen=True, slots=True)
class Verdict:
    """`says` has one line for each part that is not applied, and for each system that could not be read."""

    leave: Leave
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, judged. `only`: it was asked for as a plan only, so this run applies nothing."""

    head: PlanHead
    draft: Drafted
    parts: Sequence[Part]
    verdict: Verdict
    only: bool
    state: RunState  # of the run so far


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one triggered run. `run` is what the trigger calls it."""

    house: House
    run: str

    # --- recover -----------------------------------------------------------------------------------------------------

    def recover(self, entity: str, *, only_plan: bool = False) -> Recovered:
        """Begin the run of an entity: writes without an outcome are looked up before anything is read."""
        result = RunResult(self.of(entity), entity)
        self._start(result.run, entity, PLAN_ONLY if only_plan else SYNC)
        self._start(self.of(entity, RECOVER), f"{entity}/{RECOVER}", RECOVER)
        self.house.recover(result)
        self._end(self.of(entity, RECOVER), result.state, result.says, asdict(result.recovered))
        replay_mapped_gaps(self.house.ledger, self.house.book)
        return result.recovered

    # --- read --------------------------------------------------------------------------------------------------------

    def read(self, system: str, kind: str, *, full: bool = False) -> Crawl:
        """Read one kind; trouble of its system is in the answer, and no reason for the other steps not to go on."""
        name = self.of(system, kind)
        self._start(name, f"{system}/{kind}", READ)
        crawl = self.house.crawl(system, kind, full=full)
        self._end(
            name, _state_of(crawl), [crawl.says] if crawl.says else [], {**asdict(crawl.tally), _FULL: crawl.full}
        )
        return crawl

    def doubt(self, crawl: Crawl) -> str:
        """Why this reading is not believed; empty where it is."""
        house, place = self.house, (crawl.system, crawl.kind)
        entities = sorted({reader.entity for reader in house.readers.get(place, ())})
        told = (suspicious(house.ledger, house.book, entity, crawl) for entity in entities)
        return next(filter(None, told), "")

    # --- plan --------------------------------------------------------------------------------------------------------

    def plan(self, entity: str) -> Planned:
        """Plan and judge. Where nothing may be applied, or only a plan was asked for, the run ends here."""
        result, only = self._resumed(entity)
        draft = self.house.plan(result)
        parts = self.house.judge(result)
        head = self._plan_of(entity)
        verdict = self.verdict(result, head, parts)
        if only:
            self.house.end(result)
        elif verdict.leave is Leave.REFUSED:
            result.state = result.state if result.state is RunState.HALTED else RunState.INCOMPLETE
            result.says += [line for line in verdict.says if line not in result.says]
            self.house.end(result)
        return Planned(head, draft, parts, verdict, only, result.state)

    def verdict(self, result: RunResult, head: PlanHead, parts: Sequence[Part]) -> Verdict:
        """Guards hold only what trips them, so a plan is refused as a whole only where nothing of it is left."""
        if not head.judged:
            return Verdict(Leave.REFUSED, (f"plan {head.id} has not been judged",))
        unread = [crawl for crawl in result.crawls if not crawl.complete]
        silent = tuple(crawl.says for crawl in unread)
        if unread and all(crawl.halted for crawl in result.crawls):
            return Verdict(Leave.REFUSED, ("no system could be read", *silent))
        live = [part for part in parts if self._is_live(part)]
        held = tuple(f"{part.system}/{part.op}: {part.says}" for part in live if not part.passed)
        if held and not any(part.passed for part in live):
            return Verdict(Leave.REFUSED, (*held, *silent))
        return Verdict(Leave.IN_PART if held or silent else Leave.GIVEN, (*held, *silent))

    # --- apply -------------------------------------------------------------------------------------------------------

    def apply(self, entity: str) -> RunResult | None:
        """Apply this run's plan, by the ledger's verdict and nobody else's. None where only a plan was asked for."""
        result, only = self._resumed(entity, ended_is_fine=PLAN_ONLY)
        head = self._plan_of(entity)
        result.plan, result.changes = head.id, sum(head.counts.values())
        if only:
            return None
        verdict = self.verdict(result, head, self.house.ledger.parts(head.id))
        if verdict.leave is Leave.REFUSED:
            raise LedgerError(f"plan {head.id} may not be applied: {'; '.join(verdict.says)}")
        self.house.apply(result)
        return self.house.end(result)

    # --- parts -------------------------------------------------------------------------------------------------------

    def of(self, *names: str) -> str:
        """The id in the ledger of what this run does with something: `<run>.account`."""
        return ".".join((self.run, *names))

    def calls_today(self, system: str) -> int:
        """Calls to a system on its present day, by all runs."""
        return calls_today(self.house.ledger, self.house.book.systems[system], self.house.seams.clock())

    def _start(self, name: str, about: str, kind: str) -> None:
        self.house.ledger.start_run(RunRecord(name, about, kind, self._now()))

    def _end(self, name: str, state: RunState, says: Sequence[str], stats: dict[str, object]) -> None:
        self.house.ledger.end_run(name, self._now(), state, "; ".join(says), stats)

    def _now(self) -> datetime:
        return self.house.seams.clock()

    def _resumed(self, entity: str, *, ended_is_fine: str = "") -> tuple[RunResult, bool]:
        """The run as its earlier steps left it, and whether only a plan was asked for."""
        record = self._record(entity, self.of(entity))
        if record is None or (record.ended_at is not None and record.kind != ended_is_fine):
            raise LedgerError(
                f"{entity}: this run {'has ended' if record else 'has not begun'}; start the whole job anew, "
                f"since a plan stands on what its own run has recovered and read"
            )
        result = RunResult(record.id, entity)
        self.house.take_recovered(result, self._recovered(entity))
        for system, kind_map in sorted(self.house.book.entities[entity].maps.items()):
            if system in self.house.connectors:
                self.house.take_crawl(result, self._crawl(entity, system, kind_map.kind))
        return result, record.kind == PLAN_ONLY

    def _recovered(self, entity: str) -> Recovered:
        record = self._record(f"{entity}/{RECOVER}", self.of(entity, RECOVER))
        if record is None or record.ended_at is None:
            raise LedgerError(f"{entity}: recovery did not end in this run; start the whole job anew")
        return Recovered(**record.stats)

    def _crawl(self, entity: str, system: str, kind: str) -> Crawl:
        record = self._record(f"{system}/{kind}", self.of(system, kind))
        if record is None or record.ended_at is None:
            raise LedgerError(f"{entity}: {system}/{kind} was not read in this run; start the whole job anew")
        complete = record.state in (RunState.COMPLETE, RunState.WITH_REJECTS)
        halted = record.state == RunState.HALTED
        counts = {name: said for name, said in record.stats.items() if name != _FULL}
        full = bool(record.stats.get(_FULL))
        return Crawl(system, kind, Tally(**counts), complete=complete, halted=halted, full=full, says=record.says)

    def _record(self, about: str, name: str) -> RunRecord | None:
        return next((record for record in self.house.ledger.runs(about, _RECENT) if record.id == name), None)

    def _plan_of(self, entity: str) -> PlanHead:
        run = self.of(entity)
        found = next((head for head in self.house.ledger.plans(entity, _RECENT) if head.run == run), None)
        if found is None:
            raise LedgerError(f"{entity}: this run has made no plan; start the whole job anew")
        return found

    def _is_live(self, part: Part) -> bool:
        """Parts of a system in shadow (`write: off`) are held by the book's own will and are nobody's alarm."""
        return self.house.book.systems[part.system].switch(part.entity) is not WriteSwitch.OFF


def _state_of(crawl: Crawl) -> RunState:
    if crawl.halted:
        return RunState.HALTED
    if not crawl.complete:
        return RunState.INCOMPLETE
    return RunState.WITH_REJECTS if crawl.tally.held or crawl.tally.faults else RunState.COMPLETE
