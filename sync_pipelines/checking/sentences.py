"""Every field has exactly one sentence in every state, and every sentence applies somewhere."""

from collections.abc import Iterator, Sequence

from mappings.complaints import Complaint
from mappings.ownership import Clause, Rule, When
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.sayings import gate_of, scopes_of, world_of
from sync_pipelines.checking.states import MOST, FieldReach, State, World, an, applies, field_reach
from sync_pipelines.checking.view import View


def sentences(view: View) -> Iterator[Complaint]:
    """All fields of an entity."""
    for name, spec in view.spec.fields.items():
        if not view.rules.get(name):
            says = f"`{name}` stands in no sentence of ownership.yaml, so nobody decides it"
            yield complaint("sentence-missing", spec.where, says, f"say who decides `{name}`, or take the field out")
    for name, reach in view.reach.items():
        if reach.rules:
            yield from _of_field(view, name, reach)


def _of_field(view: View, name: str, reach: FieldReach) -> Iterator[Complaint]:
    rules = view.rules[name]
    twice = set(_twice(rules))
    for place in sorted(twice):
        first = next(rule for rule in rules if _same(rule.when, rules[place].when))
        says = f"`{name}` has the same condition in line {first.where.line}"
        yield complaint("sentence-twice", rules[place].where, says, "keep one of the two")
    if reach.too_many:
        says = f"the conditions of `{name}` tell more than {MOST} states apart; that is too many to prove anything"
        yield complaint("too-many-states", rules[0].where, says, "use fewer fields in its conditions")
        return
    for place, one in enumerate(reach.rules):
        if not one.states and place not in twice:
            yield _dead(view, name, place, world_of(view))
    if reach.uncovered is not None:
        says = f"nobody decides `{name}` where {reach.uncovered}"
        yield complaint("no-sentence", rules[-1].where, says, "end with a sentence without `when`")


def _twice(rules: Sequence[Rule]) -> Iterator[int]:
    for place, rule in enumerate(rules):
        if any(_same(rule.when, earlier.when) for earlier in rules[:place]):
            yield place


def _same(one: When, other: When) -> bool:
    return {_plain(clause) for clause in one.clauses} == {_plain(clause) for clause in other.clauses}


def _plain(clause: Clause) -> tuple[str, str, frozenset[str]]:
    return clause.test, clause.subject, frozenset(map(repr, clause.values))


def _dead(view: View, name: str, place: int, world: World) -> Complaint:
    rules, where = view.rules[name], view.rules[name][place].where
    never = [clause for clause in rules[place].when.clauses if not _ever(view, name, clause, world)]
    if never:
        says = f"this sentence about `{name}` never applies: {_why_never(view, name, never[0])}"
        return complaint("rule-dead", where, says, "mend the condition, or take the sentence out")
    alone = field_reach([rules[place]], gate_of(view), world, scopes_of(view, name))
    if not alone.living:
        says = f"this sentence about `{name}` only applies to what does not take part"
        return complaint("rule-dead", where, says, "mend the condition, or take the sentence out")
    takers = _takers(rules, place, alone.rules[0].states)
    says = f"this sentence about `{name}` never applies: every case is taken in {takers}"
    return complaint("rule-dead", where, says, "put it first, or take it out")


def _ever(view: View, name: str, clause: Clause, world: World) -> bool:
    states = world.states([When((clause,))], scopes=scopes_of(view, name))
    return any(applies(When((clause,)), state) for state in states)


def _why_never(view: View, name: str, clause: Clause) -> str:
    if clause.test == "in":
        said = ", ".join(f"`{value}`" for value in clause.values)
        return f"no decider of `{clause.subject}` can say {said}"
    if clause.test == "scope":
        if not view.spec.fields[name].per:
            return f"`{name}` is the same for all companies"
        return f"no system keeps company {' or '.join(map(str, clause.values))} of it"
    if clause.test == "coupled":
        return f"no {clause.subject} keeps {view.one}"
    if clause.test == "uncoupled":
        return f"{view.one} always has {an(clause.subject)} record"
    return f"`{clause.subject}` is never {clause.test}"


def _takers(rules: Sequence[Rule], place: int, states: Sequence[State]) -> str:
    taking = [rule for rule in rules[:place] if any(applies(rule.when, state) for state in states)]
    lines = sorted({rule.where.line for rule in taking})
    return f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"


def participation(view: View) -> Iterator[Complaint]:
    """Somebody has to be able to take part."""
    rule = view.spec.ownership.takes_part
    states = world_of(view).states([rule.when])
    if not any(applies(rule.when, state) for state in states):
        says = f"no {view.entity} can ever take part: no decider says what `takes_part` asks for"
        yield complaint("takes-part-dead", rule.where, says, "mend the condition")
