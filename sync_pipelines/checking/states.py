"""All states that conditions can tell apart, and which sentence applies in each: a proof by looking at every one.

A field's values fall into classes that the conditions treat alike; one of each class is tried. So the number of states
follows from the conditions, not from how many codes a table has. The engine's own evaluator says what holds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from itertools import product
from math import prod
from typing import Any

from connectors.contract import RecordRef
from mappings.ownership import Clause, Rule, Test, When
from sync_pipelines.model.claims import Claim
from sync_pipelines.model.golden import Golden
from sync_pipelines.ownership.conditions import holds
from sync_pipelines.ownership.situation import Cast, Situation

MOST = 20_000  # states that are looked at for one field
FIELD_TESTS = frozenset({Test.IN, Test.SET, Test.UNSET})
_ROLE_TESTS = frozenset({Test.COUPLED, Test.UNCOUPLED})
_ENTITY_TESTS = frozenset({Test.EXISTS, Test.MISSING})


class Odd(Enum):
    """Values that stand for many."""

    UNTOLD = "untold"  # nobody ever said anything
    OTHER = "other"  # any value that no condition names


@dataclass(frozen=True, slots=True)
class State:
    """What conditions may look at. Roles and entities that no condition asks for are left out."""

    fields: Mapping[str, Any]
    roles: Mapping[str, bool]
    entities: Mapping[str, bool]
    scope: str = ""

    def __str__(self) -> str:
        told = [f"`{name}` {_told(value)}" for name, value in self.fields.items()]
        told += [
            f"there is {an(f'{role} record') if there else f'no {role} record'}" for role, there in self.roles.items()
        ]
        told += [f"there is {an(entity) if there else f'no {entity}'}" for entity, there in self.entities.items()]
        told += [f"the company is {self.scope}"] if self.scope else []
        return " and ".join(told) or "always"


def an(noun: str) -> str:
    """A noun with its article."""
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


def _told(value: Any) -> str:
    if value is Odd.UNTOLD or value is None:
        return "has no value"
    return "has some other value" if value is Odd.OTHER else f"is `{_word(value)}`"


def _word(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class RuleReach:
    """A sentence with the states in which it is the one that applies."""

    rule: Rule
    states: tuple[State, ...]

    def may_meet(self, role: str) -> bool:
        """Whether the sentence ever applies to an entity that has a record of this role."""
        return any(state.roles.get(role, True) for state in self.states)

    def may_miss(self, role: str) -> bool:
        """Whether it ever applies to one that has none."""
        return any(not state.roles.get(role, False) for state in self.states)


@dataclass(frozen=True, slots=True)
class FieldReach:
    """The sentences of a field over all states."""

    rules: tuple[RuleReach, ...]
    uncovered: State | None = None  # one in which no sentence applies
    too_many: bool = False

    def of(self, rule: Rule) -> RuleReach:
        """One sentence's."""
        return next(reach for reach in self.rules if reach.rule is rule)

    @property
    def living(self) -> tuple[RuleReach, ...]:
        """Sentences that apply at all."""
        return tuple(reach for reach in self.rules if reach.states)


class TooManyStatesError(Exception):
    """More states than anybody wants to look at."""


