"""The half of the port that is about work: plans, reading, people, operation. What holds for all calls: `port`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from connectors.contract import RecordRef, Watermark
from mappings.fieldmap import Gap
from sync_pipelines.model.changes import Approval, Change, Op, Part, State
from sync_pipelines.model.decisions import EntityDecision
from sync_pipelines.model.questions import Question
from sync_pipelines.model.records import (
    AuditEntry,
    Delivery,
    KeptAlert,
    Lease,
    Login,
    OpenGap,
    OutgoingMessage,
    PlanHead,
    Quarantined,
    RunRecord,
    Snapshot,
    Visit,
)


class Running(Protocol):
    """What is done, by whom, and how far it went."""

    # --- plans and changes -------------------------------------------------------------------------------------------

    def save_plan(self, head: PlanHead, changes: Sequence[Change], decisions: Sequence[EntityDecision] = ()) -> None:
        """Keep a plan; older plans of the entity that were never applied become superseded, their changes dropped."""
        ...

    def draft_plan(self, head: PlanHead, changes: Sequence[Change], decisions: Sequence[EntityDecision]) -> None:
        """Keep a part of a plan that is still being made; `save_plan` keeps the last part. Before, nobody applies it.

        TakenError where another plan of the entity was saved meanwhile: this one would be half a plan.
        """
        ...

    def decisions(self, plan: str) -> Sequence[EntityDecision]:
        """What a plan decided besides its writes, by entity id."""
        ...

    def decision_pages(self, plan: str, size: int = 2_000) -> Iterator[Sequence[EntityDecision]]:
        """The same, so many at a time."""
        ...

    def change_pages(
        self, plan: str, size: int = 2_000, *, system: str = "", op: Op | None = None
    ) -> Iterator[Sequence[Change]]:
        """The changes of a plan in the order in which they were planned, so many at a time; all, or of one sort."""
        ...

    def plan(self, plan: str) -> PlanHead | None:
        """A plan by its id."""
        ...

    def plans(self, entity: str = "", limit: int = 20) -> Sequence[PlanHead]:
        """Plans, newest first."""
        ...

    def judge(self, plan: str, parts: Sequence[Part]) -> None:
        """Keep the verdict on each part; a plan without one is refused by apply."""
        ...

    def parts(self, plan: str) -> Sequence[Part]:
        """The judged parts of a plan."""
        ...

    def approve(self, approval: Approval) -> None:
        """A person's leave."""
        ...

    def approvals(self) -> Sequence[Approval]:
        """All leaves given, newest first."""
        ...

    def close_plan(self, plan: str, state: str) -> None:
        """`applied` or `superseded`."""
        ...

    def changes(
        self,
        *,
        plan: str = "",
        run: str = "",
        entity: str = "",
        entity_id: str = "",
        entity_ids: Sequence[str] = (),
        system: str = "",
        states: Sequence[State] = (),
    ) -> Sequence[Change]:
        """Changes by what is given, in the order in which they were planned."""
        ...

    def intend(self, changes: Sequence[Change], lease: Lease, now: datetime) -> None:
        """Freeze payloads and set INTENDED in one commit that checks the lease. LeaseLostError, and nothing is kept."""
        ...

    def resolve(self, outcomes: Sequence[tuple[str, State, str]]) -> None:
        """(key, state, reason): what became of intended changes."""
        ...

    # --- reading -----------------------------------------------------------------------------------------------------

    def watermark(self, system: str, kind: str, flow: str) -> Watermark | None:
        """How far a flow was read."""
        ...

    def advance(self, system: str, kind: str, flow: str, to: Watermark) -> None:
        """Move on; a position before the known one is ignored."""
        ...

    def rewind(self, system: str, kind: str, flow: str, to: Watermark | None) -> None:
        """Go back on purpose; None reads everything again."""
        ...

    def mark_dirty(self, refs: Sequence[RecordRef], reason: str) -> None:
        """Re-read these by id in the next run."""
        ...

    def dirty(self, system: str, kind: str) -> Sequence[RecordRef]:
        """Records to re-read."""
        ...

    def clean(self, refs: Sequence[RecordRef]) -> None:
        """They were re-read."""
        ...

    def quarantine(self, entries: Sequence[Quarantined]) -> None:
        """Keep what cannot go on; once per (ref, entity, reason, field)."""
        ...

    def quarantined(self, *, entity: str = "", system: str = "") -> Sequence[Quarantined]:
        """What waits, oldest first."""
        ...

    def release(self, refs: Sequence[RecordRef], entity: str, reason: str = "") -> None:
        """It goes on (all reasons where none is named)."""
        ...

    def note_gaps(self, map_name: str, gaps: Sequence[tuple[RecordRef, Gap]], now: datetime) -> None:
        """Codes nobody mapped, with the records that wait."""
        ...

    def gaps(self) -> Sequence[OpenGap]:
        """Open gaps with their waiting records."""
        ...

    def close_gap(self, table: str, map_name: str, code: str, way: str) -> None:
        """Somebody mapped it."""
        ...

    # --- people ------------------------------------------------------------------------------------------------------

    def ask(self, questions: Sequence[Question]) -> Sequence[str]:
        """Ask once per open (entity_id, topic); new evidence updates it, and ends that it is `held`.

        Answers the ids, in order.
        """
        ...

    def questions(
        self, *, entity: str = "", entity_ids: Sequence[str] = (), open_only: bool = True
    ) -> Sequence[Question]:
        """Questions, oldest first; empty `entity_ids` means of all."""
        ...

    def question(self, question_id: str) -> Question | None:
        """One question."""
        ...

    def answer(self, question_id: str, answer: str, by: str, at: datetime) -> None:
        """Keep an answer. LedgerError where it is not open."""
        ...

    def withdraw(self, entity: str, topics: Sequence[tuple[str, str]]) -> None:
        """(entity_id, topic): the doubt is gone by itself."""
        ...

    def keep_apart(self, entity: str, pairs: Sequence[tuple[str, str]], by: str, at: datetime) -> None:
        """Pairs of record addresses or entity ids that a person keeps apart."""
        ...

    def forget_apart(self, entity: str, names: Sequence[str]) -> None:
        """Nobody keeps these apart from one another any more; from others they are kept as before."""
        ...

    def apart(self, entity: str, names: Sequence[str]) -> frozenset[tuple[str, str]]:
        """Kept-apart pairs in which one of these takes part, both ways round."""
        ...

    # --- alerts -------------------------------------------------------------------------------------------------------

    def open_alerts(self) -> Sequence[KeptAlert]:
        """Alerts that are not over, by key."""
        ...

    def all_alerts(self) -> Sequence[KeptAlert]:
        """Those that are over as well, as far as they were not pruned."""
        ...

    def keep_alerts(self, alerts: Sequence[KeptAlert], messages: Sequence[OutgoingMessage]) -> None:
        """Alerts as they are known now, and what is to be told; a message whose id is known is not put out again."""
        ...

    def outgoing(self) -> Sequence[OutgoingMessage]:
        """Messages nobody took yet, oldest first."""
        ...

    def sent(self, message: OutgoingMessage, at: datetime | None) -> None:
        """One more try; it is taken where `at` says when."""
        ...

    # --- what systems announce ----------------------------------------------------------------------------------------

    def receive(self, delivery: Delivery) -> bool:
        """Keep it, before anybody looks into it. False where it is known already: nothing changes then."""
        ...

    def inbox(self, most: int = 1000) -> Sequence[Delivery]:
        """Deliveries since which nothing was read, oldest first."""
        ...

    def deliveries(self, system: str = "", limit: int = 20) -> Sequence[Delivery]:
        """What was announced, newest first."""
        ...

    def keep_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """What became of them; one that is not known any more stays away."""
        ...

    def forget_bodies(self, before: datetime) -> int:
        """Empty what came before and is still kept as it came, waiting or not; answers of how many."""
        ...

    # --- who may pass the gate ---------------------------------------------------------------------------------------

    def logins(self) -> Sequence[Login]:
        """By name."""
        ...

    def keep_login(self, login: Login) -> None:
        """Add or replace; its visits end."""
        ...

    def drop_login(self, name: str) -> None:
        """It is no more, nor are its visits."""
        ...

    def visit(self, digest: str) -> Visit | None:
        """A login that has not ended."""
        ...

    def begin_visit(self, visit: Visit) -> None:
        """Keep it."""
        ...

    def end_visit(self, digest: str) -> None:
        """It counts no longer."""
        ...

    # --- upkeep -------------------------------------------------------------------------------------------------------

    def prune(self, before: datetime, keep: int) -> Mapping[str, int]:
        """Take away what is older: ended runs but the newest `keep` of each sort, plans that were superseded without
        being sent, messages that were taken, alerts that are over, descriptions of kinds but the newest, deliveries,
        visits that ended.

        Answers how many of each. What was decided, coupled, written and audited stays.
        """
        ...

    def keep_snapshots(self, snapshots: Sequence[Snapshot]) -> None:
        """How systems describe their kinds now."""
        ...

    def snapshots(self, system: str, kind: str, limit: int = 2) -> Sequence[Snapshot]:
        """How a kind was described, newest first."""
        ...

    # --- operation ---------------------------------------------------------------------------------------------------

    def acquire(self, name: str, holder: str, now: datetime, until: datetime) -> Lease | None:
        """The lease, with a higher token than any before; None while somebody else's stands."""
        ...

    def renew(self, lease: Lease, now: datetime, until: datetime) -> Lease:
        """LeaseLostError where it is no longer ours."""
        ...

    def release_lease(self, lease: Lease) -> None:
        """Give it back; nothing where it is no longer ours."""
        ...

    def start_run(self, run: RunRecord) -> None:
        """A run begins."""
        ...

    def end_run(self, run: str, ended_at: datetime, state: str, says: str, stats: Mapping[str, Any]) -> None:
        """How it ended."""
        ...

    def runs(self, entity: str = "", limit: int = 20) -> Sequence[RunRecord]:
        """Newest first."""
        ...

    def spend(self, system: str, day: str, calls: int) -> int:
        """Add calls to a day's count; answers the sum. Used across processes."""
        ...

    def spent(self, system: str, day: str) -> int:
        """What was added so far. Writes nothing."""
        ...

    def pin(self, name: str, value: str) -> str:
        """Keep a small fact (tenant fingerprint, book version) unless there is one; answers the kept one."""
        ...

    def set_pin(self, name: str, value: str) -> None:
        """Replace it on purpose."""
        ...

    def get_pin(self, name: str) -> str:
        """The kept fact; empty where there is none."""
        ...

    def suppress(self, marks: Sequence[str], at: datetime) -> None:
        """Words that tell erased persons; only their keyed hashes are kept. LedgerError where there is no audit key."""
        ...

    def suppressed(self, marks: Sequence[str]) -> frozenset[str]:
        """Which of these words tell an erased person."""
        ...

    def joined_into(self, entity: str, entity_ids: Sequence[str]) -> Sequence[str]:
        """These, and all that became one with them: a look through the whole history."""
        ...

    def forget(
        self, entity: str, entity_ids: Sequence[str], refs: Sequence[RecordRef], words: Collection[str]
    ) -> Mapping[str, int]:
        """Take away, on every shelf, all that is kept about these entities and records, questions and decisions in
        which they or these words stand, and texts that quote the words. The audit chain stays whole without its values.

        Answers how many of each shelf. It looks through all of it.
        """
        ...

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Append to the chain."""
        ...

    def audit_trail(self, limit: int = 100) -> Sequence[AuditEntry]:
        """Newest first."""
        ...

    def erase_audited(self, about: Sequence[str]) -> None:
        """Erase the values beside all entries about these; the chain stays whole."""
        ...

    def verify_audit(self) -> int:
        """Walk the chain; answers its length. LedgerError names the first broken entry."""
        ...
