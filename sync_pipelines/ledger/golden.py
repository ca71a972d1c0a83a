"""Golden records, their history, standing words, and which entities wait to be looked at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.ledger.shelves import (
    ATTENTION,
    GOLDEN,
    GOLDEN_STEP,
    HAND_OVER,
    OVERRIDE,
    REFERENCE,
    Attention,
    Standing,
)
from sync_pipelines.ledger.store import Kept, Where, reads, writes, writes_all
from sync_pipelines.model.golden import Decided, Golden, HandOver, Override
from sync_pipelines.model.records import GoldenStep, Reference

_NONE: Mapping[str, Mapping[str, Decided]] = MappingProxyType({})


def _step(golden: Golden, key: str, decided: Decided) -> GoldenStep:
    if decided.at is None:
        raise LedgerError(f"{golden.entity_id} {key}: a decided value says when it was decided; none is given")
    before = golden.fields.get(key)
    return GoldenStep(
        entity=golden.entity,
        entity_id=golden.entity_id,
        key=key,
        old=before.value if before else None,
        new=decided.value,
        had_old=before is not None,
        because=decided.because,
        by=decided.by,
        rule=decided.rule,
        run=decided.run,
        at=decided.at,
    )


def _key(reference: Reference) -> tuple[str, str, str, str]:
    return reference.entity, reference.entity_id, reference.told, reference.told_id


class GoldenRecords(Kept):
    """What was decided."""

    def golden_of(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, Golden]:
        ids = sorted(set(entity_ids))
        found = self._store.get(GOLDEN, [(entity, entity_id) for entity_id in ids])
        return {entity_id: found[entity, entity_id] for entity_id in ids if (entity, entity_id) in found}

    @writes
    def decide(
        self,
        entity: str,
        decided: Mapping[str, Mapping[str, Decided]],
        removed: Mapping[str, Mapping[str, Decided]] = _NONE,
    ) -> None:
        before = self.golden_of(entity, [*decided, *removed])
        after: list[Golden] = []
        steps: list[GoldenStep] = []
        for entity_id in sorted({*decided, *removed}):
            golden = before.get(entity_id, Golden(entity, entity_id))
            steps += [_step(golden, key, each) for key, each in decided.get(entity_id, {}).items()]
            merged = {**golden.fields, **decided.get(entity_id, {})}
            out = removed.get(entity_id, {})
            there = Golden(entity, entity_id, merged)
            steps += [_step(there, key, replace(each, value=None)) for key, each in out.items() if key in merged]
            after.append(Golden(entity, entity_id, {key: each for key, each in merged.items() if key not in out}))
        self._store.put(GOLDEN, after)
        self._store.add(GOLDEN_STEP, steps)

    def history(self, entity: str, entity_id: str, key: str = "") -> Sequence[GoldenStep]:
        where = {"entity": [entity], "entity_id": [entity_id]}
        return self._store.find(GOLDEN_STEP, {**where, "key": [key]} if key else where)

    def steps_of_run(self, run: str) -> Sequence[GoldenStep]:
        return self._store.find(GOLDEN_STEP, {"run": [run]})

    @writes_all
    def hand_over(self, hand_overs: Sequence[HandOver]) -> None:
        self._store.add(HAND_OVER, hand_overs)

    def hand_overs(self, entity: str, entity_id: str) -> Sequence[HandOver]:
        return self._store.find(HAND_OVER, {"entity": [entity], "entity_id": [entity_id]})

    @writes
    def override(self, entity: str, entity_id: str, override: Override) -> None:
        standing = Standing(entity, entity_id, override.key, override.value, override.by, override.at)
        self._store.put(OVERRIDE, [standing])

    @writes
    def revoke(self, entity: str, entity_id: str, key: str) -> None:
        self._store.drop(OVERRIDE, [(entity, entity_id, key)])

    def overrides_of(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, Sequence[Override]]:
        found: dict[str, list[Override]] = {entity_id: [] for entity_id in sorted(set(entity_ids))}
        for each in self._store.find(OVERRIDE, {"entity": [entity], "entity_id": list(found)}):
            found[each.entity_id].append(Override(each.key, each.value, each.by, each.at))
        return found

    @writes
    def refer(self, entity: str, references: Mapping[str, Sequence[tuple[str, str]]]) -> Sequence[Reference]:
        before = set(self._store.find(REFERENCE, {"entity": [entity], "entity_id": sorted(references)}))
        after = {Reference(entity, i, told, told_id) for i, pairs in references.items() for told, told_id in pairs}
        self._store.drop(REFERENCE, [_key(each) for each in sorted(before - after, key=_key)])
        self._store.put(REFERENCE, sorted(after - before, key=_key))
        return sorted(before ^ after, key=_key)

    @reads
    def referred_by(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {entity_id: set() for entity_id in sorted(set(entity_ids))}
        where: Where = {"told": [entity], "told_id": list(found)}
        for told_id, by in self._store.pick(REFERENCE, where, ("told_id", "entity")):
            found[told_id].add(by)
        return {entity_id: frozenset(names) for entity_id, names in found.items()}

    @reads
    def referring(self, entity: str, entity_ids: Sequence[str]) -> Sequence[Reference]:
        return sorted(self._store.find(REFERENCE, {"told": [entity], "told_id": sorted(set(entity_ids))}), key=_key)

    @writes_all
    def attend(self, entity: str, entity_ids: Sequence[str]) -> None:
        marks = self.marks(entity, entity_ids)
        self._store.put(
            ATTENTION, [Attention(entity, i, marks.get(i, 0) + 1, waiting=True) for i in sorted({*entity_ids})]
        )

    def attended(self, entity: str) -> Sequence[str]:
        return [entity_id for page in self.attended_pages(entity) for entity_id in page]

    def attended_pages(self, entity: str, size: int = 10_000) -> Iterator[Sequence[str]]:
        return self._store.different(ATTENTION, {"entity": [entity], "waiting": [True]}, "entity_id", size)

    def marks(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, int]:
        found = self._store.get(ATTENTION, [(entity, entity_id) for entity_id in entity_ids])
        return {entity_id: each.mark for (_, entity_id), each in found.items()}

    @writes_all
    def settle(self, entity: str, entity_ids: Sequence[str]) -> None:
        marks = self.marks(entity, entity_ids)
        self._store.put(ATTENTION, [Attention(entity, i, mark, waiting=False) for i, mark in marks.items()])