@dataclass(frozen=True, slots=True)
class World:
    """What the states of one entity range over."""

    values: Mapping[str, tuple[Any, ...]]  # field → all values that its deciders can say; not in it: anything
    kept: frozenset[str]  # roles with a system that keeps this entity
    idle: frozenset[str] = frozenset()  # roles that have systems, of which none keeps it

    def states(
        self, whens: Iterable[When], *, scopes: Sequence[str] = ("",), more_roles: Iterable[str] = ()
    ) -> Iterator[State]:
        """Every state these conditions tell apart. `scopes`: companies that the field is decided for."""
        clauses = [clause for when in whens for clause in when.clauses]
        fields = {name: self.classes(name, clauses) for name in subjects(clauses, FIELD_TESTS)}
        roles = {role: self._coupled(role) for role in subjects(clauses, _ROLE_TESTS) | set(more_roles)}
        entities = dict.fromkeys(subjects(clauses, _ENTITY_TESTS), (True, False))
        companies = _alike(scopes, clauses)
        axes = [*fields.values(), *roles.values(), *entities.values(), companies]
        if prod(len(axis) for axis in axes) > MOST:
            raise TooManyStatesError
        yield from self._all(fields, roles, entities, companies)

    def _all(
        self,
        fields: Mapping[str, Sequence[Any]],
        roles: Mapping[str, Sequence[bool]],
        entities: Mapping[str, Sequence[bool]],
        scopes: Sequence[str],
    ) -> Iterator[State]:
        """An entity has a record somewhere, so not all roles are without one."""
        for coupled in _assignments(roles):
            if self.kept <= roles.keys() and not any(coupled.values()):
                continue
            for told, there, scope in product(_assignments(fields), _assignments(entities), scopes):
                yield State(told, coupled, there, scope)

    def classes(self, name: str, clauses: Sequence[Clause]) -> tuple[Any, ...]:
        """One value of each class that the conditions treat alike."""
        asked = asked_of(name, clauses)
        found: dict[tuple[bool, ...], Any] = {}
        for value in (*self._sayable(name, asked), Odd.UNTOLD, None):
            found.setdefault(signature(name, value, asked), value)
        return tuple(found.values())

    def _sayable(self, name: str, asked: Sequence[Clause]) -> tuple[Any, ...]:
        closed = self.values.get(name)
        if closed is not None:
            return closed
        return (*dict.fromkeys(value for clause in asked for value in clause.values), Odd.OTHER)

    def _coupled(self, role: str) -> tuple[bool, ...]:
        return (False,) if role in self.idle else (True, False)


def _alike(scopes: Sequence[str], clauses: Sequence[Clause]) -> tuple[str, ...]:
    """One company of each class that the conditions treat alike."""
    asked = [clause for clause in clauses if clause.test is Test.SCOPE]
    found: dict[tuple[bool, ...], str] = {}
    for scope in scopes:
        found.setdefault(tuple(scope in clause.values for clause in asked), scope)
    return tuple(found.values())


def asked_of(name: str, clauses: Iterable[Clause]) -> list[Clause]:
    """The clauses about a field's value."""
    return [clause for clause in clauses if clause.test in FIELD_TESTS and clause.subject == name]


def signature(name: str, value: Any, asked: Sequence[Clause]) -> tuple[bool, ...]:
    """What conditions say of a value: values with the same signature are alike to them."""
    state = State({name: value}, {}, {})
    return tuple(applies(When((clause,)), state) for clause in asked)


def subjects(clauses: Iterable[Clause], tests: frozenset[Test]) -> set[str]:
    """What conditions ask for: fields, roles or entities, by the test."""
    return {clause.subject for clause in clauses if clause.test in tests}


def _assignments(axes: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    names = sorted(axes)
    for chosen in product(*(axes[name] for name in names)):
        yield dict(zip(names, chosen, strict=True))


# --- the engine's evaluator, on a state ----------------------------------------------------------------------------

_NEVER = datetime.min.replace(tzinfo=UTC)


def _ranked(roles: tuple[str, ...]) -> tuple[str, ...]:
    return roles


def applies(when: When, state: State) -> bool:
    """Whether a condition holds in a state, by the engine's own evaluator. Each role is one system."""
    if not when.clauses:
        return True
    agreed = {name: value for name, value in state.fields.items() if value is not Odd.UNTOLD}
    there = [role for role, coupled in state.roles.items() if coupled]
    claims = tuple(Claim(RecordRef(role, "record", "1"), "entity", {}) for role in there)
    exist = frozenset(name for name, exists in state.entities.items() if exists)
    situation = Situation(Golden("entity", "1"), claims, _NEVER, referred_by=exist)
    return holds(when, agreed, situation, Cast({role: role for role in there}, _ranked), state.scope)


def field_reach(rules: Sequence[Rule], gate: When, world: World, scopes: Sequence[str] = ("",)) -> FieldReach:
    """Which sentence applies where, among the states that pass the gate."""
    try:
        states = [s for s in world.states([gate, *(rule.when for rule in rules)], scopes=scopes) if applies(gate, s)]
    except TooManyStatesError:
        return FieldReach(tuple(RuleReach(rule, (State({}, {}, {}),)) for rule in rules), too_many=True)
    reached: list[list[State]] = [[] for _ in rules]
    uncovered: State | None = None
    for state in states:
        first = next((place for place, rule in enumerate(rules) if applies(rule.when, state)), None)
        if first is not None:
            reached[first].append(state)
        else:
            uncovered = uncovered or state
    found = zip(rules, reached, strict=True)
    return FieldReach(tuple(RuleReach(rule, tuple(states)) for rule, states in found), uncovered)
