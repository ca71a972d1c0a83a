"""No two systems can each undo the other: searched in the states that conditions tell apart, move by move.

A move is an edit of one field by one who decides it in that state. A *undoes* B where B, deciding a field alone,
changed it, and A by moves of its own alone comes to decide it and puts the old value back. One that can always have the
last word is a superior; two that can both do it would go on for ever. Sharers may overrule each other: that is what
sharing means.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from math import prod
from typing import Any

from mappings.complaints import Complaint
from mappings.ownership import Clause, Mode, Rule, When
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.sayings import sayable, scopes_of, world_of
from sync_pipelines.checking.states import FIELD_TESTS, MOST, Odd, State, World, applies, asked_of, signature, subjects
from sync_pipelines.checking.view import View, bringers

Values = tuple[Any, ...]  # of the fields in play, one representative of each class


def undoing(view: View) -> Iterator[Complaint]:
    """Every field whose decider depends on what a system can change."""
    world = world_of(view)
    for name, rules in view.rules.items():
        if any(subjects(rule.when.clauses, FIELD_TESTS) for rule in rules):
            yield from _Search.of(view, name, world).complaints()


def in_play(view: View, name: str) -> list[str]:
    """A field, what its conditions ask for, what theirs ask for, and so on."""
    found, waiting = dict.fromkeys([name]), [name]
    while waiting:
        rules = view.rules.get(waiting.pop(), ())
        asked = {s for rule in rules for s in subjects(rule.when.clauses, FIELD_TESTS)}
        fresh = sorted(asked - found.keys())
        found |= dict.fromkeys(fresh)
        waiting += fresh
    return list(found)


@dataclass(frozen=True, slots=True)
class _Search:
    """The game about one field."""

    view: View
    name: str
    world: World
    fields: tuple[str, ...]  # `name` first
    whens: tuple[When, ...]
    classes: Mapping[str, tuple[Any, ...]]  # field → representatives
    can: Mapping[tuple[str, str], Mapping[int, int]]  # (role, field) → place of a class → how many of its values

    @classmethod
    def of(cls, view: View, name: str, world: World) -> "_Search":
        """Everything that does not change from state to state."""
        fields = tuple(in_play(view, name))
        whens = tuple(rule.when for field in fields for rule in view.rules.get(field, ()))
        clauses = [clause for when in whens for clause in when.clauses]
        classes = {field: world.classes(field, clauses) for field in fields}
        roles = sorted({role for field in fields for rule in view.rules.get(field, ()) for role in bringers(rule)})
        can = {
            (role, field): _brought(view, role, field, classes[field], asked_of(field, clauses))
            for field, role in product(fields, roles)
        }
        return cls(view, name, world, fields, whens, classes, can)

    def complaints(self) -> Iterator[Complaint]:
        """One for each pair of roles that can each undo the other."""
        rules = self.view.rules[self.name]
        roles = sorted({role for rule in rules for role in rule.roles if self.can[role, self.name]})
        outsides = list(self._outsides()) if len(roles) > 1 else []
        if len(outsides) * prod(len(values) for values in self.classes.values()) > MOST:
            says = f"who decides `{self.name}` hangs on too many fields to prove that no two systems undo each other"
            yield complaint("too-many-states", rules[0].where, says, "use fewer fields in its conditions")
            return
        for one, two in combinations(roles, 2):
            there, back = self._undone(one, two, outsides), self._undone(two, one, outsides)
            if there and back:
                yield self._complaint(one, two, there, back)

    def _complaint(self, one: str, two: str, there: State, back: State) -> Complaint:
        mine, other = self._rule(self.name, there), self._rule(self.name, back)
        first, second = sorted((rule.where for rule in (mine, other) if rule), key=lambda where: where.line)
        here, yonder = _apart(there, back)
        says = (
            f"{one} and {two} can each undo the other's `{self.name}`: "
            f"{one} decides it where {here}, {two} where {yonder} (line {second.line}), and each can bring that about"
        )
        return complaint("undo-each-other", first, says, "let one of them have the last word, or share the field")

    # --- the game ----------------------------------------------------------------------------------------------------

    def _undone(self, victim: str, rival: str, outsides: list[State]) -> State | None:
        """A state in which `victim` alone decides, and `rival` alone can put back what it edited."""
        for outside in [one for one in outsides if one.roles.get(victim) and one.roles.get(rival)]:
            for start in product(*(self.classes[field] for field in self.fields)):
                state = self._state(start, outside)
                if self._alone(victim, rival, state) and self._can_be_undone(start, outside, victim, rival):
                    return state
        return None

    def _can_be_undone(self, start: Values, outside: State, victim: str, rival: str) -> bool:
        before = self.classes[self.name].index(start[0])
        for place in self._moves(victim, self.name, before):
            moved = (self.classes[self.name][place], *start[1:])
            if before in self.can[rival, self.name] and self._comes_to_decide(moved, outside, rival, victim):
                return True
        return False

    def _comes_to_decide(self, start: Values, outside: State, rival: str, victim: str) -> bool:
        """Whether `rival` alone can bring about a state in which it decides and the victim does not."""
        seen, waiting = {start}, [start]
        while waiting:
            here = waiting.pop()
            state = self._state(here, outside)
            if self._alone(rival, victim, state):
                return True
            for onward in self._onward(here, state, rival):
                if onward not in seen:
                    seen.add(onward)
                    waiting.append(onward)
        return False

    def _onward(self, here: Values, state: State, role: str) -> Iterator[Values]:
        for place, field in enumerate(self.fields):
            if role in self._deciders(field, state):
                for chosen in self.can[role, field]:
                    yield (*here[:place], self.classes[field][chosen], *here[place + 1 :])

    def _moves(self, role: str, field: str, now: int) -> list[int]:
        """Classes that an edit can lead to; the same class where the role can say several of its values."""
        return [place for place, values in self.can[role, field].items() if place != now or values > 1]

    def _alone(self, role: str, other: str, state: State) -> bool:
        deciding = self._deciders(self.name, state)
        return role in deciding and other not in deciding

    def _deciders(self, field: str, state: State) -> frozenset[str]:
        rule = self._rule(field, state)
        if rule is None or rule.mode is Mode.BORROWED:
            return frozenset()
        there = [role for role in bringers(rule) if state.roles.get(role) and self.can[role, field]]
        return frozenset(there if rule.mode in {Mode.SHARED, Mode.EACH} else there[:1])

    def _rule(self, field: str, state: State) -> Rule | None:
        return next((rule for rule in self.view.rules.get(field, ()) if applies(rule.when, state)), None)

    # --- states ------------------------------------------------------------------------------------------------------

    def _outsides(self) -> Iterator[State]:
        """What no move changes: who has a record, what else exists, which company is decided for."""
        decided = {role for field in self.fields for rule in self.view.rules.get(field, ()) for role in bringers(rule)}
        outer = [When(tuple(c for c in when.clauses if c.test not in FIELD_TESTS)) for when in self.whens]
        scopes = scopes_of(self.view, self.name)
        yield from self.world.states(outer, scopes=scopes, more_roles=decided & self.view.roles)

    def _state(self, values: Values, outside: State) -> State:
        return State(dict(zip(self.fields, values, strict=True)), outside.roles, outside.entities, outside.scope)


def _apart(one: State, two: State) -> tuple[State, State]:
    """Two states without what is the same in both."""
    names = [name for name in one.fields if one.fields[name] != two.fields[name]]
    return _only(one, names), _only(two, names)


def _only(state: State, names: list[str]) -> State:
    return State({name: state.fields[name] for name in names}, {}, {})


def _brought(view: View, role: str, field: str, classes: tuple[Any, ...], asked: list[Clause]) -> dict[int, int]:
    """Places of the classes that a role can bring a field to, and how many of their values it can say."""
    if not view.says(role, field):
        return {}
    said = sayable(view, view.speakers(role, field), field)
    open_end: list[Any] = [*dict.fromkeys(value for clause in asked for value in clause.values), Odd.OTHER, Odd.OTHER]
    blank = [] if any(rule.keep_on_blank for rule in view.rules.get(field, ())) else [None]
    marks = Counter(signature(field, value, asked) for value in (*(open_end if said is None else said), *blank))
    places = enumerate(signature(field, one, asked) for one in classes)
    return {place: marks[mark] for place, mark in places if mark in marks}
