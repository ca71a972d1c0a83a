"""A system that changes its fields: noticed once, and told by what it means for the maps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import FieldDescription, KindDescription
from sync_pipelines.flow.drifting import NEWS, schema_changes, snapshot_of, take_snapshot
from sync_pipelines.ledger.memory import MemoryLedger
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld

NOW = datetime(2026, 3, 4, tzinfo=UTC)
NAME = FieldDescription("Name", "text", length=80)
TERMS = FieldDescription("Terms", "text", choices=("N30", "N60"))
OTHER = FieldDescription("Hobby", "text")
BEFORE = {"Name": NAME, "Terms": TERMS, "Hobby": OTHER}


def without(name: str) -> dict[str, FieldDescription]:
    return {key: one for key, one in BEFORE.items() if key != name}


def told(after: dict[str, FieldDescription], later: timedelta = timedelta(hours=1)) -> list[tuple[str, str]]:
    ledger = MemoryLedger()
    shots = [
        snapshot_of("crm", KindDescription("Account", f), NOW + timedelta(n)) for n, f in enumerate((BEFORE, after))
    ]
    ledger.keep_snapshots(shots)
    found = schema_changes(ledger, little_book(), NOW + timedelta(1) + later)
    return [(change.level, change.says) for change in found]


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


def test_what_did_not_change_is_not_told_nor_what_is_no_news_any_more() -> None:
    assert told(BEFORE) == []
    assert told(without("Name"), NEWS) == []


def test_a_description_that_is_as_before_is_not_kept_again() -> None:
    little = LittleWorld()
    for hours in range(3):
        take_snapshot(little.ledger, little.connectors["crm"], "crm", "Account", NOW + timedelta(hours=hours))
    assert [shot.taken_at for shot in little.ledger.snapshots("crm", "Account", 9)] == [NOW]
