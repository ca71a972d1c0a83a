"""Where a history is played: the little world, what was told of it so far, and what has to be mended at the end."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from connectors.testing.metadata import Refusal
from connectors.testing.world import Row, System
from sync_pipelines.ledger.copying import Copy
from sync_pipelines.simulation.draws import draw
from sync_pipelines.simulation.little_book import PERSON
from sync_pipelines.simulation.little_world import LittleWorld
from sync_pipelines.simulation.testimony import Leave, Parted, Ref, Ruled, Silence, Unseen
from sync_pipelines.simulation.values import WORDS

_One = TypeVar("_One")
USER = "user:u"
_MANY_WRITE = ("Phone", "Remark")  # fields that are shared, so that we write what people edit


@dataclass
class Stage:
    """`mend` holds what an administrator does when everything heals, by the name of what is broken."""

    little: LittleWorld
    seed: int
    kinds: frozenset[str] = frozenset()  # of faults that are let loose
    told: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    mend: dict[str, Callable[[], object]] = field(default_factory=dict)
    number: int = 0  # of the present operation
    backups: list[Copy] = field(default_factory=list)  # of the ledger, where one of them comes back
    differing: set[tuple[str, str]] = field(default_factory=set)  # entity and field that were adopted as they differ
    forgotten: set[str] = field(default_factory=set)  # keys of writes that a restored ledger knows nothing of
    held: dict[str, list[str]] = field(default_factory=dict)  # by entity: parts of its newest plan that are held, by id
    leaves: list[Leave] = field(default_factory=list)  # what people let through
    parted: list[Parted] = field(default_factory=list)  # and joined by nobody since
    silence: Silence | None = None
    ever_parted: list[Parted] = field(default_factory=list)
    apart: list[frozenset[Ref]] = field(default_factory=list)  # of whom a person said that they are several
    unread: dict[str, tuple[int, datetime]] = field(default_factory=dict)  # by system: calls until a bare ledger came
    hidden: list[tuple[str, str, datetime]] = field(default_factory=list)  # (system, kind) of which it sees nothing
    unseen: list[Unseen] = field(default_factory=list)  # and saw nothing, until it was shown again
    ruled: list[Ruled] = field(default_factory=list)
    let_go: set[str] = field(default_factory=set)  # entities of which a person said that they go out of use
    undoing: set[str] = field(default_factory=set)  # plans that took a run back

    def __post_init__(self) -> None:
        """People go on working while we read and write."""
        for system in self.little.world.systems.values():
            system.meanwhile = self._meanwhile(system)

    def at(self, system: str) -> System:
        """A system of the world."""
        return self.little.world.systems[system]

    def tell(self, line: str) -> None:
        """Something happened."""
        self.told.append(line)

    def tries(self, what: str, line: str, deed: Callable[[], object], *, wait: float = 1) -> bool:
        """A user tries; the system may say no."""
        if wait:
            self.little.world.clock.advance(wait)
        try:
            deed()
        except Refusal as refusal:
            self.tell(f"{line}: refused: {refusal}")
            return False
        self.done[what] += 1
        self.tell(line)
        return True

    def rows(self, system: str, kind: str = "") -> list[Row]:
        """Living records."""
        return self.little.rows(system, kind)

    def row(self, how: dict[str, Any], kind: str = "", name: str = "pick") -> Row | None:
        """The record that an operation means, if there is any."""
        rows = self.rows(how["system"], kind)
        return picked(rows, how[name]) if rows else None

    def mended(self, name: str, mend: Callable[[], object]) -> None:
        """What is broken stays broken until everything heals, and is mended once."""
        self.mend.setdefault(name, mend)

    def heal(self) -> None:
        """Everything is mended, the last first."""
        while self.mend:
            name, mend = self.mend.popitem()
            mend()
            self.tell(f"mended: {name}")

    def _meanwhile(self, system: System) -> Callable[[str, str, str], None]:
        def work(what: str, kind: str, record_id: str) -> None:
            rows = sorted(row.id for row in system.living(kind))
            met = self.done["meanwhile"]
            if not rows:
                return
            which = record_id or picked(rows, int(10_000 * draw(self.seed, self.number, "meanwhile", met)))
            is_person = kind == self.little.kind(system.name, PERSON)
            field_name = "Email" if is_person else picked(_MANY_WRITE, met)
            value = picked(WORDS, met + self.number)
            line = f"meanwhile ({what}) {system.name}/{which} {field_name}={value!r}"
            self.tries("meanwhile", line, lambda: system.update(kind, which, {field_name: value}, by=USER), wait=0)

        return work


def picked(rows: Sequence[_One], place: int) -> _One:
    """Counted round."""
    return rows[place % len(rows)]
