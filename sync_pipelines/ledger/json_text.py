"""Values as JSON text. What is not plain JSON is refused, so that it comes back from every store as it went in."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeAlias, get_args, get_origin

import orjson

Read: TypeAlias = Callable[[Any], Any]
_PLAIN = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def spell(values: Any) -> str:
    """Plain JSON as text."""
    return orjson.dumps(values, option=_PLAIN).decode()


def spell_moments(values: Any) -> str:
    """JSON in which moments of UTC end in Z."""
    return orjson.dumps(values, option=orjson.OPT_UTC_Z).decode()


def spell_sorted(values: Any) -> bytes:
    """One spelling for equal values: what digests are taken of."""
    return orjson.dumps(values, option=_PLAIN | orjson.OPT_SORT_KEYS)


def spell_items(values: Any) -> str:
    """Dataclasses, alone or in mappings and tuples, as text; `reader_of` their type gives the way back."""
    return orjson.dumps(values).decode()


@cache
def reader_of(hint: Any) -> Read | None:
    """Makes what a type hint says out of parsed JSON; None where parsed JSON is that already."""
    if isinstance(hint, UnionType):
        return _of_union([kind for kind in get_args(hint) if kind is not NoneType])
    if get_origin(hint) is Mapping:
        return _of_mapping(reader_of(get_args(hint)[1]))
    if get_origin(hint) is tuple:
        return _of_tuple(reader_of(get_args(hint)[0]))
    return _of_type(hint) if isinstance(hint, type) else None


def _of_type(kind: type) -> Read | None:
    if issubclass(kind, datetime):
        return datetime.fromisoformat
    if issubclass(kind, Enum):
        return kind
    return _of_dataclass(kind) if is_dataclass(kind) else None


def _of_union(kinds: list[Any]) -> Read | None:
    read = reader_of(kinds[0]) if len(kinds) == 1 else None
    return None if read is None else lambda said: None if said is None else read(said)


def _of_mapping(read: Read | None) -> Read | None:
    return None if read is None else lambda said: {key: read(value) for key, value in said.items()}


def _of_tuple(read: Read | None) -> Read:
    return tuple if read is None else lambda said: tuple([read(value) for value in said])


def _of_dataclass(item: type) -> Read:
    hints: dict[str, Any] = {each.name: each.type for each in fields(item)}
    parts = {name: read for name, hint in hints.items() if (read := reader_of(hint)) is not None}
    if not parts:
        return lambda said: item(**said)

    def read_item(said: dict[str, Any]) -> Any:
        for name, read in parts.items():
            if name in said:  # what an older version of us wrote may lack it
                said[name] = read(said[name])
        return item(**said)

    return read_item
