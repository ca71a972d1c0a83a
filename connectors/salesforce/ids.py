"""Record ids: 15 letters that tell upper from lower case, or 18, safe where case is lost."""

import re

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
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


def suffix(short: str) -> str:
    """Each of the three letters tells, as five bits, which of five characters are upper case."""
    return "".join(_letter(short[start : start + 5]) for start in (0, 5, 10))


def _letter(five: str) -> str:
    return _ALPHABET[sum(1 << place for place, letter in enumerate(five) if "A" <= letter <= "Z")]
