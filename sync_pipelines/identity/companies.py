"""Names of firms in their parts: what is the firm's own, what many share, where it is, its legal form, a branch or not.

Pure, and for comparing only: a name is never written back in this form.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from sync_pipelines.identity.folding import fold, is_han, pinyin, words
from sync_pipelines.identity.words import business, chinese, chinese_cities, legal_forms

CORE, COMMON, PLACE, FORM, NUMBER = "core", "common", "place", "form", "number"
_LETTERS = re.compile(r"\b(?:\w\.\s?){1,}\w\b\.?", re.UNICODE)
_APOSTROPHE = re.compile(r"(\w)['’](s\b)?", re.UNICODE)
_PARTS = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+", re.UNICODE)
_LONGEST_PLACE, _SHORTEST_BRAND = 5, 2
_CHINESE_BRACKETS = re.compile(r"\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name, and what sort of word it is."""

    text: str
    sort: str


@dataclass(frozen=True, slots=True)
class Company:
    """A name in its parts. `core` is what is left of a name when all that many share is taken off."""

    words: tuple[Word, ...]
    forms: frozenset[str]
    branch: str  # what a branch's own part says; empty for a firm itself
    han: bool
    said: str  # the words without form, written together

    @property
    def core(self) -> tuple[str, ...]:
        """The firm's own words; all its words where it has none of its own."""
        own = tuple(word.text for word in self.words if word.sort in {CORE, NUMBER})
        return own or tuple(word.text for word in self.words)


@cache
def _forms() -> Mapping[tuple[str, ...], str]:
    """Each spelling of a legal form in its words, with one name for all spellings of it in one jurisdiction."""
    found: dict[tuple[str, ...], str] = {}
    for entries in legal_forms.FORMS.values():
        for entry in entries:
            spelled = [_words_of(spelling) for spelling in entry.split("|")]
            name = next((found[some] for some in spelled if some in found), "".join(spelled[0]))
            for some in spelled:
                found.setdefault(some, name)
                found.setdefault(("".join(some),), name)
    return found


@cache
def _longest() -> Mapping[str, int]:
    """How many words a form has at most, by its first word."""
    found: dict[str, int] = {}
    for spelled in _forms():
        found[spelled[0]] = max(found.get(spelled[0], 0), len(spelled))
    return found


def _words_of(text: str) -> tuple[str, ...]:
    return tuple(_joined_letters(_tokens(fold(text))))


def _tokens(folded: str) -> list[str]:
    """Words; letters with dots between them are one word, and so are an s and what it belongs to."""
    if "." in folded:
        folded = folded.replace("f.lli", "fratelli ")
        folded = _LETTERS.sub(lambda found: f" {found[0].replace('.', '').replace(' ', '')} ", folded)
    if "'" in folded:
        folded = _APOSTROPHE.sub(r"\1\2", folded)
    return _PARTS.findall(folded) if not folded.isascii() else words(folded)


@lru_cache(maxsize=1 << 14)  # a record is made ready when it lands, when it is looked up, and when it is weighed
def company(name: str) -> Company:
    """A name in its parts. What is not understood counts as the firm's own."""
    folded = fold(name)
    return _chinese(folded) if is_han(folded) else _western(folded)


def _western(folded: str) -> Company:
    tokens = _its_own(_joined_letters(_tokens(folded)))
    kept, forms = _without_forms(tokens)
    branch = (
        None
        if legal_forms.BRANCHES.isdisjoint(kept)
        else next(place for place, token in enumerate(kept) if token in legal_forms.BRANCHES)
    )
    told = [word for word in map(_word, kept) if word.text]
    if not business.STOP.isdisjoint(kept):
        told = [word for word in told if word.text not in business.STOP] or told
    said = "".join(word.text for word in told)
    mark = "" if branch is None or len(kept) == 1 else _where(kept, branch)
    return Company(tuple(told), forms, mark, han=False, said=said)


def _its_own(tokens: list[str]) -> list[str]:
    """Without the owner's name, or an earlier one, that registers write behind a firm's."""
    if legal_forms.BEHIND.isdisjoint(tokens):
        return tokens
    cut = next((place for place, token in enumerate(tokens) if place and token in legal_forms.BEHIND), len(tokens))
    _, forms = _without_forms(tokens[cut:])
    return tokens[:cut] + [form for form in forms if (form,) in _forms()]


def _where(kept: Sequence[str], branch: int) -> str:
    """Which branch: what stands behind the word for it, else what stands before it."""
    return "".join(kept[branch + 1 :]) or kept[branch - 1]


def _joined_letters(tokens: Sequence[str]) -> list[str]:
    """`k k r` is one word."""
    if min(map(len, tokens), default=2) > 1:
        return list(tokens)
    joined: list[str] = []
    single = False
    for token in tokens:
        one = len(token) == 1 and token.isalpha()
        if one and single:
            joined[-1] += token
        else:
            joined.append(token)
        single = one
    return joined


def _without_forms(tokens: Sequence[str]) -> tuple[list[str], frozenset[str]]:
    """The words, and the legal forms among them. A name that is nothing but a form keeps its words."""
    longest = _longest()
    if longest.keys().isdisjoint(tokens):
        return list(tokens), frozenset()
    kept, forms, place = [], [], 0
    while place < len(tokens):
        length, form = _form_at(tokens, place, longest.get(tokens[place], 0))
        if length:
            forms.append(form)
            place += length
        else:
            kept.append(tokens[place])
            place += 1
    return (kept, frozenset(forms)) if kept else (list(tokens), frozenset())


