"""Reading a system: everything that changed, what was left undone, what is gone and what was merged.

A watermark moves once, at the end of a complete crawl, and what could not be finished is read again by id.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors.contract import Connector, Listed, Merge, Record, RecordRef, Tombstone, Watermark
from connectors.errors import BudgetError, ConnectorError, MisconfiguredError
from sync_pipelines.intake.landing import Landing, Tally
from sync_pipelines.intake.older import anew
from sync_pipelines.intake.readers import Reader
from sync_pipelines.intake.vanishing import doubt, forget_unseen, note_unseen, trust, unseen, vanished
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.questions import About, Question
from sync_pipelines.model.records import Coupling
from sync_pipelines.ownership.situation import speaks
from sync_pipelines.review.promoting import promote

_JITTER = timedelta(minutes=1)  # servers of one system do not agree to the second
_ASKED = 100  # records, where none is shown any more: one that is there proves that we may see them
FLOW_CHANGES, FLOW_DELETED, FLOW_MERGED = "changes", "deleted", "merged"


@dataclass(slots=True)
class Crawl:
    """How the reading of one kind of one system ended."""

    system: str
    kind: str
    tally: Tally = field(default_factory=Tally)
    complete: bool = True
    halted: bool = False
    full: bool = False  # everything was read, not only what changed
    says: str = ""

    def stop(self, error: ConnectorError) -> None:
        """It ended early; what was landed stays, the watermark does not move."""
        self.complete = False
        self.halted = isinstance(error, MisconfiguredError)
        self.says = f"{self.system}/{self.kind}: {error}" + (" (budget)" if isinstance(error, BudgetError) else "")


@dataclass(frozen=True, slots=True)
class Crawler:
    """Reads kinds of one system into the ledger."""

    ledger: Ledger
    connector: Connector
    landing: Landing
    readers: Mapping[tuple[str, str], tuple[Reader, ...]]
    now: datetime

    def crawl(self, kind: str, *, full: bool = False) -> Crawl:
        """Read what changed (or everything), what waits by id, what is gone, what was merged."""
        crawl = Crawl(self.connector.system, kind)
        try:
            self._merges(kind, crawl)
            self._dirty(kind, crawl)
            proven = self._changes(kind, crawl, full=full or self._map_changed(kind) or self._is_missed(kind))
            self._dirty(kind, crawl)  # what the listing left in doubt
            self._deletions(kind, crawl, full=full, proven=proven or crawl.halted)
        except ConnectorError as error:
            crawl.stop(error)
        return crawl

    # --- changes ------------------------------------------------------------------------------------------------------

    def _changes(self, kind: str, crawl: Crawl, *, full: bool) -> bool:
        """Land every page. True where this showed all that is there, and what it did not show was asked for."""
        system = self.connector.system
        since = None if full else self.ledger.watermark(system, kind, FLOW_CHANGES)
        crawl.full = since is None
        safe_point: Watermark | None = None
        shown: set[str] = set()  # by a reading of everything
        for page in self.connector.changes(kind, since):
            crawl.tally.add(self.landing.land(page.records, self.now))
            if since is None:
                shown.update(_ids(page.records))
            safe_point = page.safe_point
        if safe_point is None:
            crawl.complete = False
            crawl.says = f"{system}/{kind}: the reading ended without a safe point"
            return False
        if since is not None and self._was_set_back(kind, since, safe_point):
            self._go_back(kind, safe_point, safe_point.at - since.at)
            return self._changes(kind, crawl, full=True)
        self._move_on(kind, safe_point)
        self.ledger.set_pin(_read_by(system, kind), self._map_version(kind))
        if since is None:
            self._prove_gone(kind, self._without(kind, shown), crawl, shows_any=bool(shown))
        return since is None and self.connector.kinds[kind].reads_strongly

    def _move_on(self, kind: str, to: Watermark) -> None:
        """Deletions and merges move on by themselves from their first position. Nothing stays in the future."""
        for flow in (FLOW_CHANGES, FLOW_DELETED, FLOW_MERGED):
            known = self.ledger.watermark(self.connector.system, kind, flow)
            if known is None or (flow == FLOW_CHANGES and known.at <= to.at):
                self.ledger.advance(self.connector.system, kind, flow, to)
            elif flow == FLOW_CHANGES:
                self.ledger.rewind(self.connector.system, kind, flow, to)

    def _was_set_back(self, kind: str, since: Watermark, safe_point: Watermark) -> bool:
        """Its clock shows less than when we last read it: what changed since then may lie before our position."""
        return safe_point.at < since.at - max(self.connector.kinds[kind].look_back, _JITTER)

    def _go_back(self, kind: str, to: Watermark, by: timedelta) -> None:
        """Deletions and merges are asked for once more, from as long before now as the clock was set back."""
        for flow in (FLOW_DELETED, FLOW_MERGED):
            if self.ledger.watermark(self.connector.system, kind, flow) is not None:
                self.ledger.rewind(self.connector.system, kind, flow, Watermark(to.at + by))

    def _map_version(self, kind: str) -> str:
        maps = "+".join(reader.version for reader in self.readers.get((self.connector.system, kind), ()))
        return f"{maps}{anew(self.ledger)}"

    def _map_changed(self, kind: str) -> bool:
        known = self.ledger.get_pin(_read_by(self.connector.system, kind))
        return known not in ("", self._map_version(kind))

    def _dirty(self, kind: str, crawl: Crawl) -> None:
        refs = self.ledger.dirty(self.connector.system, kind)
        if not refs:
            return
        found = self.connector.read(refs)
        crawl.tally.add(
            self.landing.land([found[ref] for ref in refs if ref in found], self.now, strong=True, anew=True)
        )
        self.ledger.clean(refs)

    # --- gone --------------------------------------------------------------------------------------------------------

    def _deletions(self, kind: str, crawl: Crawl, *, full: bool, proven: bool) -> None:
        can = self.connector.kinds[kind]
        told = not can.states_deletes or self._told_deletions(kind, crawl)
        if proven:
            return
        if can.lists_keys and (full or not told):
            self._missing(kind, crawl)
        elif not told:  # the next reading is of everything, and what it does not show is asked for
            self.ledger.rewind(self.connector.system, kind, FLOW_CHANGES, None)

    def _told_deletions(self, kind: str, crawl: Crawl) -> bool:
        """Take the system's own word. False where it no longer tells everything since we last asked."""
        system = self.connector.system
        since = self.ledger.watermark(system, kind, FLOW_DELETED)
        if since is None:
            return True
        deletions = self.connector.deleted(kind, since)
        self._bury(deletions.tombstones, crawl)
        self.ledger.advance(system, kind, FLOW_DELETED, deletions.safe_point)
        return deletions.complete_since is None or deletions.complete_since <= since.at

    def _bury(self, tombstones: Sequence[Tombstone], crawl: Crawl) -> None:
        """A tombstone counts only where the record is really not there now: it may have been brought back."""
        known = set(self._known(tombstones))
        stones = [stone for stone in tombstones if stone.ref in known]
        if not stones:
            return
        back = self.connector.read([stone.ref for stone in stones])
        self._mark_gone([stone.ref for stone in stones if stone.ref not in back], crawl)

    def _known(self, tombstones: Sequence[Tombstone]) -> list[RecordRef]:
        if not tombstones:
            return []
        first = tombstones[0].ref
        known = {*self.ledger.seen(first.system, first.kind, [stone.ref.id for stone in tombstones])}
        known |= unseen(self.ledger, first.system, first.kind)
        return [stone.ref for stone in tombstones if stone.ref.id in known]

    def _missing(self, kind: str, crawl: Crawl) -> None:
        """Absence is proven only by a complete list of keys, and by asking for the record itself."""
        living = {record_id for page in self.connector.keys(kind) for record_id in page}
        self._prove_gone(kind, self._without(kind, living), crawl, shows_any=bool(living))

    def _without(self, kind: str, shown: Collection[str]) -> set[str]:
        """The living ones that were not shown. Of millions, the ids are held once."""
        pages = self.ledger.record_id_pages(self.connector.system, kind)
        missed = {record_id for page in pages for record_id in page if record_id not in shown}
        return missed.union(one for one in unseen(self.ledger, self.connector.system, kind) if one not in shown)

    def _prove_gone(self, kind: str, missed: set[str], crawl: Crawl, *, shows_any: bool) -> None:
        """Records that a complete reading of everything did not show are asked for one by one, in one call."""
        system = self.connector.system
        said = vanished(self.ledger, system, kind)
        doubtful = not shows_any and (said is None or said.doubted)
        if doubtful:
            missed &= self._not_stated(kind, crawl) if missed else missed
            forgotten = said is not None and not said.records
            if forgotten or (missed and not self.connector.read(self._refs(kind, missed)[:_ASKED])):
                crawl.complete, crawl.halted = False, True  # nor is anything written there
                crawl.says = doubt(self.ledger, system, kind, len(missed), self.now).says
                return
        suspects = self._refs(kind, missed)
        there = self.connector.read(suspects) if suspects else {}
        self._mark_gone([ref for ref in suspects if ref not in there], crawl)
        self._land_unseen(kind, there)
        if shows_any or there or doubtful:
            trust(self.ledger, system, kind)

    def _land_unseen(self, kind: str, there: Mapping[RecordRef, Record]) -> None:
        """What others were merged into, and was in no listing so far."""
        system = self.connector.system
        if hidden := unseen(self.ledger, system, kind):
            found = {ref.id: record for ref, record in there.items() if ref.id in hidden}
            self.landing.land(list(found.values()), self.now, strong=True)
            forget_unseen(self.ledger, system, kind, self.ledger.seen(system, kind, sorted(hidden)))

    def _not_stated(self, kind: str, crawl: Crawl) -> set[str]:
        """What still should be there, once the system has said what was deleted."""
        if self.connector.kinds[kind].states_deletes:
            self._told_deletions(kind, crawl)
        return self._without(kind, ())

    def _is_missed(self, kind: str) -> bool:
        """Everything has vanished: as long as nobody knows why, each reading is of everything, which costs little."""
        return vanished(self.ledger, self.connector.system, kind) is not None

    def _refs(self, kind: str, ids: Collection[str]) -> list[RecordRef]:
        return [RecordRef(self.connector.system, kind, record_id) for record_id in sorted(ids)]

    def _mark_gone(self, refs: Sequence[RecordRef], crawl: Crawl) -> None:
        if not refs:
            return
        with self.ledger.transaction():
            for entity in self._entities(refs[0].kind):
                self._remember(entity, self.ledger.couplings_at(entity, refs))
            self.ledger.bury(refs, self.now)
            for entity in self._entities(refs[0].kind):
                couplings = self.ledger.couplings_at(entity, refs)
                ids = sorted({coupling.entity_id for coupling in couplings.values()})
                promote(self.ledger, entity, ids, self.now)
                self.ledger.attend(entity, ids)
        forget_unseen(self.ledger, refs[0].system, refs[0].kind, [ref.id for ref in refs])
        crawl.tally.gone += len(refs)

    def _remember(self, entity: str, couplings: Mapping[RecordRef, Coupling]) -> None:
        """One that others were merged into, and that was gone before anybody read it, said what they had said."""
        unread = couplings.keys() - {claim.ref for claim in self.ledger.claims_at(entity, sorted(couplings))}
        for ref in sorted(unread):
            mine = self.ledger.couplings_of(entity, [couplings[ref].entity_id])[couplings[ref].entity_id]
            lost = [coupling.ref for coupling in mine if coupling.because == _into(ref)]
            said = {claim.scope: claim for claim in self.ledger.claims_at(entity, lost)}
            self.ledger.land(
                [replace(claim, ref=ref, version="", payload_hash="", changed_at=None) for claim in said.values()]
            )

    def _entities(self, kind: str) -> list[str]:
        return [reader.entity for reader in self.readers.get((self.connector.system, kind), ())]

    # --- merged ------------------------------------------------------------------------------------------------------

    def _merges(self, kind: str, crawl: Crawl) -> None:
        """Before anything else: a loser's id must be known as an alias before its winner's new values are met."""
        if not self.connector.kinds[kind].states_merges:
            return
        system = self.connector.system
        since = self.ledger.watermark(system, kind, FLOW_MERGED)
        if since is None:
            return
        merges = self.connector.merged(kind, since)
        self._land_winners(kind, merges.merges)
        for entity in self._entities(kind):
            self._follow(entity, merges.merges, crawl)
        self.ledger.advance(system, kind, FLOW_MERGED, merges.safe_point)

    def _land_winners(self, kind: str, merges: Sequence[Merge]) -> None:
        winners = sorted({merge.winner for merge in merges})
        seen = self.ledger.seen(self.connector.system, kind, [winner.id for winner in winners])
        unknown = {winner for winner in winners if winner.id not in seen}
        if unknown:
            there = self.connector.read(sorted(unknown))
            self.landing.land(list(there.values()), self.now, strong=True)
            ends = unknown - {merge.loser for merge in merges}
            note_unseen(self.ledger, self.connector.system, kind, ends - there.keys())

    def _follow(self, entity: str, merges: Sequence[Merge], crawl: Crawl) -> None:
        last = {merge.loser: merge.winner for merge in merges}
        for loser in sorted(self.ledger.couplings_at(entity, sorted(last))):
            self._repoint(entity, loser, _end_of(loser, last), crawl)

    def _repoint(self, entity: str, loser: RecordRef, winner: RecordRef, crawl: Crawl) -> None:
        known = self.ledger.couplings_at(entity, [loser, winner])
        lost, won = known.get(loser), known.get(winner)
        if lost is None or lost.because == _into(winner):
            return
        crawl.tally.merged += 1
        with self.ledger.transaction():
            self.ledger.bury([loser], self.now)
            if won is None or (won.entity_id == lost.entity_id and lost.primary and not won.primary):
                self._move_in(entity, lost, winner)
            elif won.entity_id != lost.entity_id:
                if not self._is_asked(entity, lost.entity_id, won.entity_id):
                    self.ledger.ask([replace(_join_question(entity, lost, won), asked_at=self.now)])
                self._make_alias(entity, lost, winner)
            else:
                self._make_alias(entity, lost, winner)
            self.ledger.attend(entity, sorted({c.entity_id for c in (lost, won) if c is not None}))

    def _is_asked(self, entity: str, one: str, two: str) -> bool:
        """The other way round: another system may have merged the same two, and kept the other record."""
        asked = self.ledger.questions(entity=entity, entity_ids=[two])
        return any(q.about is About.JOIN and one in q.others for q in asked)

    def _move_in(self, entity: str, lost: Coupling, winner: RecordRef) -> None:
        """The winner, a newcomer or a twin, takes the loser's place, and what the loser had agreed to.

        But not in fields that are blank on it: a merge that left a value behind has not emptied it everywhere.
        """
        before = [claim for claim in self.ledger.claims_at(entity, [lost.ref]) if claim.scope == lost.scope]
        self.ledger.uncouple(entity, [lost.ref, winner])
        alias = self._alias(entity, lost, winner)
        heir = Coupling(winner, entity, lost.entity_id, lost.scope, lost.primary, "merge", at=self.now)
        self.ledger.couple([heir, alias])
        told = {key for claim in self.ledger.claims_at(entity, [winner]) for key in claim.values if speaks(claim, key)}
        kept = [
            (claim.scope, {key: agreed for key, agreed in claim.baseline.items() if key in told and agreed.shown})
            for claim in before
        ]
        self.ledger.agree([(winner, entity, scope, baseline) for scope, baseline in kept])

    def _make_alias(self, entity: str, lost: Coupling, winner: RecordRef) -> None:
        self.ledger.uncouple(entity, [lost.ref])
        self.ledger.couple([self._alias(entity, lost, winner)])

    def _alias(self, entity: str, lost: Coupling, winner: RecordRef) -> Coupling:
        return Coupling(lost.ref, entity, lost.entity_id, lost.scope, primary=False, because=_into(winner), at=self.now)


