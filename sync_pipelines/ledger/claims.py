"""Claims and their baselines."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.contract import RecordRef, Tombstone
from sync_pipelines.ledger.shelves import (
    BASELINE,
    COUPLING,
    LANDED,
    MATCH_KEY,
    RECORD,
    TOMBSTONE,
    Baseline,
    Landed,
    MatchKey,
    Tomb,
)
from sync_pipelines.ledger.store import Kept, Key, Where, reads, writes, writes_all
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.records import Coupling, Seen

_HOME, _SPELT = "entity_id", ("payload_hash", "map_version")
_SAID = ("payload_hash", "version", "changed_at")


def claim_key(ref: RecordRef, entity: str, scope: str) -> Key:
    """What makes a claim, a coupling and a baseline one."""
    return (ref.system, ref.kind, ref.id, entity, scope)


def by_kind(refs: Iterable[RecordRef]) -> list[tuple[str, str, list[str]]]:
    """Records as (system, kind, ids), so that each kind is asked for once."""
    ids: dict[tuple[str, str], set[str]] = {}
    for ref in refs:
        ids.setdefault((ref.system, ref.kind), set()).add(ref.id)
    return [(*kind, sorted(ids[kind])) for kind in sorted(ids)]


def _key_of(item: Landed | Baseline | Coupling | MatchKey) -> Key:
    return claim_key(item.ref, item.entity, item.scope)


def _claim(landed: Landed, coupling: Coupling | None, baseline: Baseline | None) -> Claim:
    return Claim(
        ref=landed.ref,
        entity=landed.entity,
        values=landed.values,
        scope=landed.scope,
        entity_id=coupling.entity_id if coupling else "",
        primary=coupling.primary if coupling else True,
        baseline=baseline.agreed if baseline else {},
        version=landed.version,
        payload_hash=landed.payload_hash,
        map_version=landed.map_version,
        changed_at=landed.changed_at,
        editor=landed.editor,
        gone=landed.gone,
    )


def _landed(claim: Claim) -> Landed:
    return Landed(
        ref=claim.ref,
        entity=claim.entity,
        scope=claim.scope,
        values=claim.values,
        version=claim.version,
        payload_hash=claim.payload_hash,
        map_version=claim.map_version,
        changed_at=claim.changed_at,
        editor=claim.editor,
        gone=claim.gone,
    )


def _older(one: Seen, other: Seen) -> Seen:
    """Of two claims of a record: what makes it land again rather than not."""
    oldest = min(one, other, key=lambda seen: seen.map_version)
    return replace(oldest, gone=one.gone or other.gone)


def _whole_records(landed: Sequence[Landed]) -> Sequence[Landed]:
    """Without the last record, of which there may be more behind the cut; unless it is the only one."""
    whole = [each for each in landed if each.ref != landed[-1].ref]
    return whole or landed


class Claims(Kept):
    """What records say, and what they last agreed to."""

    def seen(self, system: str, kind: str, ids: Sequence[str]) -> Mapping[str, Seen]:
        columns = ("record_id", "payload_hash", "version", "map_version", "changed_at", "gone")
        where = {"system": [system], "kind": [kind], "record_id": set(ids)}
        found: dict[str, Seen] = {}
        for record_id, *said in self._store.pick(LANDED, where, columns):
            seen = Seen(*said)
            found[record_id] = _older(found[record_id], seen) if record_id in found else seen
        return found

    def unlike(
        self, system: str, kind: str, map_version: str, told: Mapping[str, tuple[str, str, datetime | None]]
    ) -> Sequence[str]:
        alike = {"system": system, "kind": kind, "map_version": map_version, "gone": False}
        other = self._store.unlike(LANDED, "record_id", told, _SAID, alike)
        return [record_id for record_id in told if record_id in other] if other else []

    def unlike_imprints(self, system: str, kind: str, map_version: str, imprints: Mapping[str, str]) -> Collection[str]:
        alike = {"system": system, "kind": kind, "map_version": map_version, "gone": False}
        told = {record_id: (imprint,) for record_id, imprint in imprints.items()}
        return self._store.unlike(LANDED, "record_id", told, ("imprint",), alike)

    @writes_all
    def imprint(self, system: str, kind: str, imprints: Mapping[str, str]) -> None:
        changes = [((system, kind, record_id), {"imprint": imprint}) for record_id, imprint in imprints.items()]
        self._store.amend(LANDED, ("system", "kind", "record_id"), changes)

    @writes_all
    def land(self, claims: Sequence[Claim]) -> None:
        self._store.put(LANDED, [_landed(claim) for claim in claims])

    @writes
    def restamp(self, system: str, kind: str, versions: Mapping[str, tuple[str, datetime | None]]) -> None:
        changes = [
            ((system, kind, record_id), {"version": version, "changed_at": changed_at, "imprint": ""})
            for record_id, (version, changed_at) in versions.items()
        ]
        self._store.amend(LANDED, ("system", "kind", "record_id"), changes)

    @writes
    def bury(self, refs: Sequence[RecordRef], at: datetime, *, gone: bool = True) -> None:
        keys = [(ref.system, ref.kind, ref.id) for ref in dict.fromkeys(refs)]
        self._store.amend(LANDED, ("system", "kind", "record_id"), [(key, {"gone": gone}) for key in keys])
        if gone:
            self._store.put(TOMBSTONE, [Tomb(ref, at) for ref in refs])
        else:
            self._store.drop(TOMBSTONE, keys)

    @reads
    def tombstones(self, system: str, kind: str) -> Sequence[Tombstone]:
        living = set(self.record_ids(system, kind))
        tombs = self._store.find(TOMBSTONE, {"system": [system], "kind": [kind]})
        return [tomb.stone() for tomb in tombs if tomb.ref.id not in living]

    def record_id_pages(self, system: str, kind: str, size: int = 10_000) -> Iterator[Sequence[str]]:
        where: Where = {"system": [system], "kind": [kind], "gone": [False]}
        for page in self._store.pick_pages(LANDED, where, ("record_id",), size):
            yield [record_id for (record_id,) in page]

    def record_ids(self, system: str, kind: str, *, gone: bool = False) -> Sequence[str]:
        where: Where = {"system": [system], "kind": [kind], "gone": [gone]}
        return list(dict.fromkeys(record_id for (record_id,) in self._store.pick(LANDED, where, ("record_id",))))

    @reads
    def claims_of(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, Sequence[Claim]]:
        found: dict[str, list[Claim]] = {entity_id: [] for entity_id in sorted(set(entity_ids))}
        couplings = self._store.find(COUPLING, {"entity": [entity], "entity_id": list(found)})
        keys = [_key_of(coupling) for coupling in couplings]
        landed = self._store.get(LANDED, keys)
        baselines = self._store.get(BASELINE, keys)
        for key, coupling in zip(keys, couplings, strict=True):
            if key in landed:
                found[coupling.entity_id].append(_claim(landed[key], coupling, baselines.get(key)))
        return found

    @reads
    def claims_at(self, entity: str, refs: Sequence[RecordRef]) -> Sequence[Claim]:
        found: list[Landed] = []
        for system, kind, ids in by_kind(refs):
            where: Where = {"system": [system], "kind": [kind], "record_id": ids, "entity": [entity]}
            found += self._store.find(LANDED, where)
        return self._claims(found)

    @reads
    def stamps(self, entity: str, refs: Collection[RecordRef]) -> Mapping[tuple[RecordRef, str], tuple[str, str]]:
        found: dict[tuple[RecordRef, str], tuple[str, str]] = {}
        for system, kind, ids in by_kind(refs):
            where: Where = {"system": [system], "kind": [kind], "record_id": ids, "entity": [entity]}
            homes = {(i, of): home for i, of, home in self._store.pick(COUPLING, where, ("record_id", "scope", _HOME))}
            there = {ref.id: ref for ref in refs if (ref.system, ref.kind) == (system, kind)}
            living = {**where, "gone": [False]}
            for i, scope, *said in self._store.pick(LANDED, living, ("record_id", "scope", *_SPELT)):
                found[there[i], scope] = (homes.get((i, scope), ""), ":".join(said))
        return found

    @reads
    def uncoupled(self, entity: str, after: RecordRef | None = None, most: int = 0) -> Sequence[Claim]:
        where: Where = {"entity": [entity], "gone": [False]}
        behind = (after.system, after.kind, after.id) if after else ()
        loose = self._store.find(LANDED, where, lacking=COUPLING, behind=behind, most=most)
        return self._claims(_whole_records(loose) if most and len(loose) == most else loose)

    @writes_all
    def agree(self, agreements: Sequence[tuple[RecordRef, str, str, Mapping[str, Agreed]]]) -> None:
        keys = [claim_key(ref, entity, scope) for ref, entity, scope, _ in agreements]
        known = self._store.get(BASELINE, keys)
        for key, (ref, entity, scope, agreed) in zip(keys, agreements, strict=True):
            before = known[key].agreed if key in known else {}
            known[key] = Baseline(ref, entity, scope, {**before, **agreed})
        self._store.put(BASELINE, list(known.values()))

    @writes
    def forget_baselines(self, entity: str, entity_ids: Sequence[str]) -> None:
        couplings = self._store.find(COUPLING, {"entity": [entity], "entity_id": set(entity_ids)})
        self._store.drop(BASELINE, [_key_of(coupling) for coupling in couplings])

    @writes_all
    def index_keys(self, entity: str, keys: Sequence[tuple[RecordRef, str, Sequence[str]]]) -> None:
        wanted = {(*claim_key(ref, entity, scope), key): MatchKey(ref, entity, scope, key)
                  for ref, scope, under in keys for key in under}  # fmt: skip
        known: list[MatchKey] = []
        of = {claim_key(ref, entity, scope) for ref, scope, _ in keys}
        for system, kind, ids in by_kind(ref for ref, _, _ in keys):
            where = {"system": [system], "kind": [kind], "record_id": ids, "entity": [entity]}
            known += [key for key in self._store.find(MATCH_KEY, where) if _key_of(key) in of]
        there = {(*_key_of(key), key.match_key) for key in known}
        self._store.drop(MATCH_KEY, there - wanted.keys())
        self._store.put(MATCH_KEY, [key for each, key in wanted.items() if each not in there])

    @reads
    def find_keys(self, entity: str, keys: Sequence[str]) -> Mapping[str, Sequence[Claim]]:
        found: dict[str, list[Claim]] = {key: [] for key in sorted(set(keys))}
        under = self._store.find(MATCH_KEY, {"entity": [entity], "match_key": list(found)})
        landed = self._store.get(LANDED, {_key_of(each) for each in under})
        living = {_key_of(claim_): claim_ for claim_ in landed.values() if not claim_.gone}
        claims = {claim_key(claim.ref, entity, claim.scope): claim for claim in self._claims(list(living.values()))}
        for each in under:
            if _key_of(each) in claims:
                found[each.match_key].append(claims[_key_of(each)])
        return found

    @reads
    def bearers(self, entity: str, keys: Sequence[str]) -> Mapping[str, Sequence[tuple[RecordRef, str]]]:
        found: dict[str, list[tuple[RecordRef, str]]] = {key: [] for key in sorted(set(keys))}
        where: Where = {"entity": [entity], "match_key": list(found)}
        met: dict[tuple[str, ...], tuple[RecordRef, str]] = {}  # who bears ten keys is kept in mind once
        for key, *record in self._store.pick(MATCH_KEY, where, ("match_key", *RECORD, "scope")):
            place = tuple(record)
            if (bearer := met.get(place)) is None:
                bearer = met[place] = (RecordRef(*record[:-1]), record[-1])
            found[key].append(bearer)
        return found

    def crowded_keys(self, entity: str, keys: Sequence[str], most: int) -> set[str]:
        return self._store.crowded(MATCH_KEY, "match_key", set(keys), {"entity": entity}, most)

    def _claims(self, landed: Sequence[Landed]) -> list[Claim]:
        keys = [_key_of(each) for each in landed]
        couplings = self._store.get(COUPLING, keys)
        baselines = self._store.get(BASELINE, keys)
        return [_claim(each, couplings.get(key), baselines.get(key)) for key, each in zip(keys, landed, strict=True)]
