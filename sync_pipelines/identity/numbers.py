"""Phones, tax numbers and dates as they are compared.

Claims have been through a codec and its libraries. A user's table has not, and a million rows of it have to pass by.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sync_pipelines.identity.folding import fold

_EXTENSION = re.compile(r"(?:ext|extension|durchwahl|转|x|#|;)\s*\.?\s*\d{1,6}\s*$")
# 0558-84101154-599: an area with its hyphen, seven or eight digits, and an inside line behind another hyphen.
_CHINESE_EXTENSION = re.compile(r"((?:(?:\+|00)?86[-\s]*)?\(?0?(?:10|2\d|[3-9]\d{2})[)\s-]*[2-8]\d{6,7})[\s-]+\d{3,5}")
_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d{9}")
_NOT_DIGITS = re.compile(r"\D+")
_NOT_SIGNS = re.compile(r"[\W_]+", re.UNICODE)
_MANY = re.compile(r"[/;,|]|\bor\b|\boder\b|、")
_PLAIN = re.compile(r"\+[0-9]{6,15}")
SHORTEST, TAIL = 6, 8


def phones(text: str, code: str = "") -> frozenset[str]:
    """The numbers in a field, in E.164 where the country code is known, else the digits that are dialled.

    `code` is the country's code (49), used where a number is written as it is dialled at home.
    """
    if _PLAIN.fullmatch(text):  # as a codec writes it, which is how most of them come
        return frozenset({f"+{text[1:].lstrip('0')}"})
    folded = fold(text)
    whole = _phone(folded, code)
    if _MANY.search(folded) is None or len(_NOT_DIGITS.sub("", folded)) <= 15:  # noqa: PLR2004 - the most E.164 has
        return frozenset({whole}) if whole else frozenset()
    return frozenset(number for part in _MANY.split(folded) if (number := _phone(part, code)))


def _phone(folded: str, code: str) -> str:
    bare = _EXTENSION.sub("", folded)
    if (inside := _CHINESE_EXTENSION.fullmatch(bare.strip())) is not None:
        bare = inside[1]
    abroad = bare.lstrip(" (").startswith(("+", "00"))
    digits = _NOT_DIGITS.sub("", bare.replace("(0)", "") if abroad else bare)
    if len(digits) < SHORTEST:
        return ""
    if abroad:
        return "+" + digits.lstrip("0")
    home = digits.lstrip("0")
    return f"+{code}{home}" if code else home


def tail(phone: str) -> str:
    """The last digits, the same whether a number is written for home or from abroad."""
    return phone.removeprefix("+")[-TAIL:]


def is_mobile(phone: str) -> bool:
    """Whether it is a mobile phone of China, whose numbers can be told from all others."""
    return _MOBILE.fullmatch(phone) is not None


def one_line(one: str, two: str) -> bool:
    """Whether two numbers are one line: the same digits, from as far away as the shorter is written for."""
    if one == two:
        return True
    if one.startswith("+") and two.startswith("+"):
        return False
    a, b = sorted((one.removeprefix("+"), two.removeprefix("+")), key=len)
    return len(a) > SHORTEST and b.endswith(a)


# --- tax numbers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaxId:
    """A number as registered, without its country's prefix."""

    text: str
    prefix: str

    @property
    def proven(self) -> bool | None:
        """Whether its shape and check digit fit; None where we know of none."""
        if self.prefix not in _CHECKS:
            return None
        shape, check = _CHECKS[self.prefix]
        if re.fullmatch(shape, self.text) is None:
            return False if self.prefix else None
        return check(self.text)


def tax_id(text: str) -> TaxId | None:
    """A tax number without signs and country prefix; None where nothing that could be one stands there."""
    signs = text.upper() if text.isascii() and text.isalnum() else _NOT_SIGNS.sub("", fold(text)).upper()
    if len(signs) < SHORTEST or len(set(signs)) < 3 or signs.isalpha():  # noqa: PLR2004 - 000000 is none
        return None
    prefix = signs[:2] if signs[:2].isalpha() and len(signs) > TAIL else ""
    return TaxId(signs[2:], prefix) if prefix in _PREFIXES else TaxId(signs, "")


_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # the signs of a 统一社会信用代码


def _chinese(text: str) -> bool:
    total = sum(_CREDIT.index(sign) * pow(3, place, len(_CREDIT)) for place, sign in enumerate(text[:-1]))
    return _CREDIT[-total % len(_CREDIT)] == text[-1]


def _german(text: str) -> bool:
    product = 10
    for sign in text[:-1]:
        total = (int(sign) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(text[-1])


def _luhn(text: str) -> bool:
    doubled = (int(sign) * (1 + place % 2) for place, sign in enumerate(reversed(text)))
    return not sum(sum(divmod(digit, 10)) for digit in doubled) % 10


def _french(text: str) -> bool:
    return not text[:2].isdigit() or int(text[:2]) == (12 + 3 * (int(text[2:]) % 97)) % 97


def _belgian(text: str) -> bool:
    return 97 - int(text[:-2]) % 97 == int(text[-2:])


def _weighed(weights: tuple[int, ...], by: int, last: Callable[[int], int]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        total = sum(weight * int(sign) for weight, sign in zip(weights, text, strict=False))
        return last(total % by) == int(text[-1])

    return check


def _danish(text: str) -> bool:
    return sum(weight * int(sign) for weight, sign in zip((2, 7, 6, 5, 4, 3, 2, 1), text, strict=True)) % 11 == 0


# prefix → the shape of a number, and its check
_CHECKS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "DE": (r"\d{9}", _german),
    "FR": (r"[0-9A-Z]{2}\d{9}", _french),
    "IT": (r"\d{11}", _luhn),
    "BE": (r"[01]?\d{9}", _belgian),
    "PL": (r"\d{10}", _weighed((6, 5, 7, 2, 3, 4, 5, 6, 7), 11, lambda rest: rest)),
    "DK": (r"\d{8}", _danish),
    "FI": (r"\d{8}", _weighed((7, 9, 10, 5, 8, 4, 2), 11, lambda rest: 11 - rest if rest else 0)),
    "SE": (r"\d{12}", lambda text: _luhn(text[:10])),
    "PT": (r"\d{9}", _weighed((9, 8, 7, 6, 5, 4, 3, 2), 11, lambda rest: 11 - rest if rest > 1 else 0)),
    "": (f"[{_CREDIT}]{{18}}", _chinese),
}
_PREFIXES = frozenset(
    {
        "DE", "FR", "IT", "BE", "PL", "DK", "FI", "SE", "PT", "NL", "AT", "ES", "IE", "LU", "GB", "XI", "CH", "NO",
        "CZ", "SK", "HU", "RO", "BG", "EL", "GR", "HR", "SI", "LT", "LV", "EE", "MT", "CY", "EU", "IM",
    }
)  # fmt: skip


# --- dates ------------------------------------------------------------------------------------------------------------


_YEAR_FIRST = re.compile(r"(\d{4})\D+(\d{1,2})\D+(\d{1,2})(?:\D.*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})\D+(\d{1,2})\D+(\d{4})(?:\D.*)?")
_TOGETHER = re.compile(r"\d{8}")


def date(text: str) -> str:
    """Year, month and day as eight digits; empty where that is not what stands there."""
    told = text.strip()
    if _TOGETHER.fullmatch(told):
        return told
    found = _YEAR_FIRST.fullmatch(told)
    if found:
        return f"{found[1]}{found[2]:0>2}{found[3]:0>2}"
    found = _YEAR_LAST.fullmatch(told)
    return f"{found[3]}{found[2]:0>2}{found[1]:0>2}" if found else ""
