"""Where an entity's values refer to other entities: in a field, or in a field of the items of a list."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from mappings.book import FieldSpec
from mappings.values import Value

References: TypeAlias = Mapping[str, "str | References"]  # field → entity; of a list, the same of its items' fields
Told: TypeAlias = str | References


def references_in(fields: Mapping[str, FieldSpec]) -> References:
    """The fields that refer to an entity, and the lists whose items do."""
    told = {name: spec.refers_to or references_in(spec.items) for name, spec in fields.items()}
    return {name: one for name, one in told.items() if one}


def leading_to(told: References, wanted: Callable[[str], bool]) -> References:
    """Those of them that lead to a wanted entity."""
    found = {name: _leading(one, wanted) for name, one in told.items()}
    return {name: one for name, one in found.items() if one}


def _leading(told: Told, wanted: Callable[[str], bool]) -> Told:
    if isinstance(told, str):
        return told if wanted(told) else ""
    return leading_to(told, wanted)


def entities_in(told: Told) -> Iterator[str]:
    """Every entity that is referred to."""
    if isinstance(told, str):
        yield told
    else:
        for inner in told.values():
            yield from entities_in(inner)


def named(value: Value, told: Told | None) -> Iterator[tuple[str, str]]:
    """(entity, id) of everything that a value refers to."""
    if isinstance(told, str):
        if isinstance(value, str):
            yield told, value
    elif told is not None and isinstance(value, list):
        for item in [item for item in value if isinstance(item, dict)]:
            for name, inner in told.items():
                yield from named(item.get(name), inner)


def translated(value: Value, told: Told | None, to: Callable[[str, str], str | None]) -> Value:
    """The same value with each id as `to` says it of (entity, id)."""
    if isinstance(told, str):
        return to(told, value) if isinstance(value, str) else value
    if told is None or not isinstance(value, list):
        return value
    return [_item(item, told, to) for item in value]


def _item(item: Value, told: References, to: Callable[[str, str], str | None]) -> Value:
    if not isinstance(item, dict):
        return item
    return {name: translated(value, told.get(name), to) for name, value in item.items()}
