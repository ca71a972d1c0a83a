"""A house that stands well, to be spoiled in one place."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitoring.standing import EntityStanding, PlaceStanding, Ran, Read, Standing, SystemStanding

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)  # a Wednesday


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def ran(minutes: float, state: str = "complete", says: str = "", **counts: int) -> Ran:
    return Ran(f"r{minutes:g}", ago(minutes), ago(minutes - 1), state, says, counts)


def read(minutes: float, records: int = 3, says: str = "", **more: Any) -> Read:
    return Read(ago(minutes), records, complete=not says, says=says, **more)


def account(**spoiled: Any) -> EntityStanding:
    fine = EntityStanding(
        "account",
        (ran(3), ran(8), ran(13)),
        every=timedelta(minutes=5),
        fresh_within=timedelta(minutes=15),
        systems=("crm", "erp"),
        known=100,
        steward="finance",
    )
    return replace(fine, **spoiled)


def contact(**spoiled: Any) -> EntityStanding:
    return replace(account(), name="contact", steward="sales", **spoiled)


def place(system: str, **spoiled: Any) -> PlaceStanding:
    return replace(PlaceStanding(system, "Account", (read(3), read(8)), ago(3)), **spoiled)


def well(**spoiled: Any) -> Standing:
    fine = Standing(
        NOW,
        (account(), contact()),
        (place("crm"), place("erp")),
        (SystemStanding("crm", "crm"), SystemStanding("erp", "erp")),
    )
    return replace(fine, **spoiled)
