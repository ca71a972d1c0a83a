"""A system that changes its fields: noticed once, and told by what it means for the maps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from connectors.contract import Connector, FieldDescription, KindDescription
from connectors.errors import TransientError
from mappings.book import Book
from monitoring.kinds import Limits
from monitoring.watching import look
from sync_pipelines.flow.drifting import (
    NEWS,
    accept,
    describe_all,
    describe_system,
    kinds_of,
    paused,
    schema_changes,
    take_snapshot,
)
from sync_pipelines.flow.standing import standing_of
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import RunState
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld

NOW = datetime(2026, 3, 4, tzinfo=UTC)
NAME = FieldDescription("Name", "text", length=80)
TERMS = FieldDescription("Terms", "text", choices=("N30", "N60"))
OTHER = FieldDescription("Hobby", "text")
BEFORE = {"Name": NAME, "Terms": TERMS, "Hobby": OTHER}


def without(name: str) -> dict[str, FieldDescription]:
    return {key: one for key, one in BEFORE.items() if key != name}


@dataclass
class Describing:
    """A CRM that says what it is told to say of its accounts, and a ledger that listens once a day."""

    ledger: Ledger = field(default_factory=MemoryLedger)
    book: Book = field(default_factory=little_book)
    now: datetime = NOW
    fields: Mapping[str, FieldDescription] = field(default_factory=dict)

    def describe(self, kind: str) -> KindDescription:
        """As a connector does."""
        return KindDescription(kind, self.fields)

    def says(self, fields: Mapping[str, FieldDescription]) -> None:
        self.fields = fields
        self.listen()

    def listen(self) -> None:
        self.now += timedelta(days=1)
        maps = kinds_of(self.book)["crm", "Account"]
        take_snapshot(self.ledger, cast("Connector", self), "crm", "Account", maps, self.now)

    def changes(self, later: timedelta = timedelta(hours=1)) -> list[tuple[str, str]]:
        return [(one.level, one.says) for one in schema_changes(self.ledger, self.book, self.now + later)]

    def paused(self) -> list[str]:
        return list(paused(self.ledger, self.book, "account"))

    def mends(self, **more: object) -> None:
        """Somebody changes the line of the name."""
        account = self.book.entities["account"]
        crm = account.maps["crm"]
        lines = tuple(replace(one, **more) if one.at == "Name" else one for one in crm.lines)  # type: ignore[arg-type] # any attribute of a line
        maps = {**account.maps, "crm": replace(crm, lines=lines)}
        self.book = replace(self.book, entities={**self.book.entities, "account": replace(account, maps=maps)})


def told(after: dict[str, FieldDescription], later: timedelta = timedelta(hours=1)) -> list[tuple[str, str]]:
    crm = Describing()
    crm.says(BEFORE)
    crm.says(after)
    return crm.changes(later)


@pytest.mark.parametrize(
    ("after", "level", "says"),
    [
        (without("Hobby"), "harmless", "Hobby is gone"),
        (without("Name"), "write_fails", "Name is gone"),
        (BEFORE | {"New": FieldDescription("New", "text")}, "harmless", "New is new"),
        (BEFORE | {"New": FieldDescription("New", "text", required=True)}, "write_fails", "New is new and required"),
        (BEFORE | {"Name": replace(NAME, length=40)}, "write_fails", "Name length: 80 → 40"),
        (BEFORE | {"Name": replace(NAME, length=200)}, "harmless", "Name length: 80 → 200"),
        (BEFORE | {"Name": replace(NAME, writable=False)}, "write_fails", "Name writable: True → False"),
        (BEFORE | {"Name": replace(NAME, type="int")}, "map_affected", "Name type: text → int"),
        (BEFORE | {"Terms": replace(TERMS, choices=("N30",))}, "write_fails", "Terms choices: 2 words → 1 words"),
        (BEFORE | {"Hobby": replace(OTHER, length=1)}, "harmless", "Hobby length: any → 1"),
    ],
)
def test_a_change_is_told_by_what_it_means(after: dict[str, FieldDescription], level: str, says: str) -> None:
    assert told(after) == [(level, says)]


def test_what_did_not_change_is_not_told_nor_what_is_harmless_and_no_news_any_more() -> None:
    assert told(BEFORE) == []
    assert told(without("Hobby"), NEWS) == []
    assert told(without("Name"), NEWS) == [("write_fails", "Name is gone")], "as long as it stands"


def test_a_description_that_is_as_before_is_not_kept_again() -> None:
    little = LittleWorld()
    for hours in range(3):
        now, maps = NOW + timedelta(hours=hours), kinds_of(little.book)["crm", "Account"]
        take_snapshot(little.ledger, little.connectors["crm"], "crm", "Account", maps, now)
    assert [shot.taken_at for shot in little.ledger.snapshots("crm", "Account", 9)] == [NOW]


# --- a map that no longer fits is paused ----------------------------------------------------------------------------


def shortened() -> Describing:
    crm = Describing()
    crm.says(BEFORE)
    crm.says(BEFORE | {"Name": replace(NAME, length=40)})
    return crm


def test_a_map_that_no_longer_fits_is_paused_and_what_is_harmless_pauses_nothing() -> None:
    assert shortened().paused() == ["crm"]
    crm = Describing()
    crm.says(BEFORE)
    crm.says(without("Hobby"))
    assert crm.paused() == []


def test_it_goes_on_when_the_system_is_as_before() -> None:
    crm = shortened()
    crm.says(BEFORE)
    assert (crm.paused(), crm.changes()) == ([], [])


def test_it_goes_on_when_the_line_of_the_map_was_mended_and_not_when_another_was() -> None:
    crm = shortened()
    crm.book = little_book()  # read anew
    assert crm.paused() == ["crm"]
    crm.mends(write="never")
    assert crm.paused() == []


def test_a_line_that_was_changed_before_the_system_changed_mends_nothing() -> None:
    crm = Describing()
    crm.says(BEFORE)
    crm.mends(write="create")
    crm.listen()
    crm.says(BEFORE | {"Name": replace(NAME, length=40)})
    assert crm.paused() == ["crm"]


def test_it_goes_on_when_a_person_says_that_it_fits_and_that_is_kept() -> None:
    crm = shortened()
    assert accept(crm.ledger, crm.book, "crm", "anna", crm.now) == ["Account"]
    assert crm.paused() == []
    assert [(one.who, one.about) for one in crm.ledger.audit_trail()] == [("anna", "crm/Account")]
    assert accept(crm.ledger, crm.book, "crm", "anna", crm.now) == []
    crm.says(BEFORE | {"Name": replace(NAME, length=20)})
    assert crm.changes() == [("write_fails", "Name length: 40 → 20")], "from what was accepted on"


def test_a_serious_change_stands_behind_harmless_ones_and_when_old_descriptions_are_gone() -> None:
    crm = shortened()
    crm.says(BEFORE | {"Name": replace(NAME, length=40), "New": FieldDescription("New", "text")})
    crm.ledger.prune(crm.now + timedelta(days=900), 0)
    crm.now += timedelta(days=900)
    crm.listen()
    assert crm.changes() == [("write_fails", "Name length: 80 → 40")]


def test_what_was_harmless_for_a_week_is_what_later_changes_are_held_against() -> None:
    crm = Describing()
    crm.says(BEFORE)
    crm.says(BEFORE | {"Name": replace(NAME, length=200)})
    crm.now += NEWS
    crm.listen()
    crm.says(BEFORE | {"Name": replace(NAME, length=100)})
    assert crm.changes() == [("write_fails", "Name length: 200 → 100")]


# --- a run ----------------------------------------------------------------------------------------------------------


class Shrinks:
    """An ERP whose name got shorter overnight."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def __getattr__(self, name: str) -> object:
        return getattr(self._connector, name)

    def describe(self, kind: str) -> KindDescription:
        told = self._connector.describe(kind)
        names = {name: replace(one, length=20) if name == "Name" else one for name, one in told.fields.items()}
        names = names if kind == "Customer" else dict(told.fields)
        return KindDescription(kind, names)


