"""`each`: ownership inside a list of records. Who decides an item's fields, who may add one, who may remove one."""

from dataclasses import dataclass

from mappings.ownership import Each, Rule
from mappings.values import Value
from sync_pipelines.model.claims import Claim, Stance
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.model.parts import items_by, overlay
from sync_pipelines.ownership.elsewhere import settle_strays
from sync_pipelines.ownership.situation import Cast, Ruling, Situation, agrees, ruled

Items = dict[str, dict[str, Value]]


@dataclass(frozen=True, slots=True)
class _Delta:
    """What one record did to its list since it last agreed."""

    claim: Claim
    now: Items
    added: frozenset[str]
    removed: frozenset[str]
    changed: frozenset[str]


def decide_list(key: str, rule: Rule, situation: Situation, cast: Cast) -> Ruling:
    """The agreed list after everybody's permitted additions, removals and edits, in the order of its keys."""
    each = _each(rule)
    golden = situation.golden.fields.get(key)
    before = items_by(each.key, None if golden is None else golden.value)
    deltas = [_delta(claim, key, each.key) for claim in situation.claims if claim.stance(key) is not Stance.SILENT]
    after = _apply(before, deltas, each, cast)
    decided = _decided(rule, golden, before, after, deltas)
    if decided is None:
        return Ruling(key, rule, None)
    strays = [d.claim for d in deltas if _strayed(d, key, each, cast, decided, rule)]
    return settle_strays(key, rule, situation, decided, strays)


def _each(rule: Rule) -> Each:
    if rule.each is None:
        message = f"{rule.where}: {rule.field} is a list without `each`"
        raise ValueError(message)
    return rule.each


def _delta(claim: Claim, key: str, item_key: str) -> _Delta:
    now = items_by(item_key, claim.values[key])
    if claim.stance(key) is not Stance.MOVED:
        fresh = claim.stance(key) is Stance.FRESH
        return _Delta(claim, now, frozenset(now) if fresh else frozenset(), frozenset(), frozenset())
    base = items_by(item_key, claim.baseline[key].stored)
    both = now.keys() & base.keys()
    changed = frozenset(name for name in both if now[name] != base[name])
    return _Delta(claim, now, frozenset(now.keys() - base.keys()), frozenset(base.keys() - now.keys()), changed)


def _apply(before: Items, deltas: list[_Delta], each: Each, cast: Cast) -> Items:
    after = dict(before)
    removers = set(cast.ranked(each.remove))
    for delta in deltas:
        for name in delta.removed if delta.claim.system in removers else ():
            after.pop(name, None)
    for name in sorted({name for delta in deltas for name in delta.added | delta.changed}):
        item = _item(name, after.get(name), deltas, each, cast)
        if item is not None:
            after[name] = item
    return after


def _item(
    name: str, agreed: dict[str, Value] | None, deltas: list[_Delta], each: Each, cast: Cast
) -> dict[str, Value] | None:
    """One item after the edits of the first decider that keeps it; or as the first that may add it brings it."""
    holders = _by_rank([delta for delta in deltas if name in delta.now], cast.ranked(each.decides))
    if agreed is None:
        return _new_item(name, deltas, each, cast)
    if not holders or name not in holders[0].added | holders[0].changed:
        return agreed
    return _laid_over(agreed, holders[0].now[name])


def _new_item(name: str, deltas: list[_Delta], each: Each, cast: Cast) -> dict[str, Value] | None:
    adding = _by_rank([delta for delta in deltas if name in delta.added], cast.ranked(each.add))
    deciding = _by_rank(adding, cast.ranked(each.decides))
    first = (deciding or adding)[:1]
    return dict(first[0].now[name]) if first else None


def _by_rank(deltas: list[_Delta], systems: tuple[str, ...]) -> list[_Delta]:
    ranked = [delta for delta in deltas if delta.claim.system in systems]
    return sorted(ranked, key=lambda delta: (systems.index(delta.claim.system), delta.claim.ref))


def _laid_over(agreed: dict[str, Value], said: dict[str, Value]) -> dict[str, Value]:
    merged = overlay(agreed, said)
    return merged if isinstance(merged, dict) else agreed


def _decided(rule: Rule, golden: Decided | None, before: Items, after: Items, deltas: list[_Delta]) -> Decided | None:
    value: Value = [after[name] for name in sorted(after)]
    if golden is not None and before == after:
        return golden
    if golden is None and not after:
        return None
    because = Because.FIRST if golden is None else Because.CHANGED
    movers = sorted({d.claim.system for d in deltas if d.added or d.removed or d.changed})
    return ruled(rule, value, because, "+".join(movers))


def _strayed(delta: _Delta, key: str, each: Each, cast: Cast, decided: Decided, rule: Rule) -> bool:
    """Whether a record did something to its list that it may not, and that still stands there."""
    if delta.claim.stance(key) is not Stance.MOVED or agrees(delta.claim, key, decided.value, cast, rule.field):
        return False
    agreed = items_by(each.key, decided.value)
    refused_remove = bool(delta.removed & agreed.keys())
    said = delta.changed | delta.added
    refused_edit = any(overlay(agreed.get(name, {}), delta.now[name]) != agreed.get(name) for name in said)
    return refused_remove or refused_edit
