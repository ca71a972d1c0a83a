"""A reading that finds nothing, where there always was something or nobody said that there is none, is no success."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from mappings.book import Book
from sync_pipelines.intake.crawl import Crawl, was_read
from sync_pipelines.intake.older import anew
from sync_pipelines.intake.vanishing import vanished, was_met
from sync_pipelines.ledger.port import Ledger

UNMET = "nothing was ever found in"  # how what is said of a kind that was never met begins
VANISHED = "nothing is shown any more in"  # and of one of which everything has vanished
UNREAD = "no reading came to the end of"  # and of one that may hold anybody
_RUNS = 100  # looked through for earlier readings of everything
_USUAL = 5  # of them say what is usual


def suspicious(ledger: Ledger, book: Book, entity: str, crawl: Crawl) -> str:
    """Why an empty reading is not believed; empty where it is. A right that was taken away looks just like this.

    What was there is what readings of everything found before, and what we know there, also what we made ourselves.
    """
    if crawl.tally.read or _is_said_gone(ledger, crawl):
        return ""
    if unbelieved_since(ledger, book, crawl.system, crawl.kind):
        return _says(crawl.system, crawl.kind)
    return _less_than_usual(ledger, entity, crawl) if crawl.full else ""


def _less_than_usual(ledger: Ledger, entity: str, crawl: Crawl) -> str:
    place = f"{crawl.system}/{crawl.kind}"
    told = [run.stats["reads"].get(place) for run in ledger.runs(entity, _RUNS) if "reads" in run.stats]
    usual = [one["read"] for one in told if one and one["full"] and one["complete"]][:_USUAL]
    there = max([*usual, ledger.count_coupled(entity, crawl.system)])
    if not there:
        return ""
    found = f"{place}: a reading of everything found nothing, where there were {there:,} records"
    return f"{found}; is our user still allowed to see them? `concordat doctor {crawl.system}`"


def _is_said_gone(ledger: Ledger, crawl: Crawl) -> bool:
    """By a person who has looked; that holds until something is read."""
    said = vanished(ledger, crawl.system, crawl.kind)
    return said is not None and not said.doubted


# --- what was never met ---------------------------------------------------------------------------------------------


def note_if_none_was_met(ledger: Ledger, crawl: Crawl, now: datetime) -> None:
    """A right that was never given shows an empty system from the first day on, and every reading of it goes well."""
    if not crawl.complete:
        return
    pin = _pin(crawl.system, crawl.kind)
    known = ledger.get_pin(pin)
    if crawl.tally.read and known:
        ledger.set_pin(pin, "")
    elif crawl.full and not crawl.tally.read and not known and not was_met(ledger, crawl.system, crawl.kind):
        ledger.set_pin(pin, now.isoformat())


def unbelieved_since(ledger: Ledger, book: Book, system: str, kind: str) -> datetime | None:
    """Since when a kind is read of which nothing ever came, though the book does not say that it may be empty."""
    if kind in book.systems[system].may_be_empty:
        return None
    said = ledger.get_pin(_pin(system, kind))
    return datetime.fromisoformat(said) if said else None


def unmet(ledger: Ledger, book: Book, entity: str) -> Mapping[str, str]:
    """Systems to which nothing of the entity is written, since all that they have may be there unseen; with why."""
    return dict(_unmet(ledger, book, entity))


def _unmet(ledger: Ledger, book: Book, entity: str) -> Iterator[tuple[str, str]]:
    for system, kind_map in book.entities[entity].maps.items():
        if unbelieved_since(ledger, book, system, kind_map.kind):
            yield system, f"{UNMET} {system}/{kind_map.kind}, so nothing is written there"
        elif (gone := vanished(ledger, system, kind_map.kind)) is not None and gone.doubted:
            yield system, f"{VANISHED} {system}/{kind_map.kind}, so nothing is written there"
        elif not was_read(ledger, system, kind_map.kind):
            since = " since the file beside the ledger was lost" if anew(ledger) else ""
            yield system, f"{UNREAD} {system}/{kind_map.kind}{since}, so nothing is written there"


def _says(system: str, kind: str) -> str:
    doubt = f"{UNMET} {system}/{kind}: may our user see it? `concordat doctor {system}`"
    return f"{doubt}; where it is empty indeed, write `may_be_empty: [{kind}]` under {system} in systems.yaml"


def _pin(system: str, kind: str) -> str:
    return f"unmet:{system}:{kind}"
