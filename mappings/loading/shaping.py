"""A file held against its shape: every fault is told, and the rest is read on as if the faulty pieces were not there.

A fault must not hide another one. So what does not fit is taken out and the file is looked at again, until it fits.
What is missing because *we* took it out is not complained of.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from mappings.complaints import Complaints, near_miss
from mappings.loading.shapes import Shape
from mappings.loading.strict_yaml import Parsed, Path

S = TypeVar("S", bound=Shape)

_MISSING, _UNKNOWN = "missing", "extra_forbidden"
# What stands in for a key that has to be there and is not, or is wrong, so that what is around it can be read.
_STAND_INS: Mapping[str, Any] = {
    "type": "",
    "means": "?",
    "role": "unknown",
    "connector": "unknown",
    "kind": "?",
    "every": "1d",
    "fresh_within": "1d",
    "then": "ask",
    "key": "unknown",
}
_OF_FIELDS = frozenset({"unknown-type", "choices", "refers-to", "items"})
# Which complaints would only say that a piece is not there, once we have taken it out: by its key.
_FOLLOWS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("decides", "issued_by", "shared", "each"), frozenset({"one-mode"})),
    **dict.fromkeys(("choices", "refers_to", "type"), _OF_FIELDS),
    "items": _OF_FIELDS | {"missing-key"},
    **dict.fromkeys(("at", "parts"), frozenset({"missing-key"})),
    "as": frozenset({"codec-mismatch", "missing-option", "unknown-option", "missing-key"}),
    "with": frozenset({"missing-option"}),
    "key": frozenset({"unknown-field"}),
    "role": frozenset({"unknown-role"}),
    "connector": frozenset({"no-map"}),
}


def shaped(
    shape: type[S], parsed: Parsed, complaints: Complaints, stand_ins: Mapping[str, Any] | None = None
) -> S | None:
    """The file as its shape with every fault told, or None where nothing of it can be read.

    `stand_ins` has what the keys of the whole file would be where they are missing.
    """
    if not isinstance(parsed.data, dict):
        complaints.add("wrong-shape", parsed.where(), "is empty" if parsed.data is None else "should be a map of keys")
        return None
    found: S | None = _Shaping(shape, parsed, complaints, stand_ins or {}, deepcopy(parsed.data)).read()
    return found


@dataclass(slots=True)
class _Shaping:
    """One file on its way; `data` is what is left of it."""

    shape: type[Shape]
    parsed: Parsed
    complaints: Complaints
    stand_ins: Mapping[str, Any]
    data: dict[str, Any]
    taken: set[Path] = field(default_factory=set)
    put: set[Path] = field(default_factory=set)  # each once, so that it comes to an end

    def read(self) -> Any:
        """Look, tell, take out, look again; each round takes something out, or is the last."""
        while True:
            try:
                return self.shape.model_validate(self.data)
            except ValidationError as error:
                faults = error.errors(include_url=False, include_input=False, include_context=False)
            told = [self._mended(fault["type"], fault["loc"], fault["msg"]) for fault in faults]
            if not any(told):
                return None

    def _mended(self, sort: str, loc: tuple[Any, ...], says: str) -> bool:
        """Whether the file can be looked at once more without this fault."""
        place = self._place(loc[:-1] if sort == _MISSING else loc)
        if sort == _MISSING and place in self.taken:  # the checker's own step bore the name of the key
            place = place[:-1]
        missing = (*place, loc[-1]) if sort == _MISSING else None
        if (missing or place) not in self.taken:
            self._complain(sort, loc, says, place)
        if missing is not None:
            return self._put(missing) or self._take(place)
        return self._take(place)

    def _place(self, loc: tuple[Any, ...]) -> Path:
        """The path as it stands in the file, without the checker's own steps."""
        here: Path = ()
        for step in loc:
            here = (*here, step) if (*here, step) in self.parsed.lines else here
        return here

    def _take(self, place: Path) -> bool:
        """Take a piece out. Items stay where their lines are: of a list all is taken."""
        while place and isinstance(place[-1], int):
            place = place[:-1]
        holder = _at(self.data, place[:-1]) if place else None
        if not isinstance(holder, dict) or place[-1] not in holder:
            return False
        del holder[place[-1]]
        self._note(place)
        return True

    def _put(self, place: Path) -> bool:
        """Put a stand-in where a key has to be."""
        known = self.stand_ins if len(place) == 1 else _STAND_INS
        holder = _at(self.data, place[:-1])
        if place in self.put or place[-1] not in known or not isinstance(holder, dict) or place[-1] in holder:
            return False
        self.put.add(place)
        holder[place[-1]] = deepcopy(known[str(place[-1])])
        self._note(place)
        return True

    def _note(self, place: Path) -> None:
        self.taken.add(place)
        meant = get_close_matches(str(place[-1]), _FOLLOWS, 1)  # a key that is misspelt is missing as well
        codes = _FOLLOWS[meant[0]] if meant else frozenset()
        for where in (self.parsed.where(*place), self.parsed.where(*place[:-1])):
            self.complaints.expect(where, codes)

    def _complain(self, sort: str, loc: tuple[Any, ...], says: str, place: Path) -> None:
        where = self.parsed.where(*loc)
        if sort == _UNKNOWN:
            advice = near_miss(str(loc[-1]), _keys(self.shape))
            self.complaints.add("unknown-key", where, f"`{loc[-1]}` is no key here", advice)
        elif sort == _MISSING:
            self.complaints.add("missing-key", where, f"`{loc[-1]}` is missing")
        else:
            self.complaints.add("wrong-shape", where, f"`{'.'.join(map(str, place))}` {_plainly(sort, says)}")


def _at(data: Any, place: Path) -> Any:
    for step in place:
        if isinstance(data, dict):
            data = data.get(str(step))
        else:
            data = data[step] if isinstance(data, list) and isinstance(step, int) and step < len(data) else None
    return data


def _plainly(sort: str, says: str) -> str:
    if sort in {"model_type", "dict_type", "model_attributes_type"}:
        return "should be a map of keys"
    plain = says.removeprefix("Value error, ").removeprefix("Input ")
    return f"{plain[:1].lower()}{plain[1:]}"


def _keys(shape: type[Shape]) -> set[str]:
    """All keys that a file of this shape may hold anywhere."""
    found: set[str] = set()
    for inner in _shapes(shape, set()):
        found.update(one.alias or name for name, one in inner.model_fields.items())
    return found


def _shapes(annotation: Any, seen: set[Any]) -> Iterator[type[Shape]]:
    if isinstance(annotation, type) and issubclass(annotation, Shape) and annotation not in seen:
        seen.add(annotation)
        yield annotation
        for one in annotation.model_fields.values():
            yield from _shapes(one.annotation, seen)
    for inner in get_args(annotation):
        yield from _shapes(inner, seen)
