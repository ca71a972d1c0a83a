"""FilterString: `FNumber='A' and (FCUSTID>7 or FModifyDate>='2026-03-01 00:00:00') and FCUSTID in (1,2)`."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from connectors.kingdee.simulated.replies import KingdeeError

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<stamp>\{ts'[^']*'\})|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_][\w.]*)|(?P<sign>>=|<=|<>|!=|[=<>(),]))"
)
Get: TypeAlias = Callable[[str], Any]
Test: TypeAlias = Callable[[Get], bool]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: bool(one == other),
    "<>": lambda one, other: bool(one != other),
    "!=": lambda one, other: bool(one != other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
}


@dataclass(frozen=True, slots=True)
class _Part:
    holds: Test
    among: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Condition:
    """A filter that was read. `names` are the fields it asks for.

    `among`: by field, the words of which each row has one that fits; so a server need not look at all of them.
    """

    def __init__(self, written: str) -> None:
        """Raises KingdeeError where it cannot be read."""
        self.names: list[str] = []
        self._tokens = list(_tokens(written))
        self._at = 0
        told = self._either() if self._tokens else _Part(_always)
        self.holds, self.among = told.holds, told.among
        if self._at != len(self._tokens):
            raise _unreadable(written)

    def _either(self) -> "_Part":
        parts = [self._both()]
        while self._word("or"):
            parts.append(self._both())
        tests = [part.holds for part in parts]
        return parts[0] if len(parts) == 1 else _Part(lambda get: any(test(get) for test in tests))

    def _both(self) -> "_Part":
        parts = [self._one()]
        while self._word("and"):
            parts.append(self._one())
        tests = [part.holds for part in parts]
        among = {name: words for part in parts for name, words in part.among.items()}
        return parts[0] if len(parts) == 1 else _Part(lambda get: all(test(get) for test in tests), among)

    def _one(self) -> "_Part":
        if self._sign("("):
            inner = self._either()
            self._expect(")")
            return inner
        name = self._next("word")
        self.names.append(name)
        if self._word("in"):
            values = [_plain(value) for value in self._values()]
            texts = frozenset(value.casefold() for value in values)
            numbers = frozenset(float(value) for value in values if _is_number(value))
            return _Part(lambda get: _is_among(get(name), texts, numbers), {name: values})
        sign = self._next("sign")
        value = self._next("text", "stamp", "number")
        return _Part(lambda get: _holds(sign, get(name), value), {name: [_plain(value)]} if sign == "=" else {})

    def _values(self) -> list[str]:
        self._expect("(")
        values = [self._next("text", "number")]
        while self._sign(","):
            values.append(self._next("text", "number"))
        self._expect(")")
        return values

    # -- tokens -------------------------------------------------------------------------------------------------------

    def _next(self, *sorts: str) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] not in sorts:
            raise _unreadable(" ".join(text for _, text in self._tokens))
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _word(self, word: str) -> bool:
        return self._skip("word", word)

    def _sign(self, sign: str) -> bool:
        return self._skip("sign", sign)

    def _skip(self, sort: str, text: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at][0] == sort
        found = found and self._tokens[self._at][1].lower() == text
        self._at += found
        return found

    def _expect(self, sign: str) -> None:
        if not self._sign(sign):
            raise _unreadable(" ".join(text for _, text in self._tokens))


def _tokens(written: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while position < len(written.rstrip()):
        token = _TOKEN.match(written, position)
        if token is None:
            raise _unreadable(written)
        found.append((str(token.lastgroup), token[str(token.lastgroup)]))
        position = token.end()
    return found


def _holds(sign: str, value: Any, literal: str) -> bool:
    """Nothing compares with a missing value. Texts are equal whatever their case, as the database has it."""
    if value is None:
        return False
    plain = _plain(literal)
    if isinstance(value, datetime):
        return _COMPARE[sign](value, datetime.fromisoformat(plain))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _is_number(plain) and _COMPARE[sign](value, float(plain))
    return _COMPARE[sign](str(value).casefold(), plain.casefold())


def _is_among(value: Any, texts: frozenset[str], numbers: frozenset[float]) -> bool:
    if value is None:
        return False
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) in numbers
    return str(value).casefold() in texts


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def _plain(literal: str) -> str:
    """The value that a literal stands for."""
    if literal.startswith("{ts"):
        return literal[4:-2]
    return literal[1:-1].replace("''", "'") if literal.startswith("'") else literal


def _always(get: Get) -> bool:  # noqa: ARG001 - the shape of a Test
    return True


def _unreadable(written: str) -> KingdeeError:
    return KingdeeError(9, f"过滤条件错误: {written[:200]}")
