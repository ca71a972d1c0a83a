"""Random histories: users in three systems, the engine among them, faults on the way.

Then everything heals and settles.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from connectors.testing.faults import Fault
from connectors.testing.metadata import Refusal
from sync_pipelines.model.questions import About, Question
from tests.laws.little_book import KINDS
from tests.laws.little_world import LittleWorld

NAMES = ("Acme", "Borg", "Café Ünï", "北京晨光有限公司")
WORDS = ("1", "22", "", None, "x'y", "0")
FIELDS = ("Phone", "Remark", "Credit", "Segment", "Rating", "Street", "City", "Name", "Tax_Id", "Terms", "Status")
STORMS: tuple[tuple[str, ...], ...] = (
    (),
    (Fault.LOST_AFTER,),
    (Fault.LOST_BEFORE, Fault.SERVER_ERROR),
    (Fault.LOST_MIDWAY, Fault.PARTIAL_BATCH),
    (Fault.PAGE_ERROR, Fault.THROTTLED),
    (Fault.SEARCH_LAG,),
    (Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.PARTIAL_BATCH, Fault.PAGE_ERROR, Fault.SEARCH_LAG),
)


class CrashError(BaseException):
    """The process dies here."""


@dataclass
class History:
    """One history, from its seed alone."""

    seed: int
    operations: int = 30
    crashes: bool = True
    quiet: bool = False  # no conflicts: every field is edited in one system only, between runs that settle
    page_size: int = 4
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Everything that is drawn is drawn from the seed."""
        self.random = Random(self.seed)
        storm = self.random.choice(STORMS) if not self.quiet else ()
        self.little = LittleWorld(self.seed, page_size=self.page_size, rates=dict.fromkeys(storm, 0.15))
        self._crash_at = 0
        self._met = 0
        self.little.checkpoint = self._checkpoint

    # --- the history -------------------------------------------------------------------------------------------------

    def play(self) -> LittleWorld:
        """Play it, heal, and settle."""
        for number in range(self.operations):
            self.little.world.faults.begin(number)
            self._operation()
        self.heal()
        return self.little

    def heal(self) -> None:
        """No more faults, no more crashes; every question is answered."""
        self.little.world.faults.heal()
        self._crash_at = 0
        for _ in range(12):
            self.little.world.clock.advance(timedelta(minutes=11))
            self.little.settle(12)
            if not self.little.questions():
                return
            for question in self.little.questions():
                if any(q.id == question.id for q in self.little.questions()):
                    self._answer(question)
        message = f"seed {self.seed}: questions never end: {[(q.topic, q.asks) for q in self.little.questions()]}"
        raise AssertionError(message)

    def _operation(self) -> None:
        draw = self.random.random()
        if draw < 0.28:
            self._run()
        elif draw < 0.48:
            self._create()
        elif draw < 0.85:
            self._edit()
        elif draw < 0.90:
            self._places()
        elif draw < 0.94:
            self._retire()
        elif draw < 0.97:
            self.little.world.clock.advance(self.random.choice((1, 60, 3600)))
        else:
            self._answer_one()

    def _checkpoint(self, name: str) -> None:
        self._met += 1
        if self._crash_at and self._met == self._crash_at:
            self._crash_at = 0
            self.log.append(f"crash at {name}")
            raise CrashError(name)

    def _run(self) -> None:
        self._met = 0
        self._crash_at = self.random.randint(1, 20) if self.crashes and self.random.random() < 0.3 else 0
        self.log.append("run")
        try:
            self.little.run()
        except CrashError:
            self.little.world.clock.advance(timedelta(minutes=11))  # until the dead one's lease is over
            self.little.engine()
        self._crash_at = 0

    def _create(self) -> None:
        system = self.random.choice(tuple(KINDS))
        values: dict[str, Any] = {
            "Name": self.random.choice(NAMES),
            "Tax_Id": self.random.choice(("T1", "T2", "T3", None)),
        }
        if system == "crm":
            values["Status"] = self.random.choice(("Open", "Won", "Won", "Test"))
        if system != "shop" and self.random.random() < 0.35:
            self._create_person(system)
            return
        self.log.append(f"create {system} {values}")
        self._do(lambda: self.little.create(system, **values))

    def _create_person(self, system: str) -> None:
        firms = self.little.rows(system)
        firm = self.random.choice(firms).id if firms else None
        email = self.random.choice(("a@x.example", "b@x.example", None))
        self.log.append(f"create {system} person {email} of {firm}")
        self._do(
            lambda: self.little.create(system, "Person", Name=self.random.choice(NAMES), Email=email, AccountId=firm)
        )

    def _edit(self) -> None:
        system = self.random.choice(tuple(KINDS))
        kind = "Person" if system != "shop" and self.random.random() < 0.2 else KINDS[system]
        rows = self.little.rows(system, kind)
        if not rows:
            return
        row = self.random.choice(rows)
        name = self.random.choice(("Name", "Email")) if kind == "Person" else self.random.choice(FIELDS)
        value = self._value(name, system)
        self.log.append(f"edit {system}/{row.id} {name}={value!r}")
        self._do(lambda: self.little.edit(system, row.id, kind, **{name: value}))

    def _value(self, name: str, system: str) -> object:
        if name == "Name":
            return self.random.choice(NAMES)
        if name == "Tax_Id":
            return self.random.choice(("T1", "T4", "T5", None))
        if name == "Terms":
            known = {"crm": ("N30", "N60", "COD"), "erp": ("30", "60", "0")}.get(system, ("x",))
            return self.random.choice((*known, None))
        if name == "Status":
            return self.random.choice(("Open", "Won", "Test"))
        if name == "Credit":
            return self.random.choice(("100", "0", "5.5", None))
        return self.random.choice(WORDS)

    def _places(self) -> None:
        system = self.random.choice(("crm", "erp"))
        rows = self.little.rows(system)
        if not rows:
            return
        row = self.random.choice(rows)
        places = [dict(place) for place in row.values["Places"]]
        code = self.random.choice(("A", "B", "C"))
        if any(place["code"] == code for place in places) and self.random.random() < 0.5:
            places = [place for place in places if place["code"] != code]
        else:
            places = [p for p in places if p["code"] != code] + [
                {"code": code, "town": self.random.choice(("Bonn", "广州"))}
            ]
        self.log.append(f"places {system}/{row.id} {places}")
        self._do(lambda: self.little.edit(system, row.id, Places=places))

    def _retire(self) -> None:
        system = self.random.choice(tuple(KINDS))
        rows = self.little.rows(system)
        if not rows:
            return
        row = self.random.choice(rows)
        at = self.little.world.systems[system]
        how = self.random.choice(("archive", "delete", "merge"))
        self.log.append(f"{how} {system}/{row.id}")
        if how == "archive":
            self._do(lambda: at.archive(KINDS[system], row.id, by="user:u"))
        elif how == "delete":
            self._do(lambda: at.delete(KINDS[system], row.id, by="user:u"))
        elif len(rows) > 1 and system == "crm":
            winner = self.random.choice([other for other in rows if other.id != row.id])
            self._do(lambda: at.merge(KINDS[system], row.id, winner.id, by="user:u"))

    def _do(self, what: object) -> None:
        """A user tries; the system may say no."""
        self.little.world.clock.advance(1)
        try:
            what()  # type: ignore[operator]  # a user's deed
        except Refusal as refusal:
            self.log.append(f"  refused: {refusal}")

    # --- stewards ----------------------------------------------------------------------------------------------------

    def _answer_one(self) -> None:
        questions = self.little.questions()
        if questions:
            self._answer(self.random.choice(questions))

    def _answer(self, question: Question) -> None:
        choices = sorted(question.choices)
        choice = self.random.choice(choices)
        if question.about is About.CREATE:
            choice = "not_made"
        self.log.append(f"answer {question.topic} {choice}")
        self.little.answer(question, choice)
