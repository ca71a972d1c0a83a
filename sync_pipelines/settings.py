"""Where this house keeps its things, and the one place where it is opened: book, ledger, connectors, time and ids.

A *home* is a folder (`CONCORDAT_HOME`, default `.concordat` where we stand) with `book/`, `ledger.sqlite`, `secrets/`.
Each may lie elsewhere: `CONCORDAT_BOOK` (else the home's, else the bundled one), `CONCORDAT_LEDGER` (a file or a URL),
`CONCORDAT_SECRETS` (connections, which connectors/settings.py reads), `CONCORDAT_BACKUPS`. `CONCORDAT_LEDGER_FILE` and
`CONCORDAT_AUDIT_KEY_FILE` name files that hold the value, as container platforms hand out secrets.
`CONCORDAT_UI_URL` is where people see Dagster. `CONCORDAT_LOG` (`stderr` or a file) is where the log goes, from
`CONCORDAT_LOG_LEVEL` on.
"""

import gc
import os
import platform
import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from connectors.contract import Connector
from connectors.errors import MisconfiguredError
from connectors.registry import open_connector, open_webhooks
from connectors.seams import Seams as ConnectorSeams
from mappings.book import Book, SystemSpec
from sync_pipelines.applying.seams import Seams, go_on
from sync_pipelines.flow.spending import Purse, SpentInLedger
from sync_pipelines.ledger.memento import FORGETFUL, FileMemento, Memento
from sync_pipelines.ledger.port import Ledger

if TYPE_CHECKING:  # these take longer to import than `concordat --help` may take
    from connectors.hearing import Heard, Trouble
    from connectors.pacing import Allowance, Pace
    from connectors.webhooks import Webhooks
    from monitoring.journal import Teller
    from sync_pipelines.flow.run import House

# Pages are hundreds of thousands of short-lived values without a circle. Looked through at Python's usual pace, which
# is made for small programs (700, 10, 10), they cost a tenth of a reading.
_SELDOM = (50_000, 20, 20)
_LOG_LEVELS = ("debug", "info", "warning", "error")
BUNDLED_BOOK = Path(__file__).parents[1] / "mappings"


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything lies."""

    book: Path
    ledger: str  # a URL
    audit_key: bytes = b""  # empty: beside the SQLite file
    backups: Path = Path("backups")
    memento: Path | None = None  # beside the ledger: how far it had come
    log: str = ""  # `stderr`, or a file; empty: nobody reads one
    log_level: str = "info"

    @classmethod
    def found(cls, environment: Mapping[str, str] = os.environ) -> "Place":
        """As the environment says. Raises MisconfiguredError."""
        home = Path(environment.get("CONCORDAT_HOME") or ".concordat")
        ledger = _told(environment, "CONCORDAT_LEDGER") or str(home / "ledger.sqlite")
        ledger = ledger if "://" in ledger else f"sqlite:///{Path(ledger).absolute()}"
        return cls(
            _book(environment.get("CONCORDAT_BOOK", ""), home / "book"),
            ledger,
            _told(environment, "CONCORDAT_AUDIT_KEY").encode(),
            Path(environment.get("CONCORDAT_BACKUPS") or home / "backups"),
            home / f"runs-{sha256(ledger.encode()).hexdigest()[:12]}",
            environment.get("CONCORDAT_LOG", ""),
            _log_level(environment.get("CONCORDAT_LOG_LEVEL", "").lower()),
        )


def ui_url(environment: Mapping[str, str] = os.environ) -> str:
    """What links to Dagster's own pages begin with (`CONCORDAT_UI_URL`); empty: they stay on the page's own host.

    To be set where Dagster is served under a path. Raises MisconfiguredError.
    """
    said = environment.get("CONCORDAT_UI_URL", "").rstrip("/")
    if said and not said.startswith(("https://", "http://", "/")):
        raise MisconfiguredError(f"CONCORDAT_UI_URL says {said}: write https://host/path, or /path")
    return said


def _log_level(said: str) -> str:
    if said and said not in _LOG_LEVELS:
        raise MisconfiguredError(f"CONCORDAT_LOG_LEVEL says {said}: write one of {', '.join(_LOG_LEVELS)}")
    return said or "info"


def _book(named: str, at_home: Path) -> Path:
    if named and not (Path(named) / "systems.yaml").is_file():
        raise MisconfiguredError(f"CONCORDAT_BOOK names {named}, which holds no systems.yaml; `concordat init {named}`")
    if named:
        return Path(named)
    return at_home if (at_home / "systems.yaml").is_file() else BUNDLED_BOOK


def _told(environment: Mapping[str, str], name: str) -> str:
    """A variable's value, or the content of the file that its `_FILE` twin names."""
    value, file = environment.get(name, ""), environment.get(f"{name}_FILE", "")
    if value and file:
        raise MisconfiguredError(f"{name} and {name}_FILE are both set: keep one")
    if not file:
        return value
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{name}_FILE names {file}, which cannot be read ({type(error).__name__})"
        raise MisconfiguredError(message) from error


