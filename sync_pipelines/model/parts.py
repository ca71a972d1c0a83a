"""Values made of parts: addresses and lists of records, of which a system may keep only some parts."""

from collections.abc import Mapping, Sequence

from mappings.values import Value

Parts = tuple[str, ...] | None  # None: the value has no parts


def project(value: Value, parts: Parts) -> Value:
    """What of a golden value a system with these parts can hold."""
    if parts is None:
        return value
    if isinstance(value, list):
        return [project(item, parts) for item in value]
    if isinstance(value, dict):
        return _blank_is_none({part: value.get(part) for part in parts}, value)
    return value


def _blank_is_none(projected: dict[str, Value], whole: Mapping[str, Value]) -> Value:
    blank = all(part is None for part in projected.values())
    return None if blank and whole else projected


def overlay(golden: Value, said: Value) -> Value:
    """A golden value after a system said its parts: what it does not keep stays."""
    if isinstance(golden, dict) and isinstance(said, dict):
        return {**golden, **said}
    return said


def items_by(key: str, value: Value) -> dict[str, dict[str, Value]]:
    """The records of a list by their key. One without a key is known by its whole content."""
    items: Sequence[Value] = value if isinstance(value, list) else ()
    return {item_key(key, item): item for item in items if isinstance(item, dict)}


def item_key(key: str, item: Mapping[str, Value]) -> str:
    """How an item of a list is told apart."""
    named = item.get(key)
    return str(named) if named is not None else "#" + "|".join(f"{name}={item[name]}" for name in sorted(item))


def ordered(key: str, value: Value) -> Value:
    """A list in the order of its keys, so that a reordering is no change."""
    if not isinstance(value, list):
        return value
    items = items_by(key, value)
    return [items[name] for name in sorted(items)]
