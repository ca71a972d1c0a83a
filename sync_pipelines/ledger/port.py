"""What the engine asks of the ledger. `memory` and `sql` keep the same promises; one contract suite holds both to them.

Every call outside of `transaction()` is a transaction of its own. Inside, everything commits together or not at all.
A ledger object serves one thread; other threads and processes open their own. Sequences may be of any length: an
implementation cuts them, and never asks once per item. Answers are ordered by key, so that a run repeats exactly.
An answer that maps ids or keys to sequences has an entry for each that was asked for, be it empty. A call that raises
has changed nothing.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from connectors.contract import RecordRef, Tombstone, Watermark
from mappings.fieldmap import Gap
from sync_pipelines.model.changes import Approval, Change, Part, State
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.decisions import EntityDecision
from sync_pipelines.model.golden import Decided, Golden, HandOver, Override
from sync_pipelines.model.questions import Question
from sync_pipelines.model.records import (
    AuditEntry,
    Coupling,
    GoldenStep,
    Lease,
    OpenGap,
    PlanHead,
    Quarantined,
    RunRecord,
    Seen,
)


class LedgerError(Exception):
    """The ledger refuses: what, where and what to do, in one line."""


class TakenError(LedgerError):
    """A constraint of the ledger would be broken: the record, the place of a primary or the key is taken."""


class LeaseLostError(LedgerError):
    """Another one holds the right to write now. Nothing was committed."""


class Ledger(Protocol):
    """The memory of the house."""

    def transaction(self) -> AbstractContextManager[None]:
        """One write transaction (`BEGIN IMMEDIATE`); nested calls join the outer one."""
        ...

    def close(self) -> None:
        """Give back files and connections."""
        ...

    # --- claims -----------------------------------------------------------------------------------------------------

    def seen(self, system: str, kind: str, ids: Sequence[str]) -> Mapping[str, Seen]:
        """What was landed of these records (any entity and scope; the oldest map version), and whether it is gone."""
        ...

    def land(self, claims: Sequence[Claim]) -> None:
        """Insert or replace what records say now. Baselines and couplings are not touched by it."""
        ...

    def restamp(self, system: str, kind: str, versions: Mapping[str, tuple[str, datetime | None]]) -> None:
        """Same payload, new version and stamp."""
        ...

    def bury(self, refs: Sequence[RecordRef], at: datetime, *, gone: bool = True) -> None:
        """Mark records as gone by their system's own word and keep a tombstone; `gone=False` brings them back."""
        ...

    def tombstones(self, system: str, kind: str) -> Sequence[Tombstone]:
        """Records that are gone by their system's own word and have not come back."""
        ...

    def record_ids(self, system: str, kind: str, *, gone: bool = False) -> Sequence[str]:
        """Ids of all landed records of a kind, living or gone."""
        ...

    def claims_of(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, Sequence[Claim]]:
        """All coupled claims of these entities, aliases and gone ones too, with entity_id, primary and baseline."""
        ...

    def claims_at(self, entity: str, refs: Sequence[RecordRef]) -> Sequence[Claim]:
        """Claims of these records for one entity (all scopes), with entity_id where coupled."""
        ...

    def uncoupled(self, entity: str) -> Sequence[Claim]:
        """Living claims that belong to no entity yet."""
        ...

    def agree(self, agreements: Sequence[tuple[RecordRef, str, str, Mapping[str, Agreed]]]) -> None:
        """Merge baselines into claims: (ref, entity, scope, by key)."""
        ...

    def forget_baselines(self, entity: str, entity_ids: Sequence[str]) -> None:
        """Empty the baselines of all claims of these entities (re-adoption, split)."""
        ...

    def index_keys(self, entity: str, keys: Sequence[tuple[RecordRef, str, Sequence[str]]]) -> None:
        """Replace the match keys of claims: (ref, scope, keys)."""
        ...

    def find_keys(self, entity: str, keys: Sequence[str]) -> Mapping[str, Sequence[Claim]]:
        """Living claims under each match key, coupled or not."""
        ...

    # --- couplings --------------------------------------------------------------------------------------------------

    def couple(self, couplings: Sequence[Coupling]) -> None:
        """Say which record is which entity. TakenError where the record or the primary place is taken."""
        ...

    def uncouple(self, entity: str, refs: Sequence[RecordRef]) -> None:
        """Take couplings back; claims stay, their baselines are emptied."""
        ...

    def couplings_of(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, Sequence[Coupling]]:
        """All couplings of these entities."""
        ...

    def couplings_at(self, entity: str, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Coupling]:
        """Whose these records are (first scope in order)."""
        ...

    def count_coupled(self, entity: str, system: str) -> int:
        """How many primary couplings a system has: what shares in guards are taken of."""
        ...

    # --- golden records ---------------------------------------------------------------------------------------------

    def golden_of(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, Golden]:
        """Golden records; an entity without one is absent."""
        ...

    def decide(
        self, entity: str, decided: Mapping[str, Mapping[str, Decided]], removed: Mapping[str, Sequence[str]] = ...
    ) -> None:
        """Merge golden values (entity_id → key → decided), each a step in the history; `removed` keys are taken out."""
        ...

    def entity_ids(self, entity: str) -> Sequence[str]:
        """All entities that have a coupling."""
        ...

    def history(self, entity: str, entity_id: str, key: str = "") -> Sequence[GoldenStep]:
        """How a value (or all) came to be, oldest first."""
        ...

    def steps_of_run(self, run: str) -> Sequence[GoldenStep]:
        """Golden steps of one run, in order."""
        ...

    def hand_over(self, hand_overs: Sequence[HandOver]) -> None:
        """Record moments at which a decider changed."""
        ...

    def hand_overs(self, entity: str, entity_id: str) -> Sequence[HandOver]:
        """Recorded hand-overs, oldest first."""
        ...

    def override(self, entity: str, entity_id: str, override: Override) -> None:
        """A steward's standing word."""
        ...

    def revoke(self, entity: str, entity_id: str, key: str) -> None:
        """Take a standing word back."""
        ...

    def overrides_of(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, Sequence[Override]]:
        """Standing words."""
        ...

    def attend(self, entity: str, entity_ids: Sequence[str]) -> None:
        """Something changed about them."""
        ...

    def attended(self, entity: str) -> Sequence[str]:
        """Those that wait to be looked at."""
        ...

    def marks(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, int]:
        """How often each was attended to so far: another mark means that something changed meanwhile."""
        ...

    def settle(self, entity: str, entity_ids: Sequence[str]) -> None:
        """They were looked at and nothing is left to do."""
        ...

    # --- plans and changes -------------------------------------------------------------------------------------------

    def save_plan(self, head: PlanHead, changes: Sequence[Change], decisions: Sequence[EntityDecision] = ()) -> None:
        """Keep a plan; older plans of the entity that were never applied become superseded, their changes dropped."""
        ...

    def decisions(self, plan: str) -> Sequence[EntityDecision]:
        """What a plan decided besides its writes, by entity id."""
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
        """Ask once per open (entity_id, topic); new evidence updates. Answers the ids, in order."""
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

    def apart(self, entity: str, names: Sequence[str]) -> frozenset[tuple[str, str]]:
        """Kept-apart pairs in which one of these takes part, both ways round."""
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

    def pin(self, name: str, value: str) -> str:
        """Keep a small fact (tenant fingerprint, book version) unless there is one; answers the kept one."""
        ...

    def set_pin(self, name: str, value: str) -> None:
        """Replace it on purpose."""
        ...

    def get_pin(self, name: str) -> str:
        """The kept fact; empty where there is none."""
        ...

    def suppress(self, digests: Sequence[str], at: datetime) -> None:
        """Keyed hashes of erased persons."""
        ...

    def suppressed(self, digests: Sequence[str]) -> frozenset[str]:
        """Which of them are suppressed."""
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
