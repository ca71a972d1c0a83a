"""Made-up customers with known truth, as tables of two systems."""

import csv
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

from bench.matching.sets import Set
from sync_pipelines.simulation.customers.stream import customers
from sync_pipelines.simulation.customers.truth import Appearance, Customer

FAMILIES, SEED = 2_000, 11
_HEADINGS = ("id", "name", "street", "city", "postal_code", "country", "phone", "website", "tax_id")
_BEAT = 0.93  # what was measured for a trained model on firms of two systems; there is no figure for made-up ones


def appearing(systems: tuple[str, str], families: int, scratch: Path) -> Set:
    """The accounts of two systems, and which are one customer."""
    paths = [scratch / f"{system}.csv" for system in systems]
    truth: set[tuple[str, str]] = set()
    told: dict[str, list[Appearance]] = {system: [] for system in systems}
    for customer in customers(SEED, families):
        sides = [list(_accounts(customer, system)) for system in systems]
        for system, some in zip(systems, sides, strict=True):
            told[system] += some
        truth |= {(one.record, two.record) for one, two in product(*sides)}
    for system, path in zip(systems, paths, strict=True):
        written(path, (row_of(one) for one in told[system]))
    return Set(paths[0], paths[1], frozenset(truth), _BEAT)


def _accounts(customer: Customer, system: str) -> Iterator[Appearance]:
    return (one for one in customer.appearances if one.system == system and one.entity == "account")


def row_of(one: Appearance) -> dict[str, str]:
    """An appearance as a row."""
    place: Any = one.values.get("billing_address") or {}
    plain = {name: one.values.get(name) or "" for name in ("name", "phone", "website", "tax_id")}
    parts = {name: place.get(name) or "" for name in ("street", "city", "postal_code", "country")}
    return {"id": one.record, **{name: str(value) for name, value in (plain | parts).items()}}


def written(path: Path, rows: Iterable[dict[str, str]]) -> None:
    """A table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _HEADINGS)
        writer.writeheader()
        writer.writerows(rows)
