"""`when:` as clauses of the closed list. A name is a field, a role or an entity by the test that is asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mappings.book import FieldSpec
from mappings.complaints import Complaints
from mappings.ownership import ALWAYS, Clause, Test, When
from mappings.values import Value, Where

_OF_ROLES = {"coupled": Test.COUPLED, "uncoupled": Test.UNCOUPLED}
_OF_ENTITIES = {"exists": Test.EXISTS, "missing": Test.MISSING}
_OF_FIELDS = {"set": Test.SET, "unset": Test.UNSET}


@dataclass(frozen=True, slots=True)
class Names:
    """What the book knows by name, for one entity."""

    entity: str
    fields: Mapping[str, FieldSpec]
    roles: frozenset[str]
    entities: Mapping[str, Mapping[str, FieldSpec]]
    tables: frozenset[str] = frozenset()


def condition(said: Mapping[str, Any], names: Names, where: Where, complaints: Complaints) -> When:
    """The condition; what cannot be understood is complained of and left out."""
    if not said:
        return ALWAYS
    clauses = (_clause(subject, test, names, where, complaints) for subject, test in said.items())
    return When(tuple(clause for clause in clauses if clause is not None), where)


def _clause(subject: str, said: Any, names: Names, where: Where, complaints: Complaints) -> Clause | None:
    if isinstance(said, list):
        return _in_list(subject, said, names, where, complaints)
    if said in _OF_ROLES:
        return _named(_OF_ROLES[said], subject, "role", names.roles, where, complaints)
    if said in _OF_ENTITIES:
        return _related(_OF_ENTITIES[said], subject, names, where, complaints)
    if said in _OF_FIELDS:
        return _named(_OF_FIELDS[said], subject, "field", names.fields, where, complaints)
    words = "a list of values, set, unset, coupled, uncoupled, exists or missing"
    advice = f"write [{said}]" if isinstance(said, str | int) else ""
    complaints.add("bad-condition", where, f"`{subject}` should be asked for {words}", advice)
    return None


def _named(test: Test, subject: str, what: str, known: Any, where: Where, complaints: Complaints) -> Clause | None:
    if subject in known:
        return Clause(test, subject)
    complaints.unknown(f"unknown-{what}", where, subject, what, known)
    return None


def _related(test: Test, subject: str, names: Names, where: Where, complaints: Complaints) -> Clause | None:
    """Another entity that refers to this one."""
    if subject not in names.entities:
        complaints.unknown("unknown-entity", where, subject, "entity", names.entities)
        return None
    theirs = names.entities[subject].values()
    if theirs and not any(spec.refers_to == names.entity or not spec.type for spec in theirs):  # no type: unreadable
        complaints.add("unrelated-entity", where, f"no field of `{subject}` refers to `{names.entity}`")
        return None
    return Clause(test, subject)


def _in_list(subject: str, said: list[Any], names: Names, where: Where, complaints: Complaints) -> Clause | None:
    if not said:
        complaints.add("bad-condition", where, f"`{subject}` is asked for an empty list, which nothing is in")
        return None
    if subject == "scope":
        return Clause(Test.SCOPE, subject, tuple(str(value) for value in said))
    if subject not in names.fields:
        complaints.unknown("unknown-field", where, subject, "field", (*names.fields, "scope"))
        return None
    values = tuple(_value(value, names.fields[subject]) for value in said)
    _known_choices(values, names.fields[subject], where, complaints)
    return Clause(Test.IN, subject, values)


def _value(said: Any, spec: FieldSpec) -> Value:
    """A value as the field's canonical form spells it."""
    return said if isinstance(said, bool) and spec.type == "yes_no" else str(said)


def _known_choices(values: tuple[Value, ...], spec: FieldSpec, where: Where, complaints: Complaints) -> None:
    for value in values:
        if spec.choices and value not in spec.choices:
            complaints.unknown("unknown-choice", where, str(value), f"choice of `{spec.name}`", spec.choices)
