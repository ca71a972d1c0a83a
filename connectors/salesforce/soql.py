"""SOQL, built from parts: every value passes through `text` or `instant`, every name through `name`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from connectors.errors import MisconfiguredError

# A field, or a path over relationships such as Owner.Name; SOQL allows no more than five levels.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,5}")
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_FIRST_PRINTABLE = 0x20


def text(value: str) -> str:
    """Quote a value as exactly one SOQL literal."""
    return "'" + "".join(_escaped(letter) for letter in value) + "'"


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    return letter if ord(letter) >= _FIRST_PRINTABLE else f"\\u{ord(letter):04X}"


def instant(moment: datetime) -> str:
    """Write a moment as a datetime literal: unquoted, UTC, to the whole second (rounded down)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def name(field: str) -> str:
    """Let a field or object name through, or refuse it: names cannot be quoted in SOQL."""
    if not _NAME.fullmatch(field):
        message = f"{field!r} is not a Salesforce field or object name; correct it in the map"
        raise MisconfiguredError(message, field=field)
    return field


def select(
    fields: Iterable[str],
    kind: str,
    where: str = "",
    *,
    order: Sequence[str] = (),
    limit: int = 0,
    descending: bool = False,
) -> str:
    """Compose one query. `where` is made of the conditions below."""
    parts = [f"SELECT {', '.join(map(name, fields))} FROM {name(kind)}"]  # noqa: S608 - names are checked, values quoted
    if where:
        parts.append(f"WHERE {where}")
    if order:
        parts.append(f"ORDER BY {', '.join(name(field) for field in order)}{' DESC' if descending else ''}")
    if limit:
        parts.append(f"LIMIT {limit:d}")
    return " ".join(parts)


def count(kind: str, where: str = "") -> str:
    """Ask how many; the answer is the `totalSize`, no rows come."""
    return " ".join([f"SELECT COUNT() FROM {name(kind)}", *([f"WHERE {where}"] if where else [])])  # noqa: S608 - likewise


def among(field: str, values: Iterable[str]) -> str:
    """Condition: the field is one of these texts."""
    return f"{name(field)} IN ({', '.join(text(value) for value in values)})"


def after_id(last: str) -> str:
    """Condition of a keyset over ids."""
    return f"Id > {text(last)}" if last else ""


def up_to_id(last: str) -> str:
    """Condition: not behind this id."""
    return f"Id <= {text(last)}"


def both(*conditions: str) -> str:
    """All of these that say something."""
    return " AND ".join(condition for condition in conditions if condition)


def since(start: datetime) -> str:
    """Condition: stamped at or after this."""
    return f"SystemModstamp >= {instant(start)}"


def between(start: datetime, end: datetime) -> str:
    """Condition: stamped in [start, end], both whole seconds and both included."""
    return f"{since(start)} AND SystemModstamp <= {instant(end)}"


def after(stamp: datetime, last: str, end: datetime) -> str:
    """Condition of a keyset over (stamp, id), bounded above, so that a crawl ends while people go on working."""
    at = instant(stamp)
    behind = f"(SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > {text(last)}))"
    return f"{behind} AND SystemModstamp <= {instant(end)}"


def portions(values: Iterable[str], *, most: int = 200, room: int = 8000) -> Iterator[list[str]]:
    """Cut values into lists that fit one query: a GET address has to stay under some 16,000 characters."""
    portion: list[str] = []
    used = 0
    for value in values:
        cost = 2 * len(text(value).encode())  # percent-encoding triples what is not plain; ids and keys mostly are
        if portion and (len(portion) == most or used + cost > room):
            yield portion
            portion, used = [], 0
        portion.append(value)
        used += cost
    if portion:
        yield portion