def was_read(ledger: Ledger, system: str, kind: str) -> bool:
    """Whether a reading ever came to its end: before that nobody knows who is there.

    Where what lay beside the ledger was lost, one of everything since.
    """
    by = ledger.get_pin(_read_by(system, kind))
    return bool(by) and by.endswith(anew(ledger))


def _read_by(system: str, kind: str) -> str:
    return f"map:{system}:{kind}"


def _ids(records: Sequence[Record]) -> Iterable[str]:
    return records.imprints if isinstance(records, Listed) else [record.ref.id for record in records]


def _into(winner: RecordRef) -> str:
    return f"merged into {winner.id}"


def _end_of(loser: RecordRef, last: Mapping[RecordRef, RecordRef]) -> RecordRef:
    """Where a chain of merges ends; a chain that bites its own tail ends where it began to repeat."""
    met, here = {loser}, last[loser]
    while here in last and here not in met:
        met.add(here)
        here = last[here]
    return here


def _join_question(entity: str, lost: Coupling, won: Coupling) -> Question:
    return Question(
        entity=entity,
        entity_id=lost.entity_id,
        topic=f"join:{won.entity_id}",
        about=About.JOIN,
        steward="",
        asks=f"{lost.ref.system} merged {lost.ref} into {won.ref}, but we knew them as two {entity}s. Are they one?",
        choices={"link": "they are one everywhere", "apart": "they stay two elsewhere"},
        evidence={"records": {str(lost.ref): {}, str(won.ref): {}}, "other": won.entity_id},
    )
