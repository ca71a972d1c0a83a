"""Strangers: gather what is needed to say who they are, in bulk, and ask the matcher."""

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from connectors.contract import RecordRef
from mappings.book import EntitySpec
from mappings.values import Values
from sync_pipelines.flow.referring import has_pools
from sync_pipelines.identity.keys import MANY, OUR_KEY, match_keys
from sync_pipelines.identity.matcher import Found, Known, Matcher, Place, Speaks, alike, pairs_of
from sync_pipelines.identity.proposing import anew, doubles, on_more, says_the_same, still_told, telling_fields
from sync_pipelines.identity.scored import speaker
from sync_pipelines.identity.sight import Glimpse, Sight, bearers_of, contradicted, told_by
from sync_pipelines.intake.readers import references_of
from sync_pipelines.intake.resolving import Resolver
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import Op
from sync_pipelines.model.claims import Claim, Stance
from sync_pipelines.model.our_keys import entity_of
from sync_pipelines.model.questions import KEPT_APART, About, Question
from sync_pipelines.review.joined import now_called
from sync_pipelines.review.pooled import servers

_PART = 1_000  # strangers looked at together: each brings some twenty others into memory
FEW = 20  # records that may bear a part of a name or an address and be found by that part alone
_PARTS = frozenset({"~company", "~person", "~address"})  # keys that are made of parts of a value
Bearer = tuple[RecordRef, str]  # ref, scope
NOBODY_MET: Mapping[RecordRef, str] = {}
_READ = 2_000  # records at once
NOTHING_AGREED: Mapping[str, Values] = {}
MOST = 20_000  # recognised for one plan: what is not written yet has to be kept in mind


