"""Values in words for people, and personal ones masked until somebody asks to see them."""

from collections.abc import Mapping
from unicodedata import category

from mappings.book import EntitySpec, FieldSpec
from mappings.values import Value, field_of

NOTHING = "—"
_SHOWN_ITEMS = 3
_MASK = "•••"
_ALWAYS_PUBLIC = frozenset({"currency", "country"})  # parts that say nothing about a person


def worded(value: Value) -> str:
    """One line for a value."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _list(value)
    return _parts(value) if isinstance(value, dict) else _harmless(str(value))


def _harmless(text: str) -> str:
    """One line, and nothing in it that a terminal would obey."""
    return "".join(
        " " if sign in "\n\r\t" else sign if category(sign)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for sign in text
    )


def _parts(value: Mapping[str, Value]) -> str:
    if value.keys() == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    return ", ".join(worded(part) for part in value.values() if part is not None) or NOTHING


def _list(items: list[Value]) -> str:
    shown = "; ".join(worded(item) for item in items[:_SHOWN_ITEMS])
    more = len(items) - _SHOWN_ITEMS
    return f"{shown}; and {more} more" if more > 0 else shown


def is_personal(spec: EntitySpec | None, key: str) -> bool:
    """Whether the book calls a field personal. A field the book does not know is treated as if it were."""
    if spec is None or key.startswith("_"):
        return False
    field = spec.fields.get(field_of(key))
    return field is None or _personal(field)


def _personal(field: FieldSpec) -> bool:
    return field.privacy == "personal" or any(_personal(item) for item in field.items.values())


def shown(value: Value, key: str, spec: EntitySpec | None, *, reveal: bool = False) -> str:
    """A value in words, masked where it is personal and nobody asked to see it."""
    return worded(guarded(value, key, spec, reveal=reveal))


def guarded(value: Value, key: str, spec: EntitySpec | None, *, reveal: bool = False) -> Value:
    """The value itself, or its mask in the same shape."""
    return value if reveal or not is_personal(spec, key) else masked(value)


def masked(value: Value) -> Value:
    """So much that two values can be told apart by whoever knows them, and no more."""
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, dict):
        return {name: part if name in _ALWAYS_PUBLIC else masked(part) for name, part in value.items()}
    return _masked_text(value) if isinstance(value, str) else value


def _masked_text(text: str) -> str:
    if not text:
        return text
    name, at, domain = text.partition("@")
    if name and at and domain:
        return f"{name[:1]}{_MASK}@{domain}"
    return f"{text[:1]}{_MASK}{text[-1:] if len(text) > len(_MASK) * 2 else ''}"
