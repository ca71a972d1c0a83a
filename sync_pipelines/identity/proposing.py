"""Of entities that are known already: which look like one since an edit, and whether an open question still stands.

Proposed, never done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from mappings.matching import Matching
from sync_pipelines.identity.matcher import (
    APART,
    Bench,
    Known,
    Speaks,
    contradict,
    is_likely,
    joinable,
    one_each,
    pairs_of,
    question,
    verdicts_of,
    which,
)
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.questions import Question

_SCORE = "score "  # how the name of a weighed verdict begins
THROUGH = "through"  # in the evidence of a question: the third record by which two came to look alike


def doubles(
    matching: Matching, edited: Sequence[Claim], known: Known, score: Speaks | None, *, sure: bool = False
) -> list[Question]:
    """What edits tell: two of them may be one. By levels, and by scores that are more than half of what a link takes.

    `sure`: only those that would be linked, were they met for the first time.
    """
    bench = Bench(matching, known, known.named, score, set(known.asked))
    found: list[Question] = []
    for claim in sorted(edited, key=lambda claim: (claim.ref, claim.scope)):
        for verdict in one_each(verdicts_of(claim, bench)):
            enough = verdict.then == "link" if sure else is_likely(verdict, bench)
            if enough and joinable(claim.entity_id, verdict.entity_id, bench):
                asked = question(claim, claim.entity_id, verdict, known)
                found.append(replace(asked, choices={"join": "they are one", "apart": APART}))
                bench.asked.update(pairs_of(found[-1:]))
    return found


def anew(matching: Matching, asked: Question, known: Known, score: Speaks | None) -> Question | None:
    """An open question as its records tell it now; None where they contradict each other, or nothing speaks for it.

    `known.candidates` has the records of its own entity, held against what is like them.
    """
    mine = [claim for claim in known.members.get(asked.entity_id, ()) if claim.ref in known.candidates]
    left = [other for other in asked.others if not _contradictory(asked.entity_id, other, matching, known)]
    if THROUGH in asked.evidence:  # by a third record they were alike, and not by themselves
        return asked if left else None
    bench = Bench(matching, known, known.named, score, set())
    said = [(claim, verdict) for claim in mine for verdict in verdicts_of(claim, bench) if verdict.entity_id in left]
    if not said:
        return None
    claim = max(said, key=lambda one: (one[1].rank, str(one[0].ref)))[0]
    verdicts = one_each([verdict for _, verdict in said])
    if len(verdicts) > 1:
        return which(claim, asked.entity_id, verdicts, bench)
    now = question(claim, asked.entity_id, verdicts[0], known)
    return replace(now, choices=asked.choices) if len(asked.others) == 1 else now


def telling_fields(matching: Matching) -> list[str]:
    """What records are recognised by."""
    weighed = matching.scoring.fields if matching.scoring else {}
    return sorted({*(name for level in matching.levels for name in level.fields), *weighed, *matching.contradicts})


def still_told(asked: Question, members: Mapping[str, Sequence[Claim]], matching: Matching) -> bool:
    """Whether the records of an open question say what they said when it was asked, and nobody contradicts.

    One that rests on something else than what is alike (who was made for whom, after a restore) stands in any case.
    """
    level = str(asked.evidence.get("level", ""))
    if not level.startswith(_SCORE) and level not in {one.name for one in matching.levels}:
        return True
    names = telling_fields(matching)
    now = {str(c.ref): c.values for i in (asked.entity_id, *asked.others) for c in members.get(i, ())}
    for ref, said in asked.evidence.get("records", {}).items():
        if ref not in now or any(said.get(name) != now[ref].get(name) for name in names):
            return False
    mine = members.get(asked.entity_id, ())
    theirs = [claim for other in asked.others for claim in members.get(other, ())]
    return not any(contradict(a, b, name) for a, b in product(mine, theirs) for name in matching.contradicts)


def says_the_same(before: Question, now: Question) -> bool:
    """Whether nothing that a person is shown has changed."""
    known = {name: before.evidence.get(name) for name in now.evidence}
    return (before.topic, before.asks, known) == (now.topic, now.asks, dict(now.evidence))


def on_more(now: Question, before: Question) -> bool:
    """Whether it is asked on other grounds than before: another level, or a score to which other fields add."""
    levels = [str(one.evidence.get("level", "")) for one in (now, before)]
    weighed = [level.startswith(_SCORE) for level in levels]
    if weighed[0] != weighed[1]:
        return not weighed[0]
    mine, theirs = (frozenset(level.partition(": ")[2].split(", ")) for level in levels)
    return bool(mine - theirs) if weighed[0] else levels[0] != levels[1]


def _contradictory(one: str, two: str, matching: Matching, known: Known) -> bool:
    members = product(known.members.get(one, ()), known.members.get(two, ()))
    return any(contradict(a, b, name) for a, b in members for name in matching.contradicts)
