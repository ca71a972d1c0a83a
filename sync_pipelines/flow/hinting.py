"""What systems announced becomes a reading: a hint is noted, and a run asked for until somebody has read since.

Nothing here is needed for anything to arrive: a hint that is lost, or never came, is met by the next reading of all
that changed. So a hint only brings that reading forward, and what a delivery says is never taken as data.
"""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from connectors.contract import Hint, RecordRef
from connectors.errors import MisconfiguredError
from connectors.webhooks import UnclearError, Webhooks
from mappings.book import Book
from sync_pipelines.flow.steps import READ, SYNC
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import RunState
from sync_pipelines.model.records import Delivery, RunRecord

Listens = Callable[[str], Webhooks]  # system → how it announces; raises MisconfiguredError

ANNOUNCED = "announced"
_NONE_OF_OURS = "about no kind that is read"
_RECENT = 20  # records of a place looked through for a complete reading
_READ = (RunState.COMPLETE, RunState.WITH_REJECTS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run that was announced. The key is the same until something else is announced."""

    entity: str
    key: str


def take_in(ledger: Ledger, book: Book, listens: Listens, now: datetime) -> Sequence[Wanted]:
    """Note what came; answers which entities are to be read again, whose last reading began before."""
    if fresh := ledger.inbox():
        with ledger.transaction():
            ledger.keep_deliveries([_noted(ledger, book, listens, one, now) for one in fresh])
    return [*_wanted(ledger, book)]


def replay(ledger: Ledger, deliveries: Sequence[Delivery]) -> None:
    """As if they had just come; what was understood of them is all that is left of them."""
    ledger.keep_deliveries([replace(one, waiting=True, noted_at=None) for one in deliveries])


# --- noting -----------------------------------------------------------------------------------------------------------


def _noted(ledger: Ledger, book: Book, listens: Listens, delivery: Delivery, now: datetime) -> Delivery:
    """The body goes once it is understood: what is left are the hints."""
    after = replace(delivery, waiting=False, noted_at=now)
    if delivery.hints:
        return replace(after, says=_mark(ledger, book, delivery, delivery.hints, now))
    try:
        hints = tuple(listens(delivery.system).hints(delivery.topic, base64.b64decode(delivery.body)))
    except (UnclearError, MisconfiguredError) as error:
        _mark(ledger, book, delivery, [Hint(kind) for kind in _kinds(book, delivery.system)], now)
        return replace(after, says=f"not understood, so all that changed is read: {error}")
    return replace(after, body="", hints=hints, says=_mark(ledger, book, delivery, hints, now))


def _mark(ledger: Ledger, book: Book, delivery: Delivery, hints: Sequence[Hint], now: datetime) -> str:
    """Have these read by id with the next reading, and remember of each kind that there is to be one."""
    known = _kinds(book, delivery.system)
    ours = [hint for hint in hints if hint.kind in known]
    refs = [RecordRef(delivery.system, hint.kind, record_id) for hint in ours for record_id in hint.ids]
    ledger.mark_dirty(sorted(set(refs)), ANNOUNCED)
    for kind in sorted({hint.kind for hint in ours}):
        ledger.set_pin(_pin(delivery.system, kind), f"{now.isoformat()} {delivery.id}")
    return _says(ours, refs) if ours else _NONE_OF_OURS


def _says(hints: Sequence[Hint], refs: Sequence[RecordRef]) -> str:
    kinds = ", ".join(kind for kind, _ in groupby(sorted(hints, key=attrgetter("kind")), key=attrgetter("kind")))
    return f"{kinds}: {len(refs)} to read by id" if refs else f"{kinds}: all that changed is read"


def _pin(system: str, kind: str) -> str:
    return f"{ANNOUNCED}:{system}:{kind}"


def _kinds(book: Book, system: str) -> list[str]:
    return sorted({spec.maps[system].kind for spec in book.entities.values() if system in spec.maps})


# --- asking for runs --------------------------------------------------------------------------------------------------


def _wanted(ledger: Ledger, book: Book) -> Iterator[Wanted]:
    """Of entities whose cadence says `webhooks: true`. One that could not be read is not asked for twice."""
    for spec in book.entities.values():
        if not any(line.webhooks for line in spec.ownership.cadence):
            continue
        places = [(system, kind_map.kind) for system, kind_map in spec.maps.items()]
        since = [told for place in places if (told := ledger.get_pin(_pin(*place))) and not _read(ledger, place, told)]
        if since:
            yield Wanted(spec.name, f"{spec.name} {max(since)}")


def _read(ledger: Ledger, place: tuple[str, str], told: str) -> bool:
    """Whether a reading of it that came to its end began after it was announced."""
    at, name = datetime.fromisoformat(told.partition(" ")[0]), "/".join(place)
    by_itself = (run for run in ledger.runs(name, _RECENT) if run.kind == READ and run.state in _READ)
    return any(run.started_at > at for run in by_itself) or _within_a_run(ledger, name, at)


def _within_a_run(ledger: Ledger, place: str, at: datetime) -> bool:
    """`concordat apply` reads without a record for each place."""
    runs = (run for run in ledger.runs(limit=_RECENT) if run.kind == SYNC and run.started_at > at)
    return any(_told(run, place) for run in runs)


def _told(run: RunRecord, place: str) -> bool:
    return bool(run.stats.get("reads", {}).get(place, {}).get("complete"))
