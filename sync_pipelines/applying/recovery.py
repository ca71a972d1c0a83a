"""Recover comes first: what was intended and has no outcome is looked up before anything else is read or decided.

A create that is met as a stranger on the next read would match nothing, and be made once more everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.contract import Connector, Record, RecordRef, Written
from connectors.errors import ConnectorError
from mappings.values import Value
from sync_pipelines.applying.encoding import subject_of
from sync_pipelines.applying.outcome import Recorder
from sync_pipelines.applying.seams import Seams
from sync_pipelines.intake.cutting import is_cut
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import NOT_SEEN, OPEN, Change, FieldChange, Op, State
from sync_pipelines.model.claims import ARCHIVED, Claim
from sync_pipelines.model.questions import About, Question


@dataclass(slots=True)
class Recovered:
    """What became of writes that had no outcome."""

    done: int = 0
    dropped: int = 0
    waiting: int = 0
    asked: int = 0
    unreachable: dict[str, str] = field(default_factory=dict)

    def gave_up(self, system: str, why: str, changes: int) -> None:
        """They wait for a run that can ask."""
        self.unreachable[system] = why
        self.waiting += changes


@dataclass(slots=True)
class _Looked:
    """What a look at the system came to."""

    done: list[tuple[Change, Written]] = field(default_factory=list)
    young: list[Change] = field(default_factory=list)  # a lost request may still be executed
    lost: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recovery:
    """Looks up open changes, system by system."""

    ledger: Ledger
    connectors: Mapping[str, Connector]
    recorder: Recorder
    resolver: Resolver
    seams: Seams

    def recover(self, entity: str) -> Recovered:
        """Resolve every open change of an entity that can be resolved now."""
        recovered = Recovered()
        groups: dict[tuple[str, str, bool], list[Change]] = {}
        for change in self.ledger.changes(entity=entity, states=OPEN):
            groups.setdefault((change.system, change.kind, change.op is Op.CREATE), []).append(change)
        for (system, _, is_create), changes in sorted(groups.items()):
            self.seams.checkpoint("in-recovery")
            if system not in self.connectors:
                recovered.gave_up(system, "it is not connected in this run", len(changes))
                continue
            try:
                look = self._creates if is_create else self._updates
                look(changes, recovered)
            except ConnectorError as error:
                recovered.gave_up(system, str(error), len(changes))
        return recovered

    # --- creates -----------------------------------------------------------------------------------------------------

    def _creates(self, changes: Sequence[Change], recovered: Recovered) -> None:
        connector, kind = self.connectors[changes[0].system], changes[0].kind
        if not connector.kinds[kind].keyed:
            self._ask(changes, recovered)
            return
        found = connector.find_created(kind, [change.create_key for change in changes])
        looked = _Looked()
        for change in changes:
            records = found.get(change.create_key, ())
            if len(records) > 1:
                self._ask([change], recovered, records)
            elif records:
                looked.done.append((change, Written(change.key, records[0], created=True)))
            else:
                (looked.young if self._may_still_happen(change) else looked.lost).append(change)
        self._close(looked, "it was never executed", recovered)

    def _may_still_happen(self, change: Change) -> bool:
        """A lost request may be executed late, and then beside the one that was sent instead of it.

        A system that refuses a second record with our key does so while the first one is there: somebody may delete it,
        or merge it away, before the late one arrives, and it would be there again.
        """
        return change.sent_at is not None and self.seams.clock() - change.sent_at < self.seams.settle_after

    def _ask(self, changes: Sequence[Change], recovered: Recovered, records: Sequence[Record] = ()) -> None:
        now = self.seams.clock()
        self.ledger.ask([replace(_created_question(change, records), asked_at=now) for change in changes])
        self._wait(changes, recovered)
        recovered.waiting -= len(changes)
        recovered.asked += len(changes)

    # --- updates and archives ----------------------------------------------------------------------------------------

    def _updates(self, changes: Sequence[Change], recovered: Recovered) -> None:
        """A stored update is never sent again: the record is read, and the next plan decides from what it says."""
        refs = [subject_of(change) for change in changes]
        there = self.connectors[changes[0].system].read(refs)
        self.recorder.landing.land([there[ref] for ref in refs if ref in there], self.seams.clock(), strong=True)
        claims = self.resolver.resolve(changes[0].entity, self.ledger.claims_at(changes[0].entity, refs))
        known = {(claim.ref, claim.scope): claim for claim in claims}
        hidden = self._hidden(changes, [c for c in claims if c.ref not in there and not c.gone])
        looked = _Looked()
        for change, ref in zip(changes, refs, strict=True):
            record, claim = there.get(ref), known.get((ref, change.scope))
            if record is not None and claim is not None and _took_place(change, claim):
                looked.done.append((change, Written(change.key, record)))
            elif record is None:
                (looked.young if ref in hidden else looked.lost).append(change)
            else:
                (looked.young if self._may_still_happen(change) else looked.lost).append(change)
        self._close(looked, NOT_SEEN, recovered)

    def _hidden(self, changes: Sequence[Change], missing: Sequence[Claim]) -> frozenset[RecordRef]:
        """Of records that are not shown, those that may be there all the same, and say later what we wrote.

        By the keys of their kind, where a system lists them: one that shows none at all proves nothing. Else until a
        reading tells who is gone; where nobody reads the kind any more, or it is never told, nothing will.
        """
        system, kind, entity = changes[0].system, changes[0].kind, changes[0].entity
        refs, connector = frozenset(claim.ref for claim in missing), self.connectors[system]
        read = self.resolver.book.entities[entity].maps.get(system)
        can = connector.kinds[kind]
        if not refs or read is None or read.kind != kind:
            return frozenset()
        if can.lists_keys:
            listed = {key for page in connector.keys(kind) for key in page}
            return frozenset(ref for ref in refs if ref.id in listed) if listed else refs
        return refs if can.states_deletes else frozenset()

    # --- outcomes ----------------------------------------------------------------------------------------------------

    def _close(self, looked: _Looked, why: str, recovered: Recovered) -> None:
        """All that was found, in one commit."""
        with self.ledger.transaction():
            self.recorder.confirm(looked.done, later=True)
            self.ledger.resolve([(change.key, State.DONE, "found by recovery") for change, _ in looked.done])
            self.ledger.resolve([(change.key, State.DROPPED, why) for change in looked.lost])
            if looked.lost:
                self.recorder.attend(looked.lost[0].entity, looked.lost)
            self._wait(looked.young, recovered)
        recovered.done += len(looked.done)
        recovered.dropped += len(looked.lost)

    def _wait(self, changes: Sequence[Change], recovered: Recovered) -> None:
        self.ledger.resolve(
            [(change.key, State.UNCERTAIN, change.reason or "no answer came back") for change in changes]
        )
        recovered.waiting += len(changes)


def _took_place(change: Change, claim: Claim) -> bool:
    if change.op is Op.ARCHIVE:
        return claim.values.get(ARCHIVED) is True
    return all(_took(claim.values.get(key), f) for key, f in change.fields.items())


def _took(said: Value, sent: FieldChange) -> bool:
    """Whole, or its beginning: `Recorder.confirm` tells that it was cut."""
    return said == sent.new or (said != sent.old and is_cut(said, sent.new))


def _created_question(change: Change, records: Sequence[Record]) -> Question:
    found = [str(record.ref) for record in records]
    says = f"two records carry our key: {', '.join(found)}" if found else "it cannot be looked up there"
    return Question(
        entity=change.entity,
        entity_id=change.entity_id,
        topic=f"create:{change.system}",
        about=About.CREATE,
        steward="",
        asks=f"Was this {change.entity} made in {change.system}? The answer was lost and {says}.",
        choices={"made": "yes: give the id of its record", "not_made": "no, make it"},
        evidence={
            "records": {ref: {} for ref in found},
            "sent": {k: f.new for k, f in change.fields.items()},
            "change": change.key,
        },
    )
