"""The definitions on three systems in memory: the real engine behind Dagster, in this process."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import dagster as dg

from connectors.errors import MisconfiguredError
from connectors.webhooks import Signed
from mappings.book import Book, Calendar, WriteSwitch
from mappings.ownership import Cadence
from monitoring.alerts import Message
from monitoring.events import Outbox
from monitoring.journal import Teller
from monitoring.logs import log_event
from monitoring.notify import ChannelError
from monitoring.settings import AlertSettings
from sync_pipelines.definitions import define
from sync_pipelines.defs.book_changes import Unknown
from sync_pipelines.defs.upkeep import Chores
from sync_pipelines.flow.agreement import Agreement, reconcile
from sync_pipelines.flow.alerting import Watched, watch
from sync_pipelines.flow.drifting import describe_all
from sync_pipelines.flow.hinting import Wanted, take_in
from sync_pipelines.flow.pruning import prune
from sync_pipelines.flow.rulebook import Examined, keep_examined, keep_loaded
from sync_pipelines.flow.run import House
from sync_pipelines.flow.telling import LedgerOutbox
from sync_pipelines.flow.told import ToldHouse
from sync_pipelines.ledger.backing_up import Backup, Drilled
from sync_pipelines.ledger.port import LedgerError
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld

NIGHTLY = Cadence((), "0 2 * * *", timedelta(hours=26))
OFTEN = Cadence(("credit_limit",), "5m", timedelta(minutes=15))


def timed_book(*, cadence: Mapping[str, tuple[Cadence, ...]] | None = None, **options: Any) -> Book:
    """The little book with a cadence: accounts often and every night, contacts every night."""
    book = little_book(**options)
    wanted = cadence or {"account": (OFTEN, NIGHTLY), "contact": (NIGHTLY,)}
    entities = {
        name: replace(spec, ownership=replace(spec.ownership, cadence=wanted.get(name, ())))
        for name, spec in book.entities.items()
    }
    return replace(book, entities=entities)


def in_zones(book: Book, zones: Mapping[str, str]) -> Book:
    """The book with systems in other parts of the world."""
    systems = {
        name: replace(system, calendar=Calendar(zones.get(name, "UTC"))) for name, system in book.systems.items()
    }
    return replace(book, systems=systems)


class Nobody:
    """Is told of nothing, since no route leads to anybody."""

    def send(self, channel: str, messages: Sequence[Message]) -> str:
        """There is no channel."""
        raise ChannelError(f"{channel} got {len(messages)} messages")


@dataclass
class Rig:
    """A world, the definitions on it, and an instance that remembers nothing beyond the test."""

    instance: dg.DagsterInstance
    book: Book = field(default_factory=timed_book)
    missing: Mapping[str, str] = field(default_factory=dict)  # system → what its connection lacks

    def __post_init__(self) -> None:
        """Three systems, empty."""
        self.world = LittleWorld(book=self.book)
        self.opened = 0
        self.lying = Examined("loaded", self.book)

    @contextmanager
    def opens(self) -> Iterator[House]:
        """The engine, counted, with its log."""
        self.opened += 1
        little = self.world
        plain = little.engine()
        tell = Teller(log_event, little.world.clock.now)
        little.house = ToldHouse(tell, plain.book, little.ledger, little.connectors, plain.seams)
        yield little.house

    @contextmanager
    def outbox(self) -> Iterator[Outbox]:
        """The ledger's."""
        yield LedgerOutbox(self.world.ledger)

    @cached_property
    def defs(self) -> dg.Definitions:
        """As Dagster is told."""
        chores = Chores(
            self.look, self.prune, self.reconcile, self.describe, self.backup, self.drill, self.world.world.clock.now
        )
        return define(
            self.book,
            self.opens,
            self.outbox,
            lambda system: self.missing.get(system, ""),
            chores,
            self.hears,
            self.examines,
        )

    def examines(self, unknown: Unknown) -> Examined:
        """What lies in `lying`, as it would be read from its files."""
        now, book = self.world.world.clock.now(), self.lying.book
        keep_examined(self.world.ledger, self.lying, now)
        keep_loaded(self.world.ledger, unknown(book) if book else None, now)
        return self.lying

    def hears(self) -> Sequence[Wanted]:
        """What was announced, in our own dialect."""
        return take_in(self.world.ledger, self.book, lambda _: Signed([]), self.world.world.clock.now())

    @property
    def beats(self) -> Sequence[dg.ScheduleDefinition]:
        """Schedules of entities, without those of upkeep."""
        told = [one for one in self.defs.schedules or [] if isinstance(one, dg.ScheduleDefinition)]
        return [one for one in told if not one.name.startswith("concordat_")]

    def look(self) -> Watched:
        """As the command does."""
        now = self.world.world.clock.now()
        return watch(self.world.ledger, self.book, AlertSettings(), Nobody(), now, holder="watchman")

    def prune(self, before: datetime) -> Mapping[str, int]:
        """The ledger."""
        return prune(self.world.ledger, before, self.world.world.clock.now)

    def describe(self) -> Mapping[str, str]:
        """Every system."""
        now = self.world.world.clock.now()
        return describe_all(self.world.ledger, self.book, self.world.connectors, now)

    def backup(self) -> Backup:
        """A ledger in memory has none."""
        raise LedgerError("there is nothing to copy")

    def drill(self) -> Drilled:
        """Nor anything to bring back."""
        return Drilled(Backup("concordat-1", "", "sqlite", "1", 7, "", {"claim": 3}), 5, 1, 3)

    def reconcile(self, entities: Sequence[str]) -> Sequence[Agreement]:
        """Everything, or these."""
        return reconcile(self.world.ledger, self.book, self.world.world.clock.now(), entities)

    def run(self, entity: str = "account", *, at_once: bool = False, **options: bool) -> "Ran":
        """One run of an entity's job; what goes wrong is in the result."""
        self.world.world.clock.advance(60)
        job = self.defs.resolve_job_def(f"{entity}_sync")
        return Ran(job.execute_in_process(instance=self.instance, run_config=options, raise_on_error=at_once), self)

    def settle(self, rounds: int = 5) -> None:
        """Run everything until nothing is written."""
        for _ in range(rounds):
            before = len(self.world.written())
            for entity in self.book.entities:
                assert self.run(entity).ok
            self.world.world.clock.advance(timedelta(minutes=11))
            if len(self.world.written()) == before:
                return


