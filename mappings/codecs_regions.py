"""States, provinces and counties in their ISO 3166-2 codes, where a country has a list of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from gettext import translation
from typing import Any

import pycountry

from mappings import regions_shopify
from mappings.codec import Codec, CodecError, Context, Option, Takes
from mappings.codecs_places import country_of
from mappings.codecs_text import as_text, checked_text, clean
from mappings.values import Value

# In which a region is recognised besides its own country's, where they are told apart by nothing but the name.
_LANGUAGES = ("de", "fr", "es", "it", "nl", "pt", "pl", "zh_CN", "zh_TW", "ja", "ko")
_KINDS = ("省", "市", "自治区", "特别行政区", "特別行政區", "県", "府", "都")  # said or left out
_ROMANISED = (" sheng", " shi", " zizhiqu", " sar")


@lru_cache(maxsize=256)
def _regions(country: str) -> Mapping[str, str]:
    """Code → name as ISO lists it, the greater regions first."""
    return {one.code: _bare(one.name) for one in _listed(country)}


def _listed(country: str) -> list[Any]:
    listed = pycountry.subdivisions.get(country_code=country) or []  # type: ignore[no-untyped-call]  # theirs says no types
    return sorted(listed, key=lambda one: (one.parent_code is not None, one.code))


def _bare(name: str) -> str:
    """Without notes in brackets, and without the second of two languages."""
    return clean(name.partition("[")[0].partition("(")[0].partition("*")[0])


@lru_cache(maxsize=256)
def _codes(country: str) -> Mapping[str, str]:
    """Name, folded → code. A name that a region and a part of it bear is the greater one's."""
    own, other = _regions(country), _abroad(country)
    found: dict[str, str] = {}
    for names in (own.items(), other):
        for code, name in names:
            for spelled in _spellings(name):
                found.setdefault(spelled, code)
    return found


def _abroad(country: str) -> Iterable[tuple[str, str]]:
    """As other languages call them."""
    words = [translation("iso3166-2", pycountry.LOCALES_DIR, [language], fallback=True) for language in _LANGUAGES]
    return [(one.code, _bare(each.gettext(one.name))) for each in words for one in _listed(country)]


def _spellings(name: str) -> Iterable[str]:
    folded = name.casefold()
    yield folded
    for ending in (*_KINDS, *_ROMANISED):
        if folded.endswith(ending) and len(folded) > len(ending) + 1:
            yield folded.removesuffix(ending)


@lru_cache(maxsize=16_384)
def region_of(text: str, country: str) -> str:
    """The ISO 3166-2 code (`US-CA`) of a region given by code or name, within a country (two letters).

    What the country's list does not have, and everything where no country is known, stays as it is.
    """
    upper, known = text.upper(), _regions(country) if country else {}
    for code in (upper, f"{country}-{upper}"):
        if code in known:
            return code
    return _codes(country).get(text.casefold(), text) if known else text


@dataclass(frozen=True, slots=True)
class _Own:
    """Where a vendor's codes are not the end of ISO's, both ways: of a few regions, and of whole countries."""

    iso: Mapping[tuple[str, str], str] = field(default_factory=dict)
    code: Mapping[tuple[str, str], str] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()  # countries of which it writes ISO's whole code


def _own(codes: Mapping[str, Mapping[str, str]], whole: frozenset[str]) -> _Own:
    told = [(country, code, iso) for country, some in codes.items() for code, iso in some.items()]
    return _Own({(c, code): iso for c, code, iso in told}, {(c, iso): code for c, code, iso in told}, whole)


_NOBODYS = _Own()
_VENDORS: Mapping[str, _Own] = {"shopify": _own(regions_shopify.CODES, regions_shopify.WHOLE)}


class Region(Codec):
    """A region as ISO 3166-2 where its country's list has it, else as it is written.

    `as` says how the system writes it: `name` (California), `local` (CA), `iso` (US-CA), or by the codes of a vendor's
    own (`shopify`: CA, but JP-13, and NL for KwaZulu-Natal). What is on no list has no code, and is written by name.
    """

    options: Mapping[str, Option] = {
        "as": Option(Takes.WORD, among=("name", "local", "iso", *_VENDORS)),
        "country": Option(Takes.SIBLING, required=True),
    }

    def decode(self, raw: Any, context: Context) -> Value:
        text, country = clean(as_text(raw)), _country(context)
        theirs = _VENDORS.get(str(context.options.get("as")), _NOBODYS)
        return theirs.iso.get((country, text.upper())) or region_of(text, country) if text else None

    def encode(self, value: Value, context: Context) -> Any:
        text, country, wanted = checked_text(value), _country(context), str(context.options.get("as", "name"))
        name = _regions(country).get(text) if country else None
        if wanted == "name":
            return text if name is None or region_of(name, country) != text else name
        theirs = _VENDORS.get(wanted, _NOBODYS)
        if (country, text) in theirs.code:
            return theirs.code[country, text]
        if name is None:
            raise CodecError("is no region that the country's list (ISO 3166-2) has, and only listed ones have a code")
        return text if wanted == "iso" or country in theirs.whole else text.removeprefix(f"{country}-")


def _country(context: Context) -> str:
    said = context.told("country")
    try:
        return country_of(said) if isinstance(said, str) and said else ""
    except CodecError:
        return ""
