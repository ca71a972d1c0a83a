"""Where this house keeps its things, and the one place where it is opened: book, ledger, connectors, time and ids.

A *home* is a folder (`CONCORDAT_HOME`, default `.concordat` where we stand) with `book/`, `ledger.sqlite`, `secrets/`.
Each may lie elsewhere: `CONCORDAT_BOOK` (else the home's, else the bundled one), `CONCORDAT_LEDGER` (a file or a URL),
`CONCORDAT_SECRETS` (connections, which connectors/settings.py reads). `CONCORDAT_LEDGER_FILE` and
`CONCORDAT_AUDIT_KEY_FILE` name files that hold the value, as container platforms hand out secrets.
`CONCORDAT_UI_URL` is where people see Dagster.
"""

import os
import platform
import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.contract import Connector
from connectors.errors import MisconfiguredError
from connectors.registry import open_connector
from connectors.seams import Seams as ConnectorSeams
from mappings.book import Book, SystemSpec
from sync_pipelines.applying.seams import Seams
from sync_pipelines.ledger.port import Ledger

if TYPE_CHECKING:  # these take longer to import than `concordat --help` may take
    from connectors.pacing import Allowance, Pace
    from sync_pipelines.flow.run import House

BUNDLED_BOOK = Path(__file__).parents[1] / "mappings"


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything lies."""

    book: Path
    ledger: str  # a URL
    audit_key: bytes = b""  # empty: beside the SQLite file

    @classmethod
    def found(cls, environment: Mapping[str, str] = os.environ) -> "Place":
        """As the environment says. Raises MisconfiguredError."""
        home = Path(environment.get("CONCORDAT_HOME") or ".concordat")
        ledger = _told(environment, "CONCORDAT_LEDGER") or str(home / "ledger.sqlite")
        return cls(
            _book(environment.get("CONCORDAT_BOOK", ""), home / "book"),
            ledger if "://" in ledger else f"sqlite:///{Path(ledger).absolute()}",
            _told(environment, "CONCORDAT_AUDIT_KEY").encode(),
        )


def ui_url(environment: Mapping[str, str] = os.environ) -> str:
    """What links to Dagster's own pages begin with (`CONCORDAT_UI_URL`); empty: they stay on the page's own host.

    To be set where Dagster is served under a path. Raises MisconfiguredError.
    """
    said = environment.get("CONCORDAT_UI_URL", "").rstrip("/")
    if said and not said.startswith(("https://", "http://", "/")):
        raise MisconfiguredError(f"CONCORDAT_UI_URL says {said}: write https://host/path, or /path")
    return said


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


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything that comes from outside into a house; passed in, so that a run can repeat exactly."""

    clock: Callable[[], datetime] = now
    new_id: Callable[[], str] = field(default_factory=SortableIds)
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    checkpoint: Callable[[str], None] | None = None
    holder: str = field(default_factory=lambda: f"{platform.node()}:{os.getpid()}")

    def engine(self) -> Seams:
        """What the engine wants of it."""
        seams = Seams(self.clock, self.new_id, holder=self.holder)
        return seams if self.checkpoint is None else Seams(self.clock, self.new_id, self.checkpoint, self.holder)

    def connector(self, pace: "Pace") -> ConnectorSeams:
        """What a connector wants of it."""
        return ConnectorSeams(self.clock, self.sleep, self.new_id, self.random, pace)


# --- connectors -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SpentInLedger:
    """Calls are counted in the ledger, by the system's own calendar day: all processes share one budget."""

    ledger: Ledger
    time_zone: str

    def spend(self, system: str, calls: int, at: datetime) -> int:
        """Add to the day; answers its sum."""
        return self.ledger.spend(system, at.astimezone(ZoneInfo(self.time_zone)).date().isoformat(), calls)


class Connectors(Mapping[str, Connector]):
    """The systems of a book, each opened when it is first asked for. Raises MisconfiguredError then."""

    def __init__(self, book: Book, ledger: Ledger, outside: Outside) -> None:
        """Nothing is opened yet."""
        self._book, self._ledger, self._outside = book, ledger, outside
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

    def close(self) -> None:
        """Close those that were opened."""
        while self._open:
            self._open.popitem()[1].close()

    def _opened(self, system: SystemSpec) -> Connector:
        options = {**system.options, "fields": fields_of(self._book, system.name)}
        packages = {system.connector: system.package} if system.package else {}
        seams = self._outside.connector(self._pace(system))
        return open_connector(system.name, system.connector, options, seams, packages)

    def _pace(self, system: SystemSpec) -> "Pace":
        from connectors.pacing import Pace  # noqa: PLC0415 - see above

        spending = SpentInLedger(self._ledger, system.calendar.time_zone)
        clock, sleep = self._outside.clock, self._outside.sleep
        return Pace(system.name, _allowance(system), clock=clock, sleep=sleep, spending=spending)


def fields_of(book: Book, system: str) -> Mapping[str, tuple[str, ...]]:
    """By kind, the vendor's paths that the book's maps read: what is not needed is not fetched."""
    from mappings.reading import paths  # noqa: PLC0415 - brings all codecs

    found: dict[str, set[str]] = {}
    for spec in book.entities.values():
        if kind_map := spec.maps.get(system):
            found.setdefault(kind_map.kind, set()).update(paths(kind_map))
    return {kind: tuple(sorted(named)) for kind, named in sorted(found.items())}


def _allowance(system: SystemSpec) -> "Allowance":
    from connectors.pacing import Allowance  # noqa: PLC0415 - see above

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
    from mappings.loading import load_book  # noqa: PLC0415 - see above

    return load_book(place.book)


@contextmanager
def open_ledger_at(place: Place) -> Iterator[Ledger]:
    """The memory of the house, closed at the end. Raises LedgerError."""
    from sync_pipelines.ledger.opening import open_ledger  # noqa: PLC0415 - see above

    ledger = open_ledger(place.ledger, audit_key=place.audit_key)
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def open_house(
    place: Place | None = None, *, book: Book | None = None, outside: Outside | None = None
) -> Iterator["House"]:
    """The engine on the book, the ledger and the systems of a place (default: as the environment says).

    Systems are opened when they are first asked for, and everything is closed at the end. Raises MisconfiguredError,
    BookError or LedgerError, each of them a text for a person.
    """
    from sync_pipelines.flow.run import House  # noqa: PLC0415 - see above

    place, outside = place or Place.found(), outside or Outside()
    book = book or read_book(place)
    with open_ledger_at(place) as ledger:
        connectors = Connectors(book, ledger, outside)
        try:
            yield House(book, ledger, connectors, outside.engine())
        finally:
            connectors.close()
