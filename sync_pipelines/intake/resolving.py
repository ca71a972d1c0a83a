"""References: in a claim the id of another record in the same system, in decisions the id of its entity."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mappings.book import Book
from mappings.values import Value
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.claims import ARCHIVED, Claim
from sync_pipelines.model.referring import Referring
from sync_pipelines.planning.target import Links
from sync_pipelines.review.pooled import pooled, pools_of
from sync_pipelines.review.referred import resolve_claims

_Place: TypeAlias = tuple[str, str, str]  # system, entity, entity id
_Places: TypeAlias = dict[_Place, str]


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
        many: set[_Place] = set()
        for target, entity_ids in wanted.items():
            for entity_id, claims in self.ledger.claims_of(target, sorted(entity_ids)).items():
                there = [claim for claim in claims if claim.primary and not claim.gone]
                records |= {(c.system, target, entity_id): c.ref.id for c in there if not _is_archived(c)}
                left |= {(c.system, target, entity_id): c.ref.id for c in there if _is_archived(c)}
            if self.book.entities[target].ownership.pools:
                many |= self._add_pools(target, entity_ids, records, left)
        return Links(referring.told, records, left, frozenset(many))

    def _add_pools(self, target: str, entity_ids: Collection[str], records: _Places, left: _Places) -> set[_Place]:
        """Who is served by a record of many is referred to by that one. Answers those places."""
        many: set[_Place] = set()
        served = pooled(self.ledger, target, entity_ids)
        for found in pools_of(self.ledger, self.book, target).values() if served else ():
            if found.ref is not None:
                mine = [entity_id for entity_id, roles in served.items() if found.role in roles]
                for place in {(found.system, target, entity_id) for entity_id in mine} - records.keys():
                    (left if found.archived else records)[place] = found.ref.id
                    many.add(place)
        return many


def _is_archived(claim: Claim) -> bool:
    """Nothing is made to refer to one who left: that field waits, and the others are written."""
    return claim.values.get(ARCHIVED) is True
