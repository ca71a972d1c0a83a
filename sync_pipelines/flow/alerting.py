"""One look: find what is wrong, keep what becomes of it, tell people. Nothing that was to be told is forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from mappings.book import Book
from monitoring.alerts import AlertState, Message, Word, acknowledge, attend
from monitoring.notify import ChannelError, Sender
from monitoring.settings import AlertSettings
from monitoring.standing import KeptStanding
from monitoring.watching import Seen, look
from sync_pipelines.flow.hearing import note_calls, note_size
from sync_pipelines.flow.standing import WATCHED, standing_of, without_book
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.records import KeptAlert, OutgoingMessage

_LEASE = "alerts"
_LEASE_FOR = timedelta(minutes=5)
_MOMENTS = ("since", "seen_at", "told_at", "escalated_at", "acknowledged_until", "over_at")


@dataclass(frozen=True, slots=True)
class Watched:
    """What one look came to."""

    seen: Seen
    told: int = 0  # messages that were taken
    untold: Mapping[str, str] | None = None  # by channel, why nobody took them
    elsewhere: bool = False  # another process is looking just now


def watch(
    ledger: Ledger,
    book: Book | None,
    settings: AlertSettings,
    sender: Sender,
    now: datetime,
    *,
    holder: str,
    kept: KeptStanding | None = None,
) -> Watched:
    """Look once. A second one at the same time leaves it to the first.

    Without a book nothing but that can be told; whatever was told before stays open, since nobody can say that it is
    over.
    """
    lease = ledger.acquire(_LEASE, holder, now, now + _LEASE_FOR)
    if lease is None:
        return Watched(Seen((), ()), elsewhere=True)
    try:
        open_before = alerts(ledger)
        if book is not None:
            _note(ledger, book, now, kept or KeptStanding())
            standing, silent = standing_of(ledger, book, now, kept, settings), set[str]()
        else:
            standing, silent = without_book(ledger, now), {state.key for state in open_before}
        seen = look(standing, settings.limits_as_told())
        silent |= {problem.key for problem in seen.following}
        states, messages = attend(seen.problems, silent, open_before, settings.policy(), now)
        ledger.keep_alerts([_row(state) for state in states], [_outgoing(message) for message in messages])
        told, untold = _deliver(ledger, sender, now)
        ledger.set_pin(WATCHED, now.isoformat())
        return Watched(seen, told, untold)
    finally:
        ledger.release_lease(lease)


def _note(ledger: Ledger, book: Book, now: datetime, kept: KeptStanding) -> None:
    """What has to be seen growing before it can be said how fast it does."""
    note_size(ledger, kept, now)
    for system in book.systems.values():
        note_calls(ledger, system, now)


def alerts(ledger: Ledger) -> list[AlertState]:
    """The open ones."""
    return [_state(row.facts) for row in ledger.open_alerts()]


def take_over(ledger: Ledger, key: str, by: str, until: datetime) -> AlertState:
    """Somebody looks after it. LedgerError where there is no such alert."""
    known = next((state for state in alerts(ledger) if state.key == key), None)
    if known is None:
        raise LedgerError(f"no open alert is called {key}; `concordat alerts` lists them")
    state = acknowledge(known, by, until)
    ledger.keep_alerts([_row(state)], [])
    return state


# --- telling ---------------------------------------------------------------------------------------------------------


def _deliver(ledger: Ledger, sender: Sender, now: datetime) -> tuple[int, dict[str, str]]:
    told, untold = 0, {}
    waiting = sorted(ledger.outgoing(), key=lambda row: row.channel)
    for channel, some in groupby(waiting, key=lambda row: row.channel):
        rows = list(some)
        try:
            sender.send(channel, [_message(row) for row in rows])
        except ChannelError as error:
            untold[channel] = str(error)
            _tried(ledger, rows, None)
        else:
            told += len(rows)
            _tried(ledger, rows, now)
    return told, untold


def _tried(ledger: Ledger, rows: Sequence[OutgoingMessage], at: datetime | None) -> None:
    with ledger.transaction():
        for row in rows:
            ledger.sent(row, at)


# --- as the ledger keeps it ------------------------------------------------------------------------------------------


def _row(state: AlertState) -> KeptAlert:
    return KeptAlert(state.key, state.since, open=state.over_at is None, facts=_plain(state))


def _plain(state: AlertState) -> dict[str, Any]:
    told = asdict(state)
    told |= {name: told[name].isoformat() for name in _MOMENTS if told[name] is not None}
    return told | {"channels": list(state.channels), "facts": dict(state.facts)}


def _state(said: Mapping[str, Any]) -> AlertState:
    moments = {name: datetime.fromisoformat(said[name]) for name in _MOMENTS if said.get(name)}
    return AlertState(**{**said, **moments, "channels": tuple(said["channels"])})


def _outgoing(message: Message) -> OutgoingMessage:
    facts = {"word": str(message.word), "alert": _plain(message.alert)}
    return OutgoingMessage(message.id, message.alert.key, message.channel, message.made_at, facts)


def _message(row: OutgoingMessage) -> Message:
    return Message(row.id, row.channel, Word(row.facts["word"]), _state(row.facts["alert"]), row.made_at)
