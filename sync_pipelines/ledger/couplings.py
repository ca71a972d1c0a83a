"""Couplings: which record is which entity."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.contract import RecordRef
from sync_pipelines.ledger.claims import by_kind, claim_key
from sync_pipelines.ledger.port import TakenError
from sync_pipelines.ledger.shelves import BASELINE, COUPLING
from sync_pipelines.ledger.store import Kept, Key, reads, writes_all
from sync_pipelines.model.records import Coupling


def _key_of(coupling: Coupling) -> Key:
    return claim_key(coupling.ref, coupling.entity, coupling.scope)


def _place_of(coupling: Coupling) -> Key:
    return (coupling.entity, coupling.entity_id, coupling.ref.system, coupling.ref.kind, coupling.scope)


class Couplings(Kept):
    """The cross-reference."""

    @writes_all
    def couple(self, couplings: Sequence[Coupling]) -> None:
        """A record coupled to the same entity already is coupled anew: its rank may change."""
        known = self._store.get(COUPLING, {_key_of(each) for each in couplings})
        for each in couplings:
            before = known.get(_key_of(each))
            if before is not None and before.entity_id != each.entity_id:
                raise TakenError(f"{each.ref} is {before.entity_id} already, not {each.entity_id}: uncouple it first")
            known[_key_of(each)] = each
        self._refuse_two_primaries(known)
        # Aliases first: a place must be free before another one takes it.
        self._store.put(COUPLING, sorted(known.values(), key=lambda each: each.primary))

    def _refuse_two_primaries(self, wanted: Mapping[Key, Coupling]) -> None:
        places: dict[Key, Coupling] = {}
        new = [each for each in wanted.values() if each.primary]
        entities = {(each.entity, each.entity_id) for each in new}
        for entity in sorted({entity for entity, _ in entities}):
            where = {"entity": [entity], "entity_id": [entity_id for of, entity_id in entities if of == entity]}
            standing = self._store.find(COUPLING, where)
            places |= {_place_of(each): each for each in standing if each.primary and _key_of(each) not in wanted}
        for each in new:
            holder = places.setdefault(_place_of(each), each)
            if holder is not each:
                raise TakenError(
                    f"{each.entity_id} has {holder.ref} as its first record there already: "
                    f"couple {each.ref} as an alias, or uncouple {holder.ref}"
                )

    @writes_all
    def uncouple(self, entity: str, refs: Sequence[RecordRef]) -> None:
        keys = [_key_of(coupling) for coupling in self._at(entity, refs)]
        self._store.drop(COUPLING, keys)
        self._store.drop(BASELINE, keys)

    def couplings_of(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, Sequence[Coupling]]:
        found: dict[str, list[Coupling]] = {entity_id: [] for entity_id in sorted(set(entity_ids))}
        for coupling in self._store.find(COUPLING, {"entity": [entity], "entity_id": list(found)}):
            found[coupling.entity_id].append(coupling)
        return found

    @reads
    def couplings_at(self, entity: str, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Coupling]:
        found: dict[RecordRef, Coupling] = {}
        for coupling in self._at(entity, refs):
            found.setdefault(coupling.ref, coupling)
        return found

    def count_coupled(self, entity: str, system: str) -> int:
        return self._store.count(COUPLING, {"entity": [entity], "system": [system], "primary": [True]})

    def entity_ids(self, entity: str) -> Sequence[str]:
        return [entity_id for page in self.entity_id_pages(entity) for entity_id in page]

    def entity_id_pages(self, entity: str, size: int = 10_000) -> Iterator[Sequence[str]]:
        return self._store.different(COUPLING, {"entity": [entity]}, "entity_id", size)

    def count_entities(self, entity: str) -> int:
        return sum(map(len, self.entity_id_pages(entity)))

    def _at(self, entity: str, refs: Sequence[RecordRef]) -> list[Coupling]:
        found: list[Coupling] = []
        for system, kind, ids in by_kind(refs):
            where = {"entity": [entity], "system": [system], "kind": [kind], "record_id": ids}
            found += self._store.find(COUPLING, where)
        return found
