"""Figures per set, with bounds: `python -m bench.matching.quality FOLDER` (or CONCORDAT_MATCHING_DATA).

Answers 1 where a figure misses its target. Nothing is tuned to a set: the weights are those that a book has by default.
"""

import os
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.matching import say
from bench.matching.customers import FAMILIES, appearing
from bench.matching.sets import BEAT_NAMES, SETS, Set, name_pairs
from mappings.matching import Scoring, Weighed
from sync_pipelines.commands.measuring import Measured, best_of, measured
from sync_pipelines.commands.reading import opened
from sync_pipelines.commands.tables import matched
from sync_pipelines.identity.evidence import Frequencies
from sync_pipelines.identity.scoring import prepare, score

LINKS_RIGHT, FOUND, LOOKED_AT, ASKED = 0.995, 0.90, 0.99, 0.10


def main() -> int:
    """Every set, one after the other."""
    told = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("CONCORDAT_MATCHING_DATA", "")
    heads = ("links right", "linked", "or asked", "asked", "looked at", "best F1", "to beat", "s")
    say(
        "set".ljust(16)
        + "".join(head.rjust(wide) for head, wide in zip(heads, (26, 8, 9, 7, 10, 9, 8, 7), strict=True))
    )
    missed = []
    with TemporaryDirectory() as scratch:
        if told:
            for name, make in SETS.items():
                missed += _line(name, make(Path(told), Path(scratch)), tax_ids=False)
            missed += _names(Path(told))
        for pair in (("crm", "erp"), ("shop", "erp"), ("crm", "shop")):
            missed += _line("-".join(pair), appearing(pair, FAMILIES, Path(scratch)), tax_ids="erp" in pair)
    say(*missed)
    return int(bool(missed))


def _line(name: str, one: Set, *, tax_ids: bool) -> list[str]:
    begun = time.perf_counter()
    left = opened(one.left, "utf-8-sig", ())
    right = opened(one.right, "utf-8-sig", ()) if one.right else None
    found = matched(left, right, lambda scoring: scoring)
    numbers = [{told: number for number, told in enumerate(ids)} for ids in (found.left_ids, found.right_ids)]
    truth = {(numbers[0][a], numbers[1][b]) for a, b in one.truth}
    against = measured(found, truth, within=right is None)
    took = time.perf_counter() - begun
    say(_figures(name, against, one.beat, took))
    return _missed(name, against, one.beat, tax_ids=tax_ids)


def _figures(name: str, against: Measured, beat: float, took: float) -> str:
    shares = against.shares
    right, linked = shares["precision of links"], shares["recall of links"]
    bounds = f"{right.value:.4f} ({right.low:.4f}-{right.high:.4f})"
    said = [shares[one].value for one in ("linked or asked", "records asked about", "true pairs looked at")]
    return (
        f"{name:16}{bounds:>26}{linked.value:8.3f}{said[0]:9.3f}{said[1]:7.3f}{said[2]:10.4f}"
        f"{against.best.f1:9.4f}{beat:8.3f}{took:7.1f}"
    )


def _missed(name: str, against: Measured, beat: float, *, tax_ids: bool) -> list[str]:
    shares = against.shares
    targets = [
        ("links right", shares["precision of links"].value, LINKS_RIGHT),
        ("linked or asked", shares["linked or asked"].value, FOUND),
        ("looked at", shares["true pairs looked at"].value, LOOKED_AT),
        ("best F1", against.best.f1, beat),
    ]
    if tax_ids:
        targets.append(("not asked", 1 - shares["records asked about"].value, 1 - ASKED))
    return [
        f"missed: {name}: {what} {value:.4f}, wanted {least:.4f}" for what, value, least in targets if value < least
    ]


def _names(folder: Path) -> list[str]:
    scoring = Scoring({"name": Weighed("company")})
    ranked = []
    for pair in name_pairs(folder):
        one, two = prepare({"name": pair.one}, scoring), prepare({"name": pair.two}, scoring)
        ranked.append((score(one, two, scoring, Frequencies()).total, pair.is_match))
    best = best_of(ranked, sum(is_match for _, is_match in ranked))
    say(f"{'names of firms':16}{'a name alone never links':>26}{'':34}{best.f1:9.4f}{BEAT_NAMES:8.3f}")
    return [f"missed: names of firms: {best.f1:.4f}"] if best.f1 < BEAT_NAMES else []


if __name__ == "__main__":
    code = main()
    say(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    sys.exit(code)
