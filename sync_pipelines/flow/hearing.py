"""What was heard of systems besides their answers, and how many calls a day usually still takes: kept for alerts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from connectors.hearing import Heard
from mappings.book import SystemSpec
from monitoring.standing import KeptStanding
from sync_pipelines.ledger.port import Ledger

_STEP = timedelta(seconds=5)  # a skew that changed by less is the same
_DAYS = 8  # of which it is remembered how many calls were made by which hour
_LEAST = 3  # days before they say what is usual
_SIZES, _SIZES_KEPT, _SIZE_EVERY = "house:sizes", 30, timedelta(hours=20)
_SPAN = timedelta(days=2)  # of sizes, before they say how fast it grows


@dataclass(frozen=True, slots=True)
class Known:
    """What was last heard of a system."""

    skew: timedelta | None = None
    certificate_ends: datetime | None = None


# --- clocks and certificates ----------------------------------------------------------------------------------------


def keep_heard(ledger: Ledger, system: SystemSpec, heard: Heard, now: datetime) -> None:
    """Written only where it is news."""
    repeats = heard.repeats_told()
    if repeats:
        ledger.spend(_repeats(system), _day(system, now), repeats)
    before = heard_of(ledger, system.name)
    after = Known(
        _newer(before.skew, heard.skew),
        before.certificate_ends if heard.certificate_ends is None else heard.certificate_ends,
    )
    if after != before:
        ledger.set_pin(f"heard:{system.name}", _spelled(after))


def _newer(before: timedelta | None, heard: timedelta | None) -> timedelta | None:
    if heard is None or (before is not None and abs(heard - before) < _STEP):
        return before
    return heard


def _spelled(known: Known) -> str:
    ends = known.certificate_ends
    return json.dumps(
        {
            "skew": known.skew.total_seconds() if known.skew is not None else None,
            "certificate_ends": ends.isoformat() if ends else None,
        }
    )


def heard_of(ledger: Ledger, system: str) -> Known:
    """As it was when it was last news."""
    said = _pinned(ledger, f"heard:{system}")
    skew, ends = said.get("skew"), said.get("certificate_ends")
    return Known(timedelta(seconds=skew) if skew is not None else None, datetime.fromisoformat(ends) if ends else None)


def repeats_today(ledger: Ledger, system: SystemSpec, now: datetime) -> int:
    """Reads of the system's present day that had to be asked again."""
    return ledger.spent(_repeats(system), _day(system, now))


def _repeats(system: SystemSpec) -> str:
    return f"{system.name} repeats"  # beside the calls themselves; no system's name has a blank


# --- calls by the hour ----------------------------------------------------------------------------------------------


def note_calls(ledger: Ledger, system: SystemSpec, now: datetime) -> None:
    """How many calls had been made when this hour was first looked at."""
    if system.calls_per_day is None:
        return
    kept, day, hour = _hours(ledger, system), _day(system, now), str(_local(system, now).hour)
    if hour in kept.get(day, {}):
        return
    today = {**kept.get(day, {}), hour: ledger.spent(system.name, day)}
    newest = sorted({**kept, day: today})[-_DAYS:]
    ledger.set_pin(f"calls:{system.name}", json.dumps({one: today if one == day else kept[one] for one in newest}))


def calls_forecast(ledger: Ledger, system: SystemSpec, now: datetime) -> int | None:
    """Calls of today by its end: what was made by this hour, and what usually follows. None: too little is known."""
    kept, day, hour = _hours(ledger, system), _day(system, now), str(_local(system, now).hour)
    made = kept.get(day, {}).get(hour)
    rests = [
        ledger.spent(system.name, one) - hours[hour] for one, hours in kept.items() if one != day and hour in hours
    ]
    if made is None or len(rests) < _LEAST:
        return None
    return max(round(made + median(rests)), ledger.spent(system.name, day))


def _hours(ledger: Ledger, system: SystemSpec) -> Mapping[str, Mapping[str, int]]:
    return _pinned(ledger, f"calls:{system.name}")


# --- the ledger's own size ------------------------------------------------------------------------------------------


def note_size(ledger: Ledger, kept: KeptStanding, now: datetime) -> None:
    """Once a day."""
    known = _sizes(ledger)
    if kept.size is None or (known and now - known[-1][0] < _SIZE_EVERY):
        return
    told = [(at.isoformat(), size) for at, size in [*known, (now, kept.size)][-_SIZES_KEPT:]]
    ledger.set_pin(_SIZES, json.dumps({"sizes": told}))


def grows_per_day(ledger: Ledger, kept: KeptStanding, now: datetime) -> float | None:
    """Bytes, by the last weeks. None: too little is known."""
    known = [(at, size) for at, size in _sizes(ledger) if now - at > _SPAN]
    if kept.size is None or not known:
        return None
    at, size = known[-7:][0]
    return (kept.size - size) / ((now - at) / timedelta(days=1))


def _sizes(ledger: Ledger) -> list[tuple[datetime, int]]:
    return [(datetime.fromisoformat(at), size) for at, size in _pinned(ledger, _SIZES).get("sizes", [])]


# --- parts ----------------------------------------------------------------------------------------------------------


def _pinned(ledger: Ledger, name: str) -> Mapping[str, Any]:
    said = ledger.get_pin(name)
    found: Mapping[str, Any] = json.loads(said) if said else {}
    return found


def _local(system: SystemSpec, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(system.calendar.time_zone))


def _day(system: SystemSpec, now: datetime) -> str:
    return _local(system, now).date().isoformat()


def midnight(system: SystemSpec, now: datetime) -> datetime:
    """When the system's present day began."""
    return _local(system, now).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
