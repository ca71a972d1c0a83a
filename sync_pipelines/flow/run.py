"""A run is: recover, read, decide, judge, apply, record. In this order, always."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from connectors.contract import Connector
from connectors.errors import ConnectorError, MisconfiguredError
from mappings.book import Book, WriteSwitch
from sync_pipelines.applying.apply import Applied, Applier
from sync_pipelines.applying.encoding import writers_of
from sync_pipelines.applying.outcome import Recorder
from sync_pipelines.applying.recovery import Recovered, Recovery
from sync_pipelines.applying.seams import Seams
from sync_pipelines.flow.committing import Committing, commit_decisions
from sync_pipelines.flow.drafting import Draft, Drafted, Drafter
from sync_pipelines.flow.drifting import paused
from sync_pipelines.flow.emptiness import note_if_none_was_met, suspicious, unmet
from sync_pipelines.flow.forecasting import calls_today, note_reading
from sync_pipelines.flow.hours import closed_now
from sync_pipelines.flow.metadata import Metadata
from sync_pipelines.flow.recognising import Recogniser
from sync_pipelines.flow.rekeying import begin_keys, rekey
from sync_pipelines.flow.replaying import replay_mapped_gaps
from sync_pipelines.flow.suppressing import erased_among
from sync_pipelines.flow.unread import Unread
from sync_pipelines.identity.matcher import Matcher
from sync_pipelines.identity.scored import match
from sync_pipelines.intake.crawl import Crawl, Crawler
from sync_pipelines.intake.landing import Landing
from sync_pipelines.intake.older import note_if_it_saw_fewer_runs, nothing_is_made, nothing_is_written
from sync_pipelines.intake.readers import readers_of
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.changes import Change, Held, Op, Part, RunState, State
from sync_pipelines.model.records import PlanHead, RunRecord
from sync_pipelines.planning.guards import judge_plan
from sync_pipelines.review.pooled import pools_of

_DECISIONS = 250  # committed at a time: the first write waits for no more
_UNMET = (
    "so many records are new that only some of them were looked at, and nothing is made before all are: run again, "
    "or take over what exists with `concordat adopt {}`"
)


@dataclass(slots=True)
class RunResult:
    """What a run came to. `state` never says success where something was left undone."""

    run: str
    entity: str
    state: RunState = RunState.COMPLETE
    says: list[str] = field(default_factory=list)
    plan: str = ""
    recovered: Recovered = field(default_factory=Recovered)
    crawls: list[Crawl] = field(default_factory=list)
    parts: Sequence[Part] = ()
    held: Sequence[Held] = ()
    changes: int = 0
    applied: Applied = field(default_factory=Applied)


class House:
    """The engine on one book, one ledger and its connectors."""

    def __init__(
        self,
        book: Book,
        ledger: Ledger,
        connectors: Mapping[str, Connector],
        seams: Seams,
        matcher: Matcher = match,
        at_rest: Callable[[], None] = lambda: None,
    ) -> None:
        """`connectors` by system name; a system without one takes no part in this run.

        `at_rest` is called where no more calls are made for now.
        """
        self.book, self.ledger, self.connectors, self.seams = book, ledger, connectors, seams
        self.at_rest = at_rest
        self.readers = readers_of(book)
        self.writers = writers_of(book)
        self.landing = Landing(ledger, self.readers)
        self.resolver = Resolver(ledger, book)
        self.recogniser = Recogniser(ledger, self.resolver, matcher, seams.new_id)

    # --- the whole ---------------------------------------------------------------------------------------------------

    def run(self, entity: str, *, full: bool = False) -> RunResult:
        """One run of one entity, from recovery to record."""
        result = self.begin(entity, "sync")
        self.refresh(result, full=full)
        self.plan(result)
        self.judge(result)
        self.apply(result)
        return self.end(result)

    def begin(self, entity: str, kind: str) -> RunResult:
        """Start a run in the ledger."""
        result = RunResult(self.seams.new_id(), entity)
        self.ledger.start_run(RunRecord(result.run, entity, kind, self.seams.clock()))
        return result

    def refresh(self, result: RunResult, *, full: bool = False) -> None:
        """Recover, then read."""
        self.recover(result)
        self.read(result, full=full)

    def recover(self, result: RunResult) -> None:
        """Look up every write whose outcome is not known."""
        note_if_it_saw_fewer_runs(self.ledger, self.seams.memento, self.book.entities, self.seams.clock())
        recovery = Recovery(self.ledger, self.connectors, self._recorder(result.run), self.resolver, self.seams)
        self.take_recovered(result, recovery.recover(result.entity))

    def take_recovered(self, result: RunResult, recovered: Recovered) -> None:
        """Recovery as it went, now or in an earlier step of this run."""
        result.recovered = recovered
        for system, why in recovered.unreachable.items():
            self._incomplete(result, f"{system}: writes without an outcome could not be looked up: {why}")

    def read(self, result: RunResult, *, full: bool = False) -> None:
        """Read every kind that speaks of the entity; one system's trouble leaves the others alone."""
        replay_mapped_gaps(self.ledger, self.book)
        for system, kind in sorted(self._places(result.entity)):
            self.take_crawl(result, self.crawl(system, kind, full=full))

    def take_crawl(self, result: RunResult, crawl: Crawl) -> None:
        """A reading as it went, now or in an earlier step of this run."""
        result.crawls.append(crawl)
        self._note_crawl(result, crawl)

    def crawl(self, system: str, kind: str, *, full: bool = False) -> Crawl:
        """Read one kind of one system. One that is not even set up is halted like one that refuses us."""
        crawl = Crawl(system, kind)
        try:
            connector = self.connectors[system]
            self._check_tenant(system, connector)
        except ConnectorError as error:
            crawl.stop(error)
            return crawl
        begin_keys(self.ledger, self.book, [reader.entity for reader in self.readers.get((system, kind), ())])
        crawler = Crawler(self.ledger, connector, self.landing, self.readers, self.seams.clock())
        spec = self.book.systems[system]
        before = calls_today(self.ledger, spec, self.seams.clock())
        crawl = crawler.crawl(kind, full=full)
        note_if_none_was_met(self.ledger, crawl, self.seams.clock())
        if crawl.tally.read:
            self.seams.memento.meet({f"{system}/{kind}"})
        self.at_rest()
        note_reading(self.ledger, spec, crawl, before, self.seams.clock())
        return crawl

    def plan(self, result: RunResult) -> Drafted:
        """Decide and plan; the plan is kept, page by page, and changes nothing yet."""
        result.plan = self.seams.new_id()
        self._note_older(result)
        rekey(self.ledger, self.book.entities[result.entity])
        drafter = Drafter(
            self.ledger,
            self.book,
            self.connectors,
            self.resolver,
            self.writers,
            self.recogniser,
            self.seams,
            Metadata(self.connectors),
        )
        drafted = self._save(result, drafter.pages(result.entity, result.plan))
        result.changes, result.held = drafted.counts.total(), drafted.held
        if drafted.misfits:
            self._rejects(
                result, f"{len(drafted.misfits)} values fit no field of their system; see `concordat quarantine list`"
            )
        for found in pools_of(self.ledger, self.book, result.entity).values():
            if found.says:
                self._incomplete(result, found.says)
        if drafted.more:
            self._incomplete(result, _UNMET.format(result.entity))
        return drafted

    def judge(self, result: RunResult) -> Sequence[Part]:
        """Guards, switches and approvals; only the part that is too much is held."""
        spec = self.book.entities[result.entity]
        changes = chain.from_iterable(self.ledger.change_pages(result.plan))
        known = {system: self.ledger.count_coupled(result.entity, system) for system in spec.maps}
        switches = {name: system.switch(result.entity) for name, system in self.book.systems.items()}
        now = self.seams.clock()
        waits = {**paused(self.ledger, self.book, result.entity), **unmet(self.ledger, self.book, result.entity)}
        closed = {**closed_now(self.book, now), **waits}
        result.parts = judge_plan(changes, known, self.book.guards, switches, self.ledger.approvals(), now, closed)
        self.ledger.judge(result.plan, result.parts)
        return result.parts

    def apply(self, result: RunResult) -> Applied:
        """Apply the very plan that was judged. LedgerError where it was not, or where a newer one took its place."""
        head = self._applicable(result.plan)
        self._note_older(result)
        if nothing_is_written(self.ledger):
            return result.applied
        parts = self.ledger.parts(head.id)
        committing = Committing(
            self.ledger.decision_pages(head.id, _DECISIONS),
            lambda page: commit_decisions(self.ledger, head.entity, page, result.run, self.seams.clock()),
        )
        making = {part.system for part in parts if part.passed and part.op == Op.CREATE}
        self.seams.memento.meet({f"{s}/{k}" for s, k in self._places(head.entity) if s in making})
        applier = Applier(
            self.ledger,
            self.connectors,
            self._recorder(result.run),
            self.resolver,
            self.seams,
            result.run,
            lambda batch: self._ready(committing, head.entity, batch),
        )
        result.applied = applier.apply(head.id, parts)
        left = committing.finish()
        if left:
            result.says.append(f"{len(left)} changed since the plan was made and wait for the next one")
        self.at_rest()
        unsent = self.ledger.changes(plan=head.id, states=(State.PLANNED,))
        self.ledger.resolve([(change.key, State.DROPPED, "not sent in this run") for change in unsent])
        self.ledger.close_plan(head.id, "applied")
        result.parts = parts
        self._note_applied(result)
        return result.applied

    def end(self, result: RunResult) -> RunResult:
        """Record how it ended; what waits from earlier runs is not forgotten."""
        waiting = len({entry.ref for entry in self.ledger.quarantined(entity=result.entity)})
        if waiting and result.state is RunState.COMPLETE:
            self._rejects(result, f"records that cannot go on: {waiting}; see `concordat quarantine list`")
        stats = {
            "read": sum(c.tally.read for c in result.crawls),
            "landed": sum(c.tally.landed for c in result.crawls),
            "held_records": sum(c.tally.held for c in result.crawls),
            "changes": result.changes,
            "held": self._held(result),
            "blocked": result.applied.blocked,
            "recovered": result.recovered.done,
            "reads": {f"{crawl.system}/{crawl.kind}": _told_of(crawl) for crawl in result.crawls},
            **{
                name: result.applied.total(name)
                for name in ("creates", "updates", "archives", "rejected", "stale", "failed", "uncertain")
            },
        }
        self.ledger.end_run(result.run, self.seams.clock(), result.state, "; ".join(result.says), stats)
        return result

    # --- parts -------------------------------------------------------------------------------------------------------

    def _places(self, entity: str) -> list[tuple[str, str]]:
        maps = self.book.entities[entity].maps
        return [(system, kind_map.kind) for system, kind_map in maps.items() if system in self.connectors]

    def _recorder(self, run: str) -> Recorder:
        return Recorder(self.ledger, self.landing, self.resolver, self.seams, run)

    def _check_tenant(self, system: str, connector: Connector) -> None:
        """A cloned sandbox, or a copied ledger, stops at once."""
        now = connector.fingerprint()
        pinned = self.ledger.pin(f"tenant:{system}", now)
        if pinned != now:
            message = (
                f"{system} is another tenant ({now}) than the one this ledger belongs to ({pinned}); nothing is read "
                f"or written. Point the connection back, or use a ledger of its own."
            )
            raise MisconfiguredError(message)

    def _save(self, result: RunResult, pages: Iterator[Draft]) -> Drafted:
        """The last page makes the plan whole; where making it is cut off, what was kept of it is nobody's plan."""
        drafted, unread = Drafted(), Unread(result.crawls)
        head = PlanHead(result.plan, result.entity, result.run, self.book.version, self.seams.clock())
        page: Draft | None = next(pages)
        while page is not None:
            page.changes = unread.written(page.changes)
            drafted.add(page)
            after = next(pages, None)
            with self.ledger.transaction():
                if after is None:
                    whole = replace(head, counts=dict(drafted.counts), held=len(drafted.held))
                    self.ledger.save_plan(whole, page.changes, page.decisions)
                    self._release_misfits(result.entity, drafted)
                else:
                    self.ledger.draft_plan(head, page.changes, page.decisions)
                self._keep_misfits(page)
            page = after
        for says in unread.says():
            self._incomplete(result, says)
        return drafted

    def _keep_misfits(self, page: Draft) -> None:
        now = self.seams.clock()
        self.ledger.quarantine([replace(fault, since=now) for fault in page.faults])
        for map_name in sorted({name for name, _, _ in page.gaps}):
            pairs = [(ref, gap) for name, ref, gap in page.gaps if name == map_name]
            self.ledger.note_gaps(map_name, pairs, now)

    def _release_misfits(self, entity: str, drafted: Drafted) -> None:
        """What does not fit is met again by every plan until it fits."""
        known = {entry.ref for entry in self.ledger.quarantined(entity=entity) if entry.reason == "misfit"}
        self.ledger.release(sorted(known - drafted.misfits), entity, "misfit")

    def _applicable(self, plan: str) -> PlanHead:
        head = self.ledger.plan(plan)
        if head is None:
            message = f"there is no plan {plan}; `concordat plan` makes one"
            raise LedgerError(message)
        if head.state in ("applied", "superseded"):
            message = f"plan {plan} was {head.state} already; `concordat plan` makes a new one"
            raise LedgerError(message)
        if not head.judged:
            message = f"plan {plan} has not been judged, so nothing of it is applied"
            raise LedgerError(message)
        return head

    def _ready(self, committing: Committing, entity: str, batch: Sequence[Change]) -> Sequence[Change]:
        """What was decided about them is true, and stands."""
        waiting = committing.waiting({change.entity_id for change in batch})
        return self._makeable(entity, [change for change in batch if change.entity_id not in waiting])

    def _makeable(self, entity: str, changes: Sequence[Change]) -> list[Change]:
        """Without creates of persons who were erased after the plan was made; none in a ledger that is too old."""
        if nothing_is_made(self.ledger):
            return [change for change in changes if change.op is not Op.CREATE]
        ids = sorted({change.entity_id for change in changes if change.op is Op.CREATE})
        golden = self.ledger.golden_of(entity, ids) if ids else {}
        told = {i: {key: word.value for key, word in found.fields.items()} for i, found in golden.items()}
        erased = erased_among(self.ledger, self.book.entities[entity], told) if told else frozenset()
        return [change for change in changes if change.op is not Op.CREATE or change.entity_id not in erased]

    def _held(self, result: RunResult) -> int:
        """Counted with the plan, which may have been made in an earlier step."""
        head = self.ledger.plan(result.plan) if result.plan else None
        return head.held if head else len(result.held)

    # --- states ------------------------------------------------------------------------------------------------------

    def _note_crawl(self, result: RunResult, crawl: Crawl) -> None:
        if crawl.halted:
            self._halted(result, crawl.says)
        elif not crawl.complete:
            self._incomplete(result, crawl.says)
        elif doubt := suspicious(self.ledger, self.book, result.entity, crawl):
            self._incomplete(result, doubt)
        elif crawl.tally.held:
            waits = "1 record waits" if crawl.tally.held == 1 else f"{crawl.tally.held} records wait"
            self._rejects(result, f"{crawl.system}/{crawl.kind}: {waits} for a code to be mapped")

    def _note_applied(self, result: RunResult) -> None:
        for system, why in result.applied.halted.items():
            self._halted(result, f"{system}: {why}")
        for system, why in result.applied.incomplete.items():
            self._incomplete(result, f"{system}: {why}")
        blocked = [part for part in result.parts if not part.passed and self._sends(part)]
        for part in blocked:
            self._incomplete(result, f"held: {part.id}: {part.says}")
        for name in ("failed", "uncertain"):
            if result.applied.total(name):
                self._incomplete(result, f"{result.applied.total(name)} writes {name}")
        if result.applied.total("rejected"):
            self._rejects(
                result, f"{result.applied.total('rejected')} records were refused; see `concordat quarantine list`"
            )

    def _sends(self, part: Part) -> bool:
        return self.book.systems[part.system].switch(part.entity) is not WriteSwitch.OFF

    def _note_older(self, result: RunResult) -> None:
        says = nothing_is_made(self.ledger)
        if says and says not in result.says:
            self._halted(result, says)

    def _halted(self, result: RunResult, says: str) -> None:
        result.state = RunState.HALTED
        result.says.append(says)

    def _incomplete(self, result: RunResult, says: str) -> None:
        if result.state is not RunState.HALTED:
            result.state = RunState.INCOMPLETE
        result.says.append(says)

    def _rejects(self, result: RunResult, says: str) -> None:
        if result.state is RunState.COMPLETE:
            result.state = RunState.WITH_REJECTS
        result.says.append(says)


def _told_of(crawl: Crawl) -> dict[str, object]:
    """What is kept of a reading, for whoever asks later how it usually goes."""
    return {
        "read": crawl.tally.read,
        "landed": crawl.tally.landed,
        "complete": crawl.complete,
        "halted": crawl.halted,
        "full": crawl.full,
        "says": crawl.says,
    }
