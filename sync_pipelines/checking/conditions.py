"""What conditions, needs and matching lean on can be read there, and has somebody who says it."""

from collections.abc import Iterator

from mappings.codec import CodecError, Context, Setting
from mappings.codecs import CODECS
from mappings.complaints import Complaint, near_miss
from mappings.ownership import Clause, Test, When
from mappings.values import Value, Where
from sync_pipelines.checking.codes import complaint
from sync_pipelines.checking.sayings import field_values
from sync_pipelines.checking.states import FIELD_TESTS, subjects
from sync_pipelines.checking.undoing import in_play
from sync_pipelines.checking.view import View, bringers

_NO_WORDS = frozenset({"address", "list", "money", "reference"})  # kept as something a condition cannot spell
_BY_MAP = frozenset({"choice", "code", "phone", "tax_id", "person_name"})  # how they are spelled, a map or table says


def condition_subjects(view: View) -> Iterator[Complaint]:
    """Every clause of every condition."""
    for when, about in _conditions(view):
        for clause in when.clauses:
            yield from _clause(view, clause, when.where, about)


def _conditions(view: View) -> Iterator[tuple[When, str]]:
    owned = view.spec.ownership
    yield owned.takes_part.when, "who takes part"
    for name, rules in owned.rules.items():
        for rule in rules:
            yield rule.when, f"who decides `{name}`"
    for role, create in owned.create.items():
        yield create.when, f"what is made in {role}"
    for role, pool in owned.pools.items():
        yield pool.when, f"what one record of {role} serves"


def condition_rings(view: View) -> Iterator[Complaint]:
    """Fields that ask for each other: the engine has to begin with one of them, and nothing is agreed yet."""
    leads = {name: in_play(view, name) for name in view.rules}
    for name, rules in view.rules.items():
        ring = [other for other in view.rules if other in leads[name] and name in leads[other]]
        if ring[1:] and ring[0] == name:
            where = next(rule.when.where for rule in rules if subjects(rule.when.clauses, FIELD_TESTS))
            named = " and ".join(f"`{one}`" for one in ring)
            says = f"who decides {named} hangs on each other: of a new record, none of them is read"
            yield complaint("condition-ring", where, says, "let one of them ask for something else")


def _clause(view: View, clause: Clause, where: Where, about: str) -> Iterator[Complaint]:
    if clause.test in FIELD_TESTS:
        yield from _of_field(view, clause, where, about)
    elif clause.test in {Test.EXISTS, Test.MISSING}:
        yield from _of_entity(view, clause, where, about)


def _of_field(view: View, clause: Clause, where: Where, about: str) -> Iterator[Complaint]:
    name = clause.subject
    if view.spec.fields[name].per:
        says = f"`{name}` is kept per company and has no value of its own that could say {about}"
        yield complaint("per-company-unread", where, says, "use a field that is the same for all companies")
        return
    if not has_producer(view, name):
        says = f"`{name}` shall say {about}, and no system that decides it maps it"
        yield complaint("condition-unproduced", where, says, "give it a map line in a system that decides it")
        return
    yield from _values(view, clause, where, about)


def _values(view: View, clause: Clause, where: Where, about: str) -> Iterator[Complaint]:
    spec = view.spec.fields[clause.subject]
    unsayable = _unsayable(view, clause)
    for value in clause.values:
        proper = canonical(spec.type, value)
        if proper != value:
            says = f"`{clause.subject}` is never spelled `{value}`"
            do = f"write `{proper}`" if proper is not None else "ask for set or unset"
            yield complaint("condition-value", where, says, do)
        elif value in unsayable and len(unsayable) < len(clause.values):
            known = map(str, field_values(view, clause.subject) or ())
            says = f"no decider of `{clause.subject}` can say `{value}`, which shall say {about}"
            yield complaint("value-unproduced", where, says, near_miss(str(value), known))


def _unsayable(view: View, clause: Clause) -> set[Value]:
    said = field_values(view, clause.subject)
    return set() if said is None else {value for value in clause.values if value not in said}


def canonical(sort: str, value: Value) -> Value:
    """The one spelling of a value of a type; None where it is no value of it. What depends on a map stays as it is."""
    if sort in _NO_WORDS:
        return None
    if sort in _BY_MAP:
        return value
    try:
        return CODECS[sort].decode(value, Context(Setting()))
    except CodecError:
        return None


def has_producer(view: View, name: str) -> bool:
    """Whether somebody who may decide a field can say it."""
    rules = view.rules.get(name, ())
    return any(rule.borrowed or any(view.says(role, name) for role in bringers(rule)) for rule in rules)


def _of_entity(view: View, clause: Clause, where: Where, about: str) -> Iterator[Complaint]:
    other = view.book.entities.get(clause.subject)
    if other is None:
        return
    links = [name for name, spec in other.fields.items() if spec.refers_to == view.entity]
    if not any(line.field in links for kind_map in other.maps.values() for line in kind_map.lines):
        says = f"no map of `{clause.subject}` tells which {view.entity} it belongs to; that shall say {about}"
        yield complaint("link-unproduced", where, says, f"map {' or '.join(f'`{link}`' for link in links)} somewhere")


def needs(view: View) -> Iterator[Complaint]:
    """What a create waits for has to be a value that can be looked at."""
    for role, create in view.spec.ownership.create.items():
        for name in create.needs:
            if view.spec.fields[name].per:
                says = f"{view.one} in {role} waits for `{name}`, which has no one value for all companies"
                yield complaint("per-company-unread", create.where, says, "wait for another field")
