"""Codes that nobody mapped, and quiet hours."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mappings.book import Book, Calendar
from sync_pipelines.flow.hours import closed_now
from tests.laws.little_book import CODES, code_table, little_book
from tests.laws.little_world import LittleWorld, shared


@pytest.fixture
def little() -> LittleWorld:
    return LittleWorld()


def mapped(**more: dict[str, str]) -> Book:
    """The book with more codes: `crm={"N90": "net90"}`."""
    codes = {system: {**table, **more.get(system, {})} for system, table in CODES.items()}
    return replace(little_book(), tables={"terms": code_table(codes)})


def test_a_code_that_is_mapped_lets_its_record_go_by_itself(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("erp", little.only("erp").id, Terms="90")
    little.settle()
    assert [(gap.map, gap.code, gap.way) for gap in little.ledger.gaps()] == [("erp", "90", "decode")]
    little.engine(mapped(erp={"90": "net90"}, crm={"N90": "net90"}))
    little.settle()
    assert little.row("crm", account).values["Terms"] == "N90"
    assert (little.ledger.gaps(), little.ledger.quarantined()) == ([], [])


def test_a_code_that_has_no_counterpart_holds_that_field_until_it_has_one(little: LittleWorld) -> None:
    account = shared(little)
    little.engine(mapped(erp={"90": "net90"}))
    little.edit("erp", little.only("erp").id, Terms="90", Tax_Id="DE9")
    little.settle()
    crm = little.row("crm", account).values
    assert (crm["Terms"], crm["Tax_Id"]) == (None, "DE9")
    assert [(gap.map, gap.code, gap.way) for gap in little.ledger.gaps()] == [("crm", "net90", "encode")]
    little.engine(mapped(erp={"90": "net90"}, crm={"N90": "net90"}))
    little.settle()
    assert little.row("crm", account).values["Terms"] == "N90"
    assert little.ledger.gaps() == []


def test_a_record_that_says_something_else_by_now_no_longer_waits_for_its_old_code(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("erp", little.only("erp").id, Terms="90")
    little.settle()
    little.edit("erp", little.only("erp").id, Terms="60")
    little.settle()
    assert little.row("crm", account).values["Terms"] == "N60"
    assert little.ledger.gaps() == []


def test_a_gap_stays_open_as_long_as_one_record_waits(little: LittleWorld) -> None:
    shared(little)
    little.create("crm", Name="Borg", Tax_Id="DE2", Status="Won")
    little.settle()
    for row in little.rows("erp"):
        little.edit("erp", row.id, Terms="90")
    little.settle()
    little.edit("erp", little.rows("erp")[0].id, Terms="60")
    little.settle()
    assert [gap.code for gap in little.ledger.gaps()] == ["90"]


def test_a_held_record_is_not_written_to_while_what_it_says_cannot_be_read(little: LittleWorld) -> None:
    account = shared(little)
    little.edit("erp", little.only("erp").id, Terms="90", Phone="7")
    little.edit("crm", account, Phone="2")
    little.settle()
    assert little.only("erp").values["Phone"] == "7"


# --- quiet hours ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "zone", "utc", "closed"),
    [
        (("08:00-10:00",), "UTC", "08:00", True),
        (("08:00-10:00",), "UTC", "09:59", True),
        (("08:00-10:00",), "UTC", "10:00", False),  # the end is outside
        (("08:00-10:00",), "UTC", "07:59", False),
        (("22:00-06:00",), "UTC", "23:00", True),  # over midnight
        (("22:00-06:00",), "UTC", "05:59", True),
        (("22:00-06:00",), "UTC", "06:00", False),
        (("08:00-10:00",), "Asia/Shanghai", "01:00", True),
        (("08:00-10:00",), "Asia/Shanghai", "08:00", False),
        (("01:00-02:00", "12:00-13:00"), "UTC", "12:30", True),
        ((), "UTC", "12:30", False),
    ],
)
def test_when_a_system_is_not_written_to(hours: tuple[str, ...], zone: str, utc: str, *, closed: bool) -> None:
    book = little_book()
    erp = replace(book.systems["erp"], calendar=Calendar(zone, hours))
    now = datetime.combine(datetime(2026, 11, 2, tzinfo=UTC), datetime.strptime(utc, "%H:%M").time(), UTC)  # noqa: DTZ007 - a time of day
    told = closed_now(replace(book, systems={**book.systems, "erp": erp}), now)
    assert set(told) == ({"erp"} if closed else set())
