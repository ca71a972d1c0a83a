"""FilterString and FieldKeys of ExecuteBillQuery: SQL-like text, made of checked names and quoted values. No I/O."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.errors import MisconfiguredError, TransientError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_STEPS = [timedelta(minutes=15 * step) for step in range(25)]  # further than any clock is ever put back


def name(field: str) -> str:
    """Let a field's name through, or refuse it: names cannot be quoted."""
    if not _NAME.fullmatch(field):
        message = f"{field!r} is no field name of Kingdee; correct it in the map or the settings"
        raise MisconfiguredError(message, field=field)
    return field


def text(value: str) -> str:
    """Quote a value."""
    if any(ord(sign) < 32 for sign in value):  # noqa: PLR2004 - ASCII
        message = "a value to look for holds a control character"
        raise ValueError(message)
    return "'" + value.replace("'", "''") + "'"


def equal(field: str, value: str) -> str:
    """Condition: the field is this text."""
    return f"{name(field)}={text(value)}"


def among(field: str, values: Iterable[str]) -> str:
    """Condition: the field is one of these texts."""
    return f"{name(field)} in ({','.join(text(value) for value in values)})"


def ids(field: str, values: Iterable[str]) -> str:
    """Condition: the field is one of these internal ids."""
    return f"{name(field)} in ({','.join(str(int(value)) for value in values)})"


def beyond(field: str, last: int) -> str:
    """Condition of a keyset over internal ids."""
    return f"{name(field)}>{last:d}"


def since(fields: Sequence[str], at: datetime, zone: ZoneInfo) -> str:
    """Condition: one of these stamps is at or after this moment, in the server's own time."""
    moment = text(wall_clock(at, zone).strftime("%Y-%m-%d %H:%M:%S"))
    return "(" + " or ".join(f"{name(field)}>={moment}" for field in fields) + ")"


def every(*conditions: str) -> str:
    """All of these hold; empty ones do not count."""
    return " and ".join(condition for condition in conditions if condition)


def wall_clock(at: datetime, zone: ZoneInfo) -> datetime:
    """The earliest reading of the server's clock at or after this moment, in whole seconds.

    Where the clock is put back an hour, a later change bears an earlier stamp; it must not be missed.
    """
    earliest = min((at + step).astimezone(zone).replace(tzinfo=None) for step in _STEPS)
    return earliest.replace(microsecond=0)


def number(told: object) -> int:
    """Read an internal id."""
    if isinstance(told, int) or (isinstance(told, str) and told.isascii() and told.isdecimal()):
        return int(told)
    message = f"Kingdee answered {str(told)[:40]!r} where an internal id was due"
    raise TransientError(message)


def moment(told: object, zone: ZoneInfo) -> datetime | None:
    """Read a stamp of the server, which bears no zone; None where there is none. In the doubled hour, the later."""
    if told is None or told == "":
        return None
    try:
        local = datetime.fromisoformat(str(told))
    except ValueError:
        message = f"Kingdee answered {str(told)[:40]!r} where a time was due"
        raise TransientError(message) from None
    return (local if local.tzinfo else local.replace(tzinfo=zone, fold=1)).astimezone(UTC)
