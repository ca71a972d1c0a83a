"""Weights from a team's own verdicts: as near to those of the book as what people answered allows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log, log1p

from mappings.matching import Scoring
from sync_pipelines.identity.comparing import KINDS
from sync_pipelines.identity.evidence import Finding, Frequencies, steps
from sync_pipelines.identity.scoring import Prepared

LEAST = 25  # verdicts of each sort
FOLDS = 5
_SPREAD = 1.5  # bits by which a weight is expected to be off: fewer verdicts move it less
_SWEEPS, _STEP, _SETTLED, _FAR = 40, 2.0, 0.003, 60.0
_WORTH = 0.25  # bits from which a change is worth a line
_RULES = frozenset({"branch", "branches", "group", "person", "namesake", "sound"})  # not weights, but what forbids
_BIT = log(2)

Name = tuple[str, str]  # field, outcome
Weights = Mapping[Name, float]


@dataclass(frozen=True, slots=True)
class Example:
    """Two records, and what a person said of them."""

    one: Prepared
    two: Prepared
    is_one: bool


@dataclass(frozen=True, slots=True)
class Error:
    """What is got wrong of verdicts that were not learned from: how many, and bits of surprise at each."""

    wrong: int
    of: int
    surprise: float


@dataclass(frozen=True, slots=True)
class Learned:
    """`weights` that differ enough to be worth a line, and the errors before and after."""

    weights: Mapping[str, Mapping[str, float]]  # field → outcome → weight
    before: Error
    after: Error

    @property
    def is_better(self) -> bool:
        """Whether it is worth to be taken."""
        return (
            bool(self.weights) and self.after.surprise < self.before.surprise and self.after.wrong <= self.before.wrong
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """One verdict: how much of which weight it takes, what is fixed, and the answer."""

    takes: Mapping[Name, float]
    fixed: float
    is_one: bool


def learn(examples: Sequence[Example], scoring: Scoring) -> Learned:
    """Weights for these fields. The same verdicts in the same order give the same weights."""
    rows = [_row(example, scoring) for example in examples]
    start = {(name, level): scoring.fields[name].weight(level) for row in rows for name, level in row.takes}
    before, after = _errors(rows, start)
    return Learned(_worth(_fitted(rows, start, _SPREAD)[0], start, scoring), before, after)


def too_few(examples: Sequence[Example]) -> str:
    """What is missing before anything can be learned; empty where nothing is."""
    ones = sum(example.is_one for example in examples)
    there = {"that two are one": ones, "that two are two": len(examples) - ones}
    return ", ".join(f"{LEAST - count} more {what}" for what, count in there.items() if count < LEAST)


def _row(example: Example, scoring: Scoring) -> _Row:
    takes: dict[Name, float] = defaultdict(float)
    fixed = 0.0
    for name, weighed in scoring.fields.items():
        if name in example.one and name in example.two:
            for finding in KINDS[weighed.kind].compare(example.one[name], example.two[name], Frequencies()):
                if finding.level in _RULES:
                    fixed += 0.0 if finding.level == "namesake" else weighed.weight(finding.level)
                for level, share in _parts(finding):
                    takes[name, level] += share
    return _Row(dict(takes), fixed, example.is_one)


def _parts(finding: Finding) -> list[tuple[str, float]]:
    """Which weights a finding takes, and how much of each."""
    if finding.level in _RULES:
        return []
    return [(finding.level, 1.0)] if finding.alike is None else [part for part in steps(finding.alike) if part[1]]


# --- how well ---------------------------------------------------------------------------------------------------------


def _errors(rows: Sequence[_Row], start: Weights) -> tuple[Error, Error]:
    """Old and new, each held against a fifth of the verdicts that it was not fitted to."""
    ordered = sorted(range(len(rows)), key=lambda place: (rows[place].is_one, place))
    told: list[list[tuple[float, bool]]] = [[], []]
    for fold in range(FOLDS):
        held = {place for turn, place in enumerate(ordered) if turn % FOLDS == fold}
        seen = [row for place, row in enumerate(rows) if place not in held]
        for which, spread in enumerate((0.0, _SPREAD)):
            weights, offset = _fitted(seen, start, spread)
            told[which] += [(_sum(rows[place], weights) + offset, rows[place].is_one) for place in sorted(held)]
    return _error(told[0]), _error(told[1])


def _error(told: Sequence[tuple[float, bool]]) -> Error:
    wrong = sum((bits > 0) != is_one for bits, is_one in told)
    surprise = sum(_surprise(bits if is_one else -bits) for bits, is_one in told) / len(told)
    return Error(wrong, len(told), round(surprise, 4))


def _surprise(bits: float) -> float:
    """In bits, of an answer that so much speaks for."""
    far = max(min(bits, _FAR), -_FAR)
    return log1p(2.0**-far) / _BIT


def _sum(row: _Row, weights: Weights) -> float:
    return row.fixed + sum(share * weights[name] for name, share in row.takes.items())


# --- fitting ----------------------------------------------------------------------------------------------------------


def _fitted(rows: Sequence[_Row], start: Weights, spread: float) -> tuple[dict[Name, float], float]:
    """Weights and an offset, by Newton's steps along one weight after the other. With no spread the offset alone.

    The offset is there because people are asked about doubtful pairs only; it is not a part of the book.
    """
    weights, bits = dict(start), [_sum(row, start) for row in rows]
    under: dict[Name, list[tuple[int, float]]] = defaultdict(list)
    for place, row in enumerate(rows):
        for name, share in row.takes.items():
            under[name].append((place, share))
    everybody = [(place, 1.0) for place in range(len(rows))]
    offset = 0.0
    for _ in range(_SWEEPS):
        moved = _step(rows, bits, everybody, 0.0, 0.001)
        offset += moved
        moves = [abs(moved)]
        for name in sorted(under) if spread else ():
            moved = _step(rows, bits, under[name], (weights[name] - start[name]) / spread**2, 1 / spread**2)
            weights[name] += moved
            moves.append(abs(moved))
        if max(moves) < _SETTLED:
            break
    return weights, offset


def _step(
    rows: Sequence[_Row], bits: list[float], under: Sequence[tuple[int, float]], pull: float, stiff: float
) -> float:
    """One step along one weight, and what it does to all sums."""
    slope, bend = -pull, stiff
    for place, share in under:
        likely = 1 / (1 + 2.0 ** -max(min(bits[place], _FAR), -_FAR))
        slope += (rows[place].is_one - likely) * share * _BIT
        bend += likely * (1 - likely) * (share * _BIT) ** 2
    moved = max(min(slope / bend, _STEP), -_STEP)
    for place, share in under:
        bits[place] += share * moved
    return moved


def _worth(weights: Weights, start: Weights, scoring: Scoring) -> dict[str, dict[str, float]]:
    """Changes worth a line, of fields whose outcomes keep their sense: the same says more than another."""
    found: dict[str, dict[str, float]] = {}
    for (name, level), weight in sorted(weights.items()):
        if abs(weight - start[name, level]) >= _WORTH:
            found.setdefault(name, {})[level] = round(weight, 2)
    return {name: changed for name, changed in found.items() if _keeps_sense(name, changed, scoring)}


def _keeps_sense(name: str, changed: Mapping[str, float], scoring: Scoring) -> bool:
    same, different = (changed.get(level, scoring.fields[name].weight(level)) for level in ("same", "different"))
    return same > max(different, 0)
