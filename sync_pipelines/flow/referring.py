"""Conditions may ask whether another entity refers to this one (`contact: exists`): answered from what was agreed."""

from collections.abc import Iterator, Mapping, Sequence

from mappings.book import Book, EntitySpec
from mappings.once import once
from mappings.ownership import Test, When
from mappings.values import Values, field_of
from sync_pipelines.intake.readers import references_of
from sync_pipelines.ledger.port import Ledger


@once
def asks_for_referrers(spec: EntitySpec) -> frozenset[str]:
    """The other entities that rules of this one ask for."""
    asked = (clause for when in _conditions(spec) for clause in when.clauses)
    return frozenset(clause.subject for clause in asked if clause.test in (Test.EXISTS, Test.MISSING))


def noted_references(book: Book, entity: str) -> Mapping[str, str]:
    """The reference fields of an entity that lead where a rule asks for it; the others need no note."""
    return _noted(book).get(entity, {})


@once
def _noted(book: Book) -> Mapping[str, Mapping[str, str]]:
    """By entity. Nearly every book asks for nobody, or for few."""
    asked = {name: asks_for_referrers(spec) for name, spec in book.entities.items()}
    return {
        entity: {
            key: told
            for key, told in references_of(spec).items()
            if entity in asked.get(told, ()) or has_pools(book, told)
        }
        for entity, spec in book.entities.items()
    }


def has_pools(book: Book, entity: str) -> bool:
    """Whether records of many may serve some of an entity: when one leaves, that matters to whoever refers to it."""
    return entity in book.entities and bool(book.entities[entity].ownership.pools)


def refers_to(noted: Mapping[str, str], agreed: Values) -> tuple[tuple[str, str], ...] | None:
    """Whom an entity refers to as (entity, id); None where nobody asks."""
    if not noted:
        return None
    named = ((noted[field_of(key)], value) for key, value in agreed.items() if field_of(key) in noted)
    return tuple(sorted({(told, value) for told, value in named if isinstance(value, str) and value}))


def note_references(ledger: Ledger, entity: str, references: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """Keep them; those they lead to now, or led to before, are looked at again."""
    moved = ledger.refer(entity, references) if references else ()
    for told in sorted({each.told for each in moved}):
        ledger.attend(told, sorted({each.told_id for each in moved if each.told == told}))


def _conditions(spec: EntitySpec) -> Iterator[When]:
    yield spec.ownership.takes_part.when
    yield from (rule.when for rules in spec.ownership.rules.values() for rule in rules)
    yield from (rule.when for rule in spec.ownership.create.values())
    yield from (pool.when for pool in spec.ownership.pools.values())
