"""Who is who: equal keys on ordered levels, and scores where the book has them. Two records of one system are never
joined silently, a person's decision outranks everything said here.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import Any, Protocol

from connectors.contract import RecordRef
from mappings.matching import Level, Matching
from mappings.values import Value
from sync_pipelines.identity.evidence import Reason
from sync_pipelines.identity.keys import MANY, OUR_KEY, level_key, serves_many, spelling
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.questions import About, Question
from sync_pipelines.model.records import Coupling

Place = tuple[str, str, str, str]  # entity_id, system, kind, scope: one primary each


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when strangers are looked at."""

    entity: str
    candidates: Mapping[RecordRef, Sequence[Claim]]  # by stranger: other claims that share a match key and may be it
    taken: frozenset[Place]  # places of primaries among the candidates' entities
    members: Mapping[str, Sequence[Claim]] = field(default_factory=dict)  # all claims of the candidates' entities
    ours: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (system, our key) → entity_id, as we planned
    crowded: Mapping[RecordRef, frozenset[str]] = field(default_factory=dict)  # by stranger: its keys that many bear
    named: Mapping[RecordRef, str] = field(default_factory=dict)  # strangers recognised before these, not yet coupled
    apart: frozenset[tuple[str, str]] = frozenset()  # pairs (record addresses or entity ids) a person keeps apart
    asked: frozenset[tuple[str, str]] = frozenset()  # pairs of entity ids about which a question is open
    references: frozenset[str] = frozenset()
    served: Mapping[str, frozenset[str]] = field(default_factory=dict)  # who is served by the records of many: by which
    steward: str = ""
    bearing: Mapping[int, Collection[str]] | None = None  # see `sight`: who bears a value; None: told by the candidates
    speaking: frozenset[str] = frozenset()  # systems of whoever is in sight


@dataclass(slots=True)
class Found:
    """Couplings to make and questions to ask."""

    couplings: list[Coupling] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    more: bool = False  # there are strangers nobody has looked at yet

    def by_entity(self) -> "Mapping[str, Found]":
        """Couplings and questions, at the entities they belong to."""
        told: dict[str, Found] = {}
        for coupling in self.couplings:
            told.setdefault(coupling.entity_id, Found()).couplings.append(coupling)
        for question in self.questions:
            told.setdefault(question.entity_id, Found()).questions.append(question)
        return told


class Matcher(Protocol):
    """Says of strangers whom they are: linked, asked about, or somebody new."""

    def __call__(
        self, matching: Matching, strangers: Sequence[Claim], known: Known, new_id: Callable[[], str]
    ) -> Found:
        """Every stranger is coupled: to a known entity, or to one of its own about which a question may be open."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a stranger and another record: by a level, or by a score."""

    then: str  # link, ask, apart
    name: str  # of the level; what is said of a coupling as its reason
    rank: float  # the stronger verdict comes first: levels by their place, scores behind them
    other: Claim
    entity_id: str
    agree_on: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()
    bars: tuple[str, ...] = ()


CLOSE = 6.0  # bits by which a score may lie below the best one and be asked about beside it


class Speaks(Protocol):
    """Weighs a stranger against a record of an entity."""

    def __call__(self, claim: Claim, other: Claim, entity_id: str) -> Verdict | None:
        """A verdict where it is enough to ask at least."""
        ...

    def believes(self, claim: Claim, other: Claim, level: Level) -> bool:
        """Whether what is equal on a level that links is its own; else weighing decides."""
        ...


def match_simply(matching: Matching, strangers: Sequence[Claim], known: Known, new_id: Callable[[], str]) -> Found:
    """`Matcher` by equal keys."""
    return match_as(matching, strangers, known, new_id, None)


