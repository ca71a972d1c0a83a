"""`Matcher` with scores: what no level of the book decides is weighed, field by field, and comes with its reasons."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import RecordRef
from mappings.matching import Matching, Scoring
from sync_pipelines.identity.evidence import Frequencies
from sync_pipelines.identity.keys import telling
from sync_pipelines.identity.matcher import Found, Known, Verdict, match_as
from sync_pipelines.identity.pairs import values_of
from sync_pipelines.identity.scoring import APART, ASK, LINK, Prepared, Score, prepare, score
from sync_pipelines.model.claims import Claim

_AGAINST = -5.0  # bits: a member of the entity that says so makes a link a question


def match(matching: Matching, strangers: Sequence[Claim], known: Known, new_id: Callable[[], str]) -> Found:
    """`Matcher` by the levels of the book, and by its scores where it has any. Without scores it is `match_simply`."""
    if matching.scoring is None:
        return match_as(matching, strangers, known, new_id, None)
    scorer = _Scorer(matching, matching.scoring, known, _shared(matching, matching.scoring, strangers, known))
    return match_as(matching, strangers, known, new_id, scorer)


_Name = tuple[RecordRef, str]


@dataclass(frozen=True, slots=True)
class _Scorer:
    """Weighs a stranger against a record, and hears the other records of its entity."""

    matching: Matching
    scoring: Scoring
    known: Known
    shared: Frequencies
    prepared: dict[_Name, Prepared] = field(default_factory=dict)

    def __call__(self, claim: Claim, other: Claim, entity_id: str) -> Verdict | None:
        """A verdict where the score is enough to ask at least."""
        found = self._score(claim, other)
        then = found.decision(self.scoring)
        if then == APART:
            return None
        bars = found.bars
        together = self.known.members.get(entity_id, ())
        if then == LINK and any(self._score(claim, one).total < _AGAINST for one in together):
            then, bars = ASK, (*bars, "another record of it speaks against it")
        agree_on = tuple(dict.fromkeys(reason.field for reason in found.speaks_for))
        name = f"score {found.total:g}: {', '.join(agree_on)}"
        return Verdict(then, name, found.total - _BEHIND, other, entity_id, agree_on, found.reasons, bars)

    def _score(self, claim: Claim, other: Claim) -> Score:
        return score(self._prepared(claim), self._prepared(other), self.scoring, self.shared)

    def _prepared(self, claim: Claim) -> Prepared:
        name = (claim.ref, claim.scope)
        if name not in self.prepared:
            self.prepared[name] = prepare(telling(claim.values, self.matching), self.scoring)
        return self.prepared[name]


_BEHIND = 1e6  # any level is heard before any score


def _shared(matching: Matching, scoring: Scoring, strangers: Sequence[Claim], known: Known) -> Frequencies:
    """How many entities bear a value, as far as they are in sight: those who share it with a stranger all are."""
    in_sight: dict[str, set[str]] = {}
    everybody: Mapping[str, Claim] = {
        str(claim.ref): claim for some in (strangers, *known.candidates.values()) for claim in some
    }
    for name, claim in everybody.items():
        for key in values_of(prepare(telling(claim.values, matching), scoring), scoring):
            in_sight.setdefault(key, set()).add(claim.entity_id or name)
    systems = Counter(claim.system for claim in everybody.values())
    within = float(max(len(systems), 1))
    return Frequencies({key: len(some) / within for key, some in in_sight.items() if len(some) > within})