@dataclass(slots=True)
class Met:
    """Strangers that were recognised, and are not coupled before their plan is applied."""

    named: dict[RecordRef, str] = field(default_factory=dict)
    taken: set[Place] = field(default_factory=set)
    members: dict[str, list[Claim]] = field(default_factory=dict)
    asked: set[tuple[str, str]] = field(default_factory=set)

    def take(self, strangers: Sequence[Claim], found: Found) -> None:
        """As `found` says who they are."""
        for coupling in found.couplings:
            self.named[coupling.ref] = coupling.entity_id
            if coupling.primary:
                self.taken.add((coupling.entity_id, coupling.ref.system, coupling.ref.kind, coupling.scope))
        for claim in strangers:
            self.members.setdefault(self.named[claim.ref], []).append(claim)
        self.asked |= pairs_of(found.questions)

    def beside(self, known: Known) -> Known:
        """What the next ones are held against."""
        near = {self.named[one.ref] for some in known.candidates.values() for one in some if one.ref in self.named}
        ids = {*known.members, *near}
        members = {i: [*known.members.get(i, ()), *self.members.get(i, ())] for i in sorted(ids)}
        return replace(
            known, named=self.named, taken=known.taken | self.taken, members=members, asked=known.asked | self.asked
        )


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Looks at uncoupled claims of one entity."""

    ledger: Ledger
    resolver: Resolver
    matcher: Matcher
    new_id: Callable[[], str]
    sight: Sight = field(default_factory=Sight)

    def recognise_all(self, spec: EntitySpec) -> Found:
        """Who the strangers are: so many of them as fit one plan, a part at a time. Nothing is written."""
        told, met, after = Found(), Met(), None
        while strangers := self.ledger.uncoupled(spec.name, after, _PART):
            if len(told.couplings) >= MOST:
                told.more = True
                break
            found = self.recognise(spec, strangers, met)
            met.take(strangers, found)
            told.couplings += found.couplings
            told.questions += found.questions
            after = strangers[-1].ref
        return told

    def recognise(self, spec: EntitySpec, uncoupled: Sequence[Claim], met: "Met | None" = None) -> Found:
        """Who these strangers are, besides those that were `met` before and are not coupled yet. Nothing is written."""
        strangers = self.resolver.resolve(spec.name, uncoupled)
        if not strangers:
            return Found()
        known = self._known(spec, strangers, met.named if met else {})
        return self.matcher(spec.matching, strangers, met.beside(known) if met else known, self.new_id)

    def doubles(
        self, spec: EntitySpec, claims: Iterable[Claim], agreed: Mapping[str, Values] = NOTHING_AGREED
    ) -> list[Question]:
        """Of records that are coupled: which of them, since an edit, look like another entity. Nothing is written.

        By what they will say: an edit that is taken back tells nothing, one that stands is followed by its fellows.
        """
        names = telling_fields(spec.matching)
        said = [claim for claim in claims if claim.baseline and not claim.gone and _says_anew(claim, names)]
        if not said:
            return []
        edited = [_as_agreed(claim, agreed, names) for claim in said]
        known = self._known(spec, edited)
        theirs = {claim.entity_id for claim in edited}
        members = {
            i: [_as_agreed(c, agreed, names) for c in some] if i in theirs else some
            for i, some in known.members.items()
        }
        known = replace(known, members=members)
        score = speaker(spec.matching, edited, known)
        return [*doubles(spec.matching, edited, known, score), *self._after_all(spec, edited, known, score)]

    def revisit_all(self, spec: EntitySpec, found: Found) -> Sequence[Question]:
        """Of all open questions whether records are one: those that stand no longer. What is told anew joins `found`.

        Before anything is planned: what may be made hangs on who is doubtful.
        """
        told, over = self.revisit(spec, [q for q in self.ledger.questions(entity=spec.name) if q.about is About.MATCH])
        found.questions += told
        return over

    def revisit(self, spec: EntitySpec, asked: Sequence[Question]) -> tuple[list[Question], list[Question]]:
        """Of open questions whether records are one: those whose records say something else by now, as they are told
        now, and those that stand no longer. Nothing is written.
        """
        ids = sorted({entity_id for q in asked for entity_id in (q.entity_id, *q.others)})
        raw = self.ledger.claims_of(spec.name, ids) if asked else {}
        living = self.resolver.resolve(spec.name, [c for some in raw.values() for c in some if not c.gone])
        members = {i: [claim for claim in living if claim.entity_id == i] for i in ids}
        moved = [q for q in asked if not still_told(q, members, spec.matching)]
        if not moved:
            return [], []
        mine = [claim for i in sorted({q.entity_id for q in moved}) for claim in members[i]]
        known = self._known(spec, mine)
        known = replace(known, members={**known.members, **members})
        score = speaker(spec.matching, mine, known)
        now = [(before, anew(spec.matching, before, known, score)) for before in moved]
        told = [q for before, q in now if q is not None and not says_the_same(before, q)]
        return told, [before for before, q in now if q is None or q.topic != before.topic]

    def _after_all(
        self, spec: EntitySpec, edited: Sequence[Claim], known: Known, score: Speaks | None
    ) -> Iterator[Question]:
        """What a person keeps apart and would be linked now, by more than was to be seen when the person said so."""
        if not known.apart:
            return
        for asked in doubles(spec.matching, edited, replace(known, apart=frozenset()), score, sure=True):
            before = self._said(asked)
            if before is not None and on_more(asked, before):
                told = f"{before.answered_by} kept them apart when {before.evidence.get('level')} was what spoke for it"
                yield replace(asked, evidence={**asked.evidence, "before": told})

    def _said(self, asked: Question) -> Question | None:
        """The last time that somebody kept these two apart."""
        pair = {asked.entity_id, *asked.others}
        told = self.ledger.questions(entity=asked.entity, entity_ids=sorted(pair), open_only=False)
        return next((q for q in reversed(told) if q.answer in KEPT_APART and pair <= {q.entity_id, *q.others}), None)

    def _known(
        self, spec: EntitySpec, strangers: Sequence[Claim], named: Mapping[RecordRef, str] = NOBODY_MET
    ) -> Known:
        keys = self._keys(spec, strangers)
        crowded = self._crowded(spec, keys)
        places = self._places(spec, {ref: some - crowded.get(ref, set()) for ref, some in keys.items()})
        sight = self._in_sight(spec, strangers, places)
        held = sight.held_against(places, named)
        meets = self._meets(spec, strangers, self._candidates(spec, held, sight.seen))
        candidates = meets.candidates
        ids = sorted({claim.entity_id for others in candidates.values() for claim in others if claim.entity_id})
        ours = self._ours(spec, strangers)
        couplings = self.ledger.couplings_of(spec.name, sorted({*ids, *ours.values()}))
        members = {i: [c for c in some if not c.gone] for i, some in self.ledger.claims_of(spec.name, ids).items()}
        names = {str(claim.ref) for some in (strangers, *members.values()) for claim in some}
        asked = self.ledger.questions(entity=spec.name, entity_ids=ids) if ids else ()
        return replace(
            meets,
            members=members,
            taken=frozenset(
                (c.entity_id, c.ref.system, c.ref.kind, c.scope)
                for found in couplings.values()
                for c in found
                if c.primary
            ),
            ours=ours,
            crowded=crowded,
            apart=self.ledger.apart(spec.name, sorted({*names, *ids})),
            asked=frozenset(pairs_of(asked)),
            steward=_steward(spec),
            bearing=sight.bearing(ref for ref, some in held.items() if some),
            speaking=frozenset(ref.system for ref in {*sight.seen, *keys}),
        )

    def _meets(
        self, spec: EntitySpec, strangers: Sequence[Claim], candidates: Mapping[RecordRef, Sequence[Claim]]
    ) -> Known:
        """Whom the strangers are held against, and whom those refer to."""
        known = Known(
            entity=spec.name,
            candidates=candidates,
            taken=frozenset(),
            references=frozenset(references_of(spec)),
            served=self._served(spec, [*strangers, *(claim for some in candidates.values() for claim in some)]),
        )
        if spec.matching.scoring is not None:
            return known
        return replace(known, candidates=alike(strangers, spec.matching, known))

    def _served(self, spec: EntitySpec, claims: Iterable[Claim]) -> Mapping[str, frozenset[str]]:
        """Of those that these refer to: who is served by records of many, and whose records those are."""
        book = self.resolver.book
        leads = {name: told for name, told in references_of(spec).items() if has_pools(book, told)}
        named: dict[str, set[str]] = {}
        for claim in claims if leads else ():
            for name, told in leads.items():
                if isinstance(value := claim.values.get(name), str):
                    named.setdefault(told, set()).add(value)
        return {i: ids for told, some in named.items() for i, ids in servers(self.ledger, book, told, some).items()}

    def _keys(self, spec: EntitySpec, strangers: Sequence[Claim]) -> Mapping[RecordRef, set[str]]:
        references = frozenset(references_of(spec))
        keys: dict[RecordRef, set[str]] = {}
        for claim in strangers:
            keys.setdefault(claim.ref, set()).update(match_keys(claim.values, spec.matching, references))
        return keys

    def _crowded(self, spec: EntitySpec, keys: Mapping[RecordRef, set[str]]) -> Mapping[RecordRef, frozenset[str]]:
        """Keys that prove nothing: whoever bears them is not fetched, be they a million."""
        crowded = self.ledger.crowded_keys(spec.name, sorted(set().union(*keys.values())), MANY)
        return {ref: frozenset(hit) for ref, some in keys.items() if (hit := some & crowded)} if crowded else {}

    def _places(self, spec: EntitySpec, keys: Mapping[RecordRef, set[str]]) -> Mapping[RecordRef, set[Bearer]]:
        bearers = self.ledger.bearers(spec.name, sorted(set().union(*keys.values())))
        return {ref: near(some, bearers) for ref, some in keys.items()}

    def _in_sight(
        self, spec: EntitySpec, strangers: Sequence[Claim], places: Mapping[RecordRef, set[Bearer]]
    ) -> "_InSight":
        """What the strangers and all who share a key with them tell: of a record its last claim that lives."""
        against = contradicting(spec)
        mine = [(c.ref, Glimpse(c.scope, c.entity_id, told_by(c, spec.matching, against))) for c in strangers]
        met = set().union(*places.values())
        stamps = self.ledger.stamps(spec.name, {ref for ref, _ in met})
        told = self._told(spec, {place: stamp for place, (_, stamp) in stamps.items() if place in met}, against)
        seen = {ref: Glimpse(scope, stamps[ref, scope][0], told[ref, scope]) for ref, scope in told}
        return _InSight(mine, seen, len(against))

    def _told(
        self, spec: EntitySpec, stamps: Mapping[Bearer, str], against: Sequence[str]
    ) -> Mapping[Bearer, tuple[int, ...]]:
        """What these tell: remembered, or read."""
        if spec.matching.scoring is None and not against:
            return dict.fromkeys(stamps, ())
        known = {place: self.sight.told((spec.name, *place), stamp) for place, stamp in stamps.items()}
        unknown = sorted({ref for (ref, _), told in known.items() if told is None})
        for start in range(0, len(unknown), _READ):
            some = self.ledger.claims_at(spec.name, unknown[start : start + _READ])
            for claim in self.resolver.resolve(spec.name, some):
                if (place := (claim.ref, claim.scope)) in stamps:
                    known[place] = told = told_by(claim, spec.matching, against)
                    if not _is_told_by_others(spec):
                        self.sight.keep((spec.name, *place), stamps[place], told)
        return {place: told for place, told in known.items() if told is not None}

    def _candidates(
        self, spec: EntitySpec, held: Mapping[RecordRef, Sequence[RecordRef]], seen: Mapping[RecordRef, Glimpse]
    ) -> Mapping[RecordRef, Sequence[Claim]]:
        claims = self.ledger.claims_at(spec.name, sorted(set().union(*held.values())))
        living = [c for c in claims if not c.gone and c.scope == seen[c.ref].scope]
        others = {claim.ref: claim for claim in self.resolver.resolve(spec.name, living)}
        return {ref: [others[other] for other in some if other in others] for ref, some in held.items()}

    def _ours(self, spec: EntitySpec, strangers: Sequence[Claim]) -> dict[tuple[str, str], str]:
        """Keys of ours that we did plan to put there; any other was typed in by somebody."""
        told = {(claim.system, str(claim.values.get(OUR_KEY) or "")) for claim in strangers}
        keys = sorted({key for _, key in told if key})
        if not keys:
            return {}
        planned = self.ledger.changes(entity=spec.name, entity_ids=sorted({*map(entity_of, keys)}))
        ours = {(c.system, c.create_key) for c in planned if c.op is Op.CREATE} & told
        homes = now_called(self.ledger, spec.name, {entity_of(key) for _, key in ours})
        return {(system, key): homes[entity_of(key)] for system, key in sorted(ours)}


@dataclass(frozen=True, slots=True)
class _InSight:
    """The strangers, and who shares a key with one of them."""

    mine: Sequence[tuple[RecordRef, Glimpse]]
    seen: Mapping[RecordRef, Glimpse]
    against: int  # so many words of what is told could contradict

    def held_against(
        self, places: Mapping[RecordRef, set[Bearer]], named: Mapping[RecordRef, str]
    ) -> Mapping[RecordRef, Sequence[RecordRef]]:
        """By stranger: who may be the same. Not who contradicts it, nor who is nobody yet and is not looked at now."""
        said: dict[RecordRef, list[tuple[int, ...]]] = {}
        for ref, one in self.mine:
            said.setdefault(ref, []).append(one.told)
        return {ref: [*self._held(said[ref], some, said, named)] for ref, some in places.items()}

    def _held(
        self,
        mine: Sequence[tuple[int, ...]],
        places: Iterable[Bearer],
        strangers: Container[RecordRef],
        named: Mapping[RecordRef, str],
    ) -> Iterator[RecordRef]:
        for ref in sorted({ref for ref, _ in places if ref in self.seen}):
            one = self.seen[ref]
            somebody = one.entity_id or ref in strangers or ref in named
            if somebody and not all(contradicted(told, one.told, self.against) for told in mine):
                yield ref

    def bearing(self, refs: Iterable[RecordRef]) -> Mapping[int, Collection[str]]:
        """Who bears what these strangers bear."""
        asked = set(refs)
        wanted = [one.told for ref, one in self.mine if ref in asked]
        return bearers_of({**dict(self.mine), **self.seen}, wanted, self.against)


def contradicting(spec: EntitySpec) -> Sequence[str]:
    """What two records of one entity cannot say differently; whom they refer to is told by others."""
    return [name for name in spec.matching.contradicts if name not in references_of(spec)]


def _is_told_by_others(spec: EntitySpec) -> bool:
    """Whether what is weighed hangs on who other records are: it changes without the record."""
    weighed = spec.matching.scoring.fields if spec.matching.scoring else {}
    return not references_of(spec).keys().isdisjoint(weighed)


def near(keys: Iterable[str], bearers: Mapping[str, Sequence[Bearer]]) -> set[Bearer]:
    """Whom a record is held against: who bears one of its keys, but of a part that many bear, another one besides.

    Who bears the same name or lives in the same house bears all parts of it, and so is always among them. It does not
    depend on who of the two is looked at, unless one has nothing else to be found by.
    """
    found: set[Bearer] = set()
    parts: dict[str, list[str]] = {}
    for key in keys:
        sort = key.partition(":")[0]
        if sort in _PARTS:
            parts.setdefault(sort, []).append(key)
        else:
            found.update(bearers[key])
    for some in parts.values():
        found.update(*(bearers[key] for key in some if len(bearers[key]) <= FEW or len(some) == 1))
    many = Counter(chain.from_iterable(bearers[key] for some in parts.values() for key in some))
    return found | {bearer for bearer, times in many.items() if times > 1}


def _as_agreed(claim: Claim, agreed: Mapping[str, Values], names: Sequence[str]) -> Claim:
    told = agreed.get(claim.entity_id, {})
    return replace(claim, values={**claim.values, **{n: told[n] for n in names if n in told and n in claim.values}})


def _says_anew(claim: Claim, names: Sequence[str]) -> bool:
    return any(
        claim.stance(name) is Stance.MOVED or (claim.stance(name) is Stance.FRESH and claim.values[name])
        for name in names
    )


def _steward(spec: EntitySpec) -> str:
    return next((rule.steward for rules in spec.ownership.rules.values() for rule in rules if rule.steward), "")
