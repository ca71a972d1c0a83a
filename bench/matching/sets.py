"""The public sets, from a folder that the caller names: none of their rows is kept here."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

BEAT_NAMES = 0.87  # for pairs of names
FIRMS = frozenset({"Company", "Organization", "LegalEntity"})


@dataclass(frozen=True, slots=True)
class Set:
    """Two tables (or one against itself) and the pairs that are one, by id."""

    left: Path
    right: Path | None
    truth: frozenset[tuple[str, str]]
    beat: float  # the best F1 without labels that others were measured at


@dataclass(frozen=True, slots=True)
class NamePair:
    """Two names, and whether people say they are one."""

    one: str
    two: str
    is_match: bool


def rows_of(path: Path) -> list[dict[str, str]]:
    """A table as it lies there."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [dict(row) for row in csv.DictReader(file, skipinitialspace=True)]


def persons(folder: Path, _: Path) -> Set:
    """Febrl 4: persons with typing errors."""
    ids = [row["rec_id"] for row in rows_of(folder / "febrl4a.csv")]
    truth = frozenset((one, one.replace("-org", "-dup-0")) for one in ids)
    return Set(folder / "febrl4a.csv", folder / "febrl4b.csv", truth, 0.9998)


def restaurants(folder: Path, _: Path) -> Set:
    """Fodor's and Zagat's."""
    told = rows_of(folder / "matches_fodors_zagats.csv")
    truth = frozenset((row["fodors_id"], row["zagats_id"]) for row in told)
    return Set(folder / "fodors.csv", folder / "zagats.csv", truth, 0.969)


def sites(folder: Path, scratch: Path) -> Set:
    """Early childhood sites in Chicago: one table, with the answer in a column that is taken out first."""
    rows = rows_of(folder / "early_childhood_sites.csv")
    together: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        together[row.pop("True Id")].append(row["Id"])
    path = scratch / "sites.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    truth = frozenset(pair for ids in together.values() for pair in combinations(ids, 2))
    return Set(path, None, truth, 0.904)


SETS: Mapping[str, Callable[[Path, Path], Set]] = {"febrl4": persons, "fodors-zagats": restaurants, "sites": sites}


def name_pairs(folder: Path) -> Iterator[NamePair]:
    """Names of organisations that people looked at in pairs; screening counts a likely slip as a match."""
    for row in rows_of(folder / "name_pairs.csv"):
        if row["schema"] in FIRMS:
            yield NamePair(row["name1"], row["name2"], row["is_match"] == "true")
