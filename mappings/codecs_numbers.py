"""Numbers without floats: decimals, amounts of money, yes and no."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mappings.codec import Codec, CodecError, Context, Option, Takes
from mappings.codecs_places import known_currency, minor_digits
from mappings.codecs_text import as_text, compact, kind_of
from mappings.values import Value

_PLAIN = re.compile(r"([+-]?)(\d+)(?:\.(\d+))?")
_FORMATS = {
    "1234.56": re.compile(r"[+-]?\d+(?:\.\d+)?"),
    "1,234.56": re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"),
    "1.234,56": re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?"),
}
_MOST_DIGITS = 60
_EXACT_DIGITS = 15  # a float holds as many decimal digits without loss


def canonical_decimal(raw: Any, form: str = "1234.56") -> str:
    """A number as plain digits: no exponent, no zeros that say nothing, no minus before zero. Raises CodecError."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise CodecError(f"is {kind_of(raw)}, not a number")
    text = _from_text(raw, form) if isinstance(raw, str) else _from_number(raw)
    found = _PLAIN.fullmatch(text)
    if found is None or len(text) > _MOST_DIGITS or not text.isascii():
        raise CodecError("is no number in plain digits")
    return _tidy(found[1], found[2], found[3] or "")


def _tidy(sign: str, whole: str, fraction: str) -> str:
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    digits = f"{whole}.{fraction}" if fraction else whole
    return f"-{digits}" if sign == "-" and digits != "0" else digits


def _from_text(raw: str, form: str) -> str:
    text = unicodedata.normalize("NFKC", compact(raw))
    if not _FORMATS[form].fullmatch(text):
        raise CodecError(f"is no number written as {form}")
    if form == "1.234,56":
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", "")


def _from_number(raw: float | Decimal) -> str:
    number = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    digits = number.as_tuple()
    if not isinstance(digits.exponent, int):
        raise CodecError("is no finite number")
    if isinstance(raw, float) and len(digits.digits) > _EXACT_DIGITS:
        raise CodecError("was rounded by a float on its way; the connector has to read numbers exactly")
    if len(digits.digits) + abs(digits.exponent) > _MOST_DIGITS:
        raise CodecError(f"has more than {_MOST_DIGITS} digits")
    return f"{number:f}"


def places(number: str) -> int:
    """Digits after the point."""
    return len(number.partition(".")[2])


def _written(number: str, scale: int) -> str:
    """The number with at least so many digits after the point."""
    whole, _, fraction = number.partition(".")
    return f"{whole}.{fraction.ljust(scale, '0')}" if scale else number


_NUMBER_OPTIONS = {
    "format": Option(Takes.WORD, among=tuple(_FORMATS)),
    "scale": Option(Takes.NUMBER),
}


class DecimalNumber(Codec):
    """A number of any kind. A local way of writing has to be declared (`format`), it is never guessed."""

    options: Mapping[str, Option] = {**_NUMBER_OPTIONS, "as": Option(Takes.WORD, among=("text", "number"))}

    def decode(self, raw: Any, context: Context) -> Value:
        if isinstance(raw, str) and not raw.strip():
            return None
        number = canonical_decimal(raw, context.options.get("format", "1234.56"))
        _scaled(number, context.options.get("scale"))
        return number

    def encode(self, value: Value, context: Context) -> Any:
        number = _canonical(value)
        _scaled(number, context.options.get("scale"))
        return _sent(number, context.options)


def _canonical(value: Value) -> str:
    if not isinstance(value, str) or canonical_decimal(value) != value:
        raise CodecError("is no number in canonical form")
    return value


def _scaled(number: str, scale: int | None) -> None:
    if scale is not None and places(number) > scale:
        raise CodecError(f"has {places(number)} digits after the point where {scale} are allowed")


def _sent(number: str, options: Mapping[str, Any]) -> Any:
    """Whole numbers as JSON numbers where asked for; a fraction stays text, which every JSON reader keeps exactly."""
    if options.get("as") == "number" and "." not in number:
        return int(number)
    return number.replace(".", ",") if options.get("format") == "1.234,56" else number


class Money(Codec):
    """An amount with its currency. A bare number is refused: the line names the currency or the field that holds it.

    `shape: pair` is for systems that keep both together, as `{"amount": "10.00", "currency": "EUR"}`.
    """

    options: Mapping[str, Option] = {
        **_NUMBER_OPTIONS,
        "currency": Option(Takes.SIBLING),
        "shape": Option(Takes.WORD, among=("amount", "pair")),
    }

    def decode(self, raw: Any, context: Context) -> Value:
        pair = raw if isinstance(raw, Mapping) else {"amount": raw, "currency": None}
        said, amount = pair.get("currency"), pair.get("amount")
        if amount is None or (isinstance(amount, str) and not amount.strip()):
            return None
        currency = _currency(context.told("currency") if said is None else said)
        number = canonical_decimal(amount, context.options.get("format", "1234.56"))
        _scaled(number, context.options.get("scale", minor_digits(currency)))
        return {"amount": number, "currency": currency}

    def encode(self, value: Value, context: Context) -> Any:
        number, currency = _money(value)
        expected = context.told("currency")
        if expected is not None and _currency(expected) != currency:
            raise CodecError(f"is in {currency} where the record is kept in {expected}")
        scale = context.options.get("scale", minor_digits(currency))
        _scaled(number, scale)
        written = _written(number, scale)
        if context.options.get("shape") == "pair":
            return {"amount": written, "currency": currency}
        if expected is None:
            raise CodecError("has a currency and the record has no place for it")
        return written.replace(".", ",") if context.options.get("format") == "1.234,56" else written


def _currency(said: Any) -> str:
    if said is None:
        raise CodecError("is an amount without a currency")
    return known_currency(compact(as_text(said)))


def _money(value: Value) -> tuple[str, str]:
    if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
        raise CodecError("is no amount with a currency")
    return _canonical(value["amount"]), _currency(value["currency"])


_YES = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}


class YesNo(Codec):
    """Yes or no; null is neither. `values: {yes: "Y", no: "N"}` says how the system writes them."""

    options: Mapping[str, Option] = {"values": Option(Takes.WORDS)}

    def decode(self, raw: Any, context: Context) -> Value:
        if isinstance(raw, bool):
            return raw
        text = compact(as_text(raw)).casefold()
        words = _yes_no_words(context)
        if text not in words:
            if not text:
                return None
            raise CodecError("is neither yes nor no")
        return words[text]

    def encode(self, value: Value, context: Context) -> Any:
        if not isinstance(value, bool):
            raise CodecError(f"is {kind_of(value)}, not a yes/no")
        return context.options.get("values", {}).get("yes" if value else "no", value)


def _yes_no_words(context: Context) -> Mapping[str, bool]:
    said = context.options.get("values", {})
    named = {str(said[word]).casefold(): word == "yes" for word in ("yes", "no") if word in said}
    return named or _YES
