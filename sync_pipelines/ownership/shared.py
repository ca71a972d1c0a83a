"""`shared`: who moved since *it* last agreed? Clocks are not asked, unless the book trusts them."""

from mappings.ownership import Conflict, Rule
from mappings.values import Value
from sync_pipelines.model.claims import Claim, Stance
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.model.parts import project
from sync_pipelines.model.questions import About, Question
from sync_pipelines.ownership.elsewhere import settle_strays
from sync_pipelines.ownership.situation import Cast, Ruling, Situation, agrees, name_of, refs, ruled, speaks, told

_BLANK: tuple[Value, ...] = (None, [])


def decide_shared(key: str, rule: Rule, situation: Situation, cast: Cast) -> Ruling:
    """One mover, or several that say the same, decide; several that differ are a conflict."""
    golden = situation.golden.fields.get(key)
    movers = _movers(key, rule, situation, cast, golden)
    said = _distinct(key, movers, golden)
    if not movers:
        return _with_strays(key, rule, situation, cast, golden)
    contested = len(said) > 1 or _fresh_against(key, movers, golden) or _unaware(key, rule, movers, cast, golden)
    if contested:
        return _conflict(key, rule, situation, cast, golden, movers)
    because = Because.FIRST if golden is None else Because.CHANGED
    decided = ruled(rule, told(movers[0], key, _value(golden)), because, movers[0].system)
    return _with_strays(key, rule, situation, cast, decided)


def _value(golden: Decided | None) -> Value:
    return None if golden is None else golden.value


def _movers(key: str, rule: Rule, situation: Situation, cast: Cast, golden: Decided | None) -> list[Claim]:
    """Sharers that moved away from the golden value, or speak for the first time and differ from it."""
    sharers = situation.among(cast.ranked(rule.roles))
    return [claim for claim in sharers if _has_moved(key, rule, claim, cast, golden)]


def _has_moved(key: str, rule: Rule, claim: Claim, cast: Cast, golden: Decided | None) -> bool:
    stance = claim.stance(key)
    if stance in (Stance.SILENT, Stance.REST):
        return False
    blank = claim.values[key] in _BLANK
    if blank and (stance is Stance.FRESH or (rule.keep_on_blank and _value(golden) not in _BLANK)):
        return False
    return golden is None or not agrees(claim, key, golden.value, cast, rule.field)


def _distinct(key: str, movers: list[Claim], golden: Decided | None) -> list[Value]:
    distinct: list[Value] = []
    for value in (told(claim, key, _value(golden)) for claim in movers):
        if value not in distinct:
            distinct.append(value)
    return distinct


def _fresh_against(key: str, movers: list[Claim], golden: Decided | None) -> bool:
    """A record that was coupled just now differs from an agreed value: nobody moved, and yet there are two."""
    return _value(golden) not in _BLANK and all(claim.stance(key) is Stance.FRESH for claim in movers)


def _unaware(key: str, rule: Rule, movers: list[Claim], cast: Cast, golden: Decided | None) -> bool:
    """A mover that never agreed to the present golden value has not seen the edit that made it."""
    if golden is None:
        return False
    aware = [
        claim.baseline[key].sent == project(golden.value, cast.parts_of(claim.system, rule.field))
        for claim in movers
        if claim.stance(key) is Stance.MOVED
    ]
    return not all(aware)


def _with_strays(key: str, rule: Rule, situation: Situation, cast: Cast, decided: Decided | None) -> Ruling:
    if decided is None:
        return Ruling(key, rule, None)
    sharing = set(cast.ranked(rule.roles))
    strays = [
        claim
        for claim in situation.claims
        if claim.stance(key) is Stance.MOVED
        and not agrees(claim, key, decided.value, cast, rule.field)
        and (claim.system not in sharing or _blank_kept(key, rule, claim, decided))
    ]
    return settle_strays(key, rule, situation, decided, strays)


def _blank_kept(key: str, rule: Rule, claim: Claim, decided: Decided) -> bool:
    return rule.keep_on_blank and claim.values[key] in _BLANK and decided.value not in _BLANK


def _conflict(
    key: str, rule: Rule, situation: Situation, cast: Cast, golden: Decided | None, movers: list[Claim]
) -> Ruling:
    settled = _settled_by(key, rule, situation, cast, golden, movers)
    if settled is None:
        return _ask(key, rule, situation, golden, movers)
    winner, because = settled
    if because is Because.RANK and _outranked(rule, cast, golden, movers):
        return Ruling(key, rule, golden)
    return Ruling(key, rule, ruled(rule, told(winner, key, _value(golden)), because, winner.system))


def _settled_by(
    key: str, rule: Rule, situation: Situation, cast: Cast, golden: Decided | None, movers: list[Claim]
) -> tuple[Claim, Because] | None:
    if rule.conflict is Conflict.PREFER:
        return movers[0], Because.RANK
    if rule.conflict is Conflict.RANK_AFTER:
        since = situation.asked.get(f"field:{key}")
        waited = since is not None and situation.now - since >= rule.conflict_after
        return (movers[0], Because.RANK) if waited else None
    rivals = movers if golden is None else movers + _authors(key, rule, situation, cast, golden)
    dated = [claim for claim in rivals if claim.changed_at is not None]
    if rule.conflict is Conflict.LATEST and len(dated) == len(rivals):
        return max(dated, key=lambda claim: (claim.changed_at, claim.ref)), Because.LATEST
    return None


def _authors(key: str, rule: Rule, situation: Situation, cast: Cast, golden: Decided) -> list[Claim]:
    """The record from which the agreed value comes, where it still says so: its clock counts like a mover's."""
    mine = situation.among((golden.by,))
    return [c for c in mine if speaks(c, key) and agrees(c, key, golden.value, cast, rule.field)]


def _outranked(rule: Rule, cast: Cast, golden: Decided | None, movers: list[Claim]) -> bool:
    """A newly coupled record does not beat an agreed value of a higher sharer by rank."""
    if golden is None:
        return False
    systems = cast.ranked(rule.roles)
    return len(movers) == 1 and golden.by in systems and systems.index(golden.by) < systems.index(movers[0].system)


def _ask(key: str, rule: Rule, situation: Situation, golden: Decided | None, movers: list[Claim]) -> Ruling:
    values: dict[str, Value] = {} if golden is None else {"agreed": golden.value}
    values |= {name_of(claim): claim.values[key] for claim in movers}
    where = " and ".join(name_of(claim) for claim in movers)
    question = Question(
        entity=situation.golden.entity,
        entity_id=situation.golden.entity_id,
        topic=f"field:{key}",
        about=About.VALUE,
        steward=rule.steward,
        asks=f"{rule.field} was changed differently in {where}. Which value stands?",
        choices={name: "keep the agreed value" if name == "agreed" else f"take the value of {name}" for name in values},
        evidence={"values": values, "records": {name_of(claim): str(claim.ref) for claim in movers}},
    )
    return Ruling(key, rule, golden, held=refs(movers), question=question)
