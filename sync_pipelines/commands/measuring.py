"""Found pairs against the truth: precision, recall, F1, and how much is left to people, with bounds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from sync_pipelines.commands.tables import Matched
from sync_pipelines.identity.scoring import APART, ASK, LINK

_Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its Wilson bounds at 95 %. `of` 0: there was nothing to count."""

    value: float
    low: float
    high: float
    count: int
    of: int


@dataclass(frozen=True, slots=True)
class Best:
    """The score at which F1 is best, and what it is there: a figure of the ranking, no threshold to be chosen by it."""

    f1: float
    score: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Measured:
    """`shares` by name; F1 at both thresholds; the best F1 of the ranking."""

    pairs: int
    shares: Mapping[str, Share]
    f1_linked: float
    f1_linked_or_asked: float
    best: Best


def measured(found: Matched, truth: set[tuple[int, int]], *, within: bool) -> Measured:
    """How right the pairs are. `within`: one table against itself, where a pair has no order."""
    true = {_ordered(pair) for pair in truth} if within else truth
    said = [
        (pair, (_ordered((pair.left, pair.right)) if within else (pair.left, pair.right)) in true)
        for pair in found.pairs
    ]
    looked_at = {_ordered(pair) if within else pair for pair in found.looked_at}
    linked = [right for pair, right in said if pair.decision == LINK]
    decided = [right for pair, right in said if pair.decision != APART]
    asked = {pair.left for pair, _ in said if pair.decision == ASK}
    shares = {
        "precision of links": wilson(sum(linked), len(linked)),
        "recall of links": wilson(sum(linked), len(true)),
        "linked or asked": wilson(sum(decided), len(true)),
        "precision of linked or asked": wilson(sum(decided), len(decided)),
        "records asked about": wilson(len(asked), len(found.left_ids)),
        "true pairs looked at": wilson(len(true & looked_at), len(true)),
    }
    return Measured(
        len(true),
        shares,
        _f1(linked, true),
        _f1(decided, true),
        best_of(((pair.score.total, is_one) for pair, is_one in said), len(true)),
    )


def _ordered(pair: tuple[int, int]) -> tuple[int, int]:
    return (min(pair), max(pair))


def _f1(said: list[bool], true: set[tuple[int, int]]) -> float:
    return 2 * sum(said) / (len(said) + len(true)) if said or true else 0.0


def best_of(said: Iterable[tuple[float, bool]], true: int) -> Best:
    """The threshold at which F1 is best, of (score, whether it is one); pairs of one score stand and fall together."""
    best, right = Best(0.0, 0.0, 0.0, 0.0), 0
    ranked = sorted(said, key=lambda one: -one[0])
    for count, (total, is_one) in enumerate(ranked, start=1):
        right += is_one
        last = count == len(ranked) or ranked[count][0] < total
        f1 = 2 * right / (count + true)
        if last and f1 > best.f1:
            best = Best(f1, total, right / count, right / true)
    return best


def wilson(count: int, of: int) -> Share:
    """A share and its bounds at 95 %."""
    if not of:
        return Share(0.0, 0.0, 1.0, 0, 0)
    share, z2 = count / of, _Z * _Z
    middle, spread = share + z2 / (2 * of), _Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    whole = 1 + z2 / of
    return Share(share, max((middle - spread) / whole, 0.0), min((middle + spread) / whole, 1.0), count, of)
