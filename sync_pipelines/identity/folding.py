"""Text as it is compared: one width, one case, no accents, simplified characters, Latin letters. Never written back."""

import re
import unicodedata
from functools import cache, lru_cache

import opencc

_HAN_FIRST, _HAN_LAST = 0x4E00, 0x9FFF
_HAN = re.compile("[\u3400-\u9fff]")
_WORDS = re.compile(r"\w+", re.UNICODE)
_SPECIAL = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "ð": "d", "ı": "i", "’": "'", "‘": "'",
     "`": "'", "´": "'"}
)  # fmt: skip
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
    "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "ў": "w", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "d", "џ": "dz",
}  # fmt: skip
_GREEK = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
    "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_LETTERS = str.maketrans(_CYRILLIC | _GREEK)


@cache
def _simplified() -> dict[int, str]:
    """Each traditional character with its simplified one."""
    signs = [chr(code) for code in range(_HAN_FIRST, _HAN_LAST + 1)]
    told = opencc.OpenCC("t2s").convert("\n".join(signs)).split("\n")
    return {ord(sign): simple for sign, simple in zip(signs, told, strict=True) if sign != simple}


def in_simplified(text: str) -> str:
    """Each traditional character in the form that it has on the mainland."""
    return text.translate(_simplified()) if is_han(text) else text


@cache
def _pinyin() -> object:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its tables take a second to load, and few books need them

    return lazy_pinyin


def is_han(text: str) -> bool:
    """Whether Chinese characters stand in it."""
    return not text.isascii() and _HAN.search(text) is not None


def fold(text: str) -> str:
    """One spelling for what people take for the same letters; folding twice changes nothing more."""
    if text.isascii():
        return text.lower()
    return _folded(text)


@lru_cache(maxsize=1 << 14)
def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_SPECIAL)
    if _HAN.search(plain):
        plain = plain.translate(_simplified())
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    told = unicodedata.normalize("NFKC", bare).casefold().translate(_SPECIAL)
    return told.replace("ου", "ou").translate(_LETTERS)


def words(text: str) -> list[str]:
    """The words and numbers of a folded text."""
    return _WORDS.findall(text)


@lru_cache(maxsize=1 << 14)
def pinyin(text: str) -> str:
    """The sound of Chinese characters, in one word."""
    return "".join(_pinyin()(text))  # type: ignore[operator]  # the library's function, kept behind a cache


@lru_cache(maxsize=1 << 14)
def bones(word: str) -> str:
    """What is left of a word when its vowels and doubled letters go: what slips and spellings change most."""
    told = word[:1]
    for sign in word[1:].translate(_SOFT):
        if sign != told[-1] and sign not in "aeiouyhw'":
            told += sign
    return told


_SOFT = str.maketrans({"c": "k", "z": "s", "q": "k", "v": "f", "d": "t", "b": "p", "g": "k"})