def match_as(
    matching: Matching,
    strangers: Sequence[Claim],
    known: Known,
    new_id: Callable[[], str],
    score: Speaks | None,
) -> Found:
    """By levels, and by `score` where no level speaks."""
    found = Found()
    taken = set(known.taken)
    named = dict(known.named)
    members = {entity_id: list(claims) for entity_id, claims in known.members.items()}
    known = replace(known, members=members)  # grows as strangers join
    bench = Bench(matching, known, named, score, set(known.asked))
    for claim in sorted(strangers, key=lambda claim: (claim.ref, claim.scope)):
        before = len(found.questions)
        entity_id, because = _who(claim, bench, taken, found, new_id)
        bench.asked.update(pairs_of(found.questions[before:]))
        place = (entity_id, claim.system, claim.ref.kind, claim.scope)
        named[claim.ref] = entity_id
        members.setdefault(entity_id, []).append(claim)
        found.couplings.append(Coupling(claim.ref, known.entity, entity_id, claim.scope, place not in taken, because))
        taken.add(place)
    return found


@dataclass(frozen=True, slots=True)
class Bench:
    """What a stranger is held against."""

    matching: Matching
    known: Known
    named: Mapping[RecordRef, str]  # strangers that have been recognised so far
    score: Speaks | None
    asked: set[tuple[str, str]]  # grows as questions come up


def pairs_of(questions: Iterable[Question]) -> set[tuple[str, str]]:
    """The entities that questions are about, two by two, both ways round."""
    return {pair for q in questions for other in q.others for pair in ((q.entity_id, other), (other, q.entity_id))}


def _who(
    claim: Claim, bench: Bench, taken: Iterable[Place], found: Found, new_id: Callable[[], str]
) -> tuple[str, str]:
    known = bench.known
    if claim.ref in bench.named:  # another scope of a record that has just been recognised
        return bench.named[claim.ref], "same record"
    ours = known.ours.get((claim.system, str(claim.values.get(OUR_KEY) or "")), "")
    parted = (str(claim.ref), ours) in known.apart
    if ours and not parted and (ours, claim.system, claim.ref.kind, claim.scope) not in taken:
        return ours, "our key"
    likely = verdicts_of(claim, bench)
    verdicts = _closest(likely)
    entities = sorted({verdict.entity_id for verdict in verdicts})
    if not entities:
        return new_id(), _new(claim, known)
    best = verdicts[0]
    place = (best.entity_id, claim.system, claim.ref.kind, claim.scope)
    if len(entities) == 1 and best.then == "link" and place not in taken:
        found.questions += _bridged(claim, best, likely, bench)
        return best.entity_id, best.name
    mine = new_id()
    each = one_each(verdicts)
    asked = question(claim, mine, best, known) if len(each) == 1 else which(claim, mine, each, bench)
    found.questions.append(asked)
    return mine, "new"


def verdicts_of(claim: Claim, bench: Bench) -> list[Verdict]:
    """What speaks for other entities, the strongest first.

    Of each pair the first level that fits counts; where that one says apart, the whole entity is another one.
    """
    others = [(other, other.entity_id or bench.named.get(other.ref, "")) for other in _candidates(claim, bench)]
    fit = [(other, eid) for other, eid in others if eid and _possible(claim, other, eid, bench.matching, bench.known)]
    said = [v for other, eid in fit if (v := _first(claim, other, eid, bench)) is not None]
    apart = {verdict.entity_id for verdict in said if verdict.then == "apart"}
    return sorted((v for v in said if v.entity_id not in apart), key=lambda v: -v.rank)


def alike(strangers: Iterable[Claim], matching: Matching, known: Known) -> Mapping[RecordRef, Sequence[Claim]]:
    """Of the candidates those who agree on some level: where nothing is weighed, of nobody else is anything said."""
    said: dict[RecordRef, list[Claim]] = {}
    for claim in strangers:
        said.setdefault(claim.ref, []).append(claim)
    return {
        ref: [other for other in some if any(_agrees(claim, other, matching, known) for claim in said.get(ref, ()))]
        for ref, some in known.candidates.items()
    }


def _agrees(claim: Claim, other: Claim, matching: Matching, known: Known) -> bool:
    return any(_agree(claim, other, level, matching, known) for level in matching.levels)


def _closest(likely: Sequence[Verdict]) -> list[Verdict]:
    """Those on the strongest level that speaks at all; scores are heard where no level speaks.

    Which of two that are close is likelier is not for a machine to say.
    """
    strongest = likely[0].rank if likely else 0.0
    least = strongest - CLOSE if strongest < 0 else strongest
    return [verdict for verdict in likely if verdict.rank >= least]


