"""What a codec is: a way from a system's spelling of a value to the canonical one, and the way back.

Its law: `decode(encode(v)) == v` for every canonical v it can write, and a canonical value read once more stays as it
is. What a codec does not know it refuses; it never guesses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum
from typing import Any, Protocol

from mappings.values import Value, Values, scoped

NO_WORDS: Mapping[str, str] = {}


class CodecError(ValueError):
    """A value that cannot be read or written. Its message is one line without the value, which may be private."""


class UnknownCodeError(CodecError):
    """A code that no table knows. The record waits until somebody maps it."""

    def __init__(self, code: str, table: str = "") -> None:
        """`code` is what was met, on the side where it was met."""
        super().__init__(f"no line in {table or 'the map'} for this code")
        self.code = code
        self.table = table


class Takes(StrEnum):
    """What an option of a line is filled with, so that a book can be checked before it runs."""

    SIBLING = "sibling"  # another field of the map, or a fixed value
    TABLE = "table"  # a code table
    WORD = "word"  # one word of a closed list
    ZONE = "zone"  # a time zone, as Europe/Berlin
    NUMBER = "number"
    TEXT = "text"
    WORDS = "words"  # a map from the system's words to ours


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a codec."""

    takes: Takes
    among: tuple[str, ...] = ()  # the words it may be, where the list is closed
    required: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What stays the same for a line, whatever record is read."""

    field: str = ""
    options: Mapping[str, Any] = attribute(default_factory=dict)
    links: Mapping[str, tuple[str, ...]] = attribute(default_factory=dict)  # option → path to the field that it names
    places: tuple[str, ...] = ()  # the names under which one value is kept in several places; empty: in one
    choices: tuple[str, ...] = ()
    length: int | None = None  # characters
    table: str = ""
    decodes: Mapping[str, str] = attribute(default_factory=dict)  # the table, from this system's code to ours
    encodes: Mapping[str, str] = attribute(default_factory=dict)
    scope: str = ""
    time_zone: str = "UTC"
    system: str = ""
    map: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What a codec may know besides the value: its line's setting, and the record's other fields in canonical form."""

    setting: Setting
    siblings: Values = attribute(default_factory=dict)

    @property
    def options(self) -> Mapping[str, Any]:
        """The line's `with`."""
        return self.setting.options

    def told(self, option: str) -> Value:
        """What an option says: the value of the field it names, or its fixed value; None where there is neither."""
        path = self.setting.links.get(option)
        if path is None:
            fixed: Value = self.setting.options.get(option)
            return fixed
        name, *inner = path
        found = self.siblings.get(scoped(name, self.setting.scope), self.siblings.get(name))
        for part in inner:
            found = found.get(part) if isinstance(found, dict) else None
        return found


class Codec(Protocol):
    """Null and silence never reach a codec; it may answer None where its kind has another null (`""` of a text)."""

    @property
    def options(self) -> Mapping[str, Option]:
        """The options that a line may give. Others are refused when the book is loaded."""
        ...

    def decode(self, raw: Any, context: Context) -> Value:
        """The canonical value. Raises CodecError or UnknownCodeError."""
        ...

    def encode(self, value: Value, context: Context) -> Any:
        """The system's spelling, in plain JSON types. Raises CodecError or UnknownCodeError."""
        ...
