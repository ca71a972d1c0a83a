"""What the ledger no longer knows, after an older copy was put in its place or it was lost: found again by our keys.

A record that we make carries the id of its entity as its key. What the key alone cannot say is asked: whether a second
record with the same key is a copy that somebody made, and whose record it is that we made one for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, groupby, islice
from typing import TypeVar

from connectors.contract import RecordRef
from mappings.book import EntitySpec
from sync_pipelines.flow.committing import commit_decisions
from sync_pipelines.flow.likely import (
    ASKED,
    BEARS,
    FOR_WHOM,
    NUMBER,
    SILENCE,
    Likely,
    borne,
    contradicted,
    fields_of,
    for_whom,
    given,
    is_for_whom,
    issuers_of,
    lonely,
    one_of,
    question_about,
    said,
)
from sync_pipelines.flow.run import House
from sync_pipelines.flow.unshown import unshown
from sync_pipelines.identity.keys import OUR_KEY
from sync_pipelines.identity.likeness import tells
from sync_pipelines.intake.older import older, settle, unplanned
from sync_pipelines.model.changes import Change, Op, State
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.decisions import EntityDecision
from sync_pipelines.model.our_keys import entity_of, is_ours
from sync_pipelines.model.questions import About, Question
from sync_pipelines.model.records import Coupling, PlanHead
from sync_pipelines.review.joined import now_called

KEYED = "our key, which the ledger had forgotten"  # why records are coupled that were found again
_PART = 1000  # keys, or entities, looked at together
_PAGE = 5000  # strangers
_Item = TypeVar("_Item")


@dataclass(slots=True)
class Restored:
    """What was found again, and what of it is not certain."""

    keyed: int = 0  # records that carry a key of ours which the ledger had forgotten
    coupled: int = 0  # of them, those whose entity is certain
    doubted: int = 0  # of them, those about which a person is asked: copies, and keys that do not fit
    alone: int = 0  # entities of which nothing was found but what we made
    asked: int = 0  # records that may be what we made those for: a person is asked
    kept_back: list[str] = field(default_factory=list)  # what still has to be read before anything is made
    left: Counter[str] = field(default_factory=Counter)  # by field: records that say less than the ledger knew
    shown_from: datetime | None = None  # it was adopted too early: only from then on systems show all that was made
    unshown: list[str] = field(default_factory=list)  # and so it was where a system keeps from us who somebody is


# --- by key ----------------------------------------------------------------------------------------------------------


def rebuild(house: House, spec: EntitySpec, restored: Restored, run: str) -> None:
    """Couple what carries a key of ours that this ledger never planned; begun again, it goes on where it was."""
    strange = sorted(_strange(house, spec.name))
    keys = (list(some) for _, some in groupby(strange, key=lambda one: entity_of(one[0])))
    while part := list(islice(keys, _PART)):
        _rebuild_part(house, spec, [one for some in part for one in some], restored, run)


def _strange(house: House, entity: str) -> Iterator[tuple[str, RecordRef]]:
    """Key and record of all strangers that the ledger should know."""
    after: RecordRef | None = None
    while strangers := house.ledger.uncoupled(entity, after, _PAGE):
        told = {claim.ref: str(claim.values.get(OUR_KEY) or "") for claim in strangers}
        keyed = {ref: key for ref, key in told.items() if is_ours(key)}
        yield from ((keyed[ref], ref) for ref in unplanned(house.ledger, entity, keyed))
        after = strangers[-1].ref


def _rebuild_part(
    house: House, spec: EntitySpec, strange: Sequence[tuple[str, RecordRef]], restored: Restored, run: str
) -> None:
    claims = _by_record(house, spec, [ref for _, ref in strange])
    homes = now_called(house.ledger, spec.name, {entity_of(key) for key, _ in strange})
    members = house.ledger.claims_of(spec.name, sorted(set(homes.values())))
    sorter = _Sorter(house, spec, {home: [c for c in some if not c.gone] for home, some in members.items()})
    for home, some in groupby(strange, key=lambda one: entity_of(one[0])):
        sorter.sort(homes[home], [claims[ref] for _, ref in some if ref in claims])
    decisions = list(sorter.decisions())
    with house.ledger.transaction():
        _remember(house, spec, strange, run)
        _commit(house, spec, decisions, run)
    restored.keyed += len(strange)
    restored.coupled += sorter.coupled
    restored.doubted += len(strange) - sorter.coupled


@dataclass(slots=True)
class _Sorter:
    """Tells what the key proves from what it does not."""

    house: House
    spec: EntitySpec
    members: dict[str, list[Claim]]
    couplings: defaultdict[str, list[Coupling]] = field(default_factory=lambda: defaultdict(list))
    questions: defaultdict[str, list[Question]] = field(default_factory=lambda: defaultdict(list))
    coupled: int = 0

    def sort(self, home: str, records: Sequence[Sequence[Claim]]) -> None:
        """The records that carry one key. Where a system has several, none is joined with another one by it."""
        places = Counter(_place(record[0]) for record in records)
        members = self.members[home]
        for record in sorted(records, key=lambda record: (places[_place(record[0])] > 1, record[0].ref)):
            first = record[0]
            if not members or (places[_place(first)] == 1 and self._fits(first, members)):
                self._couple(home, record)
                members += record
                self.coupled += 1
            else:
                self._doubt(home, record, members)

    def _fits(self, claim: Claim, members: Sequence[Claim]) -> bool:
        """Its place is free, it contradicts none, and says what one of them says, if there is anything to compare."""
        if any(_place(one) == _place(claim) for one in members) or contradicted(self.spec, claim, members):
            return False
        said, theirs = self._tells(claim), frozenset[str]().union(*(self._tells(one) for one in members))
        return bool(said & theirs) or not fields_of(said) & fields_of(theirs)

    def _tells(self, claim: Claim) -> frozenset[str]:
        return tells(claim.values, self.spec.fields, self.spec.matching)

    def _couple(self, home: str, record: Sequence[Claim]) -> None:
        self.couplings[home] += [
            Coupling(claim.ref, self.spec.name, home, claim.scope, because=KEYED) for claim in record
        ]

    def _doubt(self, home: str, record: Sequence[Claim], members: Sequence[Claim]) -> None:
        mine = self.house.seams.new_id()
        self.couplings[mine] += [
            Coupling(claim.ref, self.spec.name, mine, claim.scope, because="new") for claim in record
        ]
        other = next((one for one in members if one.ref.system != record[0].ref.system), members[0])
        self.questions[mine].append(
            question_about(
                self.spec, record[0], mine, other, home, "Both carry the same key of ours; it may be a copy."
            )
        )

    def decisions(self) -> Iterator[EntityDecision]:
        """All of it, by entity."""
        for entity_id, couplings in sorted(self.couplings.items()):
            asked = tuple(self.questions.get(entity_id, ()))
            yield EntityDecision(entity_id, couplings=tuple(couplings), questions=asked, settled=False)


def _remember(house: House, spec: EntitySpec, strange: Sequence[tuple[str, RecordRef]], run: str) -> None:
    """As if it had been planned here: from now on the key proves what it always proves, and is no news."""
    plan, now = house.seams.new_id(), house.seams.clock()
    places = sorted({(key, ref.system, ref.kind) for key, ref in strange})
    made = [
        Change(
            house.seams.new_id(), plan, Op.CREATE, system, kind, spec.name, entity_of(key), {}, state=State.DONE,
            reason="made before an older copy of the ledger was put in place", create_key=key,
        )
        for key, system, kind in places
    ]  # fmt: skip
    head = PlanHead(plan, spec.name, run, house.book.version, now, judged=True)
    house.ledger.save_plan(head, made)
    house.ledger.close_plan(plan, "applied")


# --- whom we made it for ---------------------------------------------------------------------------------------------


def ask_for_whom(house: House, spec: EntitySpec, restored: Restored, run: str) -> None:
    """Of what stands alone with a record of ours, somebody else's is missing: who is like it may be the one.

    Our ids rise: whoever was known before the loss has an older one than what was made, and forgotten, after the copy,
    and what was made for it bears its own. But where it was split since it has a newer one, which the copy knows not:
    so those who were known are asked about only where nobody else is like it. What nobody as a whole can be is asked of
    each record: one may have been merged since into somebody who is another one. Where a system does not show by what
    records are known, who is like nobody may be like somebody once it does: that is no question yet.
    """
    ours, strangers, known, found = _alone(house, spec.name)
    alone = dict(_undecided(house, spec, ours))
    fresh = dict(_undecided(house, spec, strangers))
    perhaps = {entity_id: claims for entity_id, claims in fresh.items() if not _tells_ours(house, claims[0])}
    likely, asked = Likely.among(spec, alone | perhaps), _asked_by_likeness(house, spec.name, alone)
    since = [one for one in strangers if one not in fresh and one > min(alone, default=one)]
    for entity_id, claims in chain(fresh.items(), _like(house, spec, since, alone)):
        asked[entity_id] += _whose(house, spec, claims[0], likely.to(claims), asked)
    for claim, others in _bearing_its_number(house, spec, [*found, *fresh]):
        asked[claim.entity_id] += _whose(house, spec, claim, others, asked, (BEARS, NUMBER))
    for whole in (True, False):
        left = _left(house, spec, alone, asked)
        likely = Likely.among(spec, left)
        for entity_id, claims in _like(house, spec, [*strangers, *known], left):
            for some in [claims] if whole else [[claim] for claim in claims]:
                asked[entity_id] += _whose(house, spec, some[0], likely.to(some), asked)
    restored.alone, restored.asked = len(alone), sum(map(bool, asked.values()))
    restored.unshown = unshown(house, spec) if alone or perhaps else []
    for entity_id, few in _left(house, spec, {} if restored.unshown else alone, asked).items():
        asked[entity_id].append(lonely(spec, few[0]))
    decisions = [EntityDecision(i, questions=tuple(some), settled=False) for i, some in sorted(asked.items()) if some]
    for chunk in _parts(decisions):
        _commit(house, spec, chunk, run)


def _left(
    house: House, spec: EntitySpec, alone: Mapping[str, Sequence[Claim]], asked: Mapping[str, Sequence[Question]]
) -> dict[str, Sequence[Claim]]:
    """Those that nobody is asked about, nor was."""
    met = {other for some in asked.values() for question in some for other in question.others}
    return {entity_id: alone[entity_id] for entity_id in sorted(alone.keys() - met - _asked_about(house, spec.name))}


def _asked_by_likeness(
    house: House, entity: str, alone: Mapping[str, Sequence[Claim]]
) -> defaultdict[str, list[Question]]:
    """What the recogniser asks about those that stand alone: it, too, stands until somebody says.

    It would be gone with what they say today, or with a merge; and with it that one was made for the other, perhaps.
    """
    asked = defaultdict[str, list[Question]](list)
    for question in house.ledger.questions(entity=entity):
        if question.about is About.MATCH and not is_for_whom(question) and not alone.keys().isdisjoint(question.others):
            asked[question.entity_id].append(for_whom(question))
    return asked


def _tells_ours(house: House, claim: Claim) -> bool:
    """Where a system keeps no keys of ours, anything that is new there may have been made by us."""
    return house.connectors[claim.system].kinds[claim.ref.kind].keyed


def _whose(
    house: House,
    spec: EntitySpec,
    claim: Claim,
    likely: Iterable[tuple[str, Claim]],
    so_far: Mapping[str, Sequence[Question]],
    says: tuple[str, str] = (FOR_WHOM, SILENCE),
) -> Iterator[Question]:
    """Which of these it is; about whom somebody was asked already is not asked again."""
    mine = claim.entity_id
    known = house.ledger.questions(entity=spec.name, entity_ids=[mine], open_only=False)
    asked = {other for question in known for other in question.others}
    asked |= {other for other, some in so_far.items() if any(mine in question.others for question in some)}
    asked |= {other for question in so_far.get(mine, ()) for other in question.others}
    fresh = [(entity_id, other) for entity_id, other in likely if entity_id not in asked]
    if len(fresh) == 1:
        yield question_about(spec, claim, mine, fresh[0][1], fresh[0][0], *says)
    elif fresh:
        yield one_of(spec, claim, fresh)


def _bearing_its_number(
    house: House, spec: EntitySpec, ids: Iterable[str]
) -> Iterator[tuple[Claim, list[tuple[str, Claim]]]]:
    """Records that were given a number, each with those of these that bear it: it was carried there.

    Whatever else they say: names are edited and tax ids corrected; a number that another system gives hardly anybody
    types. It is asked all the same, for one may be typed wrong, or given anew. Who was given a number of their own is
    no candidate, nor a record where the other one has one.
    """
    issuers = issuers_of(house.book, spec)
    bearers: defaultdict[str, defaultdict[str, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for entity_id, claims in _living(house, spec, sorted(set(ids)) if issuers else ()):
        for claim in claims if not any(given(spec, issuers, claim) for claim in claims) else ():
            for word in borne(spec, issuers, claim):
                bearers[word][entity_id].append(claim)
    for page in house.ledger.entity_id_pages(spec.name, _PART) if bearers else ():
        for _, claims in _living(house, spec, page):
            systems = {claim.system for claim in claims}
            for claim in claims:
                words = sorted(given(spec, issuers, claim) & bearers.keys())
                bearing = [one for word in words for some in bearers[word].values() for one in some]
                others = {one.entity_id: one for one in reversed(bearing) if one.system not in systems}
                if others:
                    yield claim, sorted(others.items())[:ASKED]


def finish(house: House, entity: str, restored: Restored, began: datetime) -> None:
    """From now on things are made again, unless a record of ours still waits for a code to be mapped.

    Nor if the reading, which began at `began`, was too early: what was made just before the loss may be in no listing
    for a while, and since it was noticed nothing more was made. Nor before systems show by what records are known.
    """
    told = older(house.ledger)
    known = told.get(entity)
    if known is None:
        return
    shown = min(datetime.fromisoformat(one.since) for one in told.values()) + _longest_lag(house)
    if began < shown:
        restored.shown_from = shown
    if restored.shown_from or restored.unshown:
        return
    gaps = {entry.ref for entry in house.ledger.quarantined(entity=entity) if entry.reason == "gap"}
    waiting = [ref for told_of in known.waiting if (ref := RecordRef.parse(told_of)) in gaps]
    restored.kept_back = [str(ref) for ref in waiting]
    settle(house.ledger, entity, waiting)


def _longest_lag(house: House) -> timedelta:
    """How long a system may take to show what was written."""
    kinds = [can for connector in house.connectors.values() for can in connector.kinds.values()]
    return max((can.look_back for can in kinds), default=timedelta())


def _alone(house: House, entity: str) -> tuple[list[str], list[str], list[str], list[str]]:
    """Entities of which nothing is known but what we made; those met as strangers; all others; and of all, those of
    which something was found again by its key.
    """
    ours, strangers, known, found = list[str](), list[str](), list[str](), list[str]()
    for part in house.ledger.entity_id_pages(entity, _PART):
        for entity_id, couplings in house.ledger.couplings_of(entity, part).items():
            told = {coupling.because == KEYED for coupling in couplings}
            found += [entity_id] if True in told else []
            if told == {True}:
                ours.append(entity_id)
            elif all(coupling.because.startswith("new") for coupling in couplings):
                strangers.append(entity_id)
            else:
                known.append(entity_id)
    return ours, strangers, known, found


def _undecided(house: House, spec: EntitySpec, ids: Sequence[str]) -> Iterator[tuple[str, list[Claim]]]:
    """The living records of each about which nothing was decided yet."""
    for part in _parts(ids):
        golden = house.ledger.golden_of(spec.name, part)
        yield from ((i, living) for i, living in _living(house, spec, part) if i not in golden)


def _like(
    house: House, spec: EntitySpec, ids: Sequence[str], alone: Mapping[str, Sequence[Claim]]
) -> Iterator[tuple[str, list[Claim]]]:
    """Those of them that are like one that stands alone, whatever was decided about them already."""
    words = frozenset[str]().union(*(said(spec, claims) for claims in alone.values())) - {""}
    yield from ((i, some) for i, some in _living(house, spec, ids if words else ()) if words & said(spec, some))


def _living(house: House, spec: EntitySpec, ids: Sequence[str]) -> Iterator[tuple[str, list[Claim]]]:
    """Those that have records, with these."""
    for part in _parts(ids):
        for entity_id, claims in house.ledger.claims_of(spec.name, part).items():
            if living := [claim for claim in claims if not claim.gone]:
                yield entity_id, living


def _asked_about(house: House, entity: str) -> set[str]:
    """About whom somebody is asked already, or has been."""
    asked = [q for q in house.ledger.questions(entity=entity, open_only=False) if q.about is About.MATCH]
    return {name for q in asked for name in (q.entity_id, *q.others)}


# --- parts -----------------------------------------------------------------------------------------------------------


def _by_record(house: House, spec: EntitySpec, refs: Sequence[RecordRef]) -> Mapping[RecordRef, list[Claim]]:
    claims: defaultdict[RecordRef, list[Claim]] = defaultdict(list)
    for claim in house.resolver.resolve(spec.name, house.ledger.claims_at(spec.name, refs)):
        claims[claim.ref].append(claim)
    return claims


def _place(claim: Claim) -> tuple[str, str]:
    return claim.ref.system, claim.ref.kind


def _commit(house: House, spec: EntitySpec, decisions: Sequence[EntityDecision], run: str) -> None:
    marks = house.ledger.marks(spec.name, [decision.entity_id for decision in decisions])
    marked = [replace(decision, mark=marks.get(decision.entity_id, 0)) for decision in decisions]
    commit_decisions(house.ledger, spec.name, marked, run, house.seams.clock())


def _parts(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), _PART):
        yield items[start : start + _PART]
