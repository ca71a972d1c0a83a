"""Countries and currencies in their ISO codes, whatever language a system names them in."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import list_currencies

from mappings.codec import Codec, CodecError, Context, Option, Takes, UnknownCodeError
from mappings.codecs_text import as_text, checked_text, clean, compact
from mappings.values import Value

# The languages in which a country is recognised unasked. Where two of them give one name to two countries, it is none.
_LANGUAGES = (
    "en", "de", "fr", "es", "it", "nl", "pt", "pl", "cs", "sk", "da", "sv", "fi", "nb", "hu", "ro", "bg", "hr", "sl",
    "el", "tr", "ru", "uk", "ar", "he", "fa", "hi", "th", "vi", "id", "ms", "zh", "zh_Hant", "ja", "ko",
)  # fmt: skip
# CLDR's own inventions, unions, and pieces of a country that ISO 3166 does not list as one.
_NO_COUNTRIES = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)  # fmt: skip
_NICKNAMES = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB", "usa": "US", "u.s.a.": "US",
    "u.s.": "US", "united states of america": "US", "holland": "NL", "the netherlands": "NL", "prc": "CN",
    "p.r. china": "CN", "people's republic of china": "CN", "中华人民共和国": "CN", "中国大陆": "CN", "大陆": "CN",
    "czech republic": "CZ", "russian federation": "RU", "republic of korea": "KR", "korea, republic of": "KR",
    "viet nam": "VN", "bundesrepublik deutschland": "DE", "el": "GR",
    "grossbritannien": "GB", "vereinigtes königreich": "GB",
}  # fmt: skip


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """The two-letter codes."""
    names = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in names if len(code) == 2 and code.isalpha()) - _NO_COUNTRIES  # noqa: PLR2004 - letters


@lru_cache(maxsize=1)
def _three_letters() -> Mapping[str, str]:
    aliases = get_global("territory_aliases").items()
    found = {old: new[0] for old, new in aliases if len(old) == 3 and old.isalpha() and len(new) == 1}  # noqa: PLR2004 - letters
    return {code: country for code, country in found.items() if country in countries()}


@lru_cache(maxsize=1)
def _to_three() -> Mapping[str, str]:
    """Where a country had other codes before, the living one is listed."""
    living: dict[str, str] = {}
    for code, country in sorted(_three_letters().items()):
        if country not in living or _ISO_3.get(country) == code:
            living[country] = code
    return living


_ISO_3 = {"CD": "COD", "DE": "DEU", "FR": "FRA", "MM": "MMR", "TL": "TLS", "YE": "YEM"}


@lru_cache(maxsize=64)
def _names(language: str) -> Mapping[str, str]:
    """Code → name in one language. Raises CodecError."""
    try:
        territories = Locale.parse(language).territories
    except (UnknownLocaleError, ValueError):
        raise CodecError(f"no language {language!r} is known") from None
    return {code: clean(territories[code]) for code in countries() if code in territories}


@lru_cache(maxsize=64)
def _codes(language: str) -> Mapping[str, str]:
    """Name in one language, folded → code; without the names that mean two."""
    return _unambiguous([(name.casefold(), code) for code, name in _names(language).items()])


@lru_cache(maxsize=1)
def _codes_in_all() -> Mapping[str, str]:
    return _unambiguous([pair for language in _LANGUAGES for pair in _codes(language).items()])


def _unambiguous(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    found: dict[str, set[str]] = {}
    for name, code in pairs:
        found.setdefault(name, set()).add(code)
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1}


@lru_cache(maxsize=4096)
def country_of(text: str, language: str = "") -> str:
    """The two-letter code of a country given by a code or a name. Raises CodecError."""
    upper, folded = text.upper(), text.casefold()
    if upper in countries():
        return upper
    found = _codes(language).get(folded) if language else None
    found = found or _three_letters().get(upper) or _NICKNAMES.get(folded) or _codes_in_all().get(folded)
    if found is None:
        raise CodecError("is no country we know; use its two letters, or add it to the table of the line")
    return found


class Country(Codec):
    """A country as ISO 3166 alpha-2. `as: name` and `language` say how the system writes it."""

    options: Mapping[str, Option] = {
        "as": Option(Takes.WORD, among=("alpha2", "alpha3", "name")),
        "language": Option(Takes.TEXT),
        "table": Option(Takes.TABLE),
    }

    def decode(self, raw: Any, context: Context) -> Value:
        text = clean(as_text(raw))
        if not text:
            return None
        if text in context.setting.decodes:
            return context.setting.decodes[text]
        try:
            return country_of(text, context.options.get("language", ""))
        except CodecError:
            if context.setting.table:
                raise UnknownCodeError(text, context.setting.table) from None
            raise

    def encode(self, value: Value, context: Context) -> Any:
        code = checked_text(value)
        if code not in countries():
            raise CodecError("is no country code")
        return context.setting.encodes.get(code) or _spelled(code, context.options)


def _spelled(code: str, options: Mapping[str, Any]) -> str:
    if options.get("as") == "alpha3":
        return _to_three()[code]
    if options.get("as") == "name":
        return _names(options.get("language", "en")).get(code, code)
    return code


# ISO 4217 gives two digits after the point to all others.
_NO_DIGITS = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
)  # fmt: skip
_THREE_DIGITS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_MINOR_DIGITS = {**dict.fromkeys(_NO_DIGITS, 0), **dict.fromkeys(_THREE_DIGITS, 3), "CLF": 4, "UYW": 4}
_SIGNS = {"€": "EUR", "RMB": "CNY", "人民币": "CNY", "US$": "USD"}  # ¥, $ and £ belong to several


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


def minor_digits(currency: str) -> int:
    """Digits after the point that an amount in a currency may have."""
    return _MINOR_DIGITS.get(currency, 2)


def known_currency(text: str) -> str:
    """The ISO 4217 code. Raises CodecError."""
    upper = text.upper()
    code = _SIGNS.get(upper, upper)
    if code not in _currencies():
        raise CodecError("is no currency we know; use its three letters")
    return code


class Currency(Codec):
    """A currency as ISO 4217. Signs that several countries use are refused."""

    options: Mapping[str, Option] = {}

    def decode(self, raw: Any, context: Context) -> Value:  # noqa: ARG002 - the same for every line
        text = compact(as_text(raw))
        return known_currency(text) if text else None

    def encode(self, value: Value, context: Context) -> Any:  # noqa: ARG002 - the same for every line
        return known_currency(checked_text(value))
