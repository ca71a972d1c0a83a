"""Conditions may ask whether another entity refers to this one (`contact: exists`): answered from what was agreed."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from mappings.book import Book, EntitySpec
from mappings.once import once
from mappings.ownership import Test, When
from mappings.references import References, leading_to, named, references_in
from mappings.values import Values, field_of
from sync_pipelines.ledger.port import Ledger


@once
def asks_for_referrers(spec: EntitySpec) -> frozenset[str]:
    """The other entities that rules of this one ask for."""
    asked = (clause for when in _conditions(spec) for clause in when.clauses)
    return frozenset(clause.subject for clause in asked if clause.test in (Test.EXISTS, Test.MISSING))


def noted_references(book: Book, entity: str) -> References:
    """The references of an entity, those in items of lists too, that lead where a rule asks for it; the others need no
    note.
    """
    return _noted(book).get(entity, {})


@once
def _noted(book: Book) -> Mapping[str, References]:
    """By entity. Nearly every book asks for nobody, or for few."""
    asked = {name: asks_for_referrers(spec) for name, spec in book.entities.items()}

    def is_noted(entity: str, told: str) -> bool:
        return entity in asked.get(told, ()) or has_pools(book, told)

    return {
        entity: leading_to(references_in(spec.fields), partial(is_noted, entity))
        for entity, spec in book.entities.items()
    }


def has_pools(book: Book, entity: str) -> bool:
    """Whether records of many may serve some of an entity: when one leaves, that matters to whoever refers to it."""
    return entity in book.entities and bool(book.entities[entity].ownership.pools)


def refers_to(noted: References, agreed: Values) -> tuple[tuple[str, str], ...] | None:
    """Whom an entity refers to as (entity, id); None where nobody asks."""
    if not noted:
        return None
    told = {pair for key, value in agreed.items() for pair in named(value, noted.get(field_of(key)))}
    return tuple(sorted((entity, entity_id) for entity, entity_id in told if entity_id))


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