# --- time, ids, chance ------------------------------------------------------------------------------------------------


def now() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80


class SortableIds:
    """ULIDs: 48 bits of milliseconds, 80 of chance, in Crockford's letters; those of one process rise strictly."""

    def __init__(self, clock: Callable[[], datetime] = now, chance: Callable[[int], int] = secrets.randbits) -> None:
        """`chance` answers that many random bits."""
        self._clock, self._chance = clock, chance
        self._last = 0
        self._lock = Lock()

    def __call__(self) -> str:
        with self._lock:
            milliseconds = int(self._clock().timestamp() * 1000)
            fresh = milliseconds << _RANDOM_BITS | self._chance(_RANDOM_BITS)
            self._last = fresh if fresh > self._last else self._last + 1
            return "".join(_CROCKFORD[self._last >> shift & 31] for shift in range(125, -1, -5))


def one_thread() -> Executor:
    """Makes calls beside the engine, one after the other."""
    return ThreadPoolExecutor(1, "calls")


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything that comes from outside into a house; passed in, so that a run can repeat exactly."""

    clock: Callable[[], datetime] = now
    new_id: Callable[[], str] = field(default_factory=SortableIds)
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    checkpoint: Callable[[str], None] | None = None
    holder: str = field(default_factory=lambda: f"{platform.node()}:{os.getpid()}")
    caller: Callable[[], Executor] = one_thread  # makes the calls to one system while a plan is applied

    def engine(self, memento: Memento | None = None) -> Seams:
        """What the engine wants of it; `memento` is what outlives its ledger."""
        caller, memento = self.caller, memento or FORGETFUL
        return Seams(self.clock, self.new_id, self.checkpoint or go_on, self.holder, memento=memento, caller=caller)

    def connector(self, pace: "Pace", heard: "Heard | None" = None) -> ConnectorSeams:
        """What a connector wants of it."""
        return ConnectorSeams(self.clock, self.sleep, self.new_id, self.random, pace, heard=heard)


_MOST_SET_ASIDE = 100  # calls

# --- connectors -------------------------------------------------------------------------------------------------------


class Connectors(Mapping[str, Connector]):
    """The systems of a book, each opened when it is first asked for. Raises MisconfiguredError then."""

    def __init__(
        self,
        book: Book,
        ledger: Ledger,
        outside: Outside,
        purse: Callable[[], Ledger] | None = None,
        tell: "Teller | None" = None,
    ) -> None:
        """Nothing is opened yet. Calls are counted in what `purse` opens; without it one by one in `ledger`."""
        self._tell = tell
        self._book, self._outside, self._ledger = book, outside, ledger
        self._heard: dict[str, Heard] = {}
        self._purse = Purse(purse) if purse else None
        self._spend = self._purse.spend if self._purse else ledger.spend
        self._spent: list[SpentInLedger] = []
        self._open: dict[str, Connector] = {}

    def __getitem__(self, system: str) -> Connector:
        if system not in self._open:
            self._open[system] = self._opened(self._book.systems[system])
        return self._open[system]

    def __contains__(self, system: object) -> bool:
        return system in self._book.systems

    def __iter__(self) -> Iterator[str]:
        return iter(self._book.systems)

    def __len__(self) -> int:
        return len(self._book.systems)

    def rest(self) -> None:
        """For now no call is made: give back what was set aside for calls, and keep what was heard."""
        self._give_back()
        if self._heard:
            from sync_pipelines.flow.hearing import keep_heard  # noqa: PLC0415 - not every command needs it

            for system, heard in self._heard.items():
                keep_heard(self._ledger, self._book.systems[system], heard, self._outside.clock())

    def close(self) -> None:
        """Close those that were opened."""
        self._give_back()
        while self._open:
            self._open.popitem()[1].close()
        if self._purse is not None:
            self._purse.close()

    def _give_back(self) -> None:
        for spent in self._spent:
            spent.give_back()

    def _opened(self, system: SystemSpec) -> Connector:
        from connectors.hearing import Heard  # noqa: PLC0415 - not every command needs it

        options = {**system.options, "fields": fields_of(self._book, system.name)}
        packages = {system.connector: system.package} if system.package else {}
        heard = self._heard.setdefault(system.name, Heard(tell=self._tells(system.name)))
        seams = self._outside.connector(self._pace(system), heard)
        return open_connector(system.name, system.connector, options, seams, packages)

    def _tells(self, system: str) -> "Callable[[Trouble, str, float], None]":
        from connectors.hearing import tell_nobody  # noqa: PLC0415 - not every command needs it

        if (tell := self._tell) is None:
            return tell_nobody
        from monitoring.journal import of_a_call  # noqa: PLC0415 - not every command needs it

        return lambda trouble, reason, seconds: of_a_call(tell, system, str(trouble), reason, seconds)

    def _pace(self, system: SystemSpec) -> "Pace":
        from connectors.pacing import Pace  # noqa: PLC0415 - not every command needs it

        block = _block(system) if self._purse else 1
        spending = SpentInLedger(self._spend, system.name, system.calendar.time_zone, block)
        self._spent.append(spending)
        clock, sleep = self._outside.clock, self._outside.sleep
        return Pace(system.name, _allowance(system), clock=clock, sleep=sleep, spending=spending)


def _block(system: SystemSpec) -> int:
    """Half a percent of the day's calls, as several processes may set aside as much, and no more than a hundred."""
    return (
        _MOST_SET_ASIDE if system.calls_per_day is None else max(1, min(_MOST_SET_ASIDE, system.calls_per_day // 200))
    )


def open_webhooks_of(book: Book, system: str) -> "Webhooks":
    """How a system of the book announces what changed. Raises MisconfiguredError."""
    if (spec := book.systems.get(system)) is None:
        raise MisconfiguredError(f"the book knows no system {system}")
    return open_webhooks(system, spec.connector, {spec.connector: spec.package} if spec.package else {})


def fields_of(book: Book, system: str) -> Mapping[str, tuple[str, ...]]:
    """By kind, the vendor's paths that the book's maps read: what is not needed is not fetched."""
    from mappings.reading import paths  # noqa: PLC0415 - brings all codecs

    found: dict[str, set[str]] = {}
    for spec in book.entities.values():
        if kind_map := spec.maps.get(system):
            found.setdefault(kind_map.kind, set()).update(paths(kind_map))
    return {kind: tuple(sorted(named)) for kind, named in sorted(found.items())}


def _allowance(system: SystemSpec) -> "Allowance":
    from connectors.pacing import Allowance  # noqa: PLC0415 - not every command needs it

    rate = system.calls_per_second
    return Allowance(
        per_second=round(rate) if rate is not None and rate >= 1 else None,
        per_minute=max(1, round(rate * 60)) if rate is not None and rate < 1 else None,
        per_day=system.calls_per_day,
        reserve=system.reserve,
    )


# --- opening ----------------------------------------------------------------------------------------------------------


def read_book(place: Place) -> Book:
    """The rules. Raises BookError with every complaint."""
    from mappings.loading import load_book  # noqa: PLC0415 - not every command needs it

    return load_book(place.book)


def _ledger_at(place: Place) -> Ledger:
    from sync_pipelines.ledger.opening import open_ledger  # noqa: PLC0415 - not every command needs it

    return open_ledger(place.ledger, audit_key=place.audit_key)


@contextmanager
def _teller(place: Place, clock: Callable[[], datetime]) -> Iterator["Teller"]:
    """What happens meanwhile goes into the log, where somebody asked for one."""
    from monitoring.journal import Teller  # noqa: PLC0415 - not every command needs it
    from monitoring.logs import log_event, logging_to  # noqa: PLC0415 - not every command needs it

    with ExitStack() as stack:
        try:
            stack.enter_context(logging_to(place.log, place.log_level))
        except OSError as error:
            message = f"CONCORDAT_LOG names {place.log}, which cannot be written ({type(error).__name__})"
            raise MisconfiguredError(message) from error
        yield Teller(log_event, clock)


@contextmanager
def open_ledger_at(place: Place) -> Iterator[Ledger]:
    """The memory of the house, closed at the end. Raises LedgerError."""
    from sync_pipelines.ledger.telling import telling  # noqa: PLC0415 - not every command needs it

    with _teller(place, now) as tell, closing(_ledger_at(place)) as ledger:
        yield telling(ledger, tell)


@contextmanager
def open_house(
    place: Place | None = None, *, book: Book | None = None, outside: Outside | None = None
) -> Iterator["House"]:
    """The engine on the book, the ledger and the systems of a place (default: as the environment says).

    Systems are opened when they are first asked for, and everything is closed at the end. Raises MisconfiguredError,
    BookError or LedgerError, each of them a text for a person.
    """
    from sync_pipelines.flow.told import ToldHouse  # noqa: PLC0415 - not every command needs it

    place, outside = place or Place.found(), outside or Outside()
    book = book or read_book(place)
    gc.set_threshold(*_SELDOM)
    with _teller(place, outside.clock) as tell, closing(_ledger_at(place)) as ledger:
        connectors = Connectors(book, ledger, outside, lambda: _ledger_at(place), tell)
        try:
            seams = outside.engine(FileMemento(place.memento) if place.memento else None)
            yield ToldHouse(tell, book, ledger, connectors, seams, at_rest=connectors.rest)
        finally:
            connectors.close()
