"""An archive, or a record that its system says is gone, goes on by policy. Absence is not deletion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.contract import RecordRef
from mappings.ownership import ArchiveRule
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim, Stance
from sync_pipelines.model.decisions import Agreement
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.model.questions import About, Question
from sync_pipelines.ownership.situation import Cast, Situation


@dataclass(frozen=True, slots=True)
class Archiving:
    """What follows from archived and gone records of one entity."""

    decided: Decided | None = None  # new word on whether the entity is out of use
    is_archived: bool = False
    to_archive: frozenset[RecordRef] = frozenset()
    archived: frozenset[RecordRef] = frozenset()
    questions: tuple[Question, ...] = ()
    baselines: Mapping[RecordRef, Mapping[str, Agreed]] = field(default_factory=dict)
    agreements: tuple[Agreement, ...] = ()  # of gone records


def decide_archive(rule: ArchiveRule, situation: Situation, gone: Sequence[Claim], cast: Cast) -> Archiving:
    """Whether the entity is out of use now, who is to follow, and who is asked."""
    out = [claim for claim in situation.claims if _says(claim)]
    moved = [claim for claim in out if claim.stance(ARCHIVED) is Stance.MOVED] + [c for c in gone if _is_news(c)]
    back = [c for c in situation.claims if c.stance(ARCHIVED) is Stance.MOVED and not _says(c)]
    by_right = [claim for claim in moved if cast.role_of.get(claim.system) in rule.from_]
    before = situation.golden.value(ARCHIVED) is True
    now = bool(by_right) or (before and not _taken_back(back, rule, cast))
    asked = _questions(rule, situation, [c for c in moved if c not in by_right], back, cast, now=now)
    return Archiving(
        decided=_decided(by_right, back, now=now, before=before),
        is_archived=now or (bool(out) and len(out) == len(situation.claims)),
        to_archive=frozenset(c.ref for c in situation.claims if now and not _says(c) and _follows(c, rule, cast)),
        archived=frozenset(claim.ref for claim in out),
        questions=asked,
        baselines={c.ref: {ARCHIVED: Agreed(_says(c), _says(c))} for c in situation.claims if _is_settled(c, by_right)},
        agreements=tuple(_noted(c) for c in gone if _is_news(c) and c in by_right),
    )


def _says(claim: Claim) -> bool:
    return claim.values.get(ARCHIVED) is True


def _is_news(claim: Claim) -> bool:
    """Whether a gone record's being gone was not dealt with yet."""
    return claim.baseline.get(ARCHIVED) != Agreed(sent=True, stored=True)


def _taken_back(back: Sequence[Claim], rule: ArchiveRule, cast: Cast) -> bool:
    return any(cast.role_of.get(claim.system) in rule.from_ for claim in back)


def _follows(claim: Claim, rule: ArchiveRule, cast: Cast) -> bool:
    return cast.role_of.get(claim.system) in rule.to


def _decided(by_right: Sequence[Claim], back: Sequence[Claim], *, now: bool, before: bool) -> Decided | None:
    if now == before:
        return None
    by = (by_right or back)[0].system
    return Decided(value=now, because=Because.CHANGED, by=by)


def _is_settled(claim: Claim, by_right: Sequence[Claim]) -> bool:
    """A record's own word is noted when it is new and of no doubt: seen for the first time, or archived by right."""
    if ARCHIVED not in claim.values:
        return False
    stance = claim.stance(ARCHIVED)
    return stance is Stance.FRESH or claim in by_right


def _noted(claim: Claim) -> Agreement:
    return Agreement(claim.ref, claim.scope, {ARCHIVED: Agreed(sent=True, stored=True)})


def _questions(
    rule: ArchiveRule, situation: Situation, others: Sequence[Claim], back: Sequence[Claim], cast: Cast, *, now: bool
) -> tuple[Question, ...]:
    doubts = [claim for claim in others if rule.others == "review" and not now]
    if not doubts and not back:
        return ()
    golden = situation.golden
    where = ", ".join(str(claim.ref) for claim in (*doubts, *back))
    what = "taken back into use" if back and not doubts else "archived or deleted"
    choices = {"keep": "the others stay as they are", "archive": "archive it everywhere the book allows"}
    return (
        Question(
            entity=golden.entity,
            entity_id=golden.entity_id,
            topic="archive",
            about=About.ARCHIVE,
            steward="",
            asks=f"{where} was {what}, by one who does not decide that alone. What about the others?",
            choices=choices,
            evidence={
                "records": {claim.system: str(claim.ref) for claim in (*doubts, *back)},
                "others": sorted(str(c.ref) for c in situation.claims if c not in doubts and cast.role_of),
            },
        ),
    )
