"""Whom records refer to, by the couplings of the ledger: in a claim ids of records, in decisions ids of entities."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from connectors.contract import RecordRef
from mappings.book import Book
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.referring import Referring

Ids = Mapping[tuple[str, str, str], str]  # (system, entity, record id) → entity id


def resolve_claims(ledger: Ledger, book: Book, entity: str, claims: Sequence[Claim]) -> list[Claim]:
    """Claims whose references are entity ids, in bulk; what refers to a record nobody knows yet is silent."""
    referring = Referring.of(book.entities[entity])
    if not referring.told:
        return list(claims)
    known = _entity_ids(ledger, book, referring, claims)
    return [replace(c, values=referring.resolved(c.values, partial(_entity_id, known, c.system))) for c in claims]


def _entity_ids(ledger: Ledger, book: Book, referring: Referring, claims: Sequence[Claim]) -> Ids:
    wanted: dict[str, set[RecordRef]] = {}
    for claim in claims:
        for entity, record_id in referring.named(claim.values):
            kind = _kind(book, claim.system, entity)
            if kind:
                wanted.setdefault(entity, set()).add(RecordRef(claim.system, kind, record_id))
    return {
        (ref.system, entity, ref.id): coupling.entity_id
        for entity, refs in wanted.items()
        for ref, coupling in ledger.couplings_at(entity, sorted(refs)).items()
    }


def _kind(book: Book, system: str, entity: str) -> str:
    spec = book.entities.get(entity)
    kind_map = spec.maps.get(system) if spec else None
    return kind_map.kind if kind_map else ""


def _entity_id(known: Ids, system: str, entity: str, record_id: str) -> str | None:
    return known.get((system, entity, record_id))
