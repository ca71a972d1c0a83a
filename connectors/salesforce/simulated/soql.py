"""A reader of the part of SOQL that integrations use; written apart from the builder, so that each proves the other."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.salesforce.simulated.faults import ApiError

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    | (?P<sign><=|>=|!=|<>|[=<>(),])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPED = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)

Row = Mapping[str, Any]
Fetch = Callable[[str], Any]
Condition = Callable[[Fetch], bool]


@dataclass(frozen=True, slots=True)
class Query:
    """One parsed SELECT."""

    fields: tuple[str, ...]  # empty for SELECT COUNT()
    kind: str
    where: Condition | None
    names: tuple[str, ...]  # every field named in the condition or the order, for the check that it exists
    order: tuple[tuple[str, bool], ...]  # field, descending
    limit: int | None
    offset: int


@dataclass(frozen=True, slots=True)
class _Token:
    sort: str
    text: str


def parse(soql: str) -> Query:
    """Read one query, or answer MALFORMED_QUERY."""
    return _Parser(_tokens(soql)).query()


def unquote(literal: str) -> str:
    """Give back what a quoted literal stands for."""
    return _ESCAPED.sub(_unescaped, literal[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    mark = match.group(1)
    if mark[0] == "u" and len(mark) > 1:
        return chr(int(mark[1:], 16))
    if mark in "_%":  # only LIKE gives these a meaning
        return "\\" + mark
    if mark.lower() not in _ESCAPES:
        raise ApiError.malformed(f"Illegal string literal: invalid escape \\{mark}")
    return _ESCAPES[mark.lower()]


def _tokens(soql: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    soql = soql.rstrip()
    while at < len(soql):
        match = _TOKEN.match(soql, at)
        if match is None or match.lastgroup is None:
            raise ApiError.malformed(f"unexpected token at column {at + 1}")
        found.append(_Token(match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._names: list[str] = []

    def query(self) -> Query:
        self._expect("SELECT")
        fields = self._fields()
        self._expect("FROM")
        kind = self._word()
        where = self._either() if self._take("WHERE") else None
        order = self._order() if self._take("ORDER") else ()
        limit = int(self._next().text) if self._take("LIMIT") else None
        offset = int(self._next().text) if self._take("OFFSET") else 0
        if self._at != len(self._tokens):
            raise ApiError.malformed(f"unexpected token: '{self._tokens[self._at].text}'")
        return Query(fields, kind, where, tuple(self._names), order, limit, offset)

    def _fields(self) -> tuple[str, ...]:
        if self._peek_is("COUNT"):
            for part in ("COUNT", "(", ")"):
                self._expect(part)
            return ()
        fields = [self._word()]
        while self._take(","):
            fields.append(self._word())
        return tuple(fields)

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._expect("BY")
        order = [self._one_order()]
        while self._take(","):
            order.append(self._one_order())
        return tuple(order)

    def _one_order(self) -> tuple[str, bool]:
        field = self._named()
        descending = self._take("DESC")
        if not descending:
            self._take("ASC")
        if self._take("NULLS"):
            self._next()
        return field, descending

    def _either(self) -> Condition:
        """Read conditions joined by AND or by OR; both together need brackets, as the real one demands."""
        parts = [self._single()]
        joined: set[str] = set()
        while self._peek_is("AND") or self._peek_is("OR"):
            joined.add(self._next().text.upper())
            parts.append(self._single())
        if len(joined) > 1:
            raise ApiError.malformed("unexpected token: mixed AND and OR need brackets")
        return _all(parts) if joined != {"OR"} else _any(parts)

    def _single(self) -> Condition:
        if self._take("NOT"):
            inner = self._single()
            return lambda fetch: not inner(fetch)
        if self._take("("):
            inside = self._either()
            self._expect(")")
            return inside
        return self._comparison()

    def _comparison(self) -> Condition:
        field = self._named()
        if self._take("NOT"):
            self._expect("IN")
            outside = _among(field, self._list())
            return lambda fetch: not outside(fetch)
        sign = self._next().text.upper()
        if sign == "IN":
            return _among(field, self._list())
        if sign == "LIKE":
            pattern = _like(str(self._value()))
            return lambda fetch: pattern.fullmatch(str(fetch(field) or "")) is not None
        return _comparing(field, sign, self._value())

    def _list(self) -> list[Any]:
        self._expect("(")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        self._expect(")")
        return values

    def _value(self) -> Any:
        token = self._next()
        if token.sort == "word":
            return _word_value(token.text)
        return _READERS[token.sort](token.text) if token.sort in _READERS else _refuse(token.text)

    def _named(self) -> str:
        field = self._word()
        self._names.append(field)
        return field

    def _word(self) -> str:
        token = self._next()
        return token.text if token.sort == "word" else _refuse(token.text)

    def _next(self) -> _Token:
        if self._at >= len(self._tokens):
            raise ApiError.malformed("unexpected end of query")
        self._at += 1
        return self._tokens[self._at - 1]

    def _peek_is(self, word: str) -> bool:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        return token is not None and token.sort in {"word", "sign"} and token.text.upper() == word

    def _take(self, word: str) -> bool:
        found = self._peek_is(word)
        self._at += found
        return found

    def _expect(self, word: str) -> None:
        if not self._take(word):
            _refuse(self._tokens[self._at].text if self._at < len(self._tokens) else "<EOF>")


def _among(field: str, listed: Sequence[Any]) -> Condition:
    texts = {_folded(field, each) for each in listed if isinstance(each, str)}
    others = [each for each in listed if not isinstance(each, str)]

    def holds(fetch: Fetch) -> bool:
        held = fetch(field)
        quick = isinstance(held, str) and _folded(field, held) in texts
        return quick or any(_equal(field, held, each) for each in others)

    return holds


def _folded(field: str, text: str) -> str:
    """Ids are told apart by their first 15 letters, other texts without regard to case."""
    return text[:15] if field.rsplit(".", 1)[-1].endswith("Id") else text.casefold()


def _refuse(token: str) -> Any:
    raise ApiError.malformed(f"unexpected token: '{token}'")


def _all(parts: Sequence[Condition]) -> Condition:
    return lambda fetch: all(part(fetch) for part in parts)


def _any(parts: Sequence[Condition]) -> Condition:
    return lambda fetch: any(part(fetch) for part in parts)


def _word_value(word: str) -> Any:
    known = {"null": None, "true": True, "false": False}
    if word.lower() not in known:
        _refuse(word)
    return known[word.lower()]


def _moment(literal: str) -> datetime:
    return datetime.fromisoformat(literal).astimezone(UTC)


_READERS: Mapping[str, Callable[[str], Any]] = {"text": unquote, "moment": _moment, "number": Decimal, "date": str}


def _comparing(field: str, sign: str, wanted: Any) -> Condition:
    if sign == "=":
        return lambda fetch: _equal(field, fetch(field), wanted)
    if sign in {"!=", "<>"}:
        return lambda fetch: not _equal(field, fetch(field), wanted)
    if sign not in _ORDERS or wanted is None:
        raise ApiError.malformed(f"invalid operator on {field}")
    return lambda fetch: fetch(field) is not None and _ORDERS[sign](*_comparable(fetch(field), wanted))


_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _equal(field: str, held: Any, wanted: Any) -> bool:
    """Texts compare without regard to case, ids (15 letters count) with it; an empty text and null are one."""
    if wanted is None or held is None:
        return (held in {None, ""}) and (wanted in {None, ""})
    if isinstance(held, str) and isinstance(wanted, str):
        return _folded(field, held) == _folded(field, wanted)
    left, right = _comparable(held, wanted)
    return bool(left == right)


def _comparable(held: Any, wanted: Any) -> tuple[Any, Any]:
    if isinstance(held, bool) or isinstance(wanted, bool):
        return held, wanted
    if isinstance(held, (int, float)):
        return Decimal(str(held)), wanted
    if isinstance(wanted, datetime) and isinstance(held, str):
        return datetime.strptime(held, "%Y-%m-%dT%H:%M:%S.%f%z"), wanted
    return held, wanted


def _like(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\\[_%]|[_%])", pattern)
    known = {"%": ".*", "_": ".", "\\%": "%", "\\_": "_"}
    return re.compile("".join(known.get(part, re.escape(part)) for part in parts), re.IGNORECASE | re.DOTALL)
