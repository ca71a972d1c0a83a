"""Pairs of records of which the ledger knows without a score whether they are one: what answers, which are about
doubtful pairs only, cannot tell.

One are two that were coupled by a level of the book or by a crosswalk. Two are two of these that look alike, and have
another number each. By what they were known is left out of both: the other fields have to tell it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from mappings.book import EntitySpec
from mappings.matching import Matching
from mappings.values import Values
from sync_pipelines.identity.keys import scored_keys
from sync_pipelines.identity.matcher import contradict
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.records import Coupling

Said = tuple[Values, Values, bool]  # two records, and whether they are one
CROSSWALK = "crosswalk"
_MOST = 200  # of each sort
_PAGE, _PAGES = 1_000, 20  # entities at once, and of how many pages at most
_SHARE = 10  # records that share a key at most: beyond that it is nobody's own


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two records of two systems that are one, and the fields by which that was known."""

    one: Claim
    two: Claim
    known_by: frozenset[str]

    @property
    def said(self) -> Said:
        """What is left to tell it."""
        return _without(self.one.values, self.known_by), _without(self.two.values, self.known_by), True


def comparable(values: Values, spec: EntitySpec) -> Values:
    """Without references: before they are resolved, they are ids of the system's own."""
    return {name: value for name, value in values.items() if name in spec.fields and not spec.fields[name].refers_to}


def witnessed(ledger: Ledger, spec: EntitySpec, most: int) -> Sequence[Said]:
    """So many of each sort at most, the longest known first."""
    most = min(most, _MOST)
    ones: list[Said] = []
    twos: list[Said] = []
    for number, page in enumerate(ledger.entity_id_pages(spec.name, _PAGE)):
        pairs = list(_pairs(ledger, spec, page))
        ones += [pair.said for pair in pairs]
        twos += _look_alikes(pairs, spec.matching)
        if number + 1 >= _PAGES or min(len(ones), len(twos)) >= most:
            break
    return [*ones[:most], *twos[:most]]


def _pairs(ledger: Ledger, spec: EntitySpec, ids: Sequence[str]) -> Iterator[_Pair]:
    levels = {level.name: frozenset(level.fields) for level in spec.matching.levels if level.then == "link"}
    trusted = {CROSSWALK: frozenset[str](), **levels}
    claims = ledger.claims_of(spec.name, ids)
    for entity_id, couplings in ledger.couplings_of(spec.name, ids).items():
        known = _known_by(couplings, trusted)
        living = {c.system: c for c in reversed(claims.get(entity_id, ())) if c.primary and not c.gone}
        if known is not None and len(living) > 1:
            one, two = (replace(c, values=comparable(c.values, spec)) for c in list(living.values())[:2])
            yield _Pair(one, two, known)


def _known_by(couplings: Sequence[Coupling], trusted: Mapping[str, frozenset[str]]) -> frozenset[str] | None:
    """The fields by which all of them were known to be one; None where anything else had a part in it."""
    because = {coupling.because for coupling in couplings if not coupling.because.startswith("new")}
    if not because or not because <= trusted.keys():
        return None
    return frozenset[str]().union(*(trusted[each] for each in because))


def _look_alikes(pairs: Sequence[_Pair], matching: Matching) -> Iterator[Said]:
    """Of two entities one record each, which would be looked at together, and bear two numbers."""
    sharing: dict[str, list[tuple[int, Claim]]] = {}
    for place, pair in enumerate(pairs):
        for claim in (pair.one, pair.two):
            for key in sorted(scored_keys(claim.values, matching)):
                sharing.setdefault(key, []).append((place, claim))
    met: set[tuple[int, int]] = set()
    for some in sharing.values():
        for (mine, one), (yours, two) in combinations(some, 2) if len(some) <= _SHARE else ():
            if (mine, yours) not in met and one.system != two.system and _are_two(one, two, matching):
                met.add((mine, yours))
                known = pairs[mine].known_by | pairs[yours].known_by | {*matching.contradicts}
                yield _without(one.values, known), _without(two.values, known), False


def _are_two(one: Claim, two: Claim, matching: Matching) -> bool:
    return any(contradict(one, two, name) for name in matching.contradicts)


def _without(values: Values, names: Collection[str]) -> Values:
    return {name: value for name, value in values.items() if name not in names}
