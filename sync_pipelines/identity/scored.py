"""`Matcher` with scores: what no level of the book decides is weighed, field by field, and comes with its reasons."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.contract import RecordRef
from mappings.matching import Level, Matching, Scoring
from sync_pipelines.identity.evidence import Frequencies
from sync_pipelines.identity.keys import MANY, telling
from sync_pipelines.identity.matcher import Found, Known, Speaks, Verdict, match_as
from sync_pipelines.identity.pairs import values_of
from sync_pipelines.identity.scoring import (
    APART,
    ASK,
    LINK,
    OF_ANOTHER,
    REGISTERED,
    Prepared,
    Score,
    elsewhere,
    prepare,
    score,
)
from sync_pipelines.model.claims import Claim

_AGAINST = -5.0  # bits: a member of the entity that says so makes a link a question


def match(matching: Matching, strangers: Sequence[Claim], known: Known, new_id: Callable[[], str]) -> Found:
    """`Matcher` by the levels of the book, and by its scores where it has any. Without scores it is `match_simply`."""
    return match_as(matching, strangers, known, new_id, speaker(matching, strangers, known))


def speaker(matching: Matching, claims: Sequence[Claim], known: Known) -> Speaks | None:
    """What weighs these claims against those that are known; None where the book has no scores."""
    if matching.scoring is None:
        return None
    prepared = _Prepared(matching, matching.scoring)
    return _Scorer(matching.scoring, known, _shared(matching.scoring, claims, known, prepared), prepared)


class _Prepared:
    """Records as they are compared, each made once."""

    def __init__(self, matching: Matching, scoring: Scoring) -> None:
        self._matching, self._scoring = matching, scoring
        self._known: dict[tuple[RecordRef, str], Prepared] = {}

    def __call__(self, claim: Claim) -> Prepared:
        name = (claim.ref, claim.scope)
        if name not in self._known:
            self._known[name] = prepare(telling(claim.values, self._matching), self._scoring)
        return self._known[name]


@dataclass(frozen=True, slots=True)
class _Scorer:
    """Weighs a stranger against a record, and hears the other records of its entity."""

    scoring: Scoring
    known: Known
    shared: Frequencies
    prepared: _Prepared

    def __call__(self, claim: Claim, other: Claim, entity_id: str) -> Verdict | None:
        """A verdict where the score is enough to ask at least."""
        found = self._score(claim, other)
        then, bars = found.decision(self.scoring), found.bars
        if then == APART and not self._registered(found):
            return None
        then = ASK if then == APART else then
        together = self.known.members.get(entity_id, ())
        if then == LINK and any(self._score(claim, one).total < _AGAINST for one in together):
            then, bars = ASK, (*bars, "another record of it speaks against it")
        agree_on = tuple(dict.fromkeys(reason.field for reason in found.speaks_for))
        name = f"score {found.total:g}: {', '.join(agree_on)}"
        return Verdict(then, name, found.total - _BEHIND, other, entity_id, agree_on, found.reasons, bars)

    def _registered(self, found: Score) -> bool:
        """Whether a number agrees that one has for oneself: that is asked about, whatever else is told."""
        kinds = {self.scoring.fields[r.field].kind for r in found.reasons if r.level == "same" and not r.shared}
        return not kinds.isdisjoint(REGISTERED) and all(reason.level not in OF_ANOTHER for reason in found.reasons)

    def believes(self, claim: Claim, other: Claim, level: Level) -> bool:
        """Whether what is equal on a level that links is its own: a branch bears the number of its head.

        So the names are heard first, and another address where the sum is too small. A level of fields that are not
        weighed (a number that we gave) is beyond doubt.
        """
        if self.scoring.fields.keys().isdisjoint(level.fields):
            return True
        found = self._score(claim, other)
        if any(reason.level in OF_ANOTHER for reason in found.reasons):
            return False
        return not elsewhere(found.reasons, self.scoring) or found.decision(self.scoring) == LINK

    def _score(self, claim: Claim, other: Claim) -> Score:
        within = claim.ref.system == other.ref.system
        return score(self.prepared(claim), self.prepared(other), self.scoring, self.shared, within=within)


_BEHIND = 1e6  # any level is heard before any score


def _shared(scoring: Scoring, strangers: Sequence[Claim], known: Known, prepared: _Prepared) -> Frequencies:
    """How many entities bear a value, as far as they are in sight: those who share it with a stranger all are.

    Of what so many share that nobody is looked up by it, as many are counted as may.
    """
    asked = [claim for claim in strangers if known.candidates.get(claim.ref)]
    in_sight, systems = _in_sight(scoring, asked, strangers, known, prepared)
    within = float(max(len(systems), 1))
    counted = {key: many / within for key, many in in_sight.items() if many > within}
    return Frequencies(counted | dict.fromkeys(_crowded(scoring, asked, known, prepared), float(MANY)))


def _in_sight(
    scoring: Scoring, asked: Sequence[Claim], strangers: Sequence[Claim], known: Known, prepared: _Prepared
) -> tuple[Mapping[str, int], Collection[str]]:
    """How many bear the values of those who are held against somebody; and the systems of all."""
    if known.bearing is not None:
        words = {key for claim in asked for key in values_of(prepared(claim), scoring)}
        return {key: len(known.bearing.get(hash(key), ())) for key in words}, known.speaking
    found: dict[str, set[str]] = {}
    everybody: Mapping[str, Claim] = {
        str(claim.ref): claim for some in (strangers, *known.candidates.values()) for claim in some
    }
    for name, claim in everybody.items():
        for key in values_of(prepared(claim), scoring):
            found.setdefault(key, set()).add(claim.entity_id or name)
    return {key: len(some) for key, some in found.items()}, {claim.system for claim in everybody.values()}


def _crowded(scoring: Scoring, strangers: Sequence[Claim], known: Known, prepared: _Prepared) -> Iterator[str]:
    for claim in strangers:
        if crowded := known.crowded.get(claim.ref):
            for key in values_of(prepared(claim), scoring):
                name, _, value = key.partition(":")
                if f"~{scoring.fields[name].kind}:{value}" in crowded:
                    yield key
