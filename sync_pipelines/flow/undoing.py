"""Undo of one run: its writes are taken back from their pre-images, only where nobody edited since. A plan first, as always.

What was decided stays decided; the records that are given their old values back differ from it with a person's leave,
until the decider moves again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import RecordRef
from mappings.values import Values
from sync_pipelines.applying.encoding import encode_changes, subject_of
from sync_pipelines.flow.casting import cast_of
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.changes import Change, FieldChange, Held, Op, State
from sync_pipelines.model.claims import ARCHIVED, Claim
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
    cast, golden = cast_of(house.book, house.book.entities[entity]), house.ledger.golden_of(entity, ids)
    flat = [claim for claims in house.ledger.claims_of(entity, ids).values() for claim in claims]
    claims = {(claim.ref, claim.scope): claim for claim in house.resolver.resolve(entity, flat)}
    made = _made(house, done)
    agreed: dict[str, Values] = {i: {key: word.value for key, word in g.fields.items()} for i, g in golden.items()}
    for change in done:
        ref = made.get(change.key, subject_of(change))
        claim = claims.get((ref, change.scope))
        taken = _undone(change, ref, claim, run, plan, house, cast, agreed.get(change.entity_id, {}))
        if isinstance(taken, Held):
            back.held.append(taken)
        else:
            back.changes.append(taken)
    links = house.resolver.links(entity, [(key, f.new) for change in back.changes for key, f in change.fields.items()])
    encoded = encode_changes(back.changes, agreed, house.writers, links)
    return _Back(encoded.changes, [*back.held, *encoded.held])


def _made(house: House, done: Sequence[Change]) -> Mapping[str, RecordRef]:
    """The records that creates of the run made, by change."""
    creates = {change.entity_id: change for change in done if change.op is Op.CREATE}
    found = {}
    for entity_id, couplings in house.ledger.couplings_of(done[0].entity, sorted(creates)).items():
        for coupling in couplings:
            for change in done:
                if change.op is Op.CREATE and change.entity_id == entity_id and change.system == coupling.ref.system:
                    found[change.key] = coupling.ref
    return found


def _undone(
    change: Change, ref: RecordRef, claim: Claim | None, run: str, plan: str, house: House, cast: Cast, agreed: Values
) -> Change | Held:
    def held(why: str) -> Held:
        return Held(change.entity, change.entity_id, change.system, "", f"{ref}: {why}")

    if claim is None or claim.gone:
        return held("the record is gone")
    if change.op is Op.ARCHIVE:
        return held("an archive is taken back by hand in its system")
    edited = [key for key, f in change.fields.items() if not _untouched(claim, key, f)]
    if change.op is Op.CREATE:
        can = house.connectors[change.system].kinds[change.kind]
        if edited or not can.archives or claim.values.get(ARCHIVED) is True:
            return held(f"edited since: {', '.join(edited)}" if edited else "a created record cannot be archived there")
        return _change(change, ref, claim, plan, house, Op.ARCHIVE, {})
    why = f"undo of run {run}"
    fields = {
        key: FieldChange(
            old=claim.values[key],
            new=f.old,
            why=why,
            undoes=True,
            agreed=project(agreed.get(key), cast.parts_of(change.system, key)),
        )
        for key, f in change.fields.items()
        if key not in edited
    }
    if not fields:
        return held(f"edited since: {', '.join(edited)}")
    return _change(change, ref, claim, plan, house, Op.UPDATE, fields)


def _untouched(claim: Claim, key: str, change: FieldChange) -> bool:
    agreed = claim.baseline.get(key)
    return (
        key in claim.values and agreed is not None and agreed.stored == claim.values[key] and agreed.sent == change.new
    )


def _change(
    change: Change, ref: RecordRef, claim: Claim, plan: str, house: House, op: Op, fields: Mapping[str, FieldChange]
) -> Change:
    return Change(
        key=house.seams.new_id(),
        plan=plan,
        op=op,
        system=change.system,
        kind=ref.kind,
        entity=change.entity,
        entity_id=change.entity_id,
        fields=fields,
        record_id=ref.id,
        scope=claim.scope,
        version=claim.version,
    )


def _save(house: House, result: RunResult, back: _Back) -> None:
    result.changes, result.held = len(back.changes), back.held
    head = PlanHead(
        result.plan, result.entity, result.run, house.book.version, house.seams.clock(), held=len(back.held)
    )
    house.ledger.save_plan(head, back.changes)
