"""One entity, all its fields: who decides, what stands, and why. Pure."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from mappings.once import once
from mappings.ownership import Mode, Ownership, Rule
from mappings.values import Value, field_of, scope_of
from sync_pipelines.model.golden import Because, Decided
from sync_pipelines.ownership.conditions import rule_for
from sync_pipelines.ownership.elsewhere import edits_elsewhere
from sync_pipelines.ownership.lists import decide_list
from sync_pipelines.ownership.ranked import decide_ranked
from sync_pipelines.ownership.shared import decide_shared
from sync_pipelines.ownership.situation import Cast, Ruling, Situation, ruled


def decide_entity(ownership: Ownership, situation: Situation, cast: Cast) -> Sequence[Ruling]:
    """A ruling for every key that anybody speaks of, in the order of the book.

    Conditions are read on what was agreed before. An entity nobody ever agreed about has nothing to read them on: it is
    decided in turns, each field after all that its conditions ask for, so that its second run reads them no otherwise.
    """
    keys = _keys(ownership, situation)
    if situation.is_new:
        return _in_turns(keys, ownership, situation, cast)
    agreed = {key: decided.value for key, decided in situation.golden.fields.items()}
    return [_ruling(key, ownership, agreed, situation, cast) for key in keys]


def _in_turns(keys: Sequence[str], ownership: Ownership, situation: Situation, cast: Cast) -> Sequence[Ruling]:
    """Fields whose conditions lead to each other share a turn, and read one another as never agreed."""

    def turn(key: str) -> int:
        return ownership.turns[field_of(key)]

    rulings: dict[str, Ruling] = {}
    agreed: dict[str, Value] = {}
    for _, same in groupby(sorted(keys, key=turn), turn):
        told = [_ruling(key, ownership, agreed, situation, cast) for key in same]
        rulings |= {ruling.key: ruling for ruling in told}
        agreed |= {ruling.key: ruling.value for ruling in told if ruling.decided is not None}
    return [rulings[key] for key in keys]


def _keys(ownership: Ownership, situation: Situation) -> list[str]:
    spoken = set(situation.golden.fields).union(situation.overrides, *(claim.values for claim in situation.claims))
    places = _places(ownership)
    told = sorted((places[name], key) for key in spoken if (name := field_of(key)) in places)
    return [key for _, key in told]


@once
def _places(ownership: Ownership) -> Mapping[str, int]:
    """By field: where it stands in the book."""
    return {name: place for place, name in enumerate(ownership.rules)}


def _ruling(key: str, ownership: Ownership, agreed: Mapping[str, Value], situation: Situation, cast: Cast) -> Ruling:
    rules = ownership.rules[field_of(key)]
    rule = rule_for(rules, agreed, situation, cast, scope_of(key))
    if rule is None:  # `check` proves that this cannot be; a value then stands as it was agreed
        return Ruling(key, rules[-1], situation.golden.fields.get(key))
    override = situation.overrides.get(key)
    if override is not None:
        decided = Decided(override.value, Because.VERDICT, by=f"steward:{override.by}", rule=str(rule.where))
        return edits_elsewhere(key, rule, situation, cast, decided, None)
    return _DECIDE[rule.mode](key, rule, situation, cast)


def _borrowed(key: str, rule: Rule, situation: Situation, cast: Cast) -> Ruling:
    golden = situation.golden.fields.get(key)
    source = rule.borrowed
    if source is not None and (source.entity, source.field) in situation.borrowed:
        value = situation.borrowed[source.entity, source.field]
        if golden is None or golden.value != value:
            golden = ruled(rule, value, Because.BORROWED, f"{source.entity}.{source.field}")
    return edits_elsewhere(key, rule, situation, cast, golden, None)


_DECIDE: Mapping[Mode, Callable[[str, Rule, Situation, Cast], Ruling]] = {
    Mode.DECIDES: decide_ranked,
    Mode.ISSUED: decide_ranked,
    Mode.SHARED: decide_shared,
    Mode.EACH: decide_list,
    Mode.BORROWED: _borrowed,
}
