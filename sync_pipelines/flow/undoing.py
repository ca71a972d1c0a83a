"""Undo of one run: its writes are taken back from their pre-images, only where nobody edited since.

A plan first, as always.

What was decided stays decided; the records that are given their old values back differ from it with a person's leave,
until the decider moves again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.contract import RecordRef
from mappings.values import Values, field_of
from sync_pipelines.applying.encoding import encode_changes, subject_of
from sync_pipelines.flow.casting import cast_of
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import OPEN, UNDER_WAY, Change, FieldChange, Held, Op, State
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim
from sync_pipelines.model.parts import project
from sync_pipelines.model.records import PlanHead
from sync_pipelines.ownership.situation import Cast


@dataclass(slots=True)
class _Back:
    """What can be taken back, and what cannot."""

    changes: list[Change] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)


def plan_undo(house: House, run: str) -> RunResult:
    """A judged plan that takes a run's writes back. LedgerError where there is nothing of it to take back."""
    done = house.ledger.changes(run=run, states=(State.DONE,))
    if not done:
        message = f"run {run} wrote nothing that could be taken back; `concordat status` lists the runs"
        raise LedgerError(message)
    result = house.begin(done[0].entity, "undo")
    house.refresh(result)
    result.plan = house.seams.new_id()
    back = _take_back(house, run, [change for change in done if change.entity == result.entity], result.plan)
    _save(house, result, back)
    house.judge(result)
    return result


def _take_back(house: House, run: str, done: Sequence[Change], plan: str) -> _Back:
    entity, back = done[0].entity, _Back()
    ids = sorted({change.entity_id for change in done})
    golden = house.ledger.golden_of(entity, ids)
    flat = [claim for claims in house.ledger.claims_of(entity, ids).values() for claim in claims]
    claims = {(claim.ref, claim.scope): claim for claim in house.resolver.resolve(entity, flat)}
    made = _made(house, done)
    agreed: dict[str, Values] = {i: {key: word.value for key, word in g.fields.items()} for i, g in golden.items()}
    busy = {subject_of(change) for change in house.ledger.changes(entity=entity, states=OPEN)}
    undoer = _Undoer(house, run, plan, cast_of(house.book, house.book.entities[entity]))
    for change in done:
        ref = made.get(change.key, subject_of(change))
        if ref in busy:
            back.held.append(_held(change, ref, f"{UNDER_WAY}; run again, and undo what is left then"))
            continue
        for taken in undoer.undo(change, ref, claims.get((ref, change.scope)), agreed.get(change.entity_id, {})):
            if isinstance(taken, Held):
                back.held.append(taken)
            else:
                back.changes.append(taken)
    links = house.resolver.links(entity, [(key, f.new) for change in back.changes for key, f in change.fields.items()])
    encoded = encode_changes(back.changes, agreed, house.writers, links)
    return _Back(encoded.changes, [*back.held, *encoded.held])


@dataclass(frozen=True, slots=True)
class _Undoer:
    """Turns a change that was done into the one that takes it back."""

    house: House
    run: str
    plan: str
    cast: Cast

    def undo(self, change: Change, ref: RecordRef, claim: Claim | None, agreed: Values) -> Iterator[Change | Held]:
        """The change back, and whatever of it cannot be."""
        if claim is None or claim.gone:
            yield _held(change, ref, "the record is gone")
            return
        if change.op is Op.ARCHIVE:
            yield self._back_into_use(change, ref, claim, agreed)
            return
        edited = [key for key, f in change.fields.items() if not untouched(claim, key, f)]
        if change.op is Op.CREATE:
            yield self._archive(change, ref, claim, edited)
            return
        if edited:
            yield _held(change, ref, f"edited since: {', '.join(edited)}")
        due = [key for key, f in change.fields.items() if key not in edited and claim.values[key] != f.old]
        fields = {key: self._field(key, change, claim, agreed) for key in due}
        if fields:
            yield self._change(change, ref, claim, Op.UPDATE, fields)

    def _back_into_use(self, change: Change, ref: RecordRef, claim: Claim, agreed: Values) -> Change | Held:
        """It stays decided that it is out of use; this record is in use with a person's leave."""
        if claim.values.get(ARCHIVED) is not True:
            return _held(change, ref, "it is in use again already")
        if not self.house.writers[change.system, change.entity].write.back_into_use():
            return _held(change, ref, "it is taken back into use by hand: its map says no `archived: {back: …}`")
        why = f"undo of run {self.run}"
        field_ = FieldChange(old=True, new=False, why=why, undoes=True, agreed=agreed.get(ARCHIVED, True))
        return self._change(change, ref, claim, Op.UPDATE, {ARCHIVED: field_})

    def _archive(self, change: Change, ref: RecordRef, claim: Claim, edited: Sequence[str]) -> Change | Held:
        """What was made is taken out of use; nothing is ever deleted."""
        can = self.house.connectors[change.system].kinds[change.kind]
        if edited:
            return _held(change, ref, f"edited since: {', '.join(edited)}")
        if claim.values.get(ARCHIVED) is True:
            return _held(change, ref, "it is out of use already")
        if not can.archives:
            return _held(change, ref, "a created record cannot be archived there")
        return self._change(change, ref, claim, Op.ARCHIVE, {})

    def _field(self, key: str, change: Change, claim: Claim, agreed: Values) -> FieldChange:
        stays = project(agreed.get(key), self.cast.parts_of(change.system, field_of(key)))
        why = f"undo of run {self.run}"
        return FieldChange(claim.values[key], change.fields[key].old, why, undoes=True, agreed=stays)

    def _change(
        self, change: Change, ref: RecordRef, claim: Claim, op: Op, fields: Mapping[str, FieldChange]
    ) -> Change:
        return replace(
            change,
            key=self.house.seams.new_id(),
            plan=self.plan,
            op=op,
            kind=ref.kind,
            fields=fields,
            record_id=ref.id,
            scope=claim.scope,
            version=claim.version,
            state=State.PLANNED,
            payload={},
            reason="",
            sent_at=None,
            run="",
            create_key="",
        )


def _held(change: Change, ref: RecordRef, why: str) -> Held:
    return Held(change.entity, change.entity_id, change.system, "", f"{ref}: {why}")


def _made(house: House, done: Sequence[Change]) -> Mapping[str, RecordRef]:
    """The records that creates of the run made, by change."""
    creates = {(change.entity_id, change.system): change.key for change in done if change.op is Op.CREATE}
    couplings = house.ledger.couplings_of(done[0].entity, sorted({entity_id for entity_id, _ in creates}))
    places = [((entity_id, c.ref.system), c.ref) for entity_id, some in couplings.items() for c in some]
    return {creates[place]: ref for place, ref in places if place in creates}


def untouched(claim: Claim, key: str, change: FieldChange) -> bool:
    """Whether the record still says what the change left there. What was typed since and accepted is not that.

    Nor is what was taken back, and typed once more.
    """
    agreed, sent = claim.baseline.get(key), change.agreed if change.undoes else change.new
    if key not in claim.values or agreed is None or (change.undoes and claim.values[key] == change.old != change.new):
        return False
    return agreed == Agreed(sent, claim.values[key])


def _save(house: House, result: RunResult, back: _Back) -> None:
    result.changes, result.held = len(back.changes), back.held
    head = PlanHead(
        result.plan, result.entity, result.run, house.book.version, house.seams.clock(), held=len(back.held)
    )
    house.ledger.save_plan(head, back.changes)
