"""What systems can say: the values that a map's lines can bring, where the list of them is closed."""

from collections.abc import Iterable, Iterator

from mappings.codecs import CODECS
from mappings.compiling import Frame, words_of
from mappings.fieldmap import Line
from mappings.ownership import Rule, When
from mappings.values import Value
from sync_pipelines.checking.states import FIELD_TESTS, FieldReach, World, applies, field_reach, subjects
from sync_pipelines.checking.view import Side, View, bringers

ANY_OTHER = "any other"  # stands for companies that nobody names
_ALL = ""  # stands for all systems that decide a field


def frame_of(view: View, side: Side) -> Frame:
    """What the lines of a side are bound to."""
    zone = side.system.calendar.time_zone
    return Frame(side.kind_map, view.spec.fields, view.book.tables, zone, {**CODECS, **view.book.codecs})


def said_by_line(view: View, side: Side, line: Line) -> frozenset[Value] | None:
    """All canonical values that a line can bring; None: anything."""
    if line.codec == "yes_no":
        return frozenset({True, False})
    if line.codec not in {"choice", "code"}:
        return None
    decodes, _ = words_of(line, frame_of(view, side))
    return frozenset(decodes.values())


def sayable(view: View, sides: Iterable[Side], name: str) -> frozenset[Value] | None:
    """All values that these sides can bring to a field; None: anything."""
    found: set[Value] = set()
    for side in sides:
        said = _said(view, side, name)
        if said is None:
            return _choices(view, name)
        found |= said
    return frozenset(found)


def _said(view: View, side: Side, name: str) -> frozenset[Value] | None:
    """What one side can bring to a field. Code tables may be long, so it is looked up once."""
    if (side.name, name) not in view.said:
        lines = [said_by_line(view, side, line) for line in side.lines.get(name, ())]
        closed = [said for said in lines if said is not None]
        view.said[side.name, name] = frozenset().union(*closed) if len(closed) == len(lines) else None
    return view.said[side.name, name]


def _choices(view: View, name: str) -> frozenset[Value] | None:
    spec = view.spec.fields[name]
    return frozenset(spec.choices) if spec.choices else None


def field_values(view: View, name: str) -> frozenset[Value] | None:
    """All values that a field can come to have; None: anything. A field that nobody says may have any of its own."""
    if (_ALL, name) not in view.said:
        rules = view.rules.get(name, ())
        roles = {role for rule in rules for role in bringers(rule)}
        sides = [side for role in sorted(roles) for side in view.speakers(role, name)]
        other = not sides or any(rule.borrowed for rule in rules)
        view.said[_ALL, name] = _choices(view, name) if other else sayable(view, sides, name)
    return view.said[_ALL, name]


def conditions(view: View) -> Iterator[When]:
    """Every condition of an entity."""
    yield view.spec.ownership.takes_part.when
    for rules in view.rules.values():
        yield from (rule.when for rule in rules)
    yield from (create.when for create in view.spec.ownership.create.values())
    yield from (pool.when for pool in view.spec.ownership.pools.values())


def world_of(view: View) -> World:
    """What the states of an entity range over."""
    asked = subjects((clause for when in conditions(view) for clause in when.clauses), FIELD_TESTS)
    values = {name: field_values(view, name) for name in sorted(asked)}
    played = {system.role for system in view.book.systems.values()}
    closed = {name: tuple(sorted(said, key=str)) for name, said in values.items() if said is not None}
    return World(closed, view.roles, frozenset(played) - view.roles)


def scopes_of(view: View, name: str) -> tuple[str, ...]:
    """The companies that a field is decided for; just the empty one where it is the same for all."""
    if not any(rule.per for rule in view.rules.get(name, ())):
        return ("",)
    sides = view.mapping(name)
    named = {scope for side in sides for scope in (*side.system.scopes, *(line.scope for line in side.lines[name]))}
    broad = any(not side.system.scopes and any(not line.scope for line in side.lines[name]) for side in sides)
    return (*sorted(named - {""}), *([ANY_OTHER] if broad or not named - {""} else []))


def reaches(view: View) -> dict[str, FieldReach]:
    """In which states each sentence applies, over all fields.

    A field that decides whether an entity takes part has to be decided outside, too: else nothing could come back.
    """
    gate, world = gate_of(view), world_of(view)
    deciding = {clause.subject for clause in gate.clauses}
    return {
        name: field_reach(rules, _gate(rules, When() if name in deciding else gate), world, scopes_of(view, name))
        for name, rules in view.rules.items()
    }


def gate_of(view: View) -> When:
    """Who takes part; everybody, where nobody could: that is told once and not of every sentence."""
    gate = view.spec.ownership.takes_part.when
    states = world_of(view).states([gate])
    return gate if any(applies(gate, state) for state in states) else When()


def _gate(rules: Iterable[Rule], gate: When) -> When:
    """Who takes part matters only to sentences with a condition."""
    return gate if any(rule.when.clauses for rule in rules) else When()
