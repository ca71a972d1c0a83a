"""How alike two names are, word by word: a rare word says more than a common one, a missing one less than another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA, Indel

from sync_pipelines.identity.companies import COMMON, CORE, NUMBER, PLACE, Company, Word, in_latin
from sync_pipelines.identity.folding import is_han, pinyin

Rarity = Callable[[str], float]  # of a word: 1 where hardly anybody bears it, near 0 where everybody does

_COUNTS: Mapping[str, float] = {CORE: 1.0, NUMBER: 0.8, COMMON: 0.55, PLACE: 0.75}
_UNTOLD = 0.35  # what a region or a trade counts that only one side tells
_ALIKE = 0.72  # below this two words are two words
_SHORTEST = 3  # letters of a word that may be mistyped or cut short
_CUT_SHORT, _SOUNDS, _INITIAL = 0.85, 0.8, 0.6
_SHORTEST_SITE = 6  # letters of a name that a web site begins with by no chance
_OTHER = 0.72  # the most that names can be alike whose numbers, or trades, are others
_GLUED = 0.97  # the most that names can be alike when only their letters are, not their words


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike, from 0 to 1; how much of the shorter name stands in the longer; whether by sound only."""

    alike: float
    covered: float
    by_sound: bool = False


def companies_alike(one: Company, two: Company, rarity: Rarity) -> Likeness:
    """Two names of firms. The order does not matter, legal forms do not count."""
    if one.han != two.han:
        found = _aligned(in_latin(one) if one.han else one, in_latin(two) if two.han else two, rarity)
        return Likeness(found.alike, found.covered, by_sound=True)
    return _aligned(one, two, rarity)


def _aligned(one: Company, two: Company, rarity: Rarity) -> Likeness:
    found = words_alike(one.words, two.words, rarity)
    glued = _GLUED * Indel.normalized_similarity(one.said, two.said, score_cutoff=0.85)
    if one.said == two.said:
        glued = 1.0
    alike = max(found.alike, glued)
    if _differ(one, two, NUMBER) or (glued < 1 and _differ(one, two, COMMON)):
        alike = min(alike, _OTHER)
    return Likeness(alike, max(found.covered, glued))


def _differ(one: Company, two: Company, sort: str) -> bool:
    """Whether both tell a number, or a trade, and none that the other one tells."""
    mine, yours = ({word.text for word in name.words if word.sort == sort} for name in (one, two))
    return bool(mine and yours) and not any(_tells_of(a, b) for a in mine for b in yours)


def _tells_of(one: str, two: str) -> bool:
    """Whether two words are one, or a Chinese one the other's beginning: 科技 and 科技发展."""
    return one == two or (is_han(one) and is_han(two) and (one.startswith(two) or two.startswith(one)))


def words_alike(one: Sequence[Word], two: Sequence[Word], rarity: Rarity) -> Likeness:
    """Each word finds its like on the other side, the likest first."""
    mine = [_weight(word, rarity) for word in one]
    yours = [_weight(word, rarity) for word in two]
    pairs = _pairs(one, two)
    open_one, open_two = set(range(len(one))), set(range(len(two)))
    shared = shared_one = shared_two = 0.0
    for alike, i, j in pairs:
        if i in open_one and j in open_two:
            open_one.remove(i)
            open_two.remove(j)
            shared += alike * (mine[i] + yours[j])
            shared_one += alike * mine[i]
            shared_two += alike * yours[j]
    rest_one, rest_two = _rest(one, two, open_one, mine), _rest(two, one, open_two, yours)
    matched_one = sum(mine) - sum(mine[i] for i in open_one)
    matched_two = sum(yours) - sum(yours[j] for j in open_two)
    whole_one, whole_two = matched_one + rest_one, matched_two + rest_two
    if not whole_one or not whole_two:
        return Likeness(0.0, 0.0)
    return Likeness(shared / (whole_one + whole_two), max(shared_one / whole_one, shared_two / whole_two))


def bears(domain: str, name: Company) -> bool:
    """Whether a web site is called as a firm is, in Latin letters: it begins with the firm's own words, of which a
    short one needs the others behind it.
    """
    label = domain.partition(".")[0].replace("-", "")
    own = "".join(pinyin(word.text) if is_han(word.text) else word.text for word in name.words if word.sort == CORE)
    whole = in_latin(name).said if name.han else name.said
    return any(len(begins) >= _SHORTEST_SITE and label.startswith(begins) for begins in (own, whole) if own)


def _weight(word: Word, rarity: Rarity) -> float:
    return _COUNTS[word.sort] * rarity(word.text)


def _rest(one: Sequence[Word], two: Sequence[Word], left: set[int], weights: Sequence[float]) -> float:
    """What the words without a like count: less where the other side tells nothing of the sort."""
    told = {word.sort for word in two}
    return sum(weights[i] * (1.0 if one[i].sort in told or one[i].sort == CORE else _UNTOLD) for i in left)


def _pairs(one: Sequence[Word], two: Sequence[Word]) -> list[tuple[float, int, int]]:
    found = [
        (alike, i, j) for i, a in enumerate(one) for j, b in enumerate(two) if (alike := _alike(a.text, b.text)) > 0
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    return found


def _alike(one: str, two: str) -> float:
    return word_alike(one, two) if one <= two else word_alike(two, one)


@lru_cache(maxsize=1 << 14)
def word_alike(one: str, two: str) -> float:
    """Two words: equal, mistyped, cut short, an initial, or (Chinese) of one sound. 0 where they are two words."""
    if one == two:
        return 1.0
    if is_han(one) or is_han(two):
        return _han_alike(one, two)
    return 1.0 if _plain(one) == _plain(two) else _latin_alike(one, two)


def _latin_alike(one: str, two: str) -> float:
    short, long = (one, two) if len(one) <= len(two) else (two, one)
    if len(short) == 1:
        return _INITIAL if long.startswith(short) and short.isalpha() else 0.0
    if len(short) < _SHORTEST or short.isdigit() or long.isdigit():
        return 0.0
    if len(short) < _ALIKE * len(long):
        return _CUT_SHORT if long.startswith(short) else 0.0
    close = OSA.normalized_similarity(one, two, score_cutoff=_ALIKE)
    return max(close, _CUT_SHORT if long.startswith(short) else 0.0)


def _plain(word: str) -> str:
    """Without the e that stands for two dots over a vowel: Mueller, Müller and Muller are one."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _han_alike(one: str, two: str) -> float:
    short, long = (one, two) if len(one) <= len(two) else (two, one)
    if len(short) > 1 and (long.startswith(short) or long.endswith(short)):
        return _CUT_SHORT
    if not is_han(one) or not is_han(two):
        return 0.0
    if len(short) < _ALIKE * len(long):
        return _CUT_SHORT if long.startswith(short) else 0.0
    close = OSA.normalized_similarity(one, two)
    if len(one) == len(two) and close > 0 and pinyin(one) == pinyin(two):
        return max(_SOUNDS, close)
    return close if close >= 0.5 else 0.0  # noqa: PLR2004 - one of two characters
