"""Records that serve many (`pool:` in the book): which they are, whom they serve, and what refers to them means."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.contract import RecordRef
from mappings.book import Book, EntitySpec
from mappings.ownership import Pool
from sync_pipelines.identity.keys import level_key
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.claims import ARCHIVED, Claim
from sync_pipelines.model.early import Stage


@dataclass(frozen=True, slots=True)
class Found:
    """The pool of one system: its record, or what is wrong with it, in words a person can act on."""

    system: str
    role: str
    ref: RecordRef | None = None
    says: str = ""
    archived: bool = False


def pools_of(ledger: Ledger, book: Book, entity: str) -> Mapping[str, Found]:
    """By system: the record that serves many there, of those systems in which the book has one do so."""
    spec = book.entities[entity]
    return {
        system: _found(system, role, pool, _living(ledger, spec, pool))
        for role, pool in spec.ownership.pools.items()
        for system in book.systems_of(role)
        if system in spec.maps
    }


def pooled(ledger: Ledger, entity: str, entity_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Who of these is served by a pool, and in which roles."""
    found: dict[str, set[str]] = {}
    rows = ledger.early(entity=entity, entity_ids=sorted(entity_ids), stages=(Stage.POOLED,)) if entity_ids else ()
    for row in rows:
        found.setdefault(row.entity_id, set()).add(row.role)
    return {entity_id: frozenset(roles) for entity_id, roles in found.items()}


def servers(ledger: Ledger, book: Book, entity: str, entity_ids: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Who of these is served, and the entities whose records serve them."""
    served = pooled(ledger, entity, entity_ids)
    pools = [(found.role, found.ref) for found in pools_of(ledger, book, entity).values() if found.ref]
    whose = ledger.couplings_at(entity, sorted(ref for _, ref in pools)) if served else {}
    return {
        entity_id: frozenset(whose[ref].entity_id for role, ref in pools if role in roles and ref in whose)
        for entity_id, roles in served.items()
    }


def _living(ledger: Ledger, spec: EntitySpec, pool: Pool) -> Sequence[Claim]:
    """The records that bear what it is known by, of all systems."""
    keys = sorted(_keys(spec, pool))
    claims = [claim for some in ledger.find_keys(spec.name, keys).values() for claim in some]
    return [c for c in claims if all(str(c.values.get(name)) == str(value) for name, value in pool.known_by.items())]


def _keys(spec: EntitySpec, pool: Pool) -> Iterator[str]:
    for level in spec.matching.levels:
        if key := level_key(dict(pool.known_by), level, spec.matching, frozenset()):
            yield key


def _found(system: str, role: str, pool: Pool, claims: Sequence[Claim]) -> Found:
    here = {claim.ref: claim for claim in claims if claim.system == system}
    told = " and ".join(f"{name} {value}" for name, value in pool.known_by.items())
    if not here:
        says = f"no record of {system} has {told}, which {pool.where} says serves many: make it there, or mend the book"
        return Found(system, role, says=says)
    if len(here) > 1:
        says = f"{len(here)} records of {system} have {told}, of which one shall serve many ({pool.where})"
        return Found(system, role, says=says)
    ((ref, claim),) = here.items()
    archived = claim.values.get(ARCHIVED) is True
    says = f"{ref}, which serves many ({pool.where}), is out of use" if archived else ""
    return Found(system, role, ref, says, archived)
