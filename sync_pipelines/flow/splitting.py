"""What was taken for one becomes two again: some of its records leave and are an entity of their own.

A plan first, as always. Who is whom, and that a person keeps them apart, is carried by the plan's decisions; its writes
give each record its own value back where ours had come from the other side and nobody has edited it since.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product

from connectors.contract import RecordRef
from mappings.values import Value, Values, field_of
from sync_pipelines.applying.encoding import encode_changes, subject_of
from sync_pipelines.flow.casting import cast_of
from sync_pipelines.flow.likely import is_for_whom
from sync_pipelines.flow.own_words import OwnWords, alike, as_executed, is_left, is_made_by
from sync_pipelines.flow.parting import Parted
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.flow.sides import Side, referrers_of
from sync_pipelines.flow.stocktaking import FieldReport, take_stock
from sync_pipelines.identity.keys import OUR_KEY
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import OPEN, Change, FieldChange, Held, Op, State
from sync_pipelines.model.claims import ARCHIVED, Claim
from sync_pipelines.model.decisions import Agreement, Apart, EntityDecision
from sync_pipelines.model.golden import JOINED, Because, Decided
from sync_pipelines.model.our_keys import entity_of
from sync_pipelines.model.parts import project
from sync_pipelines.model.questions import About
from sync_pipelines.model.records import Coupling, PlanHead
from sync_pipelines.ownership.situation import Cast

_HAPPENED = (State.DONE, State.DROPPED)  # the latter, if it was sent and its record says so


@dataclass(frozen=True, slots=True)
class Split:
    """A judged plan, and who is on which side by it."""

    result: RunResult
    stays: Side
    leaves: Side


def plan_split(house: House, entity: str, refs: Sequence[RecordRef], by: str) -> Split:
    """Let these records leave the entity they belong to. LedgerError where they cannot, and why."""
    result = house.begin(entity, "split")
    house.refresh(result)
    home = _home(house, entity, refs)
    _check_nobody_asks_for_whom(house, entity, home)
    joined = tuple(one for one in house.ledger.joined_into(entity, [home]) if one != home)
    splitter = _Splitter(house, entity, home, by, house.seams.new_id(), _since(house, entity, refs), joined)
    held: list[Held] = []
    stays, leaves = splitter.sides(_who_gets_the_new_name(house, entity, home, frozenset(refs)), held)
    _check_somebody_is_there(stays, leaves)
    result.plan = house.seams.new_id()
    decisions = splitter.decisions(stays, leaves)
    changes = splitter.changes((stays, leaves), result.plan, decisions, held)
    result.changes, result.held = len(changes), held
    counts = Counter(f"{change.system}/{change.op.value}" for change in changes)
    head = PlanHead(
        result.plan, entity, result.run, house.book.version, house.seams.clock(), counts=dict(counts), held=len(held)
    )
    house.ledger.save_plan(head, changes, decisions)
    house.judge(result)
    named = any(claim.ref in refs for claim in leaves.claims)
    return Split(result, stays, leaves) if named else Split(result, leaves, stays)


def _who_gets_the_new_name(house: House, entity: str, home: str, refs: frozenset[RecordRef]) -> frozenset[RecordRef]:
    """Those who leave; but those who stay, if all that bear the key of the entity leave.

    A record that we made bears it for good: it says whose it is where a ledger was lost.
    """
    claims = house.ledger.claims_of(entity, [home])[home]
    bearing = {claim.ref for claim in claims if entity_of(str(claim.values.get(OUR_KEY) or "")) == home}
    return frozenset(claim.ref for claim in claims) - refs if bearing and bearing <= refs else refs


def _home(house: House, entity: str, refs: Sequence[RecordRef]) -> str:
    """The entity that all of these belong to, and that keeps others."""
    found = house.ledger.couplings_at(entity, refs)
    unknown = next((ref for ref in refs if ref not in found), None)
    if unknown is not None:
        raise LedgerError(f"{unknown} belongs to no {entity}; `concordat why` and `concordat review` show records")
    homes = sorted({coupling.entity_id for coupling in found.values()})
    if len(homes) > 1:
        raise LedgerError(f"these records belong to {len(homes)} {entity} entities; split one at a time")
    staying = [c for c in house.ledger.couplings_of(entity, homes)[homes[0]] if c.ref not in found]
    if not staying:
        raise LedgerError(f"these are all records of this {entity}: one has to stay")
    if house.ledger.changes(entity=entity, entity_id=homes[0], states=OPEN):
        raise LedgerError(f"a write to this {entity} has no known outcome yet: run again when it has been looked up")
    return homes[0]


def _check_nobody_asks_for_whom(house: House, entity: str, home: str) -> None:
    """What we made before a ledger was restored may be for either side: of which, nobody could say any more."""
    asked = (q for q in house.ledger.questions(entity=entity) if q.about is About.MATCH and is_for_whom(q))
    first = next((q for q in asked if home in (q.entity_id, *q.others)), None)
    if first is not None:
        raise LedgerError(f"a question about it is open since the ledger was restored; answer it first: {first.asks}")


def _check_somebody_is_there(*sides: Side) -> None:
    """Of a side that is gone nobody says who it is; and one that was merged lives on, perhaps unread."""
    lost = next((side for side in sides if not side.living), None)
    if lost is not None:
        refs = ", ".join(str(claim.ref) for claim in lost.claims)
        raise LedgerError(f"{refs}: gone there, or merged into another record, so there are no two to part")


def _since(house: House, entity: str, refs: Sequence[RecordRef]) -> datetime | None:
    """When the last of these came to the others; None where nobody noted it."""
    times = [coupling.at for coupling in house.ledger.couplings_at(entity, refs).values() if coupling.at]
    return max(times, default=None)


@dataclass(frozen=True, slots=True)
class _Splitter:
    """Works out both sides."""

    house: House
    entity: str
    home: str
    by: str
    new: str
    since: datetime | None
    joined: tuple[str, ...]  # entities that became this one; what was decided then has a history of its own

    # --- who is on which side ----------------------------------------------------------------------------------------

    def sides(self, refs: frozenset[RecordRef], held: list[Held]) -> tuple[Side, Side]:
        """Those that stay, and those that leave."""
        known = self.house.ledger.claims_of(self.entity, [self.home])[self.home]
        claims = self.house.resolver.resolve(self.entity, known)
        stay = _ranked([c for c in claims if c.ref not in refs], self.home)
        leave = _ranked([c for c in claims if c.ref in refs], self.new)
        written = self._written(claims)
        return self._side(self.home, stay, leave, written, held), self._side(self.new, leave, stay, written, held)

    def _written(self, claims: Sequence[Claim]) -> Mapping[RecordRef, OwnWords]:
        """What was written to each record while they were one, and what those of our making were made with."""
        keys = {entity_of(str(key)) for claim in claims if (key := claim.values.get(OUR_KEY))}
        ids = sorted({self.home, *self.joined, *keys})
        told = {claim.ref: OwnWords(self._item_keys()) for claim in claims}
        says = {claim.ref: claim for claim in claims}
        for change in self.house.ledger.changes(entity=self.entity, entity_ids=ids, states=_HAPPENED):
            if change.op is Op.CREATE and change.state is State.DONE:
                for claim in (c for c in claims if is_made_by(c, change)):
                    told[claim.ref].made.update(change.fields)
            elif change.op is Op.UPDATE and self._were_one(change) and (ref := subject_of(change)) in told:
                told[ref].hear(as_executed(change, says[ref]))
        return told

    def _were_one(self, change: Change) -> bool:
        """Whether it was written while they were. Who was joined with whom when, is told by who decided it."""
        since = self.since is None or (change.sent_at is not None and change.sent_at >= self.since)
        return change.entity_id in self.joined or (since and change.entity_id == self.home)

    def _side(
        self,
        entity_id: str,
        mine: Sequence[Claim],
        other: Sequence[Claim],
        written: Mapping[RecordRef, OwnWords],
        held: list[Held],
    ) -> Side:
        fields: dict[RecordRef, dict[str, FieldChange]] = {}
        for claim in mine:
            if claim.primary and not claim.gone:
                fields[claim.ref] = dict(self._given_back(claim, mine, other, written, entity_id, held))
        claims = tuple(_as_it_was(claim, fields.get(claim.ref, {})) for claim in mine)
        made = {claim.ref: frozenset(written[claim.ref].ours(claim)) for claim in mine}
        return Side(entity_id, claims, {ref: some for ref, some in fields.items() if some}, made)

    def _given_back(
        self,
        claim: Claim,
        mine: Sequence[Claim],
        other: Sequence[Claim],
        written: Mapping[RecordRef, OwnWords],
        entity_id: str,
        held: list[Held],
    ) -> Iterator[tuple[str, FieldChange]]:
        ours = written[claim.ref]
        others = [c for c in mine if c.ref != claim.ref and not c.gone]
        for key, last in ours.last.items():
            first = ours.first[key]
            if ours.tells_apart(key, claim.values.get(key)):
                kin = frozenset(name for c in others for name in written[c.ref].typed(c, key))
                yield from _items_given_back(claim, key, other, ours, kin)
                continue
            if key == ARCHIVED or first == claim.values.get(key):
                continue
            by_others = any(c.values.get(key) == last.new and not written[c.ref].left(c, key) for c in others)
            if by_others or self._could_none_elsewhere(key, last.new, mine, other):
                continue
            if is_left(claim, key, last):
                why = "its own value, from before it was joined"
                yield key, FieldChange(claim.values[key], first, why, undoes=True)
            else:
                held.append(Held(self.entity, entity_id, claim.system, key, f"{claim.ref}: edited since: {key}"))

    def _item_keys(self) -> Mapping[str, str]:
        rules = self.house.book.entities[self.entity].ownership.rules
        return {name: rule.each.key for name, (rule, *_) in rules.items() if rule.each}

    def _could_none_elsewhere(self, key: str, value: Value, mine: Sequence[Claim], other: Sequence[Claim]) -> bool:
        """Whether what we wrote had come from its own side: nobody on the other could have said it."""
        said_by = self._decided_by(key, value)
        return said_by in {c.system for c in mine} - {c.system for c in other}

    def _decided_by(self, key: str, value: Value) -> str:
        names = (self.home, *self.joined)
        steps = (step for name in names for step in self.house.ledger.history(self.entity, name, key))
        return next((step.by for step in steps if step.new == value), "")

    # --- what becomes true -------------------------------------------------------------------------------------------

    def decisions(self, stays: Side, leaves: Side) -> list[EntityDecision]:
        """Both sides by themselves; what was agreed between them is forgotten, what each still has to learn is not."""
        gone, kept = ([str(c.ref) for c in side.claims] for side in (leaves, stays))
        pairs = [*product([self.new, *gone], [self.home, *kept])]
        mark = self.house.ledger.marks(self.entity, [self.home]).get(self.home, 0)
        asked = self.house.ledger.questions(entity=self.entity, entity_ids=[self.home])
        staying = replace(
            self._stock(stays),
            uncouples=tuple(dict.fromkeys(claim.ref for claim in leaves.claims)),
            couplings=self._couplings(stays),
            apart=tuple(Apart(one, two, self.by) for one, two in pairs),
            referrers=tuple(referrers_of(self.house, self.entity, stays, leaves, self.by)),
            withdrawn=tuple(question.topic for question in asked),
            mark=mark,
        )
        return sorted([staying, replace(self._stock(leaves), couplings=self._couplings(leaves))], key=_id)

    def _stock(self, side: Side) -> EntityDecision:
        spec, told = self.house.book.entities[self.entity], dict[str, FieldReport]()
        cast, now = cast_of(self.house.book, spec), self.house.seams.clock()
        firsts = [replace(claim, baseline={}) for claim in side.living]  # what they agreed to was agreed by both
        stock = take_stock(now, spec, side.entity_id, firsts, cast, told)
        before = self.house.ledger.golden_of(self.entity, [self.home])
        old = before[self.home].fields if before else {}
        stands = {
            key: word for key, word in old.items() if field_of(key) in spec.fields and _stands(word, side, key, cast)
        }
        words = {**stock.golden, **stands}
        golden = {
            key: replace(word, because=Because.SPLIT, by=word.by or f"steward:{self.by}") for key, word in words.items()
        }
        empty = Decided(None, Because.SPLIT, by=f"steward:{self.by}")
        due = {key for fields in side.fields.values() for key in fields}  # that were empty before, it may be
        golden |= {
            key: empty
            for key, word in old.items()
            if key not in golden and key != JOINED and word.value is not None
            if side.entity_id == self.home or key in due
        }
        parted = Parted(spec, cast, side, old, golden)
        agreements = [Agreement(c.ref, c.scope, dict(parted.agreed(c))) for c in side.living]
        return replace(stock, golden=golden, agreements=tuple(one for one in agreements if one.baseline))

    def _couplings(self, side: Side) -> tuple[Coupling, ...]:
        why = f"steward:{self.by}"
        known = {(c.ref, c.scope): c for c in self.house.ledger.couplings_of(self.entity, [self.home])[self.home]}
        return tuple(
            Coupling(claim.ref, self.entity, side.entity_id, claim.scope, claim.primary, why)
            for claim in side.claims
            if side.entity_id == self.new or known[claim.ref, claim.scope].primary != claim.primary
        )

    # --- what is written ---------------------------------------------------------------------------------------------

    def changes(
        self, sides: Sequence[Side], plan: str, decisions: Sequence[EntityDecision], held: list[Held]
    ) -> list[Change]:
        """Each record's own values, as writes."""
        agreed: dict[str, Values] = {d.entity_id: {k: word.value for k, word in d.golden.items()} for d in decisions}
        drafted = [
            self._change(claim, side, plan, agreed)
            for side in sides
            for claim in side.living
            if claim.ref in side.fields
        ]
        links = self.house.resolver.links(self.entity, [(k, f.new) for c in drafted for k, f in c.fields.items()])
        encoded = encode_changes(drafted, agreed, self.house.writers, links)
        held += encoded.held
        return list(encoded.changes)

    def _change(self, claim: Claim, side: Side, plan: str, agreed: Mapping[str, Values]) -> Change:
        cast = cast_of(self.house.book, self.house.book.entities[self.entity])
        fields = {
            key: replace(f, agreed=project(agreed[side.entity_id].get(key), cast.parts_of(claim.system, field_of(key))))
            for key, f in side.fields[claim.ref].items()
        }
        key, kind = self.house.seams.new_id(), claim.ref.kind
        return Change(
            key, plan, Op.UPDATE, claim.system, kind, self.entity, side.entity_id, fields,
            record_id=claim.ref.id, scope=claim.scope, version=claim.version,
        )  # fmt: skip


