"""Early records in the ledger: what a plan found of them, and how long they may wait."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mappings.book import Book, EntitySpec
from sync_pipelines.flow.pooling import leave_pool
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.early import Early, KeptEarly, Lack, Stage

_PROMISE = "early_"  # and the name of the entity: what the book calls it


@dataclass(frozen=True, slots=True)
class Wait:
    """One early record, for people. `due`: until when the book promises its record; None where nothing is promised."""

    kept: KeptEarly
    steward: str
    due: datetime | None = None

    @property
    def stewards(self) -> frozenset[str]:
        """Everybody who can do something about it."""
        return frozenset(lack.steward for lack in self.kept.lacks if lack.steward) or frozenset({self.steward})

    def is_overdue(self, now: datetime) -> bool:
        """Whether it waits longer than promised."""
        return self.due is not None and self.due < now


def note(ledger: Ledger, entity: str, told: Mapping[str, Sequence[Early]], now: datetime) -> None:
    """Keep how these entities stand now. Where one no longer waits, how that ended is kept, too."""
    served = ledger.early(entity=entity, entity_ids=sorted(told), stages=(Stage.POOLED,)) if told else []
    ledger.note_early(entity, {entity_id: some for entity_id, some in told.items() if some}, now)
    leave_pool(ledger, entity, [row for row in served if not _is_pooled(told[row.entity_id], row.role)])
    known = ledger.early(entity=entity, entity_ids=sorted(told)) if told else []
    over = [row for row in known if row.role not in {early.role for early in told[row.entity_id]}]
    there = _systems(ledger, entity, over)
    ended = {
        (row.entity_id, row.role): Stage.COUPLED if there[row.entity_id] & {*row.there} else Stage.LEFT for row in over
    }
    ledger.end_early(entity, ended, now)


def _is_pooled(some: Sequence[Early], role: str) -> bool:
    return any(early.role == role and early.stage is Stage.POOLED for early in some)


def _systems(ledger: Ledger, entity: str, rows: Sequence[KeptEarly]) -> Mapping[str, frozenset[str]]:
    ids = sorted({row.entity_id for row in rows})
    couplings = ledger.couplings_of(entity, ids) if ids else {}
    return {entity_id: frozenset(c.ref.system for c in some) for entity_id, some in couplings.items()}


def overdue(ledger: Ledger, book: Book, entity: str, now: datetime) -> list[Wait]:
    """Those that wait longer than the book promises."""
    if f"{_PROMISE}{entity}" not in book.promises:
        return []
    return [wait for wait in waiting(ledger, book, entity, (Stage.WAITING,)) if wait.is_overdue(now)]


def waiting(ledger: Ledger, book: Book, entity: str, stages: Sequence[Stage] = ()) -> list[Wait]:
    """All that is open, or what of it is in these stages: whose promise ends first at the head, then the oldest.

    What has its record by now and was not looked at since is left out.
    """
    rows = ledger.early(entity=entity, stages=stages)
    there = _systems(ledger, entity, rows)
    spec, promise = book.entities[entity], book.promises.get(f"{_PROMISE}{entity}")
    waits = [
        Wait(row, _steward(row.lacks, spec), row.since + promise if promise and row.stage is Stage.WAITING else None)
        for row in rows
        if not there[row.entity_id] & {*row.there}
    ]
    return sorted(waits, key=lambda w: (w.due is None, w.due or w.kept.known_since, w.kept.entity_id, w.kept.role))


def _steward(lacks: Sequence[Lack], spec: EntitySpec) -> str:
    """Whoever can do something about what is missing; else the one who would be asked first."""
    told = next((lack.steward for lack in lacks if lack.steward), "")
    return told or next(_stewards(spec), "")


def _stewards(spec: EntitySpec) -> Iterator[str]:
    return (rule.steward for rules in spec.ownership.rules.values() for rule in rules if rule.steward)
