"""Names of persons: words of which some say more, in any order, as initials, or in another script."""

from collections.abc import Collection
from functools import lru_cache

from rapidfuzz.distance import Indel

from sync_pipelines.identity.companies import CORE, Company, Word
from sync_pipelines.identity.folding import fold, is_han, pinyin, words
from sync_pipelines.identity.naming import Likeness, Rarity, words_alike
from sync_pipelines.identity.words.given import GIVEN

_TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "mme", "mlle", "sr", "sra", "jr", "ing", "dipl", "mag",
     "sir", "hon", "rev"}
)  # fmt: skip
_TITLES_BEHIND = ("先生", "女士", "小姐", "经理", "总")
_FULL_NAME = 2  # words


@lru_cache(maxsize=1 << 14)
def person(name: str) -> tuple[str, ...]:
    """The words of a person's name, without titles. Chinese names are one word."""
    folded = fold(name)
    if is_han(folded):
        bare = "".join(words(folded))
        for title in _TITLES_BEHIND:
            bare = bare.removesuffix(title) if len(bare) > len(title) + 1 else bare
        return (bare,)
    told = [word for word in words(folded.replace("'", "")) if not word.isdigit()]
    return tuple(word for word in told if word not in _TITLES) or tuple(told)


def persons_alike(one: tuple[str, ...], two: tuple[str, ...], rarity: Rarity) -> Likeness:
    """Two names of persons, whatever the order of their words."""
    han = [any(is_han(word) for word in name) for name in (one, two)]
    if han[0] != han[1]:
        sound = [
            pinyin("".join(name)) if chinese else "".join(name) for name, chinese in zip((one, two), han, strict=True)
        ]
        turned = "".join((two if han[0] else one)[::-1])
        best = max(float(sound[0] == sound[1]), float(turned in sound))
        return Likeness(best, best, by_sound=True)
    found = words_alike([Word(word, CORE) for word in one], [Word(word, CORE) for word in two], rarity)
    glued = Indel.normalized_similarity("".join(one), "".join(two), score_cutoff=0.85)
    return Likeness(max(found.alike, 0.97 * glued), found.covered)


def has_namesakes(name: Collection[str]) -> bool:
    """Whether many are called so: a given name that many bear, or a Chinese name, which has two or three characters."""
    return any(word in GIVEN for word in name) or any(is_han(word) for word in name)


def is_person(name: Company, text: str) -> bool:
    """Whether what stands as a firm's name looks like a person's: two or three plain words, nothing of a firm."""
    told = words(fold(text))
    if name.han:
        return (
            not name.forms and not name.branch and len(told) == 1 and len(told[0]) in {2, 3} and told[0][0] in _SURNAMES
        )
    plain = all(word.sort == CORE for word in name.words)
    return plain and not name.forms and len(told) in {_FULL_NAME, 3} and all(word.isalpha() for word in told)


_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
