"""`decides` and `issued_by`: the first of the ranked deciders that knows the entity decides.

A blank of a record that has just been coupled says nothing: an ERP stub without an address must not beat the
CRM's fresh one.
"""

from dataclasses import dataclass, replace

from mappings.ownership import Handover, Rule
from mappings.values import Value
from sync_pipelines.model.claims import Claim, Stance
from sync_pipelines.model.golden import Because, Decided, HandOver
from sync_pipelines.model.questions import About, Question
from sync_pipelines.ownership.elsewhere import edits_elsewhere, is_foreign, is_untold
from sync_pipelines.ownership.situation import Cast, Ruling, Situation, agrees, name_of, refs, ruled, speaks, told


@dataclass(frozen=True, slots=True)
class _Said:
    """What came of listening to the deciders."""

    decided: Decided | None
    outcome: str = ""  # of a hand-over, where there was one
    asks: Claim | None = None  # the higher decider whose value differs


def decide_ranked(key: str, rule: Rule, situation: Situation, cast: Cast) -> Ruling:
    """The ruling of the first decider that knows the entity, with what becomes of everybody else's edits."""
    speaking = [claim for claim in situation.among(cast.ranked(rule.roles)) if speaks(claim, key)]
    head = _head(key, rule, cast, speaking)
    said = _listen(key, rule, situation, cast, head, speaking)
    ruling = edits_elsewhere(key, rule, situation, cast, said.decided, head)
    return _with_hand_over(ruling, situation, head, said)


def _head(key: str, rule: Rule, cast: Cast, speaking: list[Claim]) -> Claim | None:
    """The one that decides: of several records of the first system (one per company), the one that was edited."""
    firsts = [claim for claim in speaking if claim.system == speaking[0].system]
    moved = [claim for claim in firsts if claim.stance(key) is Stance.MOVED and not is_foreign(rule, claim, cast)]
    return next(iter(moved + firsts), None)


def _listen(key: str, rule: Rule, situation: Situation, cast: Cast, head: Claim | None, speaking: list[Claim]) -> _Said:
    golden = situation.golden.fields.get(key)
    if head is None:
        return _Said(golden)
    if head.stance(key) is Stance.FRESH:
        return _arrives(key, rule, cast, head, _early(key, rule, golden, head, speaking))
    value = told(head, key, None if golden is None else golden.value)
    if head.stance(key) is Stance.MOVED and not is_foreign(rule, head, cast):
        return _Said(_moved(rule, golden, value, head, cast))
    return _rests(rule, golden, value, head, cast)


def _early(key: str, rule: Rule, golden: Decided | None, head: Claim, speaking: list[Claim]) -> Decided | None:
    """What stood before `head` came: the agreed value, or what the next of the deciders says."""
    if golden is not None:
        return golden
    others = [claim for claim in speaking if claim.system != head.system]
    if not others:
        return None
    return ruled(rule, told(others[0], key, None), Because.FIRST, others[0].system)


def _arrives(key: str, rule: Rule, cast: Cast, head: Claim, early: Decided | None) -> _Said:
    """A decider that never agreed to anything speaks for the first time."""
    if early is None:
        return _Said(ruled(rule, told(head, key, None), Because.FIRST, head.system))
    value = told(head, key, early.value)
    if early.by == head.system:  # its baseline was forgotten, not its right
        return _Said(ruled(rule, value, Because.CHANGED, head.system))
    if agrees(head, key, early.value, cast, rule.field):
        return _Said(ruled(rule, early.value, Because.HANDED_OVER, head.system), "agreed")
    if early.value in (None, []) or rule.handover is Handover.TAKE:
        return _Said(ruled(rule, value, Because.HANDED_OVER, head.system), "taken")
    if rule.handover is Handover.SEED:
        return _Said(ruled(rule, early.value, Because.SEEDED, early.by), "seeded")
    return _Said(early, "asked", head)


def _moved(rule: Rule, golden: Decided | None, value: Value, head: Claim, cast: Cast) -> Decided:
    if value in (None, []) and rule.keep_on_blank and golden is not None and golden.value not in (None, []):
        return ruled(rule, golden.value, Because.KEPT, golden.by)
    because = Because.DEPARTMENT_UNTOLD if is_untold(rule, head, cast) else Because.CHANGED
    return ruled(rule, value, because, head.system)


def _rests(rule: Rule, golden: Decided | None, value: Value, head: Claim, cast: Cast) -> _Said:
    if golden is None:
        return _Said(ruled(rule, value, Because.FIRST, head.system))
    if golden.by == head.system or golden.by not in cast.role_of:
        return _Said(golden)
    systems = cast.ranked(rule.roles)
    fell_back = golden.by in systems and systems.index(golden.by) < systems.index(head.system)
    outcome = "fell_back" if fell_back else "agreed"
    return _Said(ruled(rule, golden.value, Because.HANDED_OVER, head.system), outcome)


def _with_hand_over(ruling: Ruling, situation: Situation, head: Claim | None, said: _Said) -> Ruling:
    before = situation.golden.fields.get(ruling.key)
    hand_over = None
    if head is not None and said.outcome and before is not None and before.by != head.system:
        golden = situation.golden
        hand_over = HandOver(golden.entity, golden.entity_id, ruling.key, before.by, head.system, said.outcome)
    if said.asks is None:
        return ruling if hand_over is None else replace(ruling, hand_over=hand_over)
    question = _question(ruling, situation, said)
    hand_over = None if question.topic in situation.asked else hand_over
    return replace(ruling, hand_over=hand_over, question=question, held=ruling.held | refs([said.asks]))


def _question(ruling: Ruling, situation: Situation, said: _Said) -> Question:
    golden, asks, early = situation.golden, said.asks, said.decided
    if asks is None or early is None:
        message = "a hand-over is asked about only where two values differ"
        raise ValueError(message)
    values = {early.by or "agreed": early.value, name_of(asks): asks.values[ruling.key]}
    return Question(
        entity=golden.entity,
        entity_id=golden.entity_id,
        topic=f"field:{ruling.key}",
        about=About.VALUE,
        steward=ruling.rule.steward,
        asks=f"{asks.system} now decides {ruling.rule.field} and differs from what was agreed. Which value stands?",
        choices={name: f"take the value of {name}" for name in values},
        evidence={"values": values, "records": {name_of(asks): str(asks.ref)}},
    )
