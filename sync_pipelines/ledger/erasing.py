"""What is kept about a person is taken away: on every shelf, and out of the texts in which others quote them."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.contract import Hint, RecordRef
from sync_pipelines.ledger.claims import by_kind
from sync_pipelines.ledger.shelves import (
    ALERT,
    ATTENTION,
    AUDIT,
    BASELINE,
    CHANGE,
    COUPLING,
    DECISION,
    DIRTY,
    EARLY,
    GAP_RECORD,
    GOLDEN,
    GOLDEN_STEP,
    HAND_OVER,
    INBOX,
    KEPT_APART,
    LANDED,
    MATCH_KEY,
    OUTBOX,
    OVERRIDE,
    QUARANTINE,
    QUESTION,
    REFERENCE,
    RUN,
    TOMBSTONE,
)
from sync_pipelines.ledger.store import Kept, Shelf, Where, reads, writes
from sync_pipelines.model.golden import JOINED

_AT_ONCE = 2_000
_GONE = "(erased)"
_OF_RECORDS: tuple[Shelf[Any], ...] = (MATCH_KEY, BASELINE, COUPLING, LANDED, QUARANTINE)  # for one entity
_OF_PLACES: tuple[Shelf[Any], ...] = (TOMBSTONE, DIRTY, GAP_RECORD)  # whatever entity they are
_OF_THINGS: tuple[Shelf[Any], ...] = (
    GOLDEN_STEP, GOLDEN, HAND_OVER, OVERRIDE, ATTENTION, EARLY, REFERENCE, CHANGE,
)  # fmt: skip
_TEXTS: tuple[tuple[Shelf[Any], tuple[str, ...]], ...] = (  # and which of their columns hold words of others
    (RUN, ("says", "stats")),
    (ALERT, ("facts",)),
    (OUTBOX, ("facts",)),
    (INBOX, ("says",)),
    (QUARANTINE, ("says",)),
)


class Erasing(Kept):
    """For good, and for a person's sake."""

    @reads
    def joined_into(self, entity: str, entity_ids: Sequence[str]) -> Sequence[str]:
        known = set(entity_ids)
        where: Where = {"entity": [entity], "key": [JOINED]}
        steps = self._store.pick(GOLDEN_STEP, where, ("entity_id", "new"))
        while more := {entity_id for entity_id, to in steps if to in known} - known:
            known |= more
        return sorted(known)

    @writes
    def forget(
        self, entity: str, entity_ids: Sequence[str], refs: Sequence[RecordRef], words: Collection[str]
    ) -> Mapping[str, int]:
        gone = Counter[str]()
        for system, kind, ids in by_kind(refs):
            place: Where = {"system": [system], "kind": [kind], "record_id": ids}
            for shelf in _OF_RECORDS:
                gone[shelf.name] += self._clear(shelf, {**place, "entity": [entity]})
            for shelf in _OF_PLACES:
                gone[shelf.name] += self._clear(shelf, place)
        for shelf in _OF_THINGS if entity_ids else ():
            gone[shelf.name] += self._clear(shelf, {"entity": [entity], "entity_id": set(entity_ids)})
        if entity_ids:
            gone[REFERENCE.name] += self._clear(REFERENCE, {"told": [entity], "told_id": set(entity_ids)})
        names = _naming([*entity_ids, *map(str, refs)])
        gone[QUESTION.name] += self._forget_questions(names, words)
        gone[DECISION.name] += self._forget_decisions(names, words)
        gone[KEPT_APART.name] += self._forget_pairs(entity, {*entity_ids, *map(str, refs)})
        for shelf, columns in _TEXTS:
            gone[shelf.name] += self._blank(shelf, columns, words)
        gone[CHANGE.name] += self._blank_reasons(words)
        gone[INBOX.name] += self._unhint(frozenset(refs))
        gone[AUDIT.name] += self._empty_audit(names)
        return {name: count for name, count in sorted(gone.items()) if count}

    def _clear(self, shelf: Shelf[Any], where: Where) -> int:
        count = self._store.count(shelf, where)
        if count:
            self._store.clear(shelf, where)
        return count

    def _forget_questions(self, names: re.Pattern[str], words: Collection[str]) -> int:
        """A question about another one that shows this one as evidence is asked anew by the next plan."""
        found = [(q.id,) for q in self._store.find(QUESTION, {}) if names.search(repr(q)) or _says(repr(q), words)]
        self._store.drop(QUESTION, found)
        return len(found)

    def _forget_decisions(self, names: re.Pattern[str], words: Collection[str]) -> int:
        found = [
            (each.plan, each.entity_id)
            for page in self._store.pages(DECISION, {}, _AT_ONCE)
            for each in page
            if names.search(told := repr(each)) or _says(told, words)
        ]
        self._store.drop(DECISION, found)
        return len(found)

    def _forget_pairs(self, entity: str, names: Collection[str]) -> int:
        known = self._store.pick(KEPT_APART, {"entity": [entity]}, ("entity", "left", "right"))
        found = [key for key in known if not {*key[1:]}.isdisjoint(names)]
        self._store.drop(KEPT_APART, found)
        return len(found)

    def _blank(self, shelf: Shelf[Any], columns: Sequence[str], words: Collection[str]) -> int:
        width, count = len(shelf.key), 0
        for row in self._store.pick(shelf, {}, (*shelf.key, *columns)):
            count += self._amended(shelf, row[:width], dict(zip(columns, row[width:], strict=True)), words)
        return count

    def _amended(self, shelf: Shelf[Any], key: tuple[Any, ...], told: Mapping[str, Any], words: Collection[str]) -> int:
        blank = {name: _blanked(said, words) for name, said in told.items()}
        if blank == told:
            return 0
        self._store.amend(shelf, shelf.key, [(key, blank)])
        return 1

    def _blank_reasons(self, words: Collection[str]) -> int:
        """What systems said when they refused others: a double's name, say."""
        found = [key for key, said in self._store.pick(CHANGE, {}, ("key", "reason")) if said and _says(said, words)]
        self._store.amend(CHANGE, ("key",), [((key,), {"reason": _GONE}) for key in found])
        return len(found)

    def _unhint(self, refs: Collection[RecordRef]) -> int:
        """A hint that is left without an id would mean anything of its kind, so it goes with its last one."""
        count = 0
        for system, id_, hints in self._store.pick(INBOX, {}, ("system", "id", "hints")):
            left = tuple(one for hint in hints if (one := _without(hint, system, refs)) is not None)
            if left != tuple(hints):
                self._store.amend(INBOX, ("system", "id"), [((system, id_), {"hints": left})])
                count += 1
        return count

    def _empty_audit(self, names: re.Pattern[str]) -> int:
        """The chain stays whole: it holds digests, and the values beside it go."""
        kept = self._store.pick(AUDIT, {}, ("about", "values"))
        about = sorted({said for said, values in kept if values and names.search(said)})
        self._store.amend(AUDIT, ("about",), [((each,), {"values": None}) for each in about])
        return len(about)


def _without(hint: Hint, system: str, refs: Collection[RecordRef]) -> Hint | None:
    left = tuple(one for one in hint.ids if RecordRef(system, hint.kind, one) not in refs)
    return replace(hint, ids=left) if left or not hint.ids else None


def _naming(names: Sequence[str]) -> re.Pattern[str]:
    """Whole names only: `c1` is not in `c12`."""
    told = "|".join(map(re.escape, sorted(names)))
    return re.compile(rf"(?<![\w-])(?:{told})(?![\w-])" if told else r"(?!)")


def _says(text: str, words: Collection[str]) -> bool:
    small = text.casefold()
    return any(word.casefold() in small for word in words)


def _blanked(said: Any, words: Collection[str]) -> Any:
    """The same, with each text that has one of the words in it taken out."""
    if isinstance(said, str):
        return _GONE if _says(said, words) else said
    if isinstance(said, Mapping):
        return {name: _blanked(one, words) for name, one in said.items()}
    if isinstance(said, list | tuple):
        return type(said)([_blanked(one, words) for one in said])
    return said
