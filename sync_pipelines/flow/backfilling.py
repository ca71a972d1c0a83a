"""Read once more what was read already, and bring into agreement what follows from it: by the wish of a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.contract import Watermark
from mappings.book import Book
from sync_pipelines.flow.forecasting import Forecast, forecast
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.flow.steps import PLAN_ONLY, SYNC
from sync_pipelines.flow.wishes import entities_named, moment, systems_named
from sync_pipelines.intake.crawl import FLOW_CHANGES


@dataclass(frozen=True, slots=True)
class Backfill:
    """What is wished for. Other systems are read as in every run: what changed since."""

    entities: tuple[str, ...]
    systems: frozenset[str]
    since: datetime | None = None  # None: everything

    @classmethod
    def wished(cls, book: Book, entities: Iterable[str], systems: Iterable[str], since: str) -> "Backfill":
        """Names as the book knows them; none of them: all. Raises LedgerError."""
        chosen = frozenset(systems_named(book, systems))
        return cls(entities_named(book, entities), chosen, moment(since) if since else None)

    def forecast(self, house: House) -> Sequence[Forecast]:
        """What it takes in calls, where everything is read once more."""
        told = forecast(house.ledger, house.book, self.entities, house.seams.clock())
        return [one for one in told if one.system in self.systems and self.since is None]


def backfill(house: House, wish: Backfill, *, apply: bool) -> Sequence[RunResult]:
    """A run of each entity, in the order of the book: recover, read, plan, judge, and only where asked for, apply."""
    return [_one(house, entity, wish, apply=apply) for entity in wish.entities]


def _one(house: House, entity: str, wish: Backfill, *, apply: bool) -> RunResult:
    result = house.begin(entity, SYNC if apply else PLAN_ONLY)
    house.recover(result)
    for system, kind_map in sorted(house.book.entities[entity].maps.items()):
        if system in house.connectors:
            full = _again(house, system, kind_map.kind, wish)
            house.take_crawl(result, house.crawl(system, kind_map.kind, full=full))
    house.plan(result)
    house.judge(result)
    if apply:
        house.apply(result)
    return house.end(result)


def _again(house: House, system: str, kind: str, wish: Backfill) -> bool:
    """Whether to read everything. Where it is enough to go back, the watermark is: a reading starts there."""
    if system not in wish.systems or wish.since is None:
        return system in wish.systems
    known = house.ledger.watermark(system, kind, FLOW_CHANGES)
    if known is not None and wish.since < known.at:
        house.ledger.rewind(system, kind, FLOW_CHANGES, Watermark(wish.since))
    return False
