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
from mappings.book import EntitySpec
from mappings.values import Value, Values, field_of
from sync_pipelines.applying.encoding import encode_changes
from sync_pipelines.flow.casting import cast_of
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.flow.sides import Side, referrers_of
from sync_pipelines.flow.stocktaking import FieldReport, take_stock
from sync_pipelines.flow.undoing import untouched
from sync_pipelines.identity.keys import OUR_KEY
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import OPEN, Change, FieldChange, Held, Op, State
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim
from sync_pipelines.model.decisions import Agreement, Apart, EntityDecision
from sync_pipelines.model.golden import JOINED, Because, Decided
from sync_pipelines.model.parts import project
from sync_pipelines.model.records import Coupling, PlanHead
from sync_pipelines.ownership.situation import Cast


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
    splitter = _Splitter(house, entity, home, by, house.seams.new_id(), _since(house, entity, refs))
    held: list[Held] = []
    stays, leaves = splitter.sides(_who_gets_the_new_name(house, entity, home, frozenset(refs)), held)
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

    A record that we made bears it for good: whoever it is not about any more could be made in that system never again.
    """
    claims = house.ledger.claims_of(entity, [home])[home]
    bearing = {claim.ref for claim in claims if claim.values.get(OUR_KEY) == home}
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

    # --- who is on which side ----------------------------------------------------------------------------------------

    def sides(self, refs: frozenset[RecordRef], held: list[Held]) -> tuple[Side, Side]:
        """Those that stay, and those that leave."""
        known = self.house.ledger.claims_of(self.entity, [self.home])[self.home]
        claims = self.house.resolver.resolve(self.entity, known)
        stay = _ranked([c for c in claims if c.ref not in refs], self.home)
        leave = _ranked([c for c in claims if c.ref in refs], self.new)
        done = self._done()
        return self._side(self.home, stay, leave, done, held), self._side(self.new, leave, stay, done, held)

    def _done(self) -> Mapping[RecordRef, list[Change]]:
        """What was written to each record while they were one, in order."""
        written = self.house.ledger.changes(entity=self.entity, entity_id=self.home, states=(State.DONE,))
        told: dict[RecordRef, list[Change]] = {}
        for change in written:
            if change.op is Op.UPDATE and (self.since is None or (change.sent_at and change.sent_at >= self.since)):
                told.setdefault(RecordRef(change.system, change.kind, change.record_id), []).append(change)
        return told

    def _side(
        self,
        entity_id: str,
        mine: Sequence[Claim],
        other: Sequence[Claim],
        done: Mapping[RecordRef, Sequence[Change]],
        held: list[Held],
    ) -> Side:
        fields: dict[RecordRef, dict[str, FieldChange]] = {}
        for claim in mine:
            if claim.primary and not claim.gone and claim.ref in done:
                fields[claim.ref] = dict(self._given_back(claim, mine, other, done[claim.ref], entity_id, held))
        claims = tuple(_as_it_was(claim, fields.get(claim.ref, {})) for claim in mine)
        return Side(entity_id, claims, {ref: some for ref, some in fields.items() if some})

    def _given_back(
        self,
        claim: Claim,
        mine: Sequence[Claim],
        other: Sequence[Claim],
        done: Sequence[Change],
        entity_id: str,
        held: list[Held],
    ) -> Iterator[tuple[str, FieldChange]]:
        first: dict[str, Value] = {}
        last: dict[str, FieldChange] = {}
        for change in done:
            for key, said in change.fields.items():
                first.setdefault(key, said.old)
                last[key] = said
        for key, ours in last.items():
            if (
                key == ARCHIVED
                or first[key] == claim.values.get(key)
                or self._is_own(key, ours.new, claim, mine, other)
            ):
                continue
            if untouched(claim, key, ours):
                yield (
                    key,
                    FieldChange(claim.values[key], first[key], "its own value, from before it was joined", undoes=True),
                )
            else:
                held.append(Held(self.entity, entity_id, claim.system, key, f"{claim.ref}: edited since: {key}"))

    def _is_own(self, key: str, value: Value, claim: Claim, mine: Sequence[Claim], other: Sequence[Claim]) -> bool:
        """Whether what we wrote had come from its own side: another record there says it, or nobody elsewhere could."""
        if any(c.values.get(key) == value for c in mine if c.ref != claim.ref and not c.gone):
            return True
        said_by = self._decided_by(key, value)
        return said_by in {c.system for c in mine} - {c.system for c in other}

    def _decided_by(self, key: str, value: Value) -> str:
        steps = self.house.ledger.history(self.entity, self.home, key)
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
        agreements = [Agreement(c.ref, c.scope, dict(_agreed(c, side, golden, cast, spec))) for c in side.living]
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


def _stands(word: Decided, side: Side, key: str, cast: Cast) -> bool:
    """What was agreed stands on the side of whoever said it; also while nobody there shows that field."""
    said = [claim for claim in side.living if claim.system in word.by.split("+")]
    shown = [claim for claim in said if key in claim.values]
    if not shown:
        return any(key in claim.baseline for claim in said)
    return any(c.values[key] == project(word.value, cast.parts_of(c.system, field_of(key))) for c in shown)


def _agreed(
    claim: Claim, side: Side, golden: Mapping[str, Decided], cast: Cast, spec: EntitySpec
) -> Iterator[tuple[str, Agreed]]:
    """Who says otherwise agrees to what it did before: an edit of it stays one, and so does a write that is due to it.

    Until its own value is back, what a record says now is no edit, and not what is wanted there: what could not be
    written at once is written later. A difference that was accepted is accepted still.
    """
    due = side.fields.get(claim.ref, {})
    for key, word in golden.items():
        wanted = project(word.value, cast.parts_of(claim.system, field_of(key)))
        before = claim.baseline.get(key)
        if key in due:
            yield key, Agreed(due[key].old, due[key].old)
        elif before is not None and before.own and claim.values.get(key, before.stored) == before.stored:
            yield key, replace(before, sent=wanted)
        elif key not in claim.values:
            yield from _unseen(key, before, wanted, heard=claim.system in _speakers(spec, key, cast))
        elif claim.values[key] == wanted:
            yield key, Agreed(wanted, wanted)
        elif before is not None:
            yield key, before if before.sent == wanted else replace(before, sent=before.stored)


def _unseen(key: str, before: Agreed | None, wanted: Value, *, heard: bool) -> Iterator[tuple[str, Agreed]]:
    """A field that its record does not show just now: what it says there, if that may count, it says anew then."""
    if heard and before is not None and before.sent != wanted:
        yield key, Agreed(wanted, wanted)


def _speakers(spec: EntitySpec, key: str, cast: Cast) -> tuple[str, ...]:
    """Systems whose word on a field counts, or may."""
    rules = spec.ownership.rules.get(field_of(key), ())
    each = (role for rule in rules if rule.each for role in (*rule.each.decides, *rule.each.add))
    return cast.ranked((*(role for rule in rules for role in rule.roles), *each))


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
