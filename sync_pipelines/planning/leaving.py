"""An entity that takes part no longer: its records stay as they are, follow into the archive, or somebody is asked.

One that never took part has not left: competitors in the CRM are nobody's business here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mappings.ownership import TakesPart
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.model.questions import About, Question
from sync_pipelines.ownership.situation import Ruling, Situation, name_of

TAKES_PART = "_takes_part"  # golden: whether it took part when last looked at; kept where leaving means something
TOPIC = "leave"


@dataclass(frozen=True, slots=True)
class Leaving:
    """What follows from taking part, or not."""

    takes_part: bool
    decided: Decided | None = None  # new word on whether it takes part
    has_left: bool = False  # it took part once
    archives: Decided | None = None  # it leaves now, and goes into the archive for that
    comes_back: bool = False
    question: Question | None = None


def decide_leaving(rule: TakesPart, situation: Situation, rulings: Sequence[Ruling], *, takes_part: bool) -> Leaving:
    """What the book says about one who leaves; nothing is noted where it freezes."""
    before = situation.golden.value(TAKES_PART)
    if rule.on_leave == "freeze" or (before is None and not takes_part):
        return Leaving(takes_part)
    left = Decided(takes_part, Because.CHANGED, _who(rule, situation, rulings), str(rule.where))
    leaves = before is True and not takes_part
    asks = rule.on_leave == "review" and not takes_part and (leaves or TOPIC in situation.asked)
    archives = replace(left, value=True, because=Because.LEFT) if leaves and rule.on_leave == "archive" else None
    return Leaving(
        takes_part,
        decided=None if before is takes_part else left,
        has_left=not takes_part,
        archives=archives,
        comes_back=before is False and takes_part,
        question=_question(rule, situation, rulings) if asks else None,
    )


def _who(rule: TakesPart, situation: Situation, rulings: Sequence[Ruling]) -> str:
    """Whoever decided the first field that the condition asks for."""
    words = _words(rule, situation, rulings)
    return next((word.by for word in words.values()), "")


def _words(rule: TakesPart, situation: Situation, rulings: Sequence[Ruling]) -> Mapping[str, Decided]:
    ruled = {ruling.key: ruling.decided for ruling in rulings if ruling.decided is not None}
    known = {**situation.golden.fields, **ruled}
    return {clause.subject: known[clause.subject] for clause in rule.when.clauses if clause.subject in known}


def _question(rule: TakesPart, situation: Situation, rulings: Sequence[Ruling]) -> Question:
    words = _words(rule, situation, rulings)
    because = ", ".join(f"{name} is {word.value}" for name, word in words.items())
    told = f" ({because})" if because else ""
    return Question(
        entity=situation.golden.entity,
        entity_id=situation.golden.entity_id,
        topic=TOPIC,
        about=About.ARCHIVE,
        steward=next((r.rule.steward for r in rulings if r.key in words), ""),
        asks=f"This {situation.golden.entity} takes part no longer{told}. What becomes of its records?",
        choices={"keep": "each stays as it is", "archive": "archive it everywhere the book allows"},
        evidence={"records": {name_of(claim): str(claim.ref) for claim in situation.claims}},
    )
