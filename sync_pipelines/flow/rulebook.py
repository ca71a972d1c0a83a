"""The book as it lies there just now: whether it is sound, and since when it is not."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from mappings.book import Book
from mappings.complaints import Complaint
from mappings.loading import BookError, load_book
from monitoring.redact import redact
from monitoring.settings import AlertsError, AlertSettings, from_kept, read_alerts
from monitoring.standing import BookStanding, LoadedStanding
from sync_pipelines.checking.checks import check_book, explained, faults
from sync_pipelines.ledger.port import Ledger

_PIN, _LOADED, _SETTINGS = "book:faults", "book:loaded", "alerts:settings"
_AGAIN = timedelta(minutes=5)  # that it was looked at is written so often; a sensor looks ten times as often
_MOMENTS = ("since", "until")
_ALERTS = "alerts.yaml"
_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Examined:
    """A book, and what is wrong with it: one line each, as `concordat check` names them."""

    version: str  # of its files; of what is wrong with them where they cannot be loaded
    book: Book | None
    faults: tuple[str, ...] = ()


def examine(folder: Path) -> Examined:
    """Load and check what lies there."""
    try:
        book = load_book(folder)
    except BookError as error:
        wrong = _lines(explained(error)) or _lines(error.complaints)
        return Examined(sha256("\n".join(wrong).encode()).hexdigest()[:_LENGTH], None, wrong)
    return Examined(book.version, book, _lines(faults([*check_book(book), *alert_faults(folder)])))


def alert_faults(folder: Path) -> list[Complaint]:
    """What is wrong with who is told of what."""
    try:
        read_alerts(folder / _ALERTS)
    except AlertsError as error:
        return [
            Complaint("alerts", one.file, one.line, one.says, "mend it: docs/howto/operate.md") for one in error.faults
        ]
    return []


def _lines(complaints: Iterable[Complaint]) -> tuple[str, ...]:
    return tuple(str(complaint) for complaint in complaints)


# --- kept for alerts -------------------------------------------------------------------------------------------------


def keep_examined(ledger: Ledger, examined: Examined, now: datetime) -> None:
    """Since when it is broken; written only where it is news."""
    known = book_standing(ledger)
    if not examined.faults:
        if known is not None and known.until is None:
            ledger.set_pin(_PIN, json.dumps(_plain(replace(known, until=now))))
        return
    since = now if known is None or known.until is not None else known.since
    loads, says = examined.book is not None, redact(examined.faults[0])
    told = BookStanding(since, says, len(examined.faults), loads=loads)
    if told != known:
        ledger.set_pin(_PIN, json.dumps(_plain(told)))


def book_standing(ledger: Ledger) -> BookStanding | None:
    """What was found when somebody last looked, or before it was mended; None: it was sound, or nobody ever did."""
    said = ledger.get_pin(_PIN)
    if not said:
        return None
    told: dict[str, Any] = json.loads(said)
    return BookStanding(**{**told, **{name: datetime.fromisoformat(told[name]) for name in _MOMENTS if told[name]}})


def keep_loaded(ledger: Ledger, unknown: Sequence[str] | None, now: datetime) -> None:
    """What of the book the scheduler does not know, and since when; None: that cannot be said just now."""
    known = loaded_standing(ledger)
    says = "; ".join(unknown) if unknown is not None else known.says if known else ""
    since = (known.since if known and known.since else now) if says else None
    if known is None or (since, says) != (known.since, known.says) or now - known.looked_at >= _AGAIN:
        ledger.set_pin(_LOADED, json.dumps(_plain(LoadedStanding(now, since, says))))


def loaded_standing(ledger: Ledger) -> LoadedStanding | None:
    """What the scheduler's sensor said last; None: it never looked."""
    said = ledger.get_pin(_LOADED)
    if not said:
        return None
    told: dict[str, Any] = json.loads(said)
    since = datetime.fromisoformat(told["since"]) if told["since"] else None
    return LoadedStanding(datetime.fromisoformat(told["looked_at"]), since, told["says"])


def keep_settings(ledger: Ledger, said: str) -> None:
    """Who is told of what, by a sound alerts.yaml: gone by while a later one is broken."""
    if said and said != ledger.get_pin(_SETTINGS):
        ledger.set_pin(_SETTINGS, said)


def last_settings(ledger: Ledger) -> AlertSettings | None:
    """What was sound last; None where nothing ever was, or it can be used no more."""
    said = ledger.get_pin(_SETTINGS)
    try:
        return from_kept(said) if said else None
    except AlertsError:
        return None


def _plain(told: BookStanding | LoadedStanding) -> dict[str, Any]:
    return {name: said.isoformat() if isinstance(said, datetime) else said for name, said in asdict(told).items()}
