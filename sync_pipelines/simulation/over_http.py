"""The same histories with the CRM behind a socket, in a vendor's dialect; one schedule of faults drives both.

An org has no lists: what a history does to them in the CRM is left out. The other two systems stay where they are.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import count
from typing import TypeAlias

from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.simulated.metadata import id_pattern
from connectors.salesforce.simulator import Behaviour, SalesforceSimulator
from connectors.seams import Seams
from connectors.testing.metadata import KindSpec
from connectors.testing.world import System
from mappings.book import Book
from mappings.fieldmap import KindMap
from sync_pipelines.simulation.little_book import PERSON, kinds_of, little_book
from sync_pipelines.simulation.little_world import LittleWorld

Make: TypeAlias = Callable[..., LittleWorld]
CALLED = {("crm", PERSON): "Contact"}
_PREFIXES = {"Account": "001", "Contact": "003"}
_NO_LIST = "Places"


@contextmanager
def over_http() -> Iterator[Make]:
    """What makes little worlds of which the CRM is a simulated org on loopback; they end with it."""
    with ExitStack() as open_until_the_end:
        yield partial(_made, open_until_the_end)


def _made(until: ExitStack, seed: int, page_size: int, **more: object) -> LittleWorld:
    until.close()  # the world before is over
    connect = {"crm": _Org(until, page_size).connected}
    kinds = {"crm": tuple(map(_sobject, kinds_of("crm")))}
    return LittleWorld(seed, page_size, book=_book(), kinds=kinds, connect=connect, called=CALLED, **more)  # type: ignore[arg-type]  # named as LittleWorld names them


class _Org:
    """The CRM of one world, and whoever logs in there."""

    def __init__(self, until: ExitStack, page_size: int) -> None:
        self._until, self._how = until, Behaviour(page_rows=page_size)
        self._served: SalesforceSimulator | None = None

    def connected(self, system: System) -> SalesforceConnector:
        """One process more."""
        if self._served is None:
            self._served = self._until.enter_context(SalesforceSimulator(system, behaviour=self._how))
        numbers = count()
        seams = Seams(system.clock.now, system.clock.sleep, lambda: f"id-{next(numbers)}", lambda: 0.5)
        fields = {kind.name: tuple(kind.fields) for kind in map(_sobject, kinds_of("crm"))}
        connector = SalesforceConnector(system.name, _settings(self._served), seams, fields)
        self._until.callback(connector.close)
        return connector


def _settings(org: SalesforceSimulator) -> SalesforceSettings:
    return SalesforceSettings.model_validate(
        {
            "url": org.url,
            "on_premise": True,
            "client_id": org.app.client_id,
            "client_secret": org.app.client_secret,
            "key_field": "Key",
            "archive": {kind: {"Active": False} for kind in _PREFIXES},
            "windows": 1,  # one call after the other: threads would not come in the same order twice
            "bulk_above": None,
        }
    )


def _sobject(kind: KindSpec) -> KindSpec:
    plain = kind.without(_NO_LIST) if _NO_LIST in kind.fields else kind
    name = CALLED.get(("crm", kind.name), kind.name)
    return replace(plain, name=name, id_pattern=id_pattern(_PREFIXES[name]))


def _book() -> Book:
    """The little book, with the CRM's names of things."""
    usual = little_book()
    entities = {
        name: replace(entity, maps={**entity.maps, "crm": _map(entity.maps["crm"])})
        for name, entity in usual.entities.items()
    }
    crm = replace(usual.systems["crm"], may_be_empty=tuple(_PREFIXES))
    return replace(usual, entities=entities, systems={**usual.systems, "crm": crm})


def _map(known: KindMap) -> KindMap:
    lines = tuple(line for line in known.lines if line.at != _NO_LIST)
    return replace(known, kind=CALLED.get(("crm", known.kind), known.kind), lines=lines)
