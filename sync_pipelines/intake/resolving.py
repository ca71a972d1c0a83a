"""References: in a claim the id of another record in the same system, in decisions the id of its entity."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.contract import RecordRef
from mappings.book import Book
from mappings.values import Value, field_of
from sync_pipelines.intake.readers import references_of
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.claims import ARCHIVED, Claim
from sync_pipelines.planning.target import Links


@dataclass(frozen=True, slots=True)
class Resolver:
    """Translates references, in bulk, by the couplings of the ledger."""

    ledger: Ledger
    book: Book

    def resolve(self, entity: str, claims: Sequence[Claim]) -> list[Claim]:
        """Claims whose references are entity ids. A reference to a record nobody knows yet is silence, not null."""
        references = references_of(self.book.entities[entity])
        if not references:
            return list(claims)
        known = self._entity_ids(references, claims)
        return [_resolved(claim, references, known) for claim in claims]

    def _entity_ids(self, references: Mapping[str, str], claims: Sequence[Claim]) -> dict[tuple[str, str, str], str]:
        """(system, entity, record id) → entity id."""
        wanted: dict[str, set[RecordRef]] = {}
        for claim in claims:
            for key, value in claim.values.items():
                entity = references.get(field_of(key))
                kind = self._kind(claim.system, entity)
                if entity and kind and isinstance(value, str):
                    wanted.setdefault(entity, set()).add(RecordRef(claim.system, kind, value))
        return {
            (ref.system, entity, ref.id): coupling.entity_id
            for entity, refs in wanted.items()
            for ref, coupling in self.ledger.couplings_at(entity, sorted(refs)).items()
        }

    def _kind(self, system: str, entity: str | None) -> str:
        spec = self.book.entities.get(entity or "")
        kind_map = spec.maps.get(system) if spec else None
        return kind_map.kind if kind_map else ""

    def links(self, entity: str, values: Iterable[tuple[str, Value]]) -> Links:
        """The records of the entities that golden values refer to: (key, value) pairs in, links out."""
        references = references_of(self.book.entities[entity])
        wanted: dict[str, set[str]] = {}
        for key, value in values:
            target = references.get(field_of(key))
            if target is not None and isinstance(value, str):
                wanted.setdefault(target, set()).add(value)
        records: dict[tuple[str, str, str], str] = {}
        for target, entity_ids in wanted.items():
            for entity_id, claims in self.ledger.claims_of(target, sorted(entity_ids)).items():
                records |= {(c.system, target, entity_id): c.ref.id for c in claims if _is_in_use(c)}
        return Links(references, records)


def _resolved(claim: Claim, references: Mapping[str, str], known: Mapping[tuple[str, str, str], str]) -> Claim:
    values = {}
    for key, value in claim.values.items():
        entity = references.get(field_of(key))
        if entity is None or not isinstance(value, str):
            values[key] = value
        elif (claim.system, entity, value) in known:
            values[key] = known[claim.system, entity, value]
    return replace(claim, values=values)


def _is_in_use(claim: Claim) -> bool:
    """Nothing is made to refer to one who left: that field waits, and the others are written."""
    return claim.primary and not claim.gone and claim.values.get(ARCHIVED) is not True
