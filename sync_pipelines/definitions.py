"""Everything Dagster is told, made from the book: `dagster dev -m sync_pipelines.definitions`.

It loads without any connection, beside other projects, and from any book (`CONCORDAT_BOOK`); one that cannot be used
says every fault in one error of the code location.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import dagster as dg

from connectors.errors import ConnectorError
from mappings.book import Book
from mappings.complaints import BookError
from monitoring.events import Outbox
from sync_pipelines.defs.book_changes import Examines, Unknown, book_changes
from sync_pipelines.defs.by_hand import by_hand
from sync_pipelines.defs.entities import entities
from sync_pipelines.defs.failures import OpensOutbox, failures
from sync_pipelines.defs.schedules import Unready, schedules
from sync_pipelines.defs.systems import systems
from sync_pipelines.defs.upkeep import Chores, upkeep
from sync_pipelines.defs.webhooks import Hears, webhooks
from sync_pipelines.flow.agreement import Agreement, reconcile
from sync_pipelines.flow.alerting import Watched, watch
from sync_pipelines.flow.drifting import describe_all
from sync_pipelines.flow.hinting import Wanted, take_in
from sync_pipelines.flow.pruning import prune
from sync_pipelines.flow.rulebook import Examined, examine, keep_examined, keep_loaded, keep_settings
from sync_pipelines.flow.safekeeping import backed_up, drilled
from sync_pipelines.flow.telling import LedgerOutbox
from sync_pipelines.ledger.backing_up import Backup, Drilled
from sync_pipelines.ledger.compacting import WORTHWHILE, compact, wasted
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.settings import (
    Connectors,
    Outside,
    Place,
    now,
    open_house,
    open_ledger_at,
    open_webhooks_of,
    read_book,
)
from sync_pipelines.system_assets import OpenHouse


class UnusableBookError(Exception):
    """The code location cannot be loaded; the message is all that a person needs."""


def define(
    book: Book,
    opens: OpenHouse,
    outbox: OpensOutbox,
    unready: Unready,
    chores: Chores,
    hears: Hears,
    examines: Examines,
) -> dg.Definitions:
    """The whole code location. One process for a run: each further one would cost seconds, and a house of its own."""
    known = entities(book)
    return dg.Definitions.merge(
        systems(book, opens),
        known,
        book_changes(book, examines, list(known.jobs or [])),
        by_hand(),
        schedules(book, unready),
        failures(outbox),
        upkeep(book, chores),
        webhooks(book, hears),
        dg.Definitions(executor=dg.in_process_executor),
    )


@dg.definitions
def defs() -> dg.Definitions:
    """As the environment says."""
    try:
        place = Place.found()
        book = read_book(place)
        opens = partial(open_house, place, book=book)
        outbox, unready, chores = outbox_of(place), connections_of(book), chores_of(place, book)
        return define(book, opens, outbox, unready, chores, hears_of(place, book), examines_of(place))
    except BookError as error:
        many = len(error.complaints)
        head = (
            f"the book cannot be used; it has {many} fault{'s' if many > 1 else ''} (`concordat check` lists them too):"
        )
        raise UnusableBookError("\n".join([head, *(f"  {complaint}" for complaint in error.complaints)])) from None
    except ConnectorError as error:
        raise UnusableBookError(str(error)) from None


def outbox_of(place: Place) -> OpensOutbox:
    """The ledger as the place where facts are kept."""

    @contextmanager
    def opens() -> Iterator[Outbox]:
        with open_ledger_at(place) as ledger:
            yield LedgerOutbox(ledger)

    return opens


def chores_of(place: Place, book: Book) -> Chores:
    """On the ledger alone; alerts.yaml is read anew for each look."""

    def look() -> Watched:
        from sync_pipelines.commands.watchman import found  # noqa: PLC0415 - only who looks needs the channels

        watchman = found()
        with open_ledger_at(place) as ledger:
            keep_settings(ledger, watchman.to_keep)
            kept, holder = watchman.kept(), Outside().holder
            watched = watch(ledger, book, watchman.settings, watchman.sender, now(), holder=holder, kept=kept)
        watchman.beat()
        return watched

    def pruned(before: datetime) -> Mapping[str, int]:
        with open_ledger_at(place) as ledger:
            gone = dict(prune(ledger, before, now))
        if wasted(place.ledger) > WORTHWHILE:
            gone["bytes_given_back"] = compact(place.ledger)
        return gone

    def reconciled(entities: Sequence[str]) -> Sequence[Agreement]:
        with open_ledger_at(place) as ledger:
            return reconcile(ledger, book, now(), entities)

    def described() -> Mapping[str, str]:
        with open_house(place, book=book) as house:
            untold = describe_all(house.ledger, book, house.connectors, now())
            house.at_rest()
            return untold

    def backup() -> Backup:
        with open_ledger_at(place) as ledger:
            return backed_up(ledger, place.ledger, place.backups, now, audit_key=place.audit_key)

    def drill() -> Drilled:
        with open_ledger_at(place) as ledger:
            return drilled(ledger, place.ledger, place.backups, now)

    return Chores(look, pruned, reconciled, described, backup, drill, now)


def hears_of(place: Place, book: Book) -> Hears:
    """What came into the ledger by way of the gate."""

    def hears() -> Sequence[Wanted]:
        with open_ledger_at(place) as ledger:
            return take_in(ledger, book, partial(open_webhooks_of, book), now())

    return hears


def examines_of(place: Place) -> Examines:
    """The book as it lies there now. One that is not sound, or not loaded yet, is kept in the ledger, for alerts."""

    def examines(unknown: Unknown) -> Examined:
        examined = examine(place.book)
        with open_ledger_at(place) as ledger:
            keep_examined(ledger, examined, now())
            keep_loaded(ledger, unknown(examined.book) if examined.book else None, now())
        return examined

    return examines


def connections_of(book: Book) -> Unready:
    """Whether a system could be opened at all. Nothing is called, so nothing is spent and no ledger is needed."""

    def missing(system: str) -> str:
        connectors = Connectors(book, MemoryLedger(), Outside())
        try:
            connectors[system]
        except ConnectorError as error:
            return str(error)
        finally:
            connectors.close()
        return ""

    return missing
