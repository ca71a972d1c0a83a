"""Names of people: one text for us, first and last name in other systems."""

import re
from collections.abc import Mapping
from typing import Any

from mappings.codec import Codec, CodecError, Context, Option
from mappings.codecs_text import as_text, checked_text, clean
from mappings.values import Value

_HAN = "[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"
_ALL_HAN = re.compile(f"{_HAN}+")
_HAN_BLANK = re.compile(f"(?<={_HAN}) (?={_HAN})")
_BLANKS = re.compile(r"\s+")
# Family names of two characters; all others have one.
_LONG_FAMILY_NAMES = frozenset(
    (
        "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙", "司徒", "夏侯",
        "闻人", "赫连", "轩辕", "钟离", "端木", "南宫", "独孤", "歐陽", "司馬", "諸葛", "東方", "尉遲", "公孫", "長孫",
    )
)  # fmt: skip
_FIRST, _LAST = "first", "last"


class PersonName(Codec):
    """A person's full name, as a person writes it: Ada Lovelace, 王丽.

    A system with first and last name gives both (`at: {first: FirstName, last: LastName}`). They are put together
    without loss. Taking a name apart is a guess (the last word; the first character of 王丽), made only where another
    name than the one that stands there is to be written.
    """

    options: Mapping[str, Option] = {}

    def decode(self, raw: Any, context: Context) -> Value:  # noqa: ARG002 - the same for every line
        if isinstance(raw, Mapping):
            return _joined(_part(raw.get(_FIRST)), _part(raw.get(_LAST))) or None
        return _part(raw) or None

    def encode(self, value: Value, context: Context) -> Any:
        name = checked_text(value)
        places = context.setting.places
        if not places:
            return name
        if set(places) != {_FIRST, _LAST}:
            raise CodecError(f"can be kept in {_FIRST} and {_LAST} name, not in {', '.join(places)}")
        first, last = _taken_apart(name)
        return {_FIRST: first or None, _LAST: last}


def _part(raw: Any) -> str:
    return "" if raw is None else _tidy(clean(as_text(raw)))


def _tidy(text: str) -> str:
    """Single blanks, and none inside a Chinese name."""
    return _HAN_BLANK.sub("", _BLANKS.sub(" ", text))


def _joined(first: str, last: str) -> str:
    if _ALL_HAN.fullmatch(first) and _ALL_HAN.fullmatch(last):
        return last + first
    return _tidy(f"{first} {last}".strip())


def _taken_apart(name: str) -> tuple[str, str]:
    if _ALL_HAN.fullmatch(name) and len(name) > 1:
        family = 2 if name[:2] in _LONG_FAMILY_NAMES and len(name) > 2 else 1  # noqa: PLR2004 - characters
        return name[family:], name[:family]
    first, _, last = name.rpartition(" ")
    return first, last
