"""Match keys: what two records must have in common to be looked at together. Normalised here, never written back."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace

from mappings.matching import Level, Matching
from mappings.values import Value, Values
from sync_pipelines.identity.blocking import keys_of
from sync_pipelines.identity.scoring import prepare

VERSION = 2  # one more where the same rules and values give other keys: all are found anew
OUR_KEY = "_key"  # the key under which a claim keeps the key of ours that its record carries

MANY = 100  # records that may bear a match key; beyond that it proves nothing by itself, and nobody is looked up by it

_NOT_A_LETTER = re.compile(r"[^\w]+", re.UNICODE)


def match_keys(values: Values, matching: Matching, references: frozenset[str]) -> list[str]:
    """The keys under which a record can be found. References are left out: they are compared, not looked up."""
    keys = {key for level in matching.levels if (key := level_key(values, level, matching, references))}
    return sorted(keys | scored_keys(values, matching))


def scored_keys(values: Values, matching: Matching) -> set[str]:
    """The keys under which a record is found that is to be weighed."""
    if matching.scoring is None:
        return set()
    prepared = prepare(telling(values, matching), matching.scoring)
    return {f"~{key}" for key in keys_of(prepared, matching.scoring, broad=False)}


def telling(values: Values, matching: Matching) -> Values:
    """The values without those that the book says prove nothing."""
    told = {name: value for name, value in values.items() if _exact(value) not in matching.never.get(name, ())}
    pooled = {name for name in matching.pooled if serves_many(values.get(name), name, matching)}
    return {name: value for name, value in told.items() if name not in pooled} if pooled else told


def serves_many(value: Value, name: str, matching: Matching) -> bool:
    """Whether a value names a record that serves many: it is found by it, and nobody else is recognised by it."""
    return name in matching.pooled and _exact(value) in map(_exact, matching.pooled[name])


def telling_keys(values: Values, matching: Matching, references: frozenset[str]) -> list[str]:
    """The match keys that alone say who somebody is: those of the levels that link."""
    linking = tuple(level for level in matching.levels if level.then == "link")
    return match_keys(telling(values, matching), replace(matching, levels=linking, scoring=None), references)


def level_key(values: Values, level: Level, matching: Matching, references: frozenset[str]) -> str:
    """The key under which a level finds a record; empty where the record tells not all of it."""
    spelled = [spelling(values, name, level, matching) for name in level.fields if name not in references]
    return f"{level.name}:{'|'.join(spelled)}" if spelled and all(spelled) else ""


def spelling(values: Values, name: str, level: Level, matching: Matching) -> str:
    """A field as it is compared on a level; empty where it proves nothing."""
    value = values.get(name)
    if value in (None, "", []):
        return ""
    spelled = _COMPARE[level.compare.get(name, "exact")](value)
    return "" if spelled in matching.never.get(name, ()) else spelled


def _exact(value: Value) -> str:
    return unicodedata.normalize("NFKC", str(value)).casefold().strip()


def _name(value: Value) -> str:
    return _NOT_A_LETTER.sub(" ", _exact(value)).strip()


def _domain(value: Value) -> str:
    host = _exact(value).rpartition("@")[2].partition("//")[2] or _exact(value).rpartition("@")[2]
    return host.partition("/")[0].removeprefix("www.")


def _country(value: Value) -> str:
    return _exact(value.get("country") or "") if isinstance(value, dict) else _exact(value)


_COMPARE: Mapping[str, Callable[[Value], str]] = {
    "exact": _exact,
    "name": _name,
    "domain": _domain,
    "country": _country,
}
COMPARISONS = tuple(_COMPARE)
