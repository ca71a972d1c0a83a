"""Dates without a zone, instants in UTC."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mappings.codec import Codec, CodecError, Context, Option, Takes
from mappings.codecs_text import as_text, checked_text, clean, kind_of
from mappings.values import Value

_DATES = {
    "iso": re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"),
    "compact": re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
    "ymd": re.compile(r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?"),
    "dmy": re.compile(r"(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4})"),
    "mdy": re.compile(r"(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})[-/.](?P<y>\d{4})"),
}
_WRITTEN = {
    "iso": "{y:04}-{m:02}-{d:02}",
    "compact": "{y:04}{m:02}{d:02}",
    "ymd": "{y:04}/{m:02}/{d:02}",
    "dmy": "{d:02}.{m:02}.{y:04}",
    "mdy": "{m:02}/{d:02}/{y:04}",
}
_INSTANT = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})[T ](?P<hour>\d{2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s?(?P<zone>Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?",
    re.IGNORECASE,
)


def _date(text: str, form: str) -> date:
    found = _DATES[form].fullmatch(text)
    if found is None or not text.replace("年", "").replace("月", "").replace("日", "").isascii():
        raise CodecError(f"is no date written as {form}")
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"]))
    except ValueError:
        raise CodecError("is a day that no calendar has") from None


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """The time zone of a name as Europe/Berlin. Raises CodecError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CodecError(f"{name!r} is no time zone we know; write it as Europe/Berlin") from None


class Date(Codec):
    """A day. It has no zone: an instant is refused unless the line says in which zone (`zone`) its day is meant.

    Midnight without a zone is how some systems write a day, and is read as that day.
    """

    options: Mapping[str, Option] = {"format": Option(Takes.WORD, among=tuple(_DATES)), "zone": Option(Takes.ZONE)}

    def decode(self, raw: Any, context: Context) -> Value:
        text = clean(as_text(raw))
        if not text:
            return None
        if _INSTANT.fullmatch(text):
            return _day_of(text, context.options.get("zone"))
        return _date(text, context.options.get("format", "iso")).isoformat()

    def encode(self, value: Value, context: Context) -> Any:
        day = _date(checked_text(value), "iso")
        return _WRITTEN[context.options.get("format", "iso")].format(y=day.year, m=day.month, d=day.day)


def _day_of(text: str, zone: str | None) -> str:
    found = _matched(text)
    if found["zone"] and zone is None:
        raise CodecError("is an instant, not a day; say in which zone its day is meant (with: {zone: …})")
    if not found["zone"]:
        local = _wall_clock(found)
        if zone is None and (local.hour, local.minute, local.second, local.microsecond) != (0, 0, 0, 0):
            raise CodecError("is a time of day where a day is expected")
        return local.date().isoformat()
    return _in_zone(_instant(found, "UTC"), zone_of(zone or "UTC")).date().isoformat()


def _matched(text: str) -> re.Match[str]:
    found = _INSTANT.fullmatch(text)
    if found is None or not text.isascii():
        raise CodecError("is no instant as 2026-03-01T12:00:00Z")
    return found


def _wall_clock(found: re.Match[str]) -> datetime:
    """The clock as written. A leap second is read as the second before it, 24:00 as the next midnight."""
    day = _date(found["date"], "iso")
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    micros = int((found["fraction"] or "").ljust(6, "0")[:6])
    if (hour, minute, second, micros) == (24, 0, 0, 0):
        return _shifted(datetime(day.year, day.month, day.day), timedelta(days=1))  # noqa: DTZ001 - a wall clock
    try:
        return datetime(day.year, day.month, day.day, hour, minute, 59 if second == 60 else second, micros)  # noqa: DTZ001, PLR2004 - a wall clock
    except ValueError:
        raise CodecError("is a time that no clock shows") from None


def _instant(found: re.Match[str], zone: str) -> datetime:
    """A local time that comes twice, when summer ends, is the first of the two."""
    local, said = _wall_clock(found), found["zone"]
    if said is None:
        return _in_zone(local.replace(tzinfo=zone_of(zone)), UTC)
    if said.upper() == "Z":
        return local.replace(tzinfo=UTC)
    digits = said[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return _shifted(local, offset if said[0] == "-" else -offset).replace(tzinfo=UTC)


def _shifted(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        raise CodecError("is a time before year 1 or after year 9999") from None


def _in_zone(moment: datetime, zone: Any) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise CodecError("is a time before year 1 or after year 9999") from None


def canonical_instant(moment: datetime) -> str:
    """UTC, to the microsecond, without digits that say nothing."""
    plain = moment.replace(tzinfo=None)
    fraction = f".{plain.microsecond:06}".rstrip("0") if plain.microsecond else ""
    return f"{plain.replace(microsecond=0).isoformat()}{fraction}Z"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICKS = {"seconds": timedelta(seconds=1), "milliseconds": timedelta(milliseconds=1)}


class Instant(Codec):
    """A point in time, in UTC. Without a zone it is a wall clock, in the line's `zone` or in the system's own."""

    options: Mapping[str, Option] = {
        "zone": Option(Takes.ZONE),
        "as": Option(Takes.WORD, among=("utc", "local", *_TICKS)),
    }

    def decode(self, raw: Any, context: Context) -> Value:
        tick = _TICKS.get(context.options.get("as", "utc"))
        if tick is not None:
            return canonical_instant(_from_epoch(raw, tick))
        text = clean(as_text(raw))
        return canonical_instant(_instant(_matched(text), _zone(context))) if text else None

    def encode(self, value: Value, context: Context) -> Any:
        moment = _instant(_matched(checked_text(value)), "UTC")
        form = context.options.get("as", "utc")
        if form in _TICKS:
            return _to_epoch(moment, _TICKS[form])
        return _local(moment, _zone(context)) if form == "local" else canonical_instant(moment)


def _zone(context: Context) -> str:
    found: str = context.options.get("zone", context.setting.time_zone)
    return found


def _from_epoch(raw: Any, tick: timedelta) -> datetime:
    text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
    if not isinstance(text, str) or not re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
        raise CodecError(f"is {kind_of(raw)}, not a whole number of time")
    try:
        return _EPOCH + int(text) * tick
    except OverflowError:
        raise CodecError("is a time before year 1 or after year 9999") from None


def _to_epoch(moment: datetime, tick: timedelta) -> int:
    ticks, rest = divmod(moment - _EPOCH, tick)
    if rest:
        raise CodecError("is finer than the system's clock")
    return ticks


def _local(moment: datetime, zone: str) -> str:
    local = _in_zone(moment, zone_of(zone))
    if local.fold:
        raise CodecError("is in the hour that comes twice; the system's clock without a zone cannot say which one")
    return local.replace(tzinfo=None).isoformat()
