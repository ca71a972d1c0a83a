"""What became of a write, in one commit: outcome, coupling, baseline, and the record as its system now holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.contract import ItemResult, Payload, RecordRef, Written
from connectors.errors import RejectedError, StaleError, UncertainError
from mappings.book import FieldSpec
from mappings.values import Value, scope_of
from sync_pipelines.applying.calling import Told
from sync_pipelines.applying.encoding import NEW, subject_of
from sync_pipelines.applying.seams import Seams
from sync_pipelines.intake.cutting import Cut, cut_of, is_spelled_otherwise
from sync_pipelines.intake.landing import Landing, payload_digest
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import Change, FieldChange, Op, State
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim
from sync_pipelines.model.questions import About, Question
from sync_pipelines.model.records import AuditEntry, Coupling, Quarantined
from sync_pipelines.ownership.situation import speaks
from sync_pipelines.planning.target import Links
from sync_pipelines.review.joined import now_called
from sync_pipelines.review.promoting import promote

_WHOLE = Cut()


@dataclass(slots=True)
class Sum:
    """Outcomes at one system."""

    creates: int = 0
    updates: int = 0
    archives: int = 0
    rejected: int = 0
    stale: int = 0  # no longer as planned; the next plan decides anew
    failed: int = 0  # surely not done; the next plan tries again
    uncertain: int = 0


@dataclass(frozen=True, slots=True)
class Recorder:
    """Keeps outcomes."""

    ledger: Ledger
    landing: Landing
    resolver: Resolver
    seams: Seams
    run: str

    def record(self, sums: dict[str, Sum], told: Told) -> None:
        """Everything that is known now, in one commit."""
        pairs = told.answered
        with self.ledger.transaction():
            done = [(change, result) for change, result in pairs if isinstance(result, Written)]
            self.confirm(done)
            self._refuse([(change, result) for change, result in pairs if isinstance(result, RejectedError)])
            stale = [c for c, result in pairs if isinstance(result, StaleError) and c.op is not Op.CREATE]
            self.ledger.mark_dirty([subject_of(change) for change in stale], "it changed while it was written")
            unsent = [(change.key, State.DROPPED, why) for change, why in told.unsent]
            self.ledger.resolve([(change.key, *_state(result)) for change, result in pairs] + unsent)
        for change, result in pairs:
            _count(sums.setdefault(change.system, Sum()), change, result)

    def note_failed(self, change: Change, why: str) -> None:
        """Nobody could be told that an edit was taken back."""
        about = str(subject_of(change))
        self.ledger.audit([AuditEntry(self.seams.clock(), "concordat", "note failed", about, {"why": why})])

    def confirm(self, done: Sequence[tuple[Change, Written]], *, later: bool = False) -> None:
        """Positive proof: land the record as it is now, couple what was made, and move the baselines of what was sent.

        `later`: the record was not read as it was left by the write, so somebody may have edited it since; some systems
        tell of a single record that somebody has. What differs from what was sent then counts as an edit; but where it
        is the beginning of a text that was sent, the system has cut it, or else somebody has shortened it: then nothing
        spreads before a person has looked.
        """
        if not done:
            return
        by_kind: dict[str, list[Written]] = {}
        for change, result in done:
            by_kind.setdefault(change.kind, []).append(result)
        for results in by_kind.values():
            self.landing.land([result.record for result in results], self.seams.clock(), strong=True)
        entity = done[0][0].entity
        self._let_go(entity, [change for change, _ in done])
        refs = [result.record.ref for _, result in done]
        claims = self.resolver.resolve(entity, self.ledger.claims_at(entity, refs))
        known: dict[RecordRef, list[Claim]] = {}
        for claim in claims:
            known.setdefault(claim.ref, []).append(claim)
        others = self._couple(entity, [(change, result) for change, result in done if change.op is Op.CREATE], known)
        since = [(change, result) for change, result in done if later or result.touched]
        links = self._links(entity, since, known) if since else None
        fields = self.resolver.book.entities[entity].fields
        cuts = {c.key: _cut(c, r, known.get(r.record.ref, ()), fields) for c, r in done if _is_its_own(c, r)}
        agreements = [
            (claim.ref, entity, claim.scope, baseline)
            for change, result in done
            if change.key not in others
            for claim in known.get(result.record.ref, ())
            if (baseline := _agreed(change, result, claim, links if later or result.touched else None, cuts))
        ]
        self.ledger.agree(agreements)
        self._refuse([(_at(c, r), error) for c, r in done for error in cuts.get(c.key, _WHOLE).told])
        self.attend(entity, [change for change, _ in done])

    def _links(
        self, entity: str, done: Sequence[tuple[Change, Written]], known: Mapping[RecordRef, Sequence[Claim]]
    ) -> Links:
        """What was sent and what is said now, in the words of each system."""
        sent = [(key, f.new) for change, _ in done for key, f in change.fields.items()]
        said = [
            (key, c.values.get(key))
            for change, told in done
            for c in known.get(told.record.ref, ())
            for key in change.fields
        ]
        return self.resolver.links(entity, [*sent, *said])

    def _let_go(self, entity: str, changes: Sequence[Change]) -> None:
        """What was refused of these records goes on, but for a field that this time was not among what was sent."""
        sent = {subject_of(change): change.payload for change in changes}
        held = [q for q in self.ledger.quarantined(entity=entity) if q.reason == "rejected" and q.ref in sent]
        self.ledger.release([entry.ref for entry in held], entity, "rejected")
        self.ledger.quarantine(
            [q for q in held if q.field and not q.ref.id.startswith(NEW) and q.field not in sent[q.ref]]
        )

    def attend(self, entity: str, changes: Sequence[Change]) -> None:
        """Their entities are looked at again, under whatever name they go now."""
        ids = {change.entity_id for change in changes}
        self.ledger.attend(entity, sorted(ids.union(now_called(self.ledger, entity, ids).values())))

    def _couple(
        self, entity: str, made: Sequence[tuple[Change, Written]], known: Mapping[RecordRef, Sequence[Claim]]
    ) -> frozenset[str]:
        """What was made belongs to its entity, in the company that it says itself.

        Two of them may live in one record by now: it belongs to the one whose key it bears. Answers the changes that
        met another entity's record, which has agreed to nothing of theirs.
        """
        if not made:
            return frozenset()
        there = self.ledger.couplings_at(entity, [result.record.ref for _, result in made])
        held = {ref: coupling.entity_id for ref, coupling in there.items()}
        homes = now_called(self.ledger, entity, {change.entity_id for change, _ in made})
        standing = self.ledger.couplings_of(entity, sorted(homes.values()))
        taken = {
            (c.entity_id, c.ref.system, c.ref.kind, c.scope) for some in standing.values() for c in some if c.primary
        }
        couplings, questions, others = [], [], set()
        for change, result in sorted(made, key=lambda one: one[1].record.key != one[0].create_key):
            ref, home = result.record.ref, homes[change.entity_id]
            if ref not in held:
                held[ref] = home
                scopes = [claim.scope for claim in known.get(ref, ())] or [change.scope]
                couplings += [self._coupling(ref, entity, home, scope, taken) for scope in scopes]
            elif held[ref] != home:
                questions.append(_met_another(change, home, ref, held[ref]))
                others.add(change.key)
        self.ledger.couple(couplings)
        promote(self.ledger, entity, sorted({c.entity_id for c in couplings if not c.primary}), self.seams.clock())
        self.ledger.ask([replace(question, asked_at=self.seams.clock()) for question in questions])
        return frozenset(others)

    def _coupling(
        self, ref: RecordRef, entity: str, home: str, scope: str, taken: set[tuple[str, str, str, str]]
    ) -> Coupling:
        place, now = (home, ref.system, ref.kind, scope), self.seams.clock()
        primary = place not in taken
        taken.add(place)
        return Coupling(ref, entity, home, scope, primary, "created", run=self.run, at=now)

    def _refuse(self, refused: Sequence[tuple[Change, RejectedError]]) -> None:
        now = self.seams.clock()
        self.ledger.quarantine(
            [
                Quarantined(
                    ref=subject_of(change),
                    entity=change.entity,
                    reason="rejected",
                    says=str(error),
                    field=error.field,
                    payload_hash=payload_digest(_blamed(change, error.field)),
                    since=now,
                    change=change.key,
                )
                for change, error in refused
            ]
        )


def _at(change: Change, result: Written) -> Change:
    """As a change of the record that there is now."""
    return replace(change, record_id=result.record.ref.id)


def _blamed(change: Change, field: str) -> Payload:
    """What of a payload will be refused again: the field that was named, where it was one of several to change."""
    return {field: change.payload[field]} if field in change.payload else change.payload


def _cut(change: Change, result: Written, claims: Sequence[Claim], fields: Mapping[str, FieldSpec]) -> Cut:
    wanted = {key: f.new for key, f in change.fields.items()}
    return cut_of(change.payload, result.record.payload, wanted, claims, fields)


def _agreed(
    change: Change, result: Written, claim: Claim, later: Links | None, cuts: Mapping[str, Cut]
) -> Mapping[str, Agreed]:
    left = cuts.get(change.key, _WHOLE).left
    return {**_baseline(change if later is None else _of(change, result, claim), claim, later), **left}


def _baseline(change: Change, claim: Claim, later: Links | None) -> Mapping[str, Agreed]:
    """What was sent and how the record spells it now, for the fields that were sent and no others.

    What the record does not show now is agreed as we wrote it, and not seen yet.

    `later`: by which it is told whether a record that was read later says still what it was sent.
    """
    if change.op is Op.ARCHIVE:
        return {ARCHIVED: Agreed(sent=True, stored=claim.values.get(ARCHIVED) if later is None else True)}
    return {
        key: Agreed(f.agreed if f.undoes else f.new, _stored(key, f, claim, later), shown=key in claim.values)
        for key, f in change.fields.items()
        if key in claim.values or not claim.scope or scope_of(key) in ("", claim.scope)
    }


def _of(change: Change, result: Written, claim: Claim) -> Change:
    """What of it is about the record that was found. A merge that left a value behind has emptied it nowhere."""
    if _is_its_own(change, result):
        return change
    return replace(change, fields={key: f for key, f in change.fields.items() if speaks(claim, key)})


def _is_its_own(change: Change, result: Written) -> bool:
    """Not so where what was made was merged into another record before anybody looked."""
    return change.op is not Op.CREATE or result.record.key == change.create_key


def _stored(key: str, change: FieldChange, claim: Claim, later: Links | None) -> Value:
    """What was sent twice and became the same letters twice is spelled so; other words are somebody's, each time."""
    sent, said = change.new, claim.values.get(key, change.new)
    if later is None or later.spelled(claim.system, key, said) == later.spelled(claim.system, key, sent):
        return said
    before = claim.baseline.get(key)
    again = before is not None and before.sent == sent and said == change.old
    return said if again and is_spelled_otherwise(said, sent) else sent


def _state(result: ItemResult) -> tuple[State, str]:
    if isinstance(result, Written):
        return State.DONE, ""
    if isinstance(result, UncertainError):
        return State.UNCERTAIN, str(result)
    if isinstance(result, RejectedError):
        return State.QUARANTINED, str(result)
    return State.DROPPED, str(result)


def _count(total: Sum, change: Change, result: ItemResult) -> None:
    if isinstance(result, Written):
        name = {Op.CREATE: "creates", Op.UPDATE: "updates", Op.ARCHIVE: "archives"}[change.op]
    elif isinstance(result, UncertainError):
        name = "uncertain"
    elif isinstance(result, RejectedError):
        name = "rejected"
    else:
        name = "stale" if isinstance(result, StaleError) else "failed"
    setattr(total, name, getattr(total, name) + 1)


def _met_another(change: Change, home: str, ref: RecordRef, other: str) -> Question:
    return Question(
        entity=change.entity,
        entity_id=home,
        topic=f"join:{other}",
        about=About.JOIN,
        steward="",
        asks=f"Making a record in {change.system} met {ref}, which belongs to another {change.entity}. Are they one?",
        choices={"link": "they are one", "apart": "they are two"},
        evidence={"records": {str(ref): {}}, "other": other},
    )