@dataclass(frozen=True)
class Ran:
    """A run, and what Dagster shows of it."""

    result: dg.ExecuteInProcessResult
    rig: Rig

    @property
    def ok(self) -> bool:
        """Whether Dagster calls it a success."""
        return self.result.success

    @property
    def id(self) -> str:
        """Dagster's id."""
        return self.result.run_id

    @property
    def tags(self) -> Mapping[str, str]:
        """As they are after the run."""
        run = self.rig.instance.get_run_by_id(self.id)
        assert run is not None
        return run.tags

    def began(self) -> list[str]:
        """Steps that were started, in order."""
        return [
            e.step_key for e in self.result.all_events if e.event_type is dg.DagsterEventType.STEP_START and e.step_key
        ]

    def page(self, last: str) -> Mapping[str, Any]:
        """The metadata of an asset, be it materialized or only observed."""
        shown: dict[str, Any] = {}
        for event in self.result.all_events:
            found: Any = None
            if event.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION:
                found = event.step_materialization_data.materialization
            if event.event_type is dg.DagsterEventType.ASSET_OBSERVATION:
                found = event.asset_observation_data.asset_observation
            if found is not None and found.asset_key.path[-1] == last:
                shown = {name: value.value for name, value in found.metadata.items()}
        return shown

    def materialized(self) -> set[str]:
        """Last parts of the keys."""
        return {event.asset_key.path[-1] for event in self.result.get_asset_materialization_events() if event.asset_key}

    def check(self, last: str) -> dg.AssetCheckEvaluation:
        """The one check of an asset."""
        found = [one for one in self.result.get_asset_check_evaluations() if one.asset_key.path[-1] == last]
        assert len(found) == 1, found
        return found[0]

    def failure(self) -> str:
        """What the failed step says."""
        events = [event for event in self.result.all_events if event.is_step_failure]
        assert len(events) == 1, events
        data = events[0].step_failure_data
        assert data.user_failure_data is not None, data
        return data.user_failure_data.description or ""


def unset_up(system: str) -> MisconfiguredError:
    """What a connector says that nobody has configured."""
    return MisconfiguredError(f"{system} is not set up: CONCORDAT_{system.upper()}_URL is missing")


def switched(**switches: WriteSwitch) -> Book:
    """The timed book with write switches."""
    return timed_book(switches=switches)
