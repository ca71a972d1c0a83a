"""What a system answered: read whole, within bounds, and parsed strictly."""

import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from math import isinf
from typing import Any

import orjson

_HALF_A_LETTER = re.compile(rb"\\u[dD][89a-fA-F]")
# Escapes of JSON one after the other, so that `\\ud83d` (a backslash and five letters) is none; a half is group 1.
_ESCAPES = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_HALF = re.compile("[\ud800-\udfff]")
_LOST = rb"\ufffd"
_LARGEST, _LEAST = 2**64 - 1, -(2**63)  # whole numbers; what is beyond is read as a fraction
MEBIBYTE = 1024 * 1024


class UnreadableError(Exception):
    """An answer that cannot be read: too large, cut off, packed in a way nobody asked for, or not what it claims."""

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        """`for_good`: asking again would not help."""
        super().__init__(message)
        self.for_good = for_good


class Halves(Enum):
    """What becomes of half a character (a surrogate without its other half): JSON can spell it, nothing else can."""

    REFUSED = auto()  # with the whole answer
    MARKED = auto()  # as the mark of a lost character, in what is only said to people
    KEPT = auto()  # in values; whoever reads the records refuses the one field that bears it


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `data` is its parsed JSON, or None where it has none or was not asked for."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes = field(repr=False)  # customer data: not for logs
    data: Any = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """The body as UTF-8. Raises `UnreadableError`."""
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnreadableError(f"its text is not UTF-8 (at byte {error.start})") from error

    @property
    def at(self) -> datetime | None:
        """The system's clock, from the Date header."""
        return as_instant(self.headers.get("date", ""))

    def retry_after(self, now: datetime) -> float | None:
        """Seconds to wait, whether the system gave seconds or a date."""
        said = self.headers.get("retry-after", "").strip()
        if said.isdecimal():
            return float(said)
        instant = as_instant(said)
        return None if instant is None else max(0.0, (instant - (self.at or now)).total_seconds())


def as_instant(text: str) -> datetime | None:
    """An HTTP date, in UTC; None where there is none."""
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def whole(chunks: Iterable[bytes], encoding: str, cap: int, still_in_time: Callable[[], None]) -> bytes:
    """The body, unpacked. Never holds more than `cap` and one chunk of unpacked bytes. Raises `UnreadableError`."""
    unpack = _unpacker(encoding)
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        still_in_time()
        for part in unpack.feed(chunk, cap - size + 1):
            parts.append(part)
            size += len(part)
            if size > cap:
                raise UnreadableError(f"its answer is larger than {cap // MEBIBYTE} MiB; ask for less", for_good=True)
    unpack.finish()
    return b"".join(parts)


class _Plain:
    """Bytes as they come; httpx has checked them against the declared length."""

    def feed(self, chunk: bytes, room: int) -> Iterable[bytes]:
        yield chunk[:room]

    def finish(self) -> None:
        """Nothing to check."""


class _Gzip:
    """Inflates with a limit, so that a bomb goes off in a small room. Several members in a row are one body."""

    def __init__(self) -> None:
        self._member: Any = None

    def feed(self, chunk: bytes, room: int) -> Iterable[bytes]:
        while chunk and room > 0:
            if self._member is None or self._member.eof:
                self._member = zlib.decompressobj(wbits=31)
            try:
                part = self._member.decompress(chunk, min(room, MEBIBYTE))
            except zlib.error as error:
                raise UnreadableError(f"its gzip is damaged ({error})") from error
            room -= len(part)
            yield part
            chunk = self._member.unconsumed_tail or self._member.unused_data

    def finish(self) -> None:
        if self._member is not None and not self._member.eof:
            raise UnreadableError("its gzip is cut off")


def _unpacker(encoding: str) -> _Plain | _Gzip:
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return _Plain()
    if name in {"gzip", "x-gzip"}:
        return _Gzip()
    raise UnreadableError(f"it packs its answer as {name[:30]!r}, and only gzip was asked for", for_good=True)


def parsed(body: bytes, *, exact: bool = False, halves: Halves = Halves.REFUSED) -> Any:
    """JSON without NaN and Infinity. Raises `UnreadableError`.

    The quick way (orjson) reads fractions as floats, which keep 15 digits, and takes the last of two equal names.
    `exact` reads them as Decimal and refuses equal names, at a fifth of the speed: for amounts of more than 15 digits.
    """
    try:
        return _strictly(body, exact=exact)
    except (ValueError, RecursionError) as error:
        if not _bears_half(body):
            raise UnreadableError(f"{_looks_like(body)} ({type(error).__name__})") from error
    try:
        return _despite_halves(body, halves, exact=exact)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{_looks_like(body)} ({type(error).__name__})") from error


def _strictly(body: bytes, *, exact: bool) -> Any:
    if exact and _HALF_A_LETTER.search(body):
        orjson.loads(body)  # refuses a half that stands alone
    return _exactly(body) if exact else orjson.loads(body)


def _bears_half(body: bytes) -> bool:
    return _HALF_A_LETTER.search(body) is not None and any(found[1] for found in _ESCAPES.finditer(body))


def _despite_halves(body: bytes, halves: Halves, *, exact: bool) -> Any:
    if halves is Halves.REFUSED:
        raise UnreadableError("its JSON holds half of a character (a surrogate alone) where no text of a record is due")
    if halves is Halves.MARKED:
        return _strictly(_ESCAPES.sub(lambda found: _LOST if found[1] else found[0], body), exact=exact)
    return _exactly(body) if exact else _quickly_with_halves(body)


def _exactly(body: bytes) -> Any:
    return json.loads(
        body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_no_twins
    )


def _quickly_with_halves(body: bytes) -> Any:
    """As the quick way would read it."""
    return json.loads(
        body.decode(),
        parse_int=_whole_number,
        parse_float=_finite,
        parse_constant=_refuse_constant,
        object_pairs_hook=_whole_names,
    )


def _whole_number(digits: str) -> int | float:
    number = int(digits)
    return number if _LEAST <= number <= _LARGEST else _finite(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise ValueError("a number beyond all that can be counted")
    return number


def _whole_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for name, _ in pairs:
        if _HALF.search(name):
            raise UnreadableError("its JSON holds a name with half of a character (a surrogate alone)")
    return dict(pairs)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = _whole_names(pairs)
    if len(found) != len(pairs):
        raise ValueError("one name stands twice in an object")
    return found


def _looks_like(body: bytes) -> str:
    start = body[:200].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<")):
        return "it answered with a web page, not with data: a wrong address, or a maintenance page"
    return "its JSON cannot be read: cut off or damaged"
