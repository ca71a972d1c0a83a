"""Tryton's JSON-RPC dialect: typed values, requests and answers. No I/O.

Dates, decimals and bytes travel as `{"__class__": …}` objects; times are UTC and naive on the wire. Errors come with
HTTP 200 and `error` in the body, unless they concern authentication or the shape of the request.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import orjson

from connectors.answers import Halves, UnreadableError, parsed

Domain: TypeAlias = Sequence[Any]

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_TOLD_AT = {
    "UserError": 0,
    "UserWarning": 1,
    "ConcurrencyException": 0,
    "LoginException": 1,
}  # where the message stands
_CLOCK_PARTS = ("year", "month", "day", "hour", "minute", "second", "microsecond")


class RefusalError(Exception):
    """The server answered with an error: its transaction is over and rolled back, except as noted at `is_known`."""

    def __init__(self, kind: str, message: str, description: str = "") -> None:
        """`kind` is Tryton's own: UserError, UserWarning, ConcurrencyException, LoginException, or empty if unknown."""
        super().__init__(f"{message} ({description})" if description else message)
        self.kind = kind
        self.message = message

    @property
    def is_known(self) -> bool:
        """An unknown error may also have been raised after the commit: whoever wrote has to look."""
        return bool(self.kind)


class UnreadableAnswerError(Exception):
    """The body is not an answer of Tryton at all."""


def request_body(method: str, params: Sequence[Any]) -> bytes:
    """Exactly the keys id, method and params: with any other the server answers in another dialect."""
    return orjson.dumps({"id": 1, "method": method, "params": list(params)}, default=_encode, option=_OPTIONS)


def result(body: bytes, halves: Halves = Halves.MARKED) -> Any:
    """The `result` of an answer. Raises RefusalError, or UnreadableAnswerError where it is none."""
    try:
        answer = parsed(body, halves=halves)
    except UnreadableError as error:
        raise UnreadableAnswerError(str(error)) from error
    if isinstance(answer, dict) and "error" in answer:
        raise _refusal(answer["error"])
    if not isinstance(answer, dict) or "result" not in answer:
        raise UnreadableAnswerError("neither a result nor an error")
    return _decode(answer["result"])


def _refusal(error: Any) -> RefusalError:
    """Known ones are `[kind, told]`; all others `[text, traceback]`."""
    kind, told = (*error, "")[:2] if isinstance(error, list) and error else (str(error), "")
    if kind not in _TOLD_AT:
        return RefusalError("", str(kind))
    if not isinstance(told, list):
        return RefusalError(kind, str(told))
    message, description = (*told[_TOLD_AT[kind] :], "", "")[:2]
    return RefusalError(kind, str(message), description if isinstance(description, str) else "")


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return {"__class__": "datetime"} | {part: getattr(moment, part) for part in _CLOCK_PARTS}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be sent to Tryton")


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "__class__" in value:
        return _decode_typed(value)
    return {name: _decode(item) for name, item in value.items()}


def _decode_typed(value: dict[str, Any]) -> Any:
    kind = value["__class__"]
    if kind == "datetime":
        year, month, day, *clock = (int(value[part]) for part in _CLOCK_PARTS)
        hour, minute, second, microsecond = clock
        return datetime(year, month, day, hour, minute, second, microsecond, UTC)
    if kind == "date":
        return date(value["year"], value["month"], value["day"])
    if kind == "Decimal":
        return Decimal(value["decimal"])
    return base64.b64decode(value["base64"]) if kind == "bytes" else value