def _candidates(claim: Claim, bench: Bench) -> Sequence[Claim]:
    return bench.known.candidates.get(claim.ref, ())


def _new(claim: Claim, known: Known) -> str:
    unheard = not_looked_up(claim, known)
    return f"new; not looked up by its {', '.join(unheard)}: more than {MANY} records share it" if unheard else "new"


def not_looked_up(claim: Claim, known: Known) -> list[str]:
    """What of a stranger is shared by so many records that it proves nothing by itself."""
    return sorted({key.removeprefix("~").partition(":")[0] for key in known.crowded.get(claim.ref, ())})


def _first(claim: Claim, other: Claim, entity_id: str, bench: Bench) -> Verdict | None:
    for place, level in enumerate(bench.matching.levels):
        if _agree(claim, other, level, bench.matching, bench.known) and _tells(claim, other, level, bench):
            rank = float(len(bench.matching.levels) - place)
            return Verdict(level.then, level.name, rank, other, entity_id, level.fields)
    return None if bench.score is None else bench.score(claim, other, entity_id)


def _tells(claim: Claim, other: Claim, level: Level, bench: Bench) -> bool:
    """Whether a level on which they agree proves anything: not where many do, nor where a score doubts it."""
    crowded = bench.known.crowded.get(claim.ref)
    if crowded and level.then != "apart":
        key = level_key(claim.values, level, bench.matching, bench.known.references)
        if key in crowded:
            return False
    return bench.score is None or level.then != "link" or bench.score.believes(claim, other, level)


def _possible(claim: Claim, other: Claim, entity_id: str, matching: Matching, known: Known) -> bool:
    if (
        other.ref == claim.ref
        or (str(claim.ref), str(other.ref)) in known.apart
        or (str(claim.ref), entity_id) in known.apart
    ):
        return False
    together = (other, *known.members.get(entity_id, ()))
    return not any(contradict(claim, one, name) for one in together for name in matching.contradicts)


def contradict(claim: Claim, other: Claim, name: str) -> bool:
    one, two = claim.values.get(name), other.values.get(name)
    return one not in (None, "") and two not in (None, "") and one != two


def _agree(claim: Claim, other: Claim, level: Level, matching: Matching, known: Known) -> bool:
    return all(_same(claim, other, name, level, matching, known) for name in level.fields)


def _same(claim: Claim, other: Claim, name: str, level: Level, matching: Matching, known: Known) -> bool:
    if name in known.references:
        return _refer_to_one(claim.values.get(name), other.values.get(name), known)
    spelled = spelling(claim.values, name, level, matching)
    if not spelled or serves_many(claim.values[name], name, matching):
        return False
    return spelled == spelling(other.values, name, level, matching)


def _refer_to_one(one: Value, two: Value, known: Known) -> bool:
    """Whether two references mean the same: they lead to one entity, or one to the record of many that serves it."""
    if one is None or two is None:
        return False
    return one == two or one in known.served.get(str(two), ()) or two in known.served.get(str(one), ())


