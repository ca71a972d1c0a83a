"""Who is like whom, of those whose couplings a restored ledger has forgotten; and what is asked about them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from mappings.book import Book, EntitySpec
from mappings.ownership import Mode
from sync_pipelines.identity.keys import telling
from sync_pipelines.identity.likeness import tells
from sync_pipelines.identity.matcher import Known, Verdict, question
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.questions import About, Question

ASKED = 5  # records of ours that one stranger is asked about, the likest first
_OUR_KEY = "nothing but our key"  # on what they agree
_LEVEL = "our key"  # what speaks for it; such a question stands, whatever its records say
SILENCE = "nothing: neither says who it is"
_FOR_WHOM_ONE = "We made one of them before the ledger was restored, for a record that it no longer knows."
FOR_WHOM = "We made the second one before the ledger was restored, for a record that it no longer knows."
NUMBER = "a number that one of them was given"
BEARS = "The second one bears a number that the first one was given; the ledger was restored and no longer knows why."


@dataclass(frozen=True, slots=True)
class Likely:
    """Those that stand alone, by what they say."""

    spec: EntitySpec
    alone: Mapping[str, Sequence[Claim]]
    bearers: Mapping[str, Sequence[str]]

    @classmethod
    def among(cls, spec: EntitySpec, alone: Mapping[str, Sequence[Claim]]) -> "Likely":
        """Looked through once."""
        bearers: defaultdict[str, list[str]] = defaultdict(list)
        for entity_id, claims in alone.items():
            for word in said(spec, claims):
                bearers[word].append(entity_id)
        return cls(spec, alone, bearers)

    def to(self, claims: Sequence[Claim]) -> Iterator[tuple[str, Claim]]:
        """Those that say something it says, what few say first, or nothing either; and have none of its systems."""
        weights: Counter[str] = Counter()
        for word in said(self.spec, claims):
            for entity_id in (bearers := self.bearers.get(word, ())):
                weights[entity_id] += 1_000_000 // len(bearers)
        ranked = sorted(weights, key=lambda entity_id: (-weights[entity_id], entity_id))
        possible = (i for i in ranked if self._possible(claims, self.alone[i]))
        yield from ((entity_id, self.alone[entity_id][0]) for entity_id in islice(possible, ASKED))

    def _possible(self, claims: Sequence[Claim], others: Sequence[Claim]) -> bool:
        theirs = {other.system for other in others}
        return not any(claim.system in theirs or contradicted(self.spec, claim, others) for claim in claims)


def said(spec: EntitySpec, claims: Iterable[Claim]) -> frozenset[str]:
    """Whoever says nothing that tells it from others may be anybody who says nothing."""
    return frozenset[str]().union(*(tells(c.values, spec.fields, spec.matching) for c in claims)) or frozenset({""})


# --- numbers that one side gives -------------------------------------------------------------------------------------

Issuers = Mapping[str, frozenset[str]]


def issuers_of(book: Book, spec: EntitySpec) -> Issuers:
    """By field: the systems that give its numbers, each to one record only."""
    roles = {
        name: {role for rule in rules if rule.mode is Mode.ISSUED for role in rule.roles}
        for name, rules in spec.ownership.rules.items()
    }
    of = {name: frozenset(s for s in spec.maps if book.systems[s].role in some) for name, some in roles.items()}
    return {name: some for name, some in of.items() if some}


def given(spec: EntitySpec, issuers: Issuers, claim: Claim) -> frozenset[str]:
    """The numbers that its own system gave this record."""
    return frozenset(word for name, word in _numbers(spec, issuers, claim) if claim.system in issuers[name])


def borne(spec: EntitySpec, issuers: Issuers, claim: Claim) -> frozenset[str]:
    """The numbers that this record bears and another system gave: to whom it belongs, for it was carried there."""
    return frozenset(word for name, word in _numbers(spec, issuers, claim) if claim.system not in issuers[name])


def _numbers(spec: EntitySpec, issuers: Issuers, claim: Claim) -> Iterator[tuple[str, str]]:
    """Each as a word that is equal where two records say the same, of the same company."""
    for key, value in telling(claim.values, spec.matching).items():
        name = key.partition("@")[0]
        spelled = "".join(sign for sign in str(value or "").casefold() if sign.isalnum())
        if name in issuers and spelled:
            yield name, f"{key}:{spelled}"


# --- questions -------------------------------------------------------------------------------------------------------


def question_about(
    spec: EntitySpec, claim: Claim, mine: str, other: Claim, theirs: str, says: str, nothing: str = _OUR_KEY
) -> Question:
    """Whether these two are one; `nothing` is said where they agree on nothing else."""
    both = tells(claim.values, spec.fields, spec.matching) & tells(other.values, spec.fields, spec.matching)
    agree_on = tuple(sorted(fields_of(both))) or (nothing,)
    verdict = Verdict("ask", _LEVEL, 0.0, other, theirs, agree_on)
    asked = question(claim, mine, verdict, Known(spec.name, {}, frozenset(), steward=_steward(spec)))
    return replace(asked, asks=f"{asked.asks} {says}")


def one_of(spec: EntitySpec, claim: Claim, likely: Sequence[tuple[str, Claim]]) -> Question:
    """Which of several it is."""
    entity_id, best = likely[0]
    named = {str(other.ref): home for home, other in likely}
    first = question_about(spec, claim, claim.entity_id, best, entity_id, "")
    return replace(
        first,
        topic=f"match:{'+'.join(named.values())}",
        asks=(
            f"For {claim.ref} we may have made one of these: {', '.join(named)}. The ledger was restored and no longer "
            "knows. Which one is it?"
        ),
        choices={**{name: f"it is {name}" for name in named}, "apart": "it is none of them, and stays so"},
        evidence={
            **first.evidence,
            "records": {str(one.ref): dict(one.values) for one in (claim, *(other for _, other in likely))},
            "others": named,
        },
    )


def is_for_whom(asked: Question) -> bool:
    """Whether it is about what was made before the ledger was restored."""
    return str(asked.evidence.get("level", _LEVEL)) == _LEVEL


def for_whom(asked: Question) -> Question:
    """Asked for likeness alone so far."""
    says = FOR_WHOM if len(asked.others) == 1 else _FOR_WHOM_ONE
    return replace(asked, asks=f"{asked.asks} {says}", evidence={**asked.evidence, "level": _LEVEL})


def lonely(spec: EntitySpec, claim: Claim) -> Question:
    """For whom it was made, where nobody is like it."""
    return Question(
        entity=spec.name,
        entity_id=claim.entity_id,
        topic=f"match:{claim.entity_id}",
        about=About.MATCH,
        steward=_steward(spec),
        asks=(
            f"For whom did we make {claim.ref}? The ledger was restored and no longer knows, and nobody is like it. "
            f"Until this is answered no further {spec.name} is made for it."
        ),
        choices={"apart": "nobody it could be the same as is left: it stands for itself"},
        evidence={"records": {str(claim.ref): dict(claim.values)}, "other": claim.entity_id},
    )


def _steward(spec: EntitySpec) -> str:
    return next((rule.steward for rules in spec.ownership.rules.values() for rule in rules if rule.steward), "")


def fields_of(words: Iterable[str]) -> set[str]:
    """In which fields something telling is said."""
    return {word.partition(":")[0] for word in words}


def contradicted(spec: EntitySpec, claim: Claim, others: Sequence[Claim]) -> bool:
    """Whether one of them says otherwise where two that are one say the same."""
    return any(_contradict(claim, other, name) for other in others for name in spec.matching.contradicts)


def _contradict(claim: Claim, other: Claim, name: str) -> bool:
    one, two = claim.values.get(name), other.values.get(name)
    return one not in (None, "") and two not in (None, "") and one != two
