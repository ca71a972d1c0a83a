"""What is to be made can be made: nothing waits for what only the record itself would bring."""

from collections.abc import Iterator

from mappings.book import Book
from mappings.complaints import Complaint
from mappings.ownership import CreateRule, Test
from mappings.references import entities_in, references_in
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.conditions import has_producer
from sync_pipelines.checking.sayings import gate_of, world_of
from sync_pipelines.checking.states import TooManyStatesError, applies
from sync_pipelines.checking.view import View, bringers

Place = tuple[str, str]  # entity, role


def creating(view: View) -> Iterator[Complaint]:
    """Every create rule of an entity."""
    for role, create in view.spec.ownership.create.items():
        if not create.allowed or not view.is_played(role):
            continue
        if role not in view.roles:
            says = f"{view.one} shall be made in {role}, and no system of that role has a map of it"
            yield complaint("create-unmapped", create.where, says, "write the map, or say never")
            continue
        yield from _waiting(view, role, create)
        yield from _dead(view, role, create)


def _waiting(view: View, role: str, create: CreateRule) -> Iterator[Complaint]:
    told = False
    for name in _wanted(view, create):
        if not has_producer(view, name):
            if name in create.needs:
                says = f"{view.one} in {role} waits for `{name}`, which no system that decides it maps"
                yield complaint("need-unproduced", create.where, says, "map it, or do not wait for it")
            told = True
        elif not _brought_by(view, name, role):
            says = f"{view.one} in {role} waits for `{name}`, which only {role} itself can say: it is never made"
            yield complaint("create-deadlock", create.where, says, "do not wait for it, or let another role say it")
            told = True
    if not told:
        yield from _stranded(view, role, create)


def _wanted(view: View, create: CreateRule) -> list[str]:
    """Fields that have to have a value before the record is made."""
    asked = [clause.subject for clause in create.when.clauses if clause.test in {Test.IN, Test.SET}]
    named = dict.fromkeys((*create.needs, *asked))
    return [name for name in named if not view.spec.fields[name].per]


def _brought_by(view: View, name: str, but: str) -> frozenset[str]:
    """Roles that can say a field of an entity of which `but` has no record yet; borrowed values come from outside."""
    if name not in view.reach:
        return view.roles - {but}  # that nobody decides it is told by another check
    rules = [one.rule for one in view.reach[name].living if one.may_miss(but)]
    if any(rule.borrowed is not None for rule in rules):
        return view.roles - {but}
    return frozenset(role for rule in rules for role in bringers(rule) if role != but and view.says(role, name))


def _stranded(view: View, role: str, create: CreateRule) -> Iterator[Complaint]:
    """Where what is known in one role only can never come to be made in another."""
    origins = sorted(view.roles - {role})
    lost = [origin for origin in origins if role not in _spreads_from(view, origin)]
    if lost:
        there = _spreads_from(view, lost[0])
        lacking = [name for name in _wanted(view, create) if not _brought_by(view, name, role) & there]
        says = f"{view.one} that only {lost[0]} knows is not made in {role}: nobody there says {_listed(lacking)}"
        yield complaint("create-waits", create.where, says, "nothing, if it may wait for a person")


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _spreads_from(view: View, origin: str) -> frozenset[str]:
    """The roles that come to have a record of an entity that begins in one of them, if all conditions are kind."""
    there = {origin}
    rules = {role: rule for role, rule in view.spec.ownership.create.items() if rule.allowed and role in view.roles}
    while True:
        made = {role for role, rule in rules.items() if role not in there and _can_be_made(view, role, rule, there)}
        if not made:
            return frozenset(there)
        there |= made


def _can_be_made(view: View, role: str, rule: CreateRule, there: set[str]) -> bool:
    return all(_brought_by(view, name, role) & there for name in _wanted(view, rule))


def _dead(view: View, role: str, create: CreateRule) -> Iterator[Complaint]:
    """Whether the condition can hold while there is no record yet."""
    gate = gate_of(view)
    try:
        states = list(world_of(view).states([create.when, gate], more_roles=[role]))
    except TooManyStatesError:
        return
    alone = len(view.of_role(role)) == 1
    open_to = [s for s in states if not (alone and s.roles[role]) and applies(create.when, s) and applies(gate, s)]
    if not open_to:
        says = f"{view.one} is never made in {role}: no state fits its condition while {role} has no record"
        yield complaint("create-dead", create.where, says, "mend the condition, or say never")


# --- rings between entities -----------------------------------------------------------------------------------------


def create_rings(book: Book) -> Iterator[Complaint]:
    """Records that wait for each other's record in the same role are never made, neither of them."""
    waits = {place: sorted(_waits_for(book, *place)) for place in _places(book)}
    told: set[frozenset[Place]] = set()
    for place in waits:
        ring = _ring(waits, place)
        if ring and frozenset(ring) not in told:
            told.add(frozenset(ring))
            entity, role = place
            rule = book.entities[entity].ownership.create[role]
            way = " → ".join(name for name, _ in (*ring, place))
            says = f"in {role} these wait for each other's record, so that none is ever made: {way}"
            yield complaint("create-ring", rule.where, says, "take one of the references out of `needs`")


def _places(book: Book) -> list[Place]:
    return [
        (name, role)
        for name, spec in book.entities.items()
        for role, rule in spec.ownership.create.items()
        if rule.allowed
    ]


def _waits_for(book: Book, entity: str, role: str) -> Iterator[Place]:
    spec = book.entities[entity]
    for name in spec.ownership.create[role].needs:
        for target in entities_in(references_in({name: spec.fields[name]})):
            there = book.entities[target].ownership.create.get(role) if target in book.entities else None
            if there is not None and there.allowed:
                yield target, role


def _ring(waits: dict[Place, list[Place]], start: Place) -> list[Place]:
    ways: list[list[Place]] = [[start]]
    seen: set[Place] = set()
    while ways:
        way = ways.pop()
        for onward in waits.get(way[-1], ()):
            if onward == start:
                return way
            if onward not in seen:
                seen.add(onward)
                ways.append([*way, onward])
    return []


def promises(view: View) -> Iterator[Complaint]:
    """An early record waits for its create; somebody should be told when it waits too long."""
    waiting = [rule for rule in view.spec.ownership.create.values() if rule.allowed and _waits(rule)]
    if waiting and f"early_{view.entity}" not in view.book.promises:
        says = f"{view.one} may wait in {waiting[0].role} for its record, and no promise says how long"
        yield complaint(
            "promise-missing", waiting[0].where, says, f"promises: {{early_{view.entity}: 3d}} in systems.yaml"
        )


def _waits(rule: CreateRule) -> bool:
    return bool(rule.when.clauses or rule.needs)
