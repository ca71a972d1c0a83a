"""What is borne by those in sight: a record is made ready once, however often it is met, and kept in a few bytes.

Nearly all whom a stranger is held against contradict it, or are nobody yet: of them no more is wanted than how common
they make a value. Texts are kept as 64 bits each: two that differ are told for one once in 10^19.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from struct import pack, unpack

from connectors.contract import RecordRef
from mappings.matching import Matching
from mappings.values import Value
from sync_pipelines.identity.keys import telling
from sync_pipelines.identity.pairs import values_of
from sync_pipelines.identity.scoring import prepare
from sync_pipelines.model.claims import Claim

_MOST = 400_000  # records; a hundred megabytes
Told = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What is told of a record without reading it. `told` begins with what could contradict; 0 is silence."""

    scope: str
    entity_id: str  # empty: it is nobody yet
    told: Told


class Sight:
    """Remembers what records told; of many those that were met last. A record that says something else is another."""

    def __init__(self, most: int = _MOST) -> None:
        self._half = most // 2
        self._met: dict[int, bytes] = {}
        self._before: dict[int, bytes] = {}

    def told(self, place: Collection[object], stamp: str) -> Told | None:
        """What a record told under this stamp; None where it was not met, or is forgotten."""
        name = hash(place)
        kept = self._met.get(name) or self._before.get(name)
        if kept is None:
            return None
        is_now, *told = unpack(f"{len(kept) // 8}q", kept)
        if is_now != hash(stamp):
            return None
        self._keep(name, kept)
        return tuple(told)

    def keep(self, place: Collection[object], stamp: str, told: Told) -> None:
        """What a record tells under this stamp."""
        self._keep(hash(place), pack(f"{len(told) + 1}q", hash(stamp), *told))

    def _keep(self, name: int, kept: bytes) -> None:
        if len(self._met) >= self._half and name not in self._met:
            self._met, self._before = {}, self._met
        self._met[name] = kept

    def forget(self) -> None:
        """All of it: gives back the memory."""
        self._met, self._before = {}, {}


def told_by(claim: Claim, matching: Matching, contradicts: Sequence[str]) -> Told:
    """What is wanted of a record that is only in sight: what could contradict, and the values it bears."""
    against = [_word(claim.values.get(name)) for name in contradicts]
    if matching.scoring is None:
        return tuple(against)
    prepared = prepare(telling(claim.values, matching), matching.scoring)
    return (*against, *sorted({hash(key) for key in values_of(prepared, matching.scoring)}))


def _word(value: Value) -> int:
    return hash(value) if isinstance(value, str) else 0


def contradicted(one: Sequence[int], two: Sequence[int], count: int) -> bool:
    """Whether the first so many words of two records say that they are two."""
    return any(a and b and a != b for a, b in zip(one[:count], two[:count], strict=True))


def bearers_of(seen: Mapping[RecordRef, Glimpse], wanted: Iterable[Told], count: int) -> Mapping[int, Collection[str]]:
    """By each value that these bear: the entities in sight that bear it, records that are nobody yet for themselves.

    The first `count` words of what is told are no values.
    """
    found: dict[int, set[str]] = {word: set() for told in wanted for word in told[count:]}
    for ref, one in seen.items():
        for word in found.keys() & one.told[count:]:
            found[word].add(one.entity_id or str(ref))
    return found
