"""The same histories with systems behind sockets, each in a vendor's dialect; one schedule of faults drives both.

What a history does to a field that a vendor has no counterpart for is left out there.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from connectors.contract import Connector
from connectors.testing.metadata import KindSpec
from connectors.testing.world import System
from mappings.book import Book, EntitySpec
from mappings.fieldmap import KindMap
from sync_pipelines.simulation.dialects.dialect import Dialect, Served
from sync_pipelines.simulation.dialects.kingdee import Kingdee
from sync_pipelines.simulation.dialects.salesforce import Salesforce
from sync_pipelines.simulation.dialects.shopify import Shopify
from sync_pipelines.simulation.little_book import kinds_of, little_book
from sync_pipelines.simulation.little_world import LittleWorld

Make: TypeAlias = Callable[..., LittleWorld]
DIALECTS: Mapping[str, Dialect] = {"crm": Salesforce(), "erp": Kingdee(), "shop": Shopify()}


@contextmanager
def over_http(*systems: str) -> Iterator[Make]:
    """What makes little worlds of which these systems, all unless named, are vendors' on loopback; they end with it."""
    spoken = {system: DIALECTS[system] for system in systems or DIALECTS}
    with ExitStack() as open_until_the_end:
        yield partial(_made, open_until_the_end, spoken)


def _made(until: ExitStack, spoken: Mapping[str, Dialect], seed: int, page_size: int, **more: Any) -> LittleWorld:
    until.close()  # the world before is over
    book = _book(spoken)
    options = {name: dict(told) for name, told in more.pop("options", {}).items()}
    for system, dialect in spoken.items():
        options[system] = {**options.get(system, {}), **dialect.options, "sort": dialect.sort}
    opened = {
        system: _Opened(dialect, until, _maps(book, system), page_size, more.get("max_batch", 1))
        for system, dialect in spoken.items()
    }
    return LittleWorld(
        seed,
        page_size,
        book=book,
        kinds={system: [_kind(dialect, plain) for plain in kinds_of(system)] for system, dialect in spoken.items()},
        connect={system: one.connected for system, one in opened.items()},
        called={(system, ours): theirs for system, said in spoken.items() for ours, theirs in said.called.items()},
        words={(system, theirs): ours for system, said in spoken.items() for theirs, ours in said.words.items()},
        options=options,
        **more,
    )


class _Opened:
    """A system of one world, started when somebody first logs in."""

    def __init__(self, dialect: Dialect, until: ExitStack, maps: tuple[KindMap, ...], page: int, batch: int) -> None:
        self._dialect, self._until, self._maps, self._page, self._batch = dialect, until, maps, page, batch
        self._served: Served | None = None

    def connected(self, system: System) -> Connector:
        """One process more."""
        if self._served is None:
            how = {"page": self._page, "batch": self._batch}
            self._served = self._dialect.opened(system, self._until, self._maps, **how)
        return self._served.connected()


def _kind(dialect: Dialect, plain: KindSpec) -> KindSpec:
    for name in dialect.left_out & set(plain.fields):
        plain = plain.without(name)
    return dialect.kind(plain)


def _maps(book: Book, system: str) -> tuple[KindMap, ...]:
    return tuple(entity.maps[system] for entity in book.entities.values() if system in entity.maps)


def _book(spoken: Mapping[str, Dialect]) -> Book:
    """The little book, with the vendors' names of things."""
    usual = little_book()
    entities = {name: _entity(entity, spoken) for name, entity in usual.entities.items()}
    systems = {
        name: replace(one, may_be_empty=tuple(spoken[name].called.get(kind, kind) for kind in one.may_be_empty))
        if name in spoken
        else one
        for name, one in usual.systems.items()
    }
    return replace(usual, entities=entities, systems=systems)


def _entity(entity: EntitySpec, spoken: Mapping[str, Dialect]) -> EntitySpec:
    told = {system: _map(spoken[system], one) for system, one in entity.maps.items() if system in spoken}
    return replace(entity, maps={**entity.maps, **told})


def _map(dialect: Dialect, plain: KindMap) -> KindMap:
    lines = tuple(line for line in plain.lines if line.at not in dialect.left_out)
    return dialect.mapped(replace(plain, lines=lines))
