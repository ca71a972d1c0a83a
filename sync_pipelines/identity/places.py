"""Addresses as they are compared: numbers of houses, words of streets, postcode, city, country."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from mappings.codec import CodecError
from mappings.codecs_places import country_of
from sync_pipelines.identity.folding import fold, is_han, words
from sync_pipelines.identity.words import chinese, chinese_cities

_DIGITS = re.compile(r"\d+")
_HAN_NUMBER = re.compile(r"(\d+)(?:号|#)")
_GERMAN = re.compile(r"(?<=\w\w\w)(?:strasse|strase|str|straat)$")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_POSTCODE = re.compile(r"[\W_]+")
_UNIT, _NUMBER, _NAMED, _KIND = "unit", "number", "named", "kind"
_UNITS = frozenset(
    {
        "suite",
        "ste",
        "apt",
        "apartment",
        "unit",
        "floor",
        "room",
        "rm",
        "bldg",
        "building",
        "level",
        "etage",
        "stock",
        "top",
    }
)

# What streets are called, and how people shorten it: they tell little of which street it is.
STREETS = {
    "st": "street", "str": "street", "street": "street", "strasse": "street", "straat": "street", "rue": "street",
    "calle": "street", "via": "street", "ul": "street", "ulica": "street", "ave": "avenue", "av": "avenue",
    "avenue": "avenue", "avda": "avenue", "avenida": "avenue", "blvd": "boulevard", "blv": "boulevard",
    "boulevard": "boulevard", "bd": "boulevard", "rd": "road", "road": "road", "dr": "drive", "drive": "drive",
    "ln": "lane", "lane": "lane", "ct": "court", "court": "court", "pl": "place", "place": "place", "platz": "place",
    "plaza": "place", "square": "square", "sq": "square", "hwy": "highway", "highway": "highway", "pkwy": "parkway",
    "parkway": "parkway", "cres": "crescent", "crescent": "crescent", "cct": "circuit", "circuit": "circuit",
    "ter": "terrace", "terrace": "terrace", "cl": "close", "close": "close", "way": "way", "weg": "weg",
    "allee": "allee", "gasse": "gasse", "circle": "circle", "cir": "circle",
}  # fmt: skip
_COMPASS = {
    "n": "north", "s": "south", "e": "east", "w": "west", "nord": "north", "sud": "south", "ost": "east",
    "ne": "northeast", "nw": "northwest", "se": "southeast", "sw": "southwest",
    "no": "", "nr": "", "and": "", "und": "", "between": "bet",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its parts; a part that is not told is empty."""

    numbers: frozenset[str]  # of the house, in the street's line
    first: str  # the number of the house itself
    street: tuple[str, ...]  # the words that name the street, sorted, without its sort
    city: str
    region: str
    postcode: str
    country: str

    @property
    def told(self) -> bool:
        """Whether it says more than a country and a number."""
        return bool(self.street or self.city or self.postcode)


def address(parts: Mapping[str, str]) -> Address:
    """An address from its parts: number, street, extra, city, region, postcode, country."""
    get = parts.get
    number, region = get("number", ""), get("region", "")
    line = fold(f"{number} {get('street', '')}".strip() if number else get("street", "").strip())
    first, numbers, street = _chinese(line) if is_han(line) else _line(line)
    return Address(
        numbers,
        first,
        street,
        city(get("city", "")),
        " ".join(words(fold(region))) if region else "",
        _postcode(get("postal_code", "")),
        _country(get("country", "")),
    )


@lru_cache(maxsize=1 << 10)
def _country(text: str) -> str:
    """The code of a country, named in whatever language; empty for what is none, which speaks against nobody."""
    try:
        return country_of(text.strip())
    except CodecError:
        return ""


@lru_cache(maxsize=1 << 14)
def _postcode(text: str) -> str:
    return _POSTCODE.sub("", fold(text))


@lru_cache(maxsize=1 << 14)
def city(text: str) -> str:
    """A city without what stands around its name."""
    folded = fold(text).strip()
    if is_han(folded):
        return folded.removesuffix("市")
    return " ".join(_COMPASS.get(word, word) for word in words(folded) if not word.isdigit())


def _line(line: str) -> tuple[str, frozenset[str], tuple[str, ...]]:
    """One pass over the words: what a word is, is remembered."""
    numbers: list[str] = []
    named: list[str] = []
    kinds: list[str] = []
    in_unit = False
    for token in words(line.replace("'", "") if "'" in line else line):
        sort, text = _part(token)
        if in_unit and sort != _UNIT:
            in_unit = False
        elif sort == _UNIT:
            in_unit = True
        elif sort == _NUMBER:
            numbers.append(text)
        elif text:
            (kinds if sort == _KIND else named).extend(text.split(" "))
    return numbers[0] if numbers else "", frozenset(numbers), tuple(sorted({*named} or {*kinds}))


@lru_cache(maxsize=1 << 14)
def _part(token: str) -> tuple[str, str]:
    """What a word of a street's line is, and how it is compared."""
    if token in _UNITS:
        return _UNIT, ""
    if token[0].isdigit():
        ordinal = _ORDINAL.fullmatch(token)
        return (_NAMED, f"o{ordinal[1]}") if ordinal else (_NUMBER, _whole(token))
    if token in STREETS:
        return _KIND, STREETS[token]
    bare = _GERMAN.sub("", token)
    return _NAMED, _COMPASS.get(bare, bare)


def _whole(number: str) -> str:
    found = _DIGITS.match(number)
    return found[0].lstrip("0") or "0" if found else number


def _chinese(line: str) -> tuple[str, frozenset[str], tuple[str, ...]]:
    rest = line.replace(" ", "")
    for _ in range(3):
        rest = _without_region(rest)
    numbers = _DIGITS.findall(rest)
    found = _HAN_NUMBER.search(rest)
    first = found[1] if found else (numbers[0] if numbers else "")
    named = _DIGITS.split(rest)[0].strip("-,()第#号")
    return first, frozenset(numbers), (named,) if named else ()


def _without_region(text: str) -> str:
    for sign in "省市区县":
        head, found, behind = text.partition(sign)
        if found and len(head) <= 4 and len(behind) > 2 and not any(s in head for s in "路街道"):  # noqa: PLR2004 - a region's name
            return behind
    place = next((text[:n] for n in (4, 3, 2) if text[:n] in _places() and len(text) > n + 2), "")
    return text.removeprefix(place)


@cache
def _places() -> frozenset[str]:
    return frozenset({*chinese.PROVINCES, *chinese_cities.CITIES})
