"""What becomes of an edit by one who does not decide: taken back, proposed to the steward, or only reported."""

from mappings.ownership import Elsewhere, Rule
from sync_pipelines.model.claims import Claim, Stance
from sync_pipelines.model.golden import Decided
from sync_pipelines.model.questions import About, Question
from sync_pipelines.ownership.situation import Cast, Ruling, Situation, agrees, name_of, refs


def is_foreign(rule: Rule, claim: Claim, cast: Cast) -> bool:
    """Whether a deciding system's edit is known to be another department's than the one that decides."""
    return bool(rule.by) and claim.editor != rule.by and not is_untold(rule, claim, cast)


def is_untold(rule: Rule, claim: Claim, cast: Cast) -> bool:
    """Whether nobody can tell which department edited: the system names a person at most.

    Such an edit stands as the department's own and is reported, whatever `edited_elsewhere` says: to keep it out would
    lose the department's own edits with it. `check` says so beforehand.
    """
    told = bool(claim.editor) and claim.system in cast.departments
    return bool(rule.by) and claim.editor != rule.by and not told


def edits_elsewhere(
    key: str, rule: Rule, situation: Situation, cast: Cast, decided: Decided | None, head: Claim | None
) -> Ruling:
    """The ruling on a decided value, with what happens to each record that moved away from it."""
    if decided is None:
        return Ruling(key, rule, None)
    strays = [
        claim
        for claim in situation.claims
        if claim.stance(key) is Stance.MOVED
        and not agrees(claim, key, decided.value, cast, rule.field)
        and (claim is not head or is_foreign(rule, claim, cast))
    ]
    return settle_strays(key, rule, situation, decided, strays)


def settle_strays(key: str, rule: Rule, situation: Situation, decided: Decided, strays: list[Claim]) -> Ruling:
    """Apply `edited_elsewhere` to records that moved away from a decided value."""
    if not strays:
        return Ruling(key, rule, decided)
    if rule.edited_elsewhere is Elsewhere.REPORT:
        return Ruling(key, rule, decided, accepted=refs(strays))
    if rule.edited_elsewhere is Elsewhere.PROPOSE:
        return Ruling(key, rule, decided, held=refs(strays), question=_proposal(key, rule, situation, decided, strays))
    return Ruling(key, rule, decided, reverted=refs(strays))


def _proposal(key: str, rule: Rule, situation: Situation, decided: Decided, strays: list[Claim]) -> Question:
    values = {"agreed": decided.value} | {name_of(claim): claim.values[key] for claim in strays}
    who = ", ".join(sorted({name_of(claim) for claim in strays}))
    return Question(
        entity=situation.golden.entity,
        entity_id=situation.golden.entity_id,
        topic=f"field:{key}",
        about=About.PROPOSAL,
        steward=rule.steward,
        asks=f"{rule.field} was edited in {who}, which does not decide it. Take the edit?",
        choices={name: "keep the agreed value" if name == "agreed" else f"take the value of {name}" for name in values},
        evidence={
            "values": values,
            "records": {name_of(claim): str(claim.ref) for claim in strays},
            "editors": {name_of(claim): claim.editor for claim in strays},
        },
    )
