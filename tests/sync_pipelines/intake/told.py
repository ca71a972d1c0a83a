"""A connector that says what a test tells it to, and writes down what it was asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connectors.contract import Capabilities, Deletions, Merge, Merges, Page, Record, RecordRef, Tombstone, Watermark
from sync_pipelines.intake.crawl import Crawl, Crawler
from sync_pipelines.intake.readers import Reader
from sync_pipelines.ledger.port import Ledger
from tests.sync_pipelines.intake.rooms import NOW, landing, reader, ref


def at(minute: int) -> Watermark:
    """A position."""
    return Watermark(NOW + timedelta(minutes=minute))


@dataclass
class Told:
    """One kind of one system. An exception in place of an answer is raised."""

    can: Capabilities = field(default_factory=Capabilities)
    pages: Sequence[Any] = ()
    there: Mapping[str, Record] = field(default_factory=dict)  # what `read` finds
    living: Sequence[Any] = ()  # pages of keys
    stones: Sequence[str] = ()
    told_since: Watermark | None = None
    merges: Sequence[tuple[str, str]] = ()
    safe: Watermark = field(default_factory=lambda: at(0))
    asked: list[tuple[str, Any]] = field(default_factory=list)
    system: str = "crm"

    @property
    def kinds(self) -> Mapping[str, Capabilities]:
        return {"Kind": self.can}

    def changes(self, _kind: str, since: Watermark | None) -> Iterator[Page]:
        self.asked.append(("changes", since))
        for page in self.pages:
            if isinstance(page, Exception):
                raise page
            yield page

    def keys(self, _kind: str) -> Iterator[Sequence[str]]:
        self.asked.append(("keys", None))
        for page in self.living:
            if isinstance(page, Exception):
                raise page
            yield page

    def read(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Record]:
        self.asked.append(("read", [one.id for one in refs]))
        return {one: self.there[one.id] for one in refs if one.id in self.there}

    def deleted(self, _kind: str, since: Watermark) -> Deletions:
        self.asked.append(("deleted", since))
        known = self.told_since.at if self.told_since else None
        return Deletions(tuple(Tombstone(ref(stone)) for stone in self.stones), self.safe, known)

    def merged(self, _kind: str, since: Watermark) -> Merges:
        self.asked.append(("merged", since))
        return Merges(tuple(Merge(ref(loser), ref(winner)) for loser, winner in self.merges), self.safe)


def crawl(ledger: Ledger, told: Told, *, full: bool = False, readers: tuple[Reader, ...] = ()) -> Crawl:
    """Read the kind once."""
    mine = readers or (reader(),)
    crawler = Crawler(ledger, told, landing(ledger, *mine), {("crm", "Kind"): mine}, NOW)  # type: ignore[arg-type]  # in memory
    told.asked.clear()
    return crawler.crawl("Kind", full=full)


def page(*records: Record, safe: int | None = None) -> Page:
    """A page; the last one has a safe point."""
    return Page(records, None if safe is None else at(safe))
