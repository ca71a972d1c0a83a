"""References: in a claim the id of another record in the same system, in decisions the id of its entity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mappings.book import Book
from mappings.values import Value
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.claims import ARCHIVED, Claim
from sync_pipelines.model.referring import Referring
from sync_pipelines.planning.target import Links
from sync_pipelines.review.referred import resolve_claims


@dataclass(frozen=True, slots=True)
class Resolver:
    """Translates references, in bulk, by the couplings of the ledger."""

    ledger: Ledger
    book: Book

    def resolve(self, entity: str, claims: Sequence[Claim]) -> list[Claim]:
        """Claims whose references are entity ids. A reference to a record nobody knows yet is silence, not null."""
        return resolve_claims(self.ledger, self.book, entity, claims)

    def links(self, entity: str, values: Iterable[tuple[str, Value]]) -> Links:
        """The records of the entities that golden values refer to: (key, value) pairs in, links out."""
        referring = Referring.of(self.book.entities[entity])
        wanted: dict[str, set[str]] = {}
        for key, value in values:
            for target, entity_id in referring.named({key: value}):
                wanted.setdefault(target, set()).add(entity_id)
        records: dict[tuple[str, str, str], str] = {}
        left: dict[tuple[str, str, str], str] = {}
        for target, entity_ids in wanted.items():
            for entity_id, claims in self.ledger.claims_of(target, sorted(entity_ids)).items():
                there = [claim for claim in claims if claim.primary and not claim.gone]
                records |= {(c.system, target, entity_id): c.ref.id for c in there if not _is_archived(c)}
                left |= {(c.system, target, entity_id): c.ref.id for c in there if _is_archived(c)}
        return Links(referring.told, records, left)


def _is_archived(claim: Claim) -> bool:
    """Nothing is made to refer to one who left: that field waits, and the others are written."""
    return claim.values.get(ARCHIVED) is True