def _items_given_back(
    claim: Claim, key: str, other: Sequence[Claim], ours: OwnWords, kin: frozenset[str]
) -> Iterator[tuple[str, FieldChange]]:
    """Of a list only what came from the other side goes, and what we took out for it comes back.

    `kin`: items that somebody put in on its own side, whatever the other one was told of them.
    """
    said, own = ours.by_item(key, claim.values[key]), ours.own_items(claim, key)
    elsewhere = {name for c in other for name in ours.by_item(key, c.values.get(key))}
    back = {name: item for name, item in said.items() if name not in elsewhere or name in kin} | own
    if not alike(back.values(), said.values()):
        why = "its own items, without those of the other side"
        yield key, FieldChange(claim.values[key], [*back.values()], why, undoes=True)


def _stands(word: Decided, side: Side, key: str, cast: Cast) -> bool:
    """What was agreed stands on the side of whoever said it; also while nobody there shows that field.

    The last word of one that is gone stands where nobody speaks for it.
    """
    heard = [claim for claim in side.claims if claim.system in word.by.split("+")]
    said = [claim for claim in heard if claim.primary and not claim.gone] or [c for c in heard if c.gone]
    shown = [claim for claim in said if key in claim.values]
    if not shown:
        return any(key in claim.baseline for claim in said)
    return any(c.values[key] == project(word.value, cast.parts_of(c.system, field_of(key))) for c in shown)


def _id(decision: EntityDecision) -> str:
    return decision.entity_id


def _ranked(claims: Sequence[Claim], entity_id: str) -> list[Claim]:
    """The first in each place; one that was it already stays it, and one that is there goes before one that is gone."""
    taken: set[tuple[str, str, str]] = set()
    ranked = []
    for claim in sorted(claims, key=lambda c: (c.gone, not c.primary, c.ref, c.scope)):
        place = (claim.system, claim.ref.kind, claim.scope)
        ranked.append(replace(claim, entity_id=entity_id, primary=place not in taken))
        taken.add(place)
    return sorted(ranked, key=lambda c: (c.ref, c.scope))


def _as_it_was(claim: Claim, fields: Mapping[str, FieldChange]) -> Claim:
    return replace(claim, values={**claim.values, **{key: f.new for key, f in fields.items()}}) if fields else claim