def one_each(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The strongest verdict for each entity that is in question."""
    first: dict[str, Verdict] = {}
    for verdict in sorted(verdicts, key=lambda v: (v.entity_id, -v.rank, v.other.ref)):
        first.setdefault(verdict.entity_id, verdict)
    return list(first.values())


# --- what a person is asked -------------------------------------------------------------------------------------------

APART = "they are two, and stay so"


def question(claim: Claim, mine: str, verdict: Verdict, known: Known) -> Question:
    """Whether two records are one, with everything that speaks for and against it."""
    choices = {"link": "they are one", "apart": APART}
    asks = f"Are {claim.ref} and {verdict.other.ref} the same {known.entity}? They agree on {_listed(verdict)}."
    return _asked(claim, mine, [verdict], known, asks, choices)


def which(claim: Claim, mine: str, verdicts: Sequence[Verdict], bench: Bench) -> Question:
    """Which of the known ones a record is: one question, however many come into question."""
    entity, others = bench.known.entity, _called(verdicts)
    fits = " and ".join(f"{verdict.other.ref} (on {_listed(verdict)})" for verdict in verdicts)
    choices = {name: f"it is {v.other.ref}, and no other one" for name, v in zip(others, verdicts, strict=True)}
    if all(joinable(one, two, bench) for one, two in combinations(others.values(), 2)):
        choices |= {"join": f"all of them are one {entity}"}
    choices |= {"apart": "it is none of them, and stays so"}
    asks = f"Which {entity} is {claim.ref}? It agrees with {fits}."
    asked = _asked(claim, mine, verdicts, bench.known, asks, choices)
    return replace(asked, evidence={**asked.evidence, "others": others})


def _called(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """How a person names those in question: by their system, or by the record where two are of one system."""
    systems = Counter(verdict.other.system for verdict in verdicts)
    return {v.other.system if systems[v.other.system] == 1 else str(v.other.ref): v.entity_id for v in verdicts}


def _bridged(claim: Claim, best: Verdict, likely: Sequence[Verdict], bench: Bench) -> list[Question]:
    """A newcomer that surely is one and likely another: whether those two are one is for a person to say."""
    others = [v for v in one_each(likely) if v.entity_id != best.entity_id and is_likely(v, bench)]
    return [
        _join(claim, best, verdict, bench) for verdict in others if joinable(best.entity_id, verdict.entity_id, bench)
    ]


def is_likely(verdict: Verdict, bench: Bench) -> bool:
    """Whether it is worth a question about others: a level says so, or more than half of what a link takes."""
    scoring = bench.matching.scoring
    if scoring is None or not verdict.reasons:
        return True
    return sum(reason.weight for reason in verdict.reasons) > (scoring.ask + scoring.link) / 2


def _join(claim: Claim, best: Verdict, verdict: Verdict, bench: Bench) -> Question:
    asks = (
        f"Are {best.other.ref} and {verdict.other.ref} the same {bench.known.entity}? "
        f"{claim.ref} agrees with the one on {_listed(best)} and with the other on {_listed(verdict)}."
    )
    asked = _asked(claim, verdict.entity_id, [best], bench.known, asks, {"join": "they are one", "apart": APART})
    records = {**asked.evidence["records"], str(verdict.other.ref): dict(verdict.other.values)}
    return replace(asked, evidence={**asked.evidence, "records": records, "through": str(claim.ref)})


def joinable(one: str, two: str, bench: Bench) -> bool:
    """Whether two that are known may be proposed as one: nobody keeps them apart or is asked, nothing forbids it."""
    known = bench.known
    names = [[entity_id, *(str(c.ref) for c in known.members.get(entity_id, ()))] for entity_id in (one, two)]
    if one == two or any(pair in known.apart or pair in bench.asked for pair in product(*names)):
        return False
    members = product(known.members.get(one, ()), known.members.get(two, ()))
    return not any(contradict(a, b, name) for a, b in members for name in bench.matching.contradicts)


def _asked(
    claim: Claim, mine: str, verdicts: Sequence[Verdict], known: Known, asks: str, choices: Mapping[str, str]
) -> Question:
    best = verdicts[0]
    evidence: dict[str, Any] = {
        "level": best.name,
        "records": {str(one.ref): dict(one.values) for one in (claim, *(verdict.other for verdict in verdicts))},
        "other": best.entity_id,
    }
    if unheard := not_looked_up(claim, known):
        evidence["not_looked_up"] = [f"{told}: more than {MANY} records share it" for told in unheard]
    if best.reasons:
        evidence |= {"for": _told(best.reasons, 1), "against": _told(best.reasons, -1), "bars": [*best.bars]}
    topic = f"match:{'+'.join(verdict.entity_id for verdict in verdicts)}"
    return Question(known.entity, mine, topic, About.MATCH, known.steward, asks, choices, evidence)


def _listed(verdict: Verdict) -> str:
    return ", ".join(verdict.agree_on)


def _told(reasons: Sequence[Reason], sign: int) -> list[str]:
    """The reasons on one side, the strongest first, as a steward reads them."""
    ranked = sorted((r for r in reasons if r.weight * sign > 0), key=lambda r: (-abs(r.weight), r.field))
    return [f"{reason.field}: {reason.says} ({reason.weight:+g})" for reason in ranked]
