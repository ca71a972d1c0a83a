"""What a system answered: read whole, within bounds, and parsed strictly."""

import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

_HALF_A_LETTER = re.compile(rb"\\u[dD][89a-fA-F]")
MEBIBYTE = 1024 * 1024


class UnreadableError(Exception):
    """An answer that cannot be read: too large, cut off, packed in a way nobody asked for, or not what it claims."""

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        """`for_good`: asking again would not help."""
        super().__init__(message)
        self.for_good = for_good


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


def parsed(body: bytes, *, exact: bool = False) -> Any:
    """JSON without NaN and Infinity. Raises `UnreadableError`.

    The quick way (orjson) reads fractions as floats, which keep 15 digits, and takes the last of two equal names.
    `exact` reads them as Decimal and refuses equal names, at a fifth of the speed: for amounts of more than 15 digits.
    """
    try:
        return _exactly(body) if exact else orjson.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{_looks_like(body)} ({type(error).__name__})") from error


def _exactly(body: bytes) -> Any:
    if _HALF_A_LETTER.search(body):
        orjson.loads(body)  # refuses a half that stands alone, which no database takes
    return json.loads(
        body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_no_twins
    )


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("one name stands twice in an object")
    return found


def _looks_like(body: bytes) -> str:
    start = body[:200].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<")):
        return "it answered with a web page, not with data: a wrong address, or a maintenance page"
    return "its JSON cannot be read: cut off or damaged"
