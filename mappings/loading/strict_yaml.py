"""YAML read strictly: plain data and the line of each piece. No tags, no aliases, no key twice, no surprises.

Words stay words: of YAML's many spellings only `true`, `false`, `null`, `~` and plain numbers mean something else, so
that `on`, `off`, `NO` and `22:30` are what they look like.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from mappings.complaints import Complaints
from mappings.values import Where

_DEEPEST = 40
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,14}")

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Parsed:
    """A file as plain data. `lines` has the line of each key and item, by its path."""

    file: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)

    def where(self, *path: str | int) -> Where:
        """Where something stands. Steps that are not in the file (the checker's own) are passed over."""
        here: Path = ()
        for step in path:
            here = (*here, step) if (*here, step) in self.lines else here
        return Where(self.file, self.lines.get(here, 1))


class _RefusedError(Exception):
    """What stands there is not read any further."""

    def __init__(self, code: str, line: int, says: str, do: str = "") -> None:
        """The parts of a complaint."""
        super().__init__(says)
        self.told = (code, line, says, do)


def parse(file: str, text: str, complaints: Complaints) -> Parsed | None:
    """The data of a file; None where it cannot be read at all."""
    parsed = Parsed(file)
    try:
        parsed.data = _Builder(parsed, _events(text), complaints).document()
    except _RefusedError as refused:
        code, line, says, do = refused.told
        complaints.add(code, Where(file, line), says, do)
        return None
    except yaml.YAMLError as error:
        complaints.add("yaml-syntax", Where(file, _line_of(error, text)), f"is no YAML: {_first_line(error)}")
        return None
    return parsed


def _events(text: str) -> Iterator[Any]:
    return iter(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def _line_of(error: yaml.YAMLError, text: str) -> int:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    return text.count("\n", 0, getattr(error, "position", 0)) + 1


def _first_line(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
    return str(problem).splitlines()[0]


@dataclass(slots=True)
class _Builder:
    """Makes data of the parser's events: no objects, and no deeper than a book may be."""

    parsed: Parsed
    events: Iterator[Any]
    complaints: Complaints

    def document(self) -> Any:
        """The file's one document; None for an empty file."""
        data, documents = None, 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    advice = "one file, one document"
                    raise _RefusedError("yaml-documents", _line(event), "begins a second document", advice)
                data = self._value(next(self.events), ())
        return data

    def _value(self, event: Any, path: Path) -> Any:
        self._plain(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return _scalar(event)

    def _plain(self, event: Any, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _RefusedError("yaml-alias", _line(event), "uses an alias or anchor", "write it out")
        if event.tag is not None and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            raise _RefusedError("yaml-tag", _line(event), f"uses the tag {event.tag}", "a book holds plain data only")
        if len(path) > _DEEPEST:
            raise _RefusedError("yaml-depth", _line(event), f"is nested more than {_DEEPEST} deep")

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key, inner = self._key(event), self._unless_twice(event, found, path)
            value = self._value(next(self.events), inner)
            found.setdefault(key, value)
        return found

    def _unless_twice(self, event: Any, found: dict[str, Any], path: Path) -> Path:
        """The path of a key. A key that stands twice is complained of; the first one counts."""
        inner = (*path, event.value)
        if event.value in found:
            first = self.parsed.lines[inner]
            where = Where(self.parsed.file, _line(event))
            self.complaints.add("duplicate-key", where, f"`{event.value}` stands here and in line {first}", "keep one")
            return (*path, f"{event.value} again in line {_line(event)}")
        self.parsed.lines[inner] = _line(event)
        return inner

    @staticmethod
    def _key(event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent) or event.anchor is not None or event.tag not in {None, "!"}:
            raise _RefusedError("yaml-key", _line(event), "a key has to be one word")
        return str(event.value)

    def _sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            inner = (*path, len(found))
            self.parsed.lines[inner] = _line(event)
            found.append(self._value(event, inner))
        return found


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: Any) -> Any:
    text = str(event.value)
    if not event.implicit[0] or event.tag == "!":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else text
