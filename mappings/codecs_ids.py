"""Phone numbers and tax ids: compact, checked, in one international spelling."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

import phonenumbers
from phonenumbers import PhoneNumberFormat
from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError

from mappings.codec import Codec, CodecError, Context, Option, Takes
from mappings.codecs_places import country_of
from mappings.codecs_text import as_text, checked_text, compact
from mappings.values import Value

_CACHED = 16_384  # numbers met again within a run: every record is read at least twice
_LONGEST_PHONE = 60
_NO_REGION = "is a phone number without country code, and the record's country is unknown"


def _country(context: Context, option: str) -> str:
    said = context.told(option)
    return country_of(said) if isinstance(said, str) and said else ""


@lru_cache(maxsize=_CACHED)
def canonical_phone(text: str, region: str) -> str:
    """`+` and digits (E.164), with `;ext=` where there is an extension. Raises CodecError."""
    number = _parsed(text, region)
    once = _e164(number)
    # A number that reads differently the second time would never come to rest. One that stands there as it is read, but
    # for blanks, was parsed so just now: parsing is what a first load spends most of its time on.
    if text.replace(" ", "") != once and _e164(_parsed(once, "")) != once:
        raise CodecError("is a phone number that can be read in two ways; write it with its country code")
    return once


def _parsed(text: str, region: str) -> phonenumbers.PhoneNumber:
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException as error:
        foreign = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE and not region
        raise CodecError(_NO_REGION if foreign else "is no phone number") from None
    if not phonenumbers.is_possible_number(number):
        raise CodecError(f"is no possible phone number of +{number.country_code}")
    return number


def _e164(number: phonenumbers.PhoneNumber) -> str:
    plain = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain


class Phone(Codec):
    """A phone number in E.164. `region` names the field with the country (or the country) of numbers without one."""

    options: Mapping[str, Option] = {
        "region": Option(Takes.SIBLING),
        "as": Option(Takes.WORD, among=("e164", "international")),
    }

    def decode(self, raw: Any, context: Context) -> Value:
        text = compact(as_text(raw), " ")  # a blank parts an extension from its number
        if not text:
            return None
        if len(text) > _LONGEST_PHONE:
            raise CodecError("is too long for a phone number")
        return canonical_phone(text, _country(context, "region"))

    def encode(self, value: Value, context: Context) -> Any:
        plain = checked_text(value)
        if context.options.get("as") == "international":
            return phonenumbers.format_number(_parsed(plain, ""), PhoneNumberFormat.INTERNATIONAL)
        digits, _, extension = plain.partition(";ext=")
        return f"{digits} ext. {extension}" if extension else digits


class _Checker(Protocol):
    """A module of python-stdnum."""

    def validate(self, number: str, /) -> str:
        """The compact number. Raises ValidationError."""
        ...


_SEPARATORS = re.compile(r"[\s\-./·_,:]")
_GENERIC = re.compile(r"[0-9A-ZÑ&]{2,40}")  # Ñ and & stand in Mexican ones
_EU = frozenset(eu_vat.MEMBER_STATES)
_PREFIXES = {"gr": "EL"}  # Greece writes its VAT numbers with EL
_OWN_MODULES = {"us": "ein", "cn": "uscc"}


@lru_cache(maxsize=_CACHED)
def canonical_tax_id(text: str, country: str) -> str:
    """Compact and upper-case, with its country's letters where it is a European VAT number. Raises CodecError.

    With a country its check digits have to be right; without one, what is no known number passes as it is.
    """
    plain = _SEPARATORS.sub("", text).upper()
    if not _GENERIC.fullmatch(plain):
        raise CodecError("is no tax id: it holds other signs than letters and digits")
    found = _recognised(plain, country.lower())
    if found is None and country and _module(country.lower()) is not None:
        raise CodecError(f"is no valid tax id of {country}: its check digits or its length are wrong")
    return found or plain


def _recognised(plain: str, country: str) -> str | None:
    """The number as its country says it is; else, as a firm may be registered elsewhere, as its own look says."""
    at_home = _of_member(plain, country) if country in _EU else _valid(_module(country), plain)
    return at_home or _by_prefix(plain) or _valid(_module("cn"), plain)


def _of_member(plain: str, country: str) -> str | None:
    prefix = _PREFIXES.get(country, country.upper())
    number = _valid(get_cc_module(country, "vat"), plain.removeprefix(prefix))
    return f"{prefix}{number.removeprefix(prefix)}" if number else None


def _by_prefix(plain: str) -> str | None:
    """A European VAT number tells its country itself, wherever the firm is."""
    letters = plain[:2].lower()
    country = "gr" if letters == "el" else letters
    return _of_member(plain, country) if country in _EU else None


@lru_cache(maxsize=512)
def _module(country: str) -> _Checker | None:
    found: _Checker | None = get_cc_module(country, _OWN_MODULES.get(country, "vat")) if country else None
    return found


def _valid(module: _Checker | None, plain: str) -> str | None:
    if module is None:
        return None
    try:
        return _SEPARATORS.sub("", str(module.validate(plain))).upper()
    except ValidationError:
        return None


class TaxId(Codec):
    """A tax registration number: 统一社会信用代码, European VAT, US EIN and what else python-stdnum can check.

    `types: {eu: eu_vat, cn: cn_uscc}` is for systems that keep `{"type", "code"}`: the number's country gives the type.
    """

    options: Mapping[str, Option] = {"country": Option(Takes.SIBLING), "types": Option(Takes.WORDS)}

    def decode(self, raw: Any, context: Context) -> Value:
        said = raw.get("code") if isinstance(raw, Mapping) and "types" in context.options else raw
        text = compact(as_text(said)) if said is not None else ""
        return canonical_tax_id(text, _country(context, "country")) if text else None

    def encode(self, value: Value, context: Context) -> Any:
        plain = checked_text(value)
        types = context.options.get("types")
        return plain if types is None else {"type": _type_of(plain, _country(context, "country"), types), "code": plain}


def _type_of(plain: str, country: str, types: Mapping[str, str]) -> str:
    european = _by_prefix(plain) is not None
    found = types.get("eu") if european else types.get(country.lower() or ("cn" if _is_chinese(plain) else ""))
    if found is None and "other" not in types:
        raise CodecError("is a tax id for which the system has no type; add its country to the line's types")
    return found or types["other"]


def _is_chinese(plain: str) -> bool:
    return _valid(_module("cn"), plain) is not None