def _form_at(tokens: Sequence[str], place: int, most: int) -> tuple[int, str]:
    """How many words of a legal form stand there, and what it is called: the longest form counts."""
    known = _forms()
    for length in range(min(most, len(tokens) - place), 0, -1):
        form = known.get(tuple(tokens[place : place + length]))
        if form is not None:
            return length, form
    return 0, ""


@lru_cache(maxsize=1 << 14)
def _word(token: str) -> Word:
    plain = _plain(token)
    return Word(plain, _sort(plain))


@lru_cache(maxsize=1 << 14)
def _plain(token: str) -> str:
    token = business.NUMBERS.get(token, token)
    return business.SHORT.get(token, token)


def _sort(token: str) -> str:
    if any(sign.isdigit() for sign in token):
        return NUMBER
    if token in business.PLACES:
        return PLACE
    return COMMON if token in business.COMMON else CORE


def _chinese(folded: str) -> Company:
    text = folded
    told: list[Word] = []
    for inner in _CHINESE_BRACKETS.findall(text):
        told += _located(inner) if is_han(inner) else [Word(token, CORE) for token in words(inner)]
    text = "".join(_PARTS.findall(_CHINESE_BRACKETS.sub("", text)))
    text, branch = _without_branch(text)
    text, forms = _without_chinese_forms(text)
    region, rest = _region(text)
    told = [*region, *told]
    brand, trades = _without_trades(rest)
    place = _ending(brand, _places(), _LONGEST_PLACE, left=_SHORTEST_BRAND)  # 西门子中国
    told = [*([Word(place, PLACE)] if place else []), *told]
    told += [Word(part, CORE) for part in _PARTS.findall(brand.removesuffix(place))]
    told += [Word(trade, COMMON) for trade in trades]
    said = "".join(word.text for word in told)
    return Company(tuple(told), forms, branch, han=True, said=said)


def _located(text: str) -> list[Word]:
    if text in chinese.FORMS or text in chinese.FORMS_IN_BRACKETS:
        return []
    if text.rstrip("省市区县") in _places():
        return [Word(text.rstrip("省市区县"), PLACE)]
    region, rest = _region(text)
    rest, _ = _without_chinese_forms(rest)
    return [*region, *([Word(rest, CORE)] if rest else [])]


def _without_branch(text: str) -> tuple[str, str]:
    """A branch's part comes after its firm's form, or is the region that the firm's name ends with."""
    mark = next((mark for mark in chinese.BRANCHES if text.endswith(mark)), "")
    if not mark:
        return text, ""
    head = text.removesuffix(mark)
    cut = max((head.rfind(form) + len(form) for form in _whole_forms() if form in head), default=0)
    if not 0 < cut < len(head):
        bare = head[:-1] if head.endswith(("市", "省")) else head
        place = _ending(bare, _places(), _LONGEST_PLACE, left=_SHORTEST_BRAND)
        cut = len(bare) - len(place) if place else len(head)
    return head[:cut], head[cut:] + mark


@cache
def _whole_forms() -> tuple[str, ...]:
    """Forms of four signs and more: shorter ones are met inside of names."""
    return tuple(form for form in chinese.FORMS if len(form) > 3)  # noqa: PLR2004 - four and more


def _without_chinese_forms(text: str) -> tuple[str, frozenset[str]]:
    forms: set[str] = set()
    known, longest = _known_forms()
    while True:
        form = _ending(text, known, longest, left=1)
        if not form:
            return text, frozenset(forms)
        text = text.removesuffix(form)
        forms.add("集团" if form.startswith("集团") else form)


def _region(text: str) -> tuple[list[Word], str]:
    """The regions a name begins with."""
    found: list[Word] = []
    while True:
        place = next((place for n in (5, 4, 3, 2) if (place := text[:n]) in _places() and len(text) > n + 1), "")
        if not place:
            return found, text
        text = text[len(place) :]
        found.append(Word(place, PLACE))
        if len(text) > 2 and text[0] in "省市区县" and text[:2] not in {"市场", "区块", "市政"}:  # noqa: PLR2004 - a brand of two
            text = text[1:]


@cache
def _places() -> frozenset[str]:
    return frozenset({*chinese.PROVINCES, *chinese_cities.CITIES})


def _ending(text: str, known: Collection[str], longest: int, *, left: int) -> str:
    """The longest of some words that a text ends with; at least `left` characters stand before it."""
    return next((text[-n:] for n in range(min(longest, len(text) - left), 0, -1) if text[-n:] in known), "")


@cache
def _known_forms() -> tuple[frozenset[str], int]:
    return frozenset(chinese.FORMS), max(map(len, chinese.FORMS))


@cache
def _longest_trade() -> int:
    return max(map(len, chinese.TRADES))


def _without_trades(text: str) -> tuple[str, list[str]]:
    """The brand, and what the firm does. A brand has two characters at least."""
    trades: list[str] = []
    while True:
        trade = _ending(text, chinese.TRADES, _longest_trade(), left=2)
        if not trade:
            return text, trades[::-1]
        text = text.removesuffix(trade)
        trades.append(trade)


@lru_cache(maxsize=1 << 14)
def in_latin(name: Company) -> Company:
    """A Chinese name as its business cards abroad would have it: sounds, and trades in English."""
    told = tuple(_latin_words(name.words))
    where = next((name.branch.removesuffix(mark) for mark in chinese.BRANCHES if name.branch.endswith(mark)), "")
    branch = pinyin(where) or name.branch
    return Company(told, frozenset(), branch, han=False, said="".join(word.text for word in told))


def _latin_words(told: Sequence[Word]) -> Iterator[Word]:
    for word in told:
        if not is_han(word.text):
            yield word
        elif word.sort == COMMON:
            yield from (Word(_plain(part), COMMON) for part in chinese.TRADES[word.text].split())
        else:
            yield Word(pinyin(word.text), word.sort)
