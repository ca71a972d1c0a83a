"""What reading everything takes in calls: by the last time, and told before it is done again."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from mappings.book import Book, SystemSpec
from sync_pipelines.intake.crawl import Crawl
from sync_pipelines.ledger.port import Ledger


@dataclass(frozen=True, slots=True)
class Forecast:
    """About how many calls a full reading of one system takes, and what its day still holds."""

    system: str
    calls: int
    made: int  # today, by all runs
    most: int | None  # of a day for us, without what is left to people; None: no limit

    @property
    def fits(self) -> bool:
        """Whether it will come to its end today."""
        return self.most is None or self.made + self.calls <= self.most

    @property
    def says(self) -> str:
        """For people."""
        of = f" of {self.most:,}" if self.most is not None else ""
        told = f"{self.system}: reading everything takes about {self.calls:,} calls, {self.made:,}{of} were made today"
        return told if self.fits else f"{told}; it will not end today, and goes on with the next day's"


def calls_today(ledger: Ledger, system: SystemSpec, now: datetime) -> int:
    """Calls of the system's present day, by all runs."""
    day = now.astimezone(ZoneInfo(system.calendar.time_zone)).date().isoformat()
    return ledger.spent(system.name, day)


def note_reading(ledger: Ledger, system: SystemSpec, crawl: Crawl, before: int, now: datetime) -> None:
    """Keep what a full reading took, that began when `before` calls had been made. A new day tells nothing."""
    calls = calls_today(ledger, system, now) - before
    if crawl.full and crawl.complete and calls > 0:
        ledger.set_pin(_pin(crawl.system, crawl.kind), json.dumps({"calls": calls, "records": crawl.tally.read}))


def forecast(ledger: Ledger, book: Book, entities: Iterable[str], now: datetime) -> Iterator[Forecast]:
    """By system, for a full reading of what these entities are read from; kinds never read in full are left out."""
    calls: Counter[str] = Counter()
    for system, kind in sorted({(s, m.kind) for name in entities for s, m in book.entities[name].maps.items()}):
        said = ledger.get_pin(_pin(system, kind))
        calls[system] += json.loads(said)["calls"] if said else 0
    for name, count in calls.items():
        if count:
            spec = book.systems[name]
            most = None if spec.calls_per_day is None else round(spec.calls_per_day * (1 - spec.reserve))
            yield Forecast(name, count, calls_today(ledger, spec, now), most)


def _pin(system: str, kind: str) -> str:
    return f"reading:{system}:{kind}"
