"""Passwords, as scrypt keeps them: 32 MB and a tenth of a second for each guess (OWASP's floor is half of that)."""

import base64
import binascii
import hmac
from hashlib import scrypt
from secrets import token_bytes

_COST, _BLOCK, _LANES = 2**15, 8, 1
_MEMORY = 64 * 1024 * 1024  # bytes it may take
_LENGTH = 32
SHORTEST, LONGEST = 12, 200  # letters
_WEAK = ("password", "passwort", "concordat", "qwerty", "letmein", "123456")


def complaint(name: str, password: str) -> str:
    """Why it is no good; empty where it is. Length is what counts: no rules of digits and signs."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"a password has {SHORTEST} to {LONGEST} letters; four words that do not belong together are a good one"
    plain = password.casefold()
    known = next((word for word in (*_WEAK, name.casefold()) if len(word) > 2 and word in plain), "")  # noqa: PLR2004 - initials are everywhere
    if known and len(plain.replace(known, "")) < SHORTEST // 2:
        return "this password is among the first that anybody tries"
    return "" if len(set(plain)) > 4 else "this password is one letter over and over"  # noqa: PLR2004 - as many tell it


def hashed(password: str, salt: bytes | None = None) -> str:
    """What is kept of a password."""
    salt = salt or token_bytes(16)
    return f"scrypt${_COST}${_BLOCK}${_LANES}${_text(salt)}${_text(_key(password, salt, _COST, _BLOCK, _LANES))}"


def fits(password: str, kept: str) -> bool:
    """Whether it is this one. A hash that is none (a login without a password) fits nothing, and takes as long."""
    try:
        sort, cost, block, lanes, salt, key = kept.split("$")
        known = _bytes(key)
        found = _key(password, _bytes(salt), int(cost), int(block), int(lanes))
    except (ValueError, binascii.Error):
        _key(password, bytes(16), _COST, _BLOCK, _LANES)
        return False
    return sort == "scrypt" and hmac.compare_digest(known, found)


def _key(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    said = password[:LONGEST].encode("utf-8", "replace")
    return scrypt(said, salt=salt, n=cost, r=block, p=lanes, maxmem=_MEMORY, dklen=_LENGTH)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
