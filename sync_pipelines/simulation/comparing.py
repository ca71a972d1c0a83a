"""Two worlds side by side: what must make no difference makes none.

They need no oracle. One of them is played for every hundredth seed of a campaign, by turns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.testing.metadata import Refusal
from sync_pipelines.simulation.draws import Draws
from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.invariants.words import canonical
from sync_pipelines.simulation.little_book import KINDS, PERSON, ROLES
from sync_pipelines.simulation.little_world import LittleWorld
from sync_pipelines.simulation.running import run
from sync_pipelines.simulation.stage import Stage
from sync_pipelines.simulation.stores import store

EVERY = 100  # seeds
_FIRMS, _DAYS, _EDITS = 4, 3, 6
_POINTS = 30  # labelled points of a run, more or less
_SIZES = ((1, 1), (2, 7), (50, 50))  # of pages and batches, beside the usual ones
_USUAL = (4, 3)
# (field as systems call it, who may edit it): nobody contradicts anybody on the same day
_ENTITLED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Name", ("crm",)),
    ("Phone", ROLES),
    ("Remark", ROLES),
    ("Credit", ("erp",)),
    ("Segment", ("crm",)),
    ("Street", ("erp",)),
    ("Places", ("crm", "erp")),
)
_VALUES = ("2", "33", "0", "4.5")
_OURS = ("Key", "Number")  # given in the order in which records are made
End = Mapping[tuple[str, str, str], Mapping[str, object]]


@dataclass(slots=True)
class Calm:
    """Four firms with a person each, and days on which nobody contradicts anybody. Then all is said everywhere."""

    seed: int
    sizes: tuple[int, int] = _USUAL
    dies: bool = False  # each day's first run dies somewhere
    poisoned: int | None = None  # the firm whose record in the ERP is refused every time, from the first day on
    stage: Stage = field(init=False)

    def __post_init__(self) -> None:
        """An empty world."""
        self.stage = Stage(LittleWorld(self.seed, self.sizes[0], max_batch=self.sizes[1]), self.seed)

    def end(self) -> End:
        """Play it; answers what each record says at last, by system, kind and a name that nobody edits."""
        little = self.stage.little
        self._furnish()
        little.settle()
        if self.poisoned is not None:
            self.stage.at("erp").poison(self.stage.little.kind("erp"), self._row("erp", self.poisoned).id)
        for day in range(_DAYS):
            draws = Draws(self.seed, day)
            self._people_edit(draws)
            if self.dies:
                run(self.stage, {"befalls": "crash", "nth": 1 + draws.upto("dies", _POINTS)})
            little.settle()
        return {place: said for system in ROLES for place, said in self._said(system).items()}

    def _furnish(self) -> None:
        little = self.stage.little
        for number in range(_FIRMS):
            firm = little.create("crm", Name=f"Firm {number}", Tax_Id=f"T{number}", Status="Won", Phone="0", City="C")
            little.create("crm", PERSON, Name=f"P{number}", Email=f"p{number}@x.example", AccountId=firm)

    def _people_edit(self, draws: Draws) -> None:
        edited = set()
        for place in range(1 + draws.upto("edits", _EDITS)):
            firm = draws.upto(f"firm {place}", _FIRMS)
            name, who = draws.choice(f"field {place}", _ENTITLED)
            if (firm, name) not in edited:
                edited.add((firm, name))
                value = draws.choice(f"value {place}", _VALUES)
                self._edit(draws.choice(f"who {place}", who), firm, name, value)

    def _edit(self, system: str, firm: int, name: str, value: str) -> None:
        row = self._row(system, firm)
        if row is None:  # whoever lacks it here shows in the end
            return
        said: Any = [*(row.values["Places"] or []), {"code": value, "town": "Bonn"}] if name == "Places" else value
        codes = [place["code"] for place in row.values["Places"] or []]
        if name == "Places" and value in codes:
            return
        try:
            self.stage.little.edit(system, row.id, **{name: said})
        except Refusal as refusal:  # the poisoned one refuses people as well
            self.stage.tell(str(refusal))

    def _row(self, system: str, firm: int) -> Any:
        rows = self.stage.little.rows(system)
        return next((row for row in rows if row.values["Tax_Id"] == f"T{firm}"), None)

    def _said(self, system: str) -> End:
        little = self.stage.little
        firms = {row.id: str(row.values["Tax_Id"]) for row in little.rows(system)}
        told = {
            (system, KINDS[system], firms[row.id]): _plain(row.values)
            for row in little.rows(system)
            if firms[row.id] != f"T{self.poisoned}"
        }
        people = little.rows(system, PERSON) if PERSON in little.world.systems[system].tables else []
        told |= {
            (system, PERSON, str(row.values["Email"])): {
                **_plain(row.values),
                "AccountId": firms[row.values["AccountId"]],
            }
            for row in people
        }
        return told


def _plain(values: Mapping[str, Any]) -> dict[str, object]:
    return {name: _spelled(value) for name, value in values.items() if name not in _OURS}


def _spelled(value: Any) -> object:
    """Lists as sets of what they hold."""
    return sorted((one["code"], one["town"]) for one in value) if isinstance(value, list) else canonical(value)


# --- the five --------------------------------------------------------------------------------------------------------


def _poison(seed: int) -> str:
    firm = seed % _FIRMS
    bad, good = Calm(seed, poisoned=firm), Calm(seed)
    ends = bad.end(), good.end()
    others = {place: said for place, said in ends[1].items() if place[1] == PERSON or place[2] != f"T{firm}"}
    return _difference(others, ends[0], "with a record that is always refused")


def _again(seed: int) -> str:
    first, second = (examine(History.of(seed)).trace for _ in range(2))
    return "" if first == second else f"the trace was {first}, and the second time {second}"


def _crash(seed: int) -> str:
    return _difference(Calm(seed).end(), Calm(seed, dies=True).end(), "with processes that died")


def _sizes(seed: int) -> str:
    sizes = Draws(seed, -1).choice("sizes", _SIZES)
    return _difference(Calm(seed).end(), Calm(seed, sizes).end(), f"with pages and batches of {sizes}")


def _stores(seed: int) -> str:
    with store("sqlite") as fresh:
        quick, real = examine(History.of(seed)).trace, examine(History.of(seed), fresh()).trace
    return "" if quick == real else f"in memory the trace was {quick}, in SQLite {real}"


def _difference(one: End, other: End, how: str) -> str:
    for place in sorted(one.keys() | other.keys()):
        said, said_there = one.get(place), other.get(place)
        if said != said_there:
            return f"{'/'.join(place)} says {said}, and {how} {said_there}"
    return ""


COMPARISONS: Mapping[str, Callable[[int], str]] = {
    "I16": _poison,
    "I27": _again,
    "I28": _crash,
    "I29": _sizes,
    "I30": _stores,
}


def due(seed: int) -> str:
    """Which of them a campaign plays with this seed; mostly none."""
    return sorted(COMPARISONS)[seed // EVERY % len(COMPARISONS)] if seed % EVERY == 0 else ""


def compared(seed: int, law: str) -> str:
    """What it breaks, with the invariant first; empty where nothing differs."""
    try:
        says = COMPARISONS[law](seed)
    except AssertionError as error:
        says = str(error)
    return f"{law} {says}" if says else ""