def listen(little: LittleWorld) -> None:
    describe_all(little.ledger, little.book, little.connectors, little.world.clock.now())


def changed_overnight() -> LittleWorld:
    little = LittleWorld()
    little.create("crm", Name="Firm", Tax_Id="DE1", Status="Won")
    little.settle()
    listen(little)
    little.connectors["erp"] = cast("Connector", Shrinks(little.connectors["erp"]))
    little.world.clock.advance(timedelta(days=1))
    listen(little)
    little.edit("crm", little.only("crm").id, Name="Renamed")
    return little


def test_nothing_is_written_by_a_paused_map_while_others_go_on() -> None:
    little = changed_overnight()
    account, *_ = little.run()
    assert (little.only("erp").values["Name"], little.only("shop").values["Name"]) == ("Firm", "RENAMED")
    assert account.state is RunState.INCOMPLETE
    (held,) = [part for part in account.parts if not part.passed]
    assert held.says == (
        "its map is paused: erp/Customer: Name length: any → 20: mend the map, or say that it fits: "
        "`concordat doctor erp --accept`"
    )
    accept(little.ledger, little.book, "erp", "anna", little.world.clock.now())
    little.settle()
    assert little.only("erp").values["Name"] == "Renamed"


def test_a_paused_map_is_one_alert() -> None:
    little = changed_overnight()
    little.run()
    little.run()
    seen = look(standing_of(little.ledger, little.book, little.world.clock.now()), Limits())
    assert [problem.key for problem in seen.problems] == ["schema_drift:erp/Customer"]


def test_a_system_that_cannot_be_asked_is_named_and_the_others_are_asked() -> None:
    little = LittleWorld()

    class Silent(Shrinks):
        def describe(self, kind: str) -> KindDescription:
            raise TransientError("crm: no answer")

    little.connectors["crm"] = cast("Connector", Silent(little.connectors["crm"]))
    assert describe_all(little.ledger, little.book, little.connectors, NOW) == {"crm": "crm: no answer"}
    assert little.ledger.snapshots("erp", "Customer")
    assert describe_system(little.ledger, little.book, little.connectors, "erp", NOW) > 0
