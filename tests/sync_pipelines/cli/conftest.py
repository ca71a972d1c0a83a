"""A little world behind the command line, with the rules placed in files and people's data called personal."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

import pytest

from mappings.book import Book, EntitySpec, Guards
from mappings.values import Where
from monitoring.alerts import Message
from monitoring.settings import AlertSettings
from monitoring.standing import KeptStanding
from sync_pipelines.cli import run
from sync_pipelines.commands.office import Office
from sync_pipelines.commands.watchman import Watchman
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld

PERSONAL = {"account": ("phone",), "contact": ("name", "email")}


def placed_book(guards: Guards) -> Book:
    """The little book as if it stood in files."""
    book = little_book(guards=guards)
    return replace(book, folder="book", entities={name: _placed(spec) for name, spec in book.entities.items()})


def _placed(spec: EntitySpec) -> EntitySpec:
    file = f"{spec.name}/ownership.yaml"
    rules = {
        name: tuple(replace(rule, where=Where(file, 10 + 2 * place + turn)) for turn, rule in enumerate(some))
        for place, (name, some) in enumerate(spec.ownership.rules.items())
    }
    fields = {
        name: replace(one, privacy="personal") if name in PERSONAL[spec.name] else one
        for name, one in spec.fields.items()
    }
    return replace(spec, fields=fields, ownership=replace(spec.ownership, rules=rules))


def a_world(*, at_least: int = 20) -> LittleWorld:
    """Five firms in the CRM, two in the ERP; one of them twice, one with a code nobody knows, one contact."""
    world = LittleWorld(book=placed_book(Guards(at_least=at_least)))
    for n in range(5):
        status, phone = ("Won" if n % 2 else "Open"), f"+49 30 55501{n}"
        world.create("crm", Name=f"Firm {n}", Tax_Id=f"DE{n}", Status=status, Phone=phone, Terms="N30")
    world.create("erp", Name="FIRM 0", Tax_Id="DE0", Terms="60", Phone="+49 30 999999")
    world.create("erp", Name="Firm 9", Terms="X9")
    world.create("crm", "Person", Name="Ann Example", Email="ann@example.com", AccountId=world.rows("crm")[0].id)
    return world


_SPELLED = (
    ("Acme GmbH", "ACME GMBH"),
    ("Bauer GmbH", "BAUER GMBH"),
    ("无锡万荣有限公司", "無錫萬榮有限公司"),
    ("Dorn GmbH", "Dorn"),
    ("Ernst Müller KG", "Ernst Mueller KG"),
    ("Falk Optik", "Falk-Optik"),
    ("Grün Manufacturing of London", "Grün Manufacturing of Lo"),
    ("Hansen Carver", "Nordwind Logistik"),
)


def lived_apart() -> LittleWorld:
    """Firms that the ERP and the CRM know by one number, and spell otherwise; one phone is another, one is missing."""
    world = LittleWorld(book=placed_book(Guards()))
    for n, (crm, erp) in enumerate(_SPELLED):
        world.create("crm", Name=crm, Tax_Id=f"DE{n}", Status="Won", Phone="+49 30 55501" if n else "", Terms="N30")
        world.create("erp", Name=erp, Tax_Id=f"DE{n}", Phone="+49 30 55501" if n != 1 else "+49 30 999999", Terms="30")
    world.create("crm", Name="Irgendwer", Tax_Id="DE99", Status="Open")
    return world


ALERTS = AlertSettings.model_validate(
    {
        "channels": {"mail": {}},
        "routes": [{"to": ["mail"]}],
        "waking_hours": "00:00-23:59",
        "office_hours": "00:00-23:59",
        "limits": {"gap_age": "1s", "question_age": "1s", "quarantine_age": "1s", "reject_least": 1},
    }
)


class Post:
    """Takes every message."""

    def send(self, channel: str, messages: Sequence[Message]) -> str:
        """Somebody reads it."""
        assert messages
        return channel


@dataclass
class Terminal:
    """Types commands and reads what comes."""

    world: LittleWorld
    capsys: pytest.CaptureFixture[str]
    out: str = ""
    err: str = ""
    book: Callable[[], Book] | None = None
    office: Office = field(init=False)

    def __post_init__(self) -> None:
        self.office = Office(
            open_house=lambda: nullcontext(self.world.house),
            read_book=lambda: self.world.book,
            watchman=lambda: Watchman(ALERTS, Post(), KeptStanding, lambda: None),
            clock=self.world.world.clock.now,
            sleep=self.world.world.clock.sleep,
            user=lambda: "anna",
            width=100,
        )

    def run(self, *arguments: str) -> int:
        """One command, a minute after the last one."""
        self.world.world.clock.advance(60)
        code = run(arguments, self.office)
        self.out, self.err = self.capsys.readouterr()
        return code

    def session(self, *lines: str) -> str:
        """Several commands and all that they say, as a person sees it."""
        told = []
        for line in lines:
            code = self.run(*line.split())
            told += [f"$ concordat {line}", self.out, self.err, f"[{code}]", ""]
        return "\n".join(text.rstrip() for text in "\n".join(told).split("\n")) + "\n"


@pytest.fixture
def world() -> LittleWorld:
    return a_world()


@pytest.fixture
def terminal(world: LittleWorld, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(world, capsys)
