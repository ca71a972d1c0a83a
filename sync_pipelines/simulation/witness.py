"""Asks the ledger, and writes down what it says. The only place where checkers' evidence meets the engine."""

from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import Change
from sync_pipelines.simulation.little_world import LittleWorld
from sync_pipelines.simulation.testimony import Asked, Coupled, Decided, Planned, Testimony, Waiting


def hear(little: LittleWorld) -> Testimony:
    """Everything, now."""
    ledger, entities = little.ledger, list(little.book.entities)
    changes = ledger.changes()
    plans = sorted({change.plan for change in changes})
    heads = [head for plan in plans if (head := ledger.plan(plan)) is not None]
    return Testimony(
        couplings=[one for entity in entities for one in _couplings(ledger, entity)],
        golden={key: told for entity in entities for key, told in _golden(ledger, entity).items()},
        journal=[_planned(little, change) for change in changes],
        passed=frozenset(part.id for plan in plans for part in ledger.parts(plan) if part.passed),
        books={head.id: head.book for head in heads},
        waiting=_waiting(little),
        asked=[Asked(q.entity, q.entity_id, q.topic) for q in little.questions()],
        dirty=[str(ref) for system, kind in little.places for ref in ledger.dirty(system, kind)],
        gaps=[(ref.system, ref.id) for gap in ledger.gaps() for ref in gap.refs],
        audited=ledger.verify_audit(),
    )


def _couplings(ledger: Ledger, entity: str) -> list[Coupled]:
    by_entity = ledger.couplings_of(entity, list(ledger.entity_ids(entity)))
    return [
        Coupled(c.entity, c.entity_id, c.ref.system, c.ref.kind, c.ref.id, c.primary)
        for some in by_entity.values()
        for c in some
    ]


def _golden(ledger: Ledger, entity: str) -> dict[tuple[str, str], dict[str, Decided]]:
    found = ledger.golden_of(entity, list(ledger.entity_ids(entity)))
    return {
        (entity, entity_id): {
            key: Decided(word.value, word.by, str(word.because), word.at, word.run)
            for key, word in golden.fields.items()
        }
        for entity_id, golden in found.items()
    }


def _planned(little: LittleWorld, change: Change) -> Planned:
    return Planned(
        change.key,
        change.create_key,
        change.plan,
        change.entity,
        change.entity_id,
        change.system,
        change.kind,
        change.record_id,
        change.op.value,
        change.state.value,
        change.reason,
        frozenset(little.in_our_words(change.system, change.payload)),
        frozenset(key for key, field in change.fields.items() if field.undoes),
        change.sent_at,
    )


def _waiting(little: LittleWorld) -> list[Waiting]:
    return [
        Waiting(
            q.ref.system,
            q.ref.kind,
            q.ref.id,
            q.entity,
            q.reason,
            little.words.get((q.ref.system, q.field), q.field),
            q.says,
            q.since,
            q.payload_hash,
        )
        for q in little.ledger.quarantined()
    ]
