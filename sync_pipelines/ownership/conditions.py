"""Conditions are read on agreed values, never on incoming ones: nobody seizes a field by writing its own permission."""

from collections.abc import Callable, Mapping

from mappings.ownership import Clause, Rule, Test, When
from mappings.values import Value, scoped
from sync_pipelines.ownership.situation import Cast, Situation

Agreed = Mapping[str, Value]


def holds(when: When, agreed: Agreed, situation: Situation, cast: Cast, scope: str = "") -> bool:
    """Whether all clauses hold."""
    return not when.clauses or all(_TESTS[c.test](c, agreed, situation, cast, scope) for c in when.clauses)


def rule_for(rules: tuple[Rule, ...], agreed: Agreed, situation: Situation, cast: Cast, scope: str) -> Rule | None:
    """The first rule whose condition holds."""
    for rule in rules:
        if holds(rule.when, agreed, situation, cast, scope):
            return rule
    return None


def _key(clause: Clause, agreed: Agreed, scope: str) -> str:
    """A field that is decided per company is read for the company in question."""
    return key if (key := scoped(clause.subject, scope)) in agreed else clause.subject


def _in(clause: Clause, agreed: Agreed, _s: Situation, _c: Cast, scope: str) -> bool:
    key = _key(clause, agreed, scope)
    return key in agreed and agreed[key] in clause.values


def _set(clause: Clause, agreed: Agreed, _s: Situation, _c: Cast, scope: str) -> bool:
    return agreed.get(_key(clause, agreed, scope)) not in (None, [])


def _unset(clause: Clause, agreed: Agreed, situation: Situation, cast: Cast, scope: str) -> bool:
    return not _set(clause, agreed, situation, cast, scope)


def _coupled(clause: Clause, _a: Agreed, situation: Situation, cast: Cast, _scope: str) -> bool:
    return any(cast.role_of.get(claim.system) == clause.subject for claim in situation.claims)


def _uncoupled(clause: Clause, agreed: Agreed, situation: Situation, cast: Cast, scope: str) -> bool:
    return not _coupled(clause, agreed, situation, cast, scope)


def _exists(clause: Clause, _a: Agreed, situation: Situation, _c: Cast, _scope: str) -> bool:
    return clause.subject in situation.referred_by


def _missing(clause: Clause, agreed: Agreed, situation: Situation, cast: Cast, scope: str) -> bool:
    return not _exists(clause, agreed, situation, cast, scope)


def _scope(clause: Clause, _a: Agreed, _s: Situation, _c: Cast, scope: str) -> bool:
    return scope in clause.values


_TESTS: Mapping[Test, Callable[[Clause, Agreed, Situation, Cast, str], bool]] = {
    Test.IN: _in,
    Test.SET: _set,
    Test.UNSET: _unset,
    Test.COUPLED: _coupled,
    Test.UNCOUPLED: _uncoupled,
    Test.EXISTS: _exists,
    Test.MISSING: _missing,
    Test.SCOPE: _scope,
}
