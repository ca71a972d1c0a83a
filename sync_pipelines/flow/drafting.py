"""From what was landed to a plan: match, decide, plan, encode. Reads the ledger, writes nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import merge
from itertools import chain, groupby, islice

from connectors.contract import Connector, RecordRef
from mappings.book import Book, EntitySpec
from mappings.fieldmap import Gap
from mappings.once import once
from mappings.ownership import Ownership
from mappings.references import References
from mappings.values import Value, Values
from sync_pipelines.applying.encoding import (
    Refused,
    Writer,
    encode_changes,
    fields_under_way,
    subject_of,
    without_refused,
)
from sync_pipelines.applying.seams import Seams
from sync_pipelines.flow.casting import cast_of, targets_of
from sync_pipelines.flow.keying import with_free_keys
from sync_pipelines.flow.metadata import Metadata
from sync_pipelines.flow.pooling import as_meant
from sync_pipelines.flow.recognising import Recogniser
from sync_pipelines.flow.referring import asks_for_referrers, noted_references, refers_to
from sync_pipelines.flow.suppressing import erased_among
from sync_pipelines.identity.matcher import Found
from sync_pipelines.intake.landing import payload_digest
from sync_pipelines.intake.older import nothing_is_made, nothing_is_written
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import OPEN, UNDER_WAY, Change, Held, Op
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.decisions import EntityDecision
from sync_pipelines.model.golden import Golden
from sync_pipelines.model.questions import About, Question
from sync_pipelines.model.records import Quarantined
from sync_pipelines.ownership.deciding import decide_entity
from sync_pipelines.ownership.situation import Cast, Ruling, Situation
from sync_pipelines.planning.entity import Desk, plan_entity
from sync_pipelines.planning.target import Links, Target
from sync_pipelines.review.joined import now_called
from sync_pipelines.review.pooled import pools_of

_CHUNK = 2000  # entities looked at together
_ERASED = "it is an erased person, who is not made again"
_UNMET = "records that nobody has looked at yet may be the same one"


@dataclass(slots=True)
class Draft:
    """A page of a plan that nobody has judged yet."""

    looked_at: int
    more: bool = False  # there are strangers nobody has looked at, so nothing is made yet
    changes: list[Change] = field(default_factory=list)
    decisions: list[EntityDecision] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    gaps: list[tuple[str, RecordRef, Gap]] = field(default_factory=list)
    faults: list[Quarantined] = field(default_factory=list)


@dataclass(slots=True)
class Drafted:
    """What came of all pages of a plan."""

    looked_at: int = 0
    more: bool = False
    counts: Counter[str] = field(default_factory=Counter)  # "tryton/create": 3 …
    held: list[Held] = field(default_factory=list)
    misfits: set[RecordRef] = field(default_factory=set)

    def add(self, page: Draft) -> None:
        """One page more, without what the ledger keeps of it."""
        self.looked_at += page.looked_at
        self.more |= page.more
        self.counts.update(f"{change.system}/{change.op.value}" for change in page.changes)
        self.held += page.held
        self.misfits |= {fault.ref for fault in page.faults}


@dataclass(frozen=True, slots=True)
class _Open:
    """What is under way or in doubt."""

    busy: Mapping[RecordRef, str]  # record → why it cannot be written now
    making: frozenset[tuple[str, str]]
    doubtful: frozenset[tuple[str, str]]
    frozen: frozenset[str]
    refused: Mapping[RecordRef, Refused]
    unsure: Mapping[
        RecordRef, set[str]
    ]  # fields of which nobody knows whether they say what we wrote, or somebody else


@dataclass(frozen=True, slots=True)
class _Sitting:
    """What is the same for all entities of one plan."""

    spec: EntitySpec
    plan: str
    under_way: _Open
    targets: Sequence[Target]
    cast: Cast
    found: Found
    barred: str  # why nothing may be made
    matches: Mapping[str, Found]  # by entity
    over: Sequence[Question]  # whether records are one: asked, and no question any more
    provisional: Mapping[str, list[Claim]]
    noted: References  # those that somebody's rules ask for, and where they lead
    pools: Mapping[str, str]  # by system with a record that serves many: what is wrong with it


@dataclass(frozen=True, slots=True)
class Drafter:
    """Makes plans for one entity."""

    ledger: Ledger
    book: Book
    connectors: Mapping[str, Connector]
    resolver: Resolver
    writers: Mapping[tuple[str, str], Writer]
    recogniser: Recogniser
    seams: Seams
    metadata: Metadata

    def pages(self, entity: str, plan: str) -> Iterator[Draft]:
        """Look at everything that waits for attention, and at strangers; a page of entities at a time, at least one."""
        if nothing_is_written(self.ledger):
            yield Draft(0)  # what waits for attention goes on waiting
            return
        spec = self.book.entities[entity]
        targets = targets_of(self.book, spec, self.connectors)
        self._attend_all_if_rules_changed(spec, targets)
        barred = nothing_is_made(self.ledger)
        found = Found() if barred else self.recogniser.recognise_all(spec)
        over = self.recogniser.revisit_all(spec, found)
        sitting = _Sitting(
            spec,
            plan,
            self._under_way(entity, found, over),
            targets,
            cast_of(self.book, spec),
            found,
            barred or (_UNMET if found.more else ""),
            found.by_entity(),
            over,
            self._provisional(spec, found),
            noted_references(self.book, entity),
            {system: found.says for system, found in pools_of(self.ledger, self.book, entity).items()},
        )
        attended = chain.from_iterable(self.ledger.attended_pages(entity))
        ids = _each_once(merge(attended, sorted({*sitting.matches, *(q.entity_id for q in over)})))
        chunk = list(islice(ids, _CHUNK))
        while True:
            yield self._draft_chunk(chunk, sitting)
            chunk = list(islice(ids, _CHUNK))
            if not chunk:
                return

    def _attend_all_if_rules_changed(self, spec: EntitySpec, targets: Sequence[Target]) -> None:
        """Other rules may decide otherwise about what has not moved; a new system wants what is at rest elsewhere."""
        places = [(t.system, t.role, t.kind, t.creates, t.updates, t.archives, sorted(t.scopes)) for t in targets]
        noted = sorted(noted_references(self.book, spec.name))
        rules = {"rules": _spelled(spec.ownership), "places": places}
        digest = payload_digest(rules | ({"noted": noted} if noted else {}))
        known = self.ledger.get_pin(f"rules:{spec.name}")
        if known != digest:
            if known:
                for page in self.ledger.entity_id_pages(spec.name, _CHUNK):
                    self.ledger.attend(spec.name, page)
            self.ledger.set_pin(f"rules:{spec.name}", digest)

    def _provisional(self, spec: EntitySpec, found: Found) -> Mapping[str, list[Claim]]:
        """Strangers as members of the entities they were recognised as."""
        home = {(c.ref, c.scope): c for c in found.couplings}
        refs = sorted({c.ref for c in found.couplings})
        members: dict[str, list[Claim]] = {}
        for claim in self.ledger.claims_at(spec.name, refs) if refs else ():
            coupling = home.get((claim.ref, claim.scope))
            if coupling is not None and not claim.entity_id:
                member = replace(claim, entity_id=coupling.entity_id, primary=coupling.primary)
                members.setdefault(coupling.entity_id, []).append(member)
        return members

    def _draft_chunk(self, ids: Sequence[str], sitting: _Sitting) -> Draft:
        spec, cast, under_way = sitting.spec, sitting.cast, sitting.under_way
        draft = Draft(len(ids), sitting.found.more)
        if not ids:
            return draft  # as in most runs
        marks = self.ledger.marks(spec.name, ids)
        known = self.ledger.claims_of(spec.name, ids)
        raw = {entity_id: [*known.get(entity_id, ()), *sitting.provisional.get(entity_id, ())] for entity_id in ids}
        resolved, waiting = self._resolved(spec, raw)
        meant = as_meant(self.ledger, self.resolver, spec.name, resolved)
        claims = {i: [c.resting(under_way.unsure.get(c.ref, ())) for c in some] for i, some in meant.claims.items()}
        situations = self._situations(spec, ids, claims)
        rulings = {entity_id: decide_entity(spec.ownership, situations[entity_id], cast) for entity_id in ids}
        agreed = {entity_id: _agreed(situations[entity_id], rulings[entity_id]) for entity_id in ids}
        doubles = self.recogniser.doubles(spec, (claim for i in ids for claim in claims[i]), agreed)
        asked = Found(questions=doubles).by_entity()
        links = self.resolver.links(spec.name, _values(situations, rulings))
        couplings = self.ledger.couplings_of(spec.name, ids)
        coupled = {
            entity_id: frozenset(c.ref.system for c in couplings.get(entity_id, ()))
            | frozenset(claim.system for claim in sitting.provisional.get(entity_id, ()))
            for entity_id in ids
        }
        desk = Desk(
            sitting.plan,
            spec,
            cast,
            sitting.targets,
            links,
            self.seams.new_id,
            under_way.busy,
            under_way.making,
            under_way.doubtful | self._doubtful(spec.name, doubles),
            under_way.frozen,
            coupled,
            sitting.pools,
        )
        changes: list[Change] = []
        for entity_id in ids:
            gone = [claim for claim in claims[entity_id] if claim.gone and claim.primary]  # a lost twin is no loss
            made = plan_entity(situations[entity_id], rulings[entity_id], gone, desk)
            meant.by_the_letter(made)
            early = [c for c in made.changes if c.op is Op.CREATE] if sitting.barred else []
            changes += [c for c in made.changes if c not in early] if early else made.changes
            draft.held += [*made.held, *(Held(spec.name, entity_id, c.system, "", sitting.barred) for c in early)]
            settled = made.decision.settled and entity_id not in waiting and not early
            refers = refers_to(sitting.noted, agreed[entity_id] if situations[entity_id].claims else {})
            decision = replace(made.decision, settled=settled, mark=marks.get(entity_id, 0), refers=refers)
            decision = _with_match(decision, sitting.matches.get(entity_id))
            draft.decisions.append(_without(sitting.over, _with_match(decision, asked.get(entity_id))))
        kept = self._without_erased(draft, spec, changes, agreed)
        self._encode(draft, with_free_keys(self.ledger, spec.name, kept), agreed, links, under_way)
        return draft

    def _without_erased(
        self, draft: Draft, spec: EntitySpec, changes: Sequence[Change], agreed: Mapping[str, Values]
    ) -> list[Change]:
        """Creates of erased persons are held, for good."""
        made = {change.entity_id: agreed[change.entity_id] for change in changes if change.op is Op.CREATE}
        erased = erased_among(self.ledger, spec, made) if made else frozenset()
        held = [change for change in changes if change.op is Op.CREATE and change.entity_id in erased]
        draft.held += [Held(spec.name, change.entity_id, change.system, "", _ERASED) for change in held]
        return [change for change in changes if change not in held] if held else list(changes)

    def _resolved(
        self, spec: EntitySpec, raw: Mapping[str, Sequence[Claim]]
    ) -> tuple[dict[str, list[Claim]], set[str]]:
        """Claims with references resolved, and the entities of which some reference is not known yet."""
        flat = [claim for claims in raw.values() for claim in claims]
        resolved = self.resolver.resolve(spec.name, flat)
        claims: dict[str, list[Claim]] = {entity_id: [] for entity_id in raw}
        waiting = set()
        for before, after in zip(flat, resolved, strict=True):
            claims[after.entity_id].append(after)
            if len(after.values) < len(before.values) and not after.gone:
                waiting.add(after.entity_id)
        return claims, waiting

    def _situations(
        self, spec: EntitySpec, ids: Sequence[str], claims: Mapping[str, Sequence[Claim]]
    ) -> dict[str, Situation]:
        referred = self.ledger.referred_by(spec.name, ids) if asks_for_referrers(spec) else {}
        golden = self.ledger.golden_of(spec.name, ids)
        overrides = self.ledger.overrides_of(spec.name, ids)
        asked: dict[str, dict[str, datetime]] = {}
        for question in self.ledger.questions(entity=spec.name, entity_ids=ids):
            asked.setdefault(question.entity_id, {})[question.topic] = question.asked_at or self.seams.clock()
        return {
            entity_id: Situation(
                golden=golden.get(entity_id) or Golden(spec.name, entity_id),
                claims=tuple(c for c in claims[entity_id] if c.primary and not c.gone),
                now=self.seams.clock(),
                overrides={o.key: o for o in overrides.get(entity_id, ())},
                referred_by=referred.get(entity_id, frozenset()),
                asked=asked.get(entity_id, {}),
            )
            for entity_id in ids
        }

    # --- what is under way -------------------------------------------------------------------------------------------

    def _under_way(self, entity: str, found: Found, over: Sequence[Question]) -> _Open:
        changes = self.ledger.changes(entity=entity, states=OPEN)
        homes = now_called(self.ledger, entity, {c.entity_id for c in changes})
        gone = {question.id for question in over}
        questions = [*(q for q in self.ledger.questions(entity=entity) if q.id not in gone), *found.questions]
        held = self.ledger.quarantined(entity=entity)
        refused: dict[RecordRef, set[tuple[str, str]]] = {}
        for entry in held:
            if entry.reason == "rejected":
                refused.setdefault(entry.ref, set()).update(
                    {(entry.field, entry.payload_hash), ("", entry.payload_hash)}
                )
        return _Open(
            busy={q.ref: f"what it says cannot be read yet: {q.says}" for q in held if q.reason == "gap"}
            | {subject_of(c): UNDER_WAY for c in changes if c.op is not Op.CREATE},
            making=frozenset((homes[c.entity_id], c.system) for c in changes if c.op is Op.CREATE),
            doubtful=self._doubtful(entity, questions),
            frozen=frozenset(eid for q in questions if q.about is About.JOIN for eid in (q.entity_id, _other(q))),
            refused=refused,
            unsure=fields_under_way(changes),
        )

    def _doubtful(self, entity: str, questions: Sequence[Question]) -> frozenset[tuple[str, str]]:
        """Where something may not be made, because it may be there already."""
        pairs = [
            (q.entity_id, other, q.evidence.get("records", {}))
            for q in questions
            if q.about is About.MATCH
            for other in q.others
        ]
        ids = sorted({entity_id for pair in pairs for entity_id in pair[:2]})
        systems = {
            eid: {c.ref.system for c in couplings} for eid, couplings in self.ledger.couplings_of(entity, ids).items()
        }
        doubtful = set()
        for mine, other, records in pairs:
            named = {RecordRef.parse(ref).system for ref in records}
            for one, two in ((mine, other), (other, mine)):
                doubtful |= {(one, system) for system in systems.get(two, set()) | named}
            doubtful |= {
                (mine, system) for system in self.book.entities[entity].maps
            }  # the other may be made there too
        return frozenset(doubtful)

    # --- encoding ----------------------------------------------------------------------------------------------------

    def _encode(
        self, draft: Draft, changes: Sequence[Change], agreed: Mapping[str, Values], links: Links, under_way: _Open
    ) -> None:
        places = {(change.system, change.kind) for change in changes}
        encoded = encode_changes(changes, agreed, self.writers, links, self.metadata.of(places))
        draft.faults += encoded.faults
        draft.held += encoded.held
        draft.gaps += encoded.gaps
        for change in encoded.changes:
            refused = under_way.refused.get(subject_of(change), ())
            kept, held = without_refused(change, refused, self.writers[change.system, change.entity])
            draft.held += held
            draft.changes += [kept] if kept else []


@once
def _spelled(rules: Ownership) -> str:
    """Of a hundred fields, in every plan anew, that would take as long as the plan."""
    return repr(rules)


def _other(question: Question) -> str:
    return str(question.evidence.get("other", ""))


def _each_once(ids: Iterable[str]) -> Iterator[str]:
    return (each for each, _ in groupby(ids))


def _agreed(situation: Situation, rulings: Sequence[Ruling]) -> Values:
    agreed = {key: decided.value for key, decided in situation.golden.fields.items()}
    return agreed | {ruling.key: ruling.value for ruling in rulings if ruling.decided is not None}


def _values(
    situations: Mapping[str, Situation], rulings: Mapping[str, Sequence[Ruling]]
) -> Iterator[tuple[str, Value]]:
    for entity_id, ruled in rulings.items():
        for ruling in ruled:
            yield ruling.key, ruling.value
        for key, decided in situations[entity_id].golden.fields.items():
            yield key, decided.value


def _with_match(decision: EntityDecision, match: Found | None) -> EntityDecision:
    if match is None:
        return decision
    return replace(
        decision,
        couplings=(*decision.couplings, *match.couplings),
        questions=(*decision.questions, *match.questions),
        settled=decision.settled and not match.questions,
    )


def _without(over: Sequence[Question], decision: EntityDecision) -> EntityDecision:
    """Doubts that went away by themselves."""
    topics = [question.topic for question in over if question.entity_id == decision.entity_id]
    return replace(decision, withdrawn=(*decision.withdrawn, *topics)) if topics else decision
