"""Text, e-mail addresses and domains in one spelling. One policy for what no system may be sent stands here."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mappings.codec import Codec, CodecError, Context, Option, Takes
from mappings.values import Value

_NONCHARACTERS = "".join(chr(plane * 0x10000 + end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
# Control characters (PostgreSQL and XML refuse some of them, SQLite stops counting at NUL), halves of a character,
# the mark of a lost character, noncharacters, and marks that reverse what a reader sees.
_REFUSED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffd\ufdd0-\ufdef\u202a-\u202e\u2066-\u2069"
    + _NONCHARACTERS
    + "]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# They have no look and no meaning of their own. The joiners U+200C and U+200D have one and stay.
_NOTHING = re.compile("[\u200b\u200e\u200f\u2060\ufeff]")
_UNUSUAL = re.compile("|".join(signs.pattern for signs in (_REFUSED, _LINE_ENDS, _BLANKS, _NOTHING)))
_LONGEST = 1_000_000  # characters; more is no field of a record


def clean(raw: str) -> str:
    """One spelling of a text: composed (NFC), plain blanks and line ends, nothing around it. Raises CodecError."""
    if raw.isascii() and raw.isprintable():
        return raw.strip(" ")
    if len(raw) > _LONGEST:
        raise CodecError(f"is longer than {_LONGEST} characters")
    if _UNUSUAL.search(raw) is None:
        return unicodedata.normalize("NFC", raw).strip(" \t\n")
    _refuse(raw)
    plain = _NOTHING.sub("", _BLANKS.sub(" ", _LINE_ENDS.sub("\n", raw)))
    return unicodedata.normalize("NFC", plain).strip(" \t\n")


def _refuse(raw: str) -> None:
    found = _REFUSED.search(raw)
    if found:
        raise CodecError(f"holds the character U+{ord(found[0]):04X} at position {found.start() + 1}; remove it there")


def compact(raw: str, blank: str = "") -> str:
    """A number or id without look: half-width, without blanks and marks that are not seen. Raises CodecError.

    `blank` is put where blanks stood between two words.
    """
    if raw.isascii() and raw.isprintable():
        return blank.join(raw.split())
    marks = "".join(character for character in raw if unicodedata.category(character) != "Cf")
    _refuse(marks)
    return blank.join(unicodedata.normalize("NFKC", marks).split())


def as_text(raw: Any) -> str:
    """What a system says as text; a whole number is one too (a postal code may come as one). Raises CodecError."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)
    raise CodecError(f"is {kind_of(raw)}, not a text")


def kind_of(raw: Any) -> str:
    """How a person calls what a system said."""
    names = {bool: "a yes/no", int: "a number", float: "a number", str: "a text", type(None): "nothing"}
    if isinstance(raw, Mapping):
        return "an object"
    return names.get(type(raw), "a list" if isinstance(raw, list | tuple) else f"a {type(raw).__name__}")


def checked_text(value: Value) -> str:
    """A canonical value that has to be a text. Raises CodecError."""
    if not isinstance(value, str):
        raise CodecError(f"is {kind_of(value)}, not a text")
    return value


class Text(Codec):
    """Any text. `""` and blanks alone are null."""

    options: Mapping[str, Option] = {}

    def decode(self, raw: Any, context: Context) -> Value:
        text = clean(raw if isinstance(raw, str) else as_text(raw))
        _fits(text, context)
        return text or None

    def encode(self, value: Value, context: Context) -> Any:
        text = checked_text(value)
        if clean(text) != text:
            raise CodecError("is no text in canonical form")
        _fits(text, context)
        return text


def _fits(text: str, context: Context) -> None:
    longest = context.setting.length
    if longest is not None and len(text) > longest:
        raise CodecError(f"has {len(text)} characters, more than the {longest} it may have")


_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_LOCAL = re.compile(r'[^\s@<>()\[\],;:"\\]{1,64}')
_LONGEST_DOMAIN = 253


@lru_cache(maxsize=16_384)  # the domains of a run's e-mail addresses are few
def domain_of(text: str) -> str:
    """A domain in lower-case ASCII, each label as DNS spells it. Raises CodecError."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("。", ".").removesuffix(".")
    labels = [_label(label) for label in plain.split(".")]
    domain = ".".join(labels)
    if len(labels) < 2 or labels[-1].isdigit() or len(domain) > _LONGEST_DOMAIN:  # noqa: PLR2004 - a name and its top level
        raise CodecError("is no domain")
    return domain


def _label(label: str) -> str:
    if not label.isascii():
        label = f"xn--{label.encode('punycode').decode('ascii')}"
    if not _LABEL.fullmatch(label) or not _well_encoded(label):
        raise CodecError("is no domain")
    return label


def _well_encoded(label: str) -> bool:
    """Whether an `xn--` label stands for a text that would be encoded as this very label."""
    if not label.startswith("xn--"):
        return True
    try:
        text = label[4:].encode("ascii").decode("punycode")
        back = text.encode("punycode").decode("ascii")
    except UnicodeError:
        return False
    return not text.isascii() and back == label[4:] and unicodedata.normalize("NFKC", text).lower() == text


class Domain(Codec):
    """A domain; a web address is read as the domain it leads to, without `www`."""

    options: Mapping[str, Option] = {"as": Option(Takes.WORD, among=("domain", "url"))}

    def decode(self, raw: Any, context: Context) -> Value:  # noqa: ARG002 - the same for every line
        text = compact(as_text(raw))
        host = _SCHEME.sub("", text).partition("/")[0].partition("?")[0].partition("#")[0]
        return _without_www(domain_of(host.rpartition("@")[2].partition(":")[0])) if text else None

    def encode(self, value: Value, context: Context) -> Any:
        domain = checked_text(value)
        return f"https://{domain}" if context.options.get("as") == "url" else domain


def _without_www(domain: str) -> str:
    while domain.startswith("www.") and domain.count(".") > 1:
        domain = domain.removeprefix("www.")
    return domain


class Email(Codec):
    """One e-mail address, in lower case: no system in use tells two apart that differ in case only."""

    options: Mapping[str, Option] = {}

    def decode(self, raw: Any, context: Context) -> Value:  # noqa: ARG002 - the same for every line
        text = compact(as_text(raw))
        if not text:
            return None
        local, at, domain = text.rpartition("@")
        local = unicodedata.normalize("NFC", local.lower())
        if not at or not _LOCAL.fullmatch(local):
            raise CodecError("is no e-mail address")
        return f"{local}@{domain_of(domain)}"

    def encode(self, value: Value, context: Context) -> Any:  # noqa: ARG002 - the same for every line
        return checked_text(value)
