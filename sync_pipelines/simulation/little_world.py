"""The three systems with users in them, the engine beside them, and what a checker may look at.

The systems' own logs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeAlias

from connectors.contract import Capabilities, Connector
from connectors.testing.faults import FaultSchedule
from connectors.testing.memory import MemoryConnector
from connectors.testing.metadata import KindSpec
from connectors.testing.world import MIDDLEWARE, START, LogEntry, Row, SimulatedClock, System, World
from mappings.book import Book
from sync_pipelines.applying.seams import Seams, go_on
from sync_pipelines.flow.run import House, RunResult
from sync_pipelines.ledger.memento import FORGETFUL, Memento
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.questions import Question
from sync_pipelines.review.answering import answer
from sync_pipelines.simulation.little_book import KINDS, PLACES, ROLES, abilities, kinds_of, the_little_book

_SECRET = "canary-b5c1e0"  # noqa: S105 - whoever tells it anywhere is heard
_Can: TypeAlias = Mapping[str, Capabilities]


class _LoggedIn(MemoryConnector):
    """A connection with a password, which it shows to whoever prints it."""

    def __init__(self, system: System, kinds: _Can, secret: str, *, page_size: int) -> None:
        super().__init__(system, kinds, page_size=page_size)
        self.secret = secret

    def __repr__(self) -> str:
        return f"<connection to {self.system} with {self.secret}>"


class UnsettledError(AssertionError):
    """Run after run, something is still written."""


@dataclass
class LittleWorld:
    """A world, its engine, and how to use both."""

    seed: int = 0
    page_size: int = 4
    rates: dict[str, float] = field(default_factory=dict)
    faults: FaultSchedule | None = None  # instead of one drawn by `seed` and `rates`
    start: datetime = START
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # of a system, beside its kinds
    max_batch: int = 3
    kinds: Mapping[str, Sequence[KindSpec]] = field(default_factory=dict)  # of a system, instead of the usual ones
    connect: Mapping[str, Callable[[System], Connector]] = field(default_factory=dict)  # to a system, over HTTP
    called: Mapping[tuple[str, str], str] = field(default_factory=dict)  # kinds that a system calls otherwise
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)  # ours, for its words for fields
    book: Book = field(default_factory=the_little_book)
    ledger: Ledger = field(default_factory=MemoryLedger)
    checkpoint: Callable[[str], None] = go_on
    ids: str = "id{:06d}"  # how ids of ours are spelled
    memento: Memento = FORGETFUL  # what lies beside the ledger

    def __post_init__(self) -> None:
        """Three systems, empty."""
        faults = self.faults or FaultSchedule(self.seed, self.rates)
        self.world = World(self.seed, clock=SimulatedClock(self.start), faults=faults)
        for system in ROLES:
            self.world.add(system, *self.kinds.get(system, kinds_of(system)), **self.options.get(system, {}))
        self._ids = count(1)
        self.connectors: dict[str, Connector] = {
            name: self._in_memory(system) for name, system in self.world.systems.items() if name not in self.connect
        }
        self.house = self.engine()

    def engine(self, book: Book | None = None) -> House:
        """A new process on the same ledger, which logs in anew."""
        self.connectors |= {system: connect(self.world.systems[system]) for system, connect in self.connect.items()}
        self.house = House(book or self.book, self.ledger, self.connectors, self.seams(self._checkpoint))
        return self.house

    def seams(self, checkpoint: Callable[[str], None] = go_on, holder: str = "concordat") -> Seams:
        """What another process on the same ledger is given."""
        return Seams(self.world.clock.now, self._next_id, checkpoint, holder, memento=self.memento)

    def _next_id(self) -> str:
        return self.ids.format(next(self._ids))

    def _in_memory(self, system: System) -> Connector:
        can = abilities(system.name, max_batch=self.max_batch)
        return _LoggedIn(system, can, f"{_SECRET}-{system.name}", page_size=self.page_size)

    @property
    def secrets(self) -> frozenset[str]:
        """What its connections hold to log in."""
        return frozenset((_SECRET,))

    def kind(self, system: str, kind: str = "") -> str:
        """As the system calls it; of firms, where none is named."""
        kind = kind or KINDS[system]
        return self.called.get((system, kind), kind)

    @property
    def places(self) -> list[tuple[str, str]]:
        """Where records are: systems and kinds, as they call them."""
        return [(system, self.kind(system, kind)) for system, kind in PLACES]

    def in_our_words(self, system: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """What is sent to a system, by the names that fields have in the little book."""
        return dict(self._in_our_words(system, payload, ""))

    def _in_our_words(self, system: str, payload: Mapping[str, Any], within: str) -> Iterator[tuple[str, Any]]:
        for name, value in payload.items():
            path = f"{within}{name}"
            deeper = isinstance(value, Mapping) and any(theirs.startswith(f"{path}.") for _, theirs in self.words)
            if (system, path) not in self.words and deeper:
                yield from self._in_our_words(system, value, f"{path}.")
            else:
                yield self.words.get((system, path), path), value

    def _checkpoint(self, name: str) -> None:
        self.checkpoint(name)

    def create(self, system: str, kind: str = "", **values: Any) -> str:
        """A user makes a record."""
        self.world.clock.advance(1)
        return self.world.systems[system].create(self.kind(system, kind), values, by="user:u").id

    def edit(self, system: str, record: str, kind: str = "", **values: Any) -> None:
        """A user edits a record."""
        self.world.clock.advance(1)
        self.world.systems[system].update(self.kind(system, kind), record, values, by="user:u")

    def row(self, system: str, record: str, kind: str = "") -> Row:
        """A record as it is in truth."""
        row = self.world.systems[system].read(self.kind(system, kind), record)
        if row is None:
            raise AssertionError(f"{system}/{record} is not there")
        return row

    def rows(self, system: str, kind: str = "") -> list[Row]:
        """All living records of a kind."""
        return sorted(self.world.systems[system].living(self.kind(system, kind)), key=lambda row: row.id)

    def only(self, system: str, kind: str = "") -> Row:
        """The one record of a kind."""
        rows = self.rows(system, kind)
        if len(rows) != 1:
            raise AssertionError([row.values for row in rows])
        return rows[0]

    def run(self, *, full: bool = False) -> list[RunResult]:
        """One run of each entity."""
        self.world.clock.advance(60)
        return [self.house.run(entity, full=full) for entity in self.book.entities]

    def settle(self, rounds: int = 8) -> int:
        """Run until nothing is written any more; answers how many rounds it took."""
        self.world.clock.advance(timedelta(minutes=11))  # until no lost request can still be executed
        results: list[RunResult] = []
        for done in range(1, rounds + 1):
            before = self._writes()
            results = self.run(full=done == 1)
            if self._writes() == before and not any(result.changes for result in results):
                return done
            self.world.clock.advance(timedelta(minutes=11))
        says = [(r.entity, r.state.value, r.says) for r in results]
        raise UnsettledError(f"not at rest after {rounds} rounds: {says}")

    def written(self) -> list[LogEntry]:
        """What the middleware wrote, by the systems' own logs."""
        return [entry for entry in self.world.log() if entry.actor == MIDDLEWARE and entry.writes]

    def _writes(self) -> int:
        logs = (system.log for system in self.world.systems.values())
        return sum(entry.actor == MIDDLEWARE and entry.writes for log in logs for entry in log)

    def questions(self) -> list[Question]:
        """Open questions of all entities."""
        return [question for entity in self.book.entities for question in self.ledger.questions(entity=entity)]

    def answer(self, question: Question, choice: str) -> None:
        """A steward answers."""
        answer(self.ledger, self.book, question.id, choice, "stella", self.world.clock.now())


def shared(little: LittleWorld, **values: Any) -> str:
    """An account that exists everywhere and is at rest; answers its id in the CRM."""
    base: dict[str, Any] = {
        "Name": "Acme",
        "Tax_Id": "DE1",
        "Status": "Won",
        "Phone": "1",
        "Street": "S",
        "City": "C",
    }
    account = little.create("crm", **base, **values)
    little.settle()
    return account
