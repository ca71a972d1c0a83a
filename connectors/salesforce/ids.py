"""Record ids: 15 letters that tell upper from lower case, or 18, safe where case is lost."""

import re

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHORT = 15
LONG = 18
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?")


def is_id(value: object) -> bool:
    """Whether this has the form of a record id, long or short."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def long_id(value: str) -> str:
    """Normalise an id to its 18 letters. What has not the form of an id stays as it is: the system will say so."""
    if not is_id(value):
        return value
    return value[:_SHORT] + suffix(value[:_SHORT])


def dividing(first: str, last: str, parts: int) -> list[str]:
    """Ids that cut what lies between two ids into about equal parts: one less than the parts, or fewer.

    Ids count in the letters 0-9A-Za-z. A cut need not be the id of any record, nor does anything depend on the order
    in which a system sorts ids, but how even the parts are.
    """
    low, high = (_number(each[:_SHORT]) for each in (first, last))
    cuts = [low + (high - low) * part // parts for part in range(1, parts)]
    return [long_id(_letters(cut)) for cut in dict.fromkeys(cuts) if low < cut < high]


def _number(short: str) -> int:
    number = 0
    for letter in short:
        number = number * len(_DIGITS) + _DIGITS.index(letter)
    return number


def _letters(number: int) -> str:
    letters = []
    for _ in range(_SHORT):
        number, digit = divmod(number, len(_DIGITS))
        letters.append(_DIGITS[digit])
    return "".join(reversed(letters))


def suffix(short: str) -> str:
    """Each of the three letters tells, as five bits, which of five characters are upper case."""
    return "".join(_letter(short[start : start + 5]) for start in (0, 5, 10))


def _letter(five: str) -> str:
    return _ALPHABET[sum(1 << place for place, letter in enumerate(five) if "A" <= letter <= "Z")]
