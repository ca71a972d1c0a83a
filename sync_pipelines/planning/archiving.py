"""An archive, or a record that its system says is gone, goes on by policy. Absence is not deletion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.contract import RecordRef
from mappings.ownership import ArchiveRule
from sync_pipelines.model.claims import ARCHIVED, Agreed, Claim, Stance
from sync_pipelines.model.decisions import Agreement
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.model.questions import About, Question
from sync_pipelines.ownership.situation import Cast, Situation, name_of, refs
from sync_pipelines.planning.leaving import Leaving


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


def decide_archive(
    rule: ArchiveRule, situation: Situation, gone: Sequence[Claim], cast: Cast, leaving: Leaving
) -> Archiving:
    """Whether the entity is out of use now, who is to follow, and who is asked."""
    out = [claim for claim in situation.claims if _says(claim)]
    moved = [claim for claim in out if claim.stance(ARCHIVED) is Stance.MOVED] + [c for c in gone if _is_news(c)]
    back = [c for c in situation.claims if c.stance(ARCHIVED) is Stance.MOVED and not _says(c)]
    by_right = [claim for claim in moved if _may(claim, rule, cast)]
    new = [claim for claim in situation.claims if _starts_anew(claim, situation) and _may(claim, rule, cast)]
    before = situation.golden.value(ARCHIVED) is True
    returns = leaving.comes_back and _left(situation)
    now = bool(by_right or leaving.archives) or (
        before and not returns and not new and not any(_may(claim, rule, cast) for claim in back)
    )
    back += new if out else []
    asked = _questions(rule, situation, [c for c in moved if c not in by_right], back, cast, now=now)
    doubted = set(refs(back))
    follow = [c for c in situation.claims if now and c.ref not in doubted and _follows(c, rule, cast)]
    return Archiving(
        decided=_decided([*by_right, *new, *(c for c in back if _may(c, rule, cast))], leaving, now=now, before=before),
        is_archived=now or (bool(out) and len(out) == len(situation.claims)),
        to_archive=refs(follow),
        archived=frozenset(claim.ref for claim in out),
        questions=asked,
        baselines={
            c.ref: {ARCHIVED: Agreed(_says(c), _says(c))} for c in situation.claims if _is_settled(c, by_right, back)
        },
        agreements=tuple(_noted(c) for c in gone if _is_news(c) and c in by_right),
    )


def _says(claim: Claim) -> bool:
    return claim.values.get(ARCHIVED) is True


def _starts_anew(claim: Claim, situation: Situation) -> bool:
    """Whether a record in use is met for the first time, and the entity was put out of use before by another one."""
    spoken = situation.golden.value(ARCHIVED) is not None
    return spoken and claim.values.get(ARCHIVED) is False and claim.stance(ARCHIVED) is Stance.FRESH


def _is_news(claim: Claim) -> bool:
    """Whether a gone record's being gone was not dealt with yet."""
    agreed = claim.baseline.get(ARCHIVED)
    return agreed is None or agreed.stored is not True


def _may(claim: Claim, rule: ArchiveRule, cast: Cast) -> bool:
    return cast.role_of.get(claim.system) in rule.from_


def _follows(claim: Claim, rule: ArchiveRule, cast: Cast) -> bool:
    """Whether a record in use has to go out of use: not where a person said that it stays."""
    return not claim.holds(ARCHIVED, golden=True) and cast.role_of.get(claim.system) in rule.to


def _left(situation: Situation) -> bool:
    """Whether it is out of use only because it took part no longer."""
    word = situation.golden.fields.get(ARCHIVED)
    return word is not None and word.because is Because.LEFT


def _decided(said: Sequence[Claim], leaving: Leaving, *, now: bool, before: bool) -> Decided | None:
    if now == before:
        return None
    word = leaving.archives or leaving.decided
    if said or word is None:
        return Decided(value=now, because=Because.CHANGED, by=said[0].system)
    return replace(word, value=now)


def _is_settled(claim: Claim, by_right: Sequence[Claim], doubted: Sequence[Claim]) -> bool:
    """A record's own word is noted when it is new and of no doubt: seen for the first time, or archived by right."""
    if ARCHIVED not in claim.values or claim in doubted:
        return False
    stance = claim.stance(ARCHIVED)
    return stance is Stance.FRESH or claim in by_right


def _noted(claim: Claim) -> Agreement:
    return Agreement(claim.ref, claim.scope, {ARCHIVED: Agreed(sent=True, stored=True)})


def _questions(
    rule: ArchiveRule, situation: Situation, others: Sequence[Claim], back: Sequence[Claim], cast: Cast, *, now: bool
) -> tuple[Question, ...]:
    """Records that went out of use, or came back, and nobody may tell from that alone what becomes of the rest."""
    doubts = [*([] if now else others), *back] if rule.others == "review" else []
    if not doubts:
        return ()
    golden = situation.golden
    return (
        Question(
            entity=golden.entity,
            entity_id=golden.entity_id,
            topic="archive",
            about=About.ARCHIVE,
            steward="",
            asks=_asks(doubts, back, rule, cast),
            choices={"keep": "each stays as it is", "archive": "archive it everywhere the book allows"},
            evidence={
                "records": {name_of(claim): str(claim.ref) for claim in doubts},
                "others": sorted(str(c.ref) for c in situation.claims if c not in doubts),
            },
        ),
    )


def _asks(doubts: Sequence[Claim], back: Sequence[Claim], rule: ArchiveRule, cast: Cast) -> str:
    where, several = ", ".join(str(claim.ref) for claim in doubts), len(doubts) > 1
    if all(claim.stance(ARCHIVED) is Stance.FRESH for claim in doubts):
        return f"{where} {'are' if several else 'is'} new and in use, and the others are out of it. What about those?"
    were = "were" if several else "was"
    if any(_may(claim, rule, cast) for claim in back):
        return f"{where} {were} taken back into use, and the others are still out of it. What about those?"
    what = "taken back into use" if back else "archived or deleted"
    return f"{where} {were} {what}, by one who does not decide that alone. What about the others?"
