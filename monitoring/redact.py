"""Takes out of a text what may be a person's or a secret: for logs, alerts, and the pages of a scheduler.

What stays is what our own code says. What systems quote back at us (a refused e-mail address, a duplicate's name) goes.
"""

import re

_GONE = "…"
_ADDRESS = r"[^\s@<>\"(),;:]+@[^\s@<>\"'(),;:]+"
# What a terminal or a page obeys instead of showing: control characters but tab and new line, and those that turn the
# direction of what follows; and halves of a character, at which it (and every file) breaks.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}"), rf"\1 {_GONE}"),
    (
        re.compile(r"(?i)\b([\w-]*(?:password|secret|token|api[_-]?key|authorization|signature))\b\s*[=:]\s*[^\s,;&]+"),
        rf"\1={_GONE}",
    ),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]+@"), r"\1"),  # a password inside a URL
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s?#]+)[?#]\S+"), rf"\1?{_GONE}"),
    (re.compile(_ADDRESS), _GONE),
    # Telephone, account and tax numbers. A day of ours (2026-03-01 10:00) is none; one on which somebody was born goes.
    (re.compile(r"(?<![\w.])(?!20[2-9]\d-[01]\d-[0-3]\d(?![\w\-/.]))\+?\(?\d(?:[ \-/.()]{0,2}\d){6,}(?![\w])"), _GONE),
    (re.compile(r"(?<!\w)'[^'\n]*'(?!\w)|\"[^\"\n]*\"|[„“«「『][^\n”“»」』]*[”“»」』]"), f"'{_GONE}'"),
)


def redact(text: str) -> str:
    """The text on one line, without what was quoted and what looks like an address, a number or a secret."""
    line = " ".join(text.split())
    for pattern, instead in _RULES:
        line = pattern.sub(instead, line)
    return line


def printable(text: str) -> str:
    """The text without anything that a terminal would obey; what is taken out leaves a mark."""
    return _OBEYED.sub("\N{REPLACEMENT CHARACTER}", text)


def escaped(json: str) -> str:
    r"""JSON of the same meaning, in which a terminal finds nothing to obey: it is spelled `\uXXXX`."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found.group()):04x}", json)
