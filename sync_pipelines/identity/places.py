"""Addresses as they are compared: numbers of houses, words of streets, postcode, city, country."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from mappings.codec import CodecError
from mappings.codecs_places import country_of
from sync_pipelines.identity.folding import fold, is_han, words
from sync_pipelines.identity.words import chinese, chinese_cities, cities

_DIGITS = re.compile(r"\d+")
_HAN_NUMBER = re.compile(r"(\d+)(?:号|#)")
_SIGNS = "省|自治区|特别行政区|自治州|地区|工业园区|新区|开发区|园区|市|区|县|旗|盟"
_MARK = re.compile(f"(?:[壮回]族|维吾尔)?(?:{_SIGNS})")
_REGION = re.compile(rf"(?P<name>[^\d\W路街道巷弄号省市区县旗盟]{{1,7}}?)(?P<sign>{_SIGNS})")
_AS_A_STREET = re.compile("[东西南北中]{0,2}[一二三四五六七八九十]{0,2}(?:路|街|道|大道|大街|巷|弄)")
_MUNICIPALITIES = frozenset({"北京", "上海", "天津", "重庆", "香港", "澳门"})
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
    "corso": "avenue", "viale": "avenue", "aleja": "avenue", "al": "avenue", "prospekt": "avenue", "quai": "quai",
    "route": "road", "rte": "road", "chemin": "road", "ch": "road", "impasse": "close", "piazza": "place",
    "piazzale": "place", "largo": "place", "praca": "place", "namesti": "place", "nam": "place",
    "paseo": "avenue", "passeig": "avenue", "carrer": "street", "c": "street", "v": "street",
    "rua": "street", "ulice": "street", "utca": "street", "u": "street", "ut": "road", "trida": "avenue",
    "tr": "avenue", "gatan": "street", "gade": "street", "vej": "road", "katu": "street", "laan": "lane",
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
    told = city(get("city", ""))
    if is_han(line):
        where, line = _regions(line.replace(" ", ""))
        told = told or where
    first, numbers, street = _chinese(line) if is_han(line) else _line(line)
    return Address(
        numbers,
        first,
        street,
        told,
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
    told = [word for word in words(folded) if not word.isdigit()]
    return cities.CALLED.get(" ".join(told)) or " ".join(_COMPASS.get(word, word) for word in told)


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


def _chinese(rest: str) -> tuple[str, frozenset[str], tuple[str, ...]]:
    numbers = _DIGITS.findall(rest)
    found = _HAN_NUMBER.search(rest)
    first = found[1] if found else (numbers[0] if numbers else "")
    named = _DIGITS.split(rest)[0].strip("-,()第#号")
    return first, frozenset(numbers), (named,) if named else ()


def _regions(line: str) -> tuple[str, str]:
    """The city that a line of Chinese begins with, where it tells one, and what is left without its regions."""
    told, rest = "", line
    while True:
        name, sign = _region(rest)
        behind = rest[len(name) + len(sign) :]
        if not name or len(behind) <= 2:  # noqa: PLR2004 - a street has a name
            return told, rest
        if not told and (sign == "市" or (not sign and name in chinese_cities.CITIES) or name in _MUNICIPALITIES):
            told = name
        rest = behind


def _region(text: str) -> tuple[str, str]:
    """The region that a text begins with, and what marks it as one. A city without a mark needs a region behind it: a
    street may be called so.
    """
    place = next((text[:n] for n in (4, 3, 2) if text[:n] in _places()), "")
    behind = text[len(place) :]
    marked = _MARK.match(behind)
    if place and marked:
        return place, marked[0]
    if place and not _AS_A_STREET.match(behind) and (place in chinese.PROVINCES or any(_region(behind))):
        return place, ""
    found = None if place else _REGION.match(text)
    return (found["name"], found["sign"]) if found else ("", "")


@cache
def _places() -> frozenset[str]:
    return frozenset({*chinese.PROVINCES, *chinese_cities.CITIES})
