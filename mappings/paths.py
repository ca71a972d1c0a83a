"""Paths into a payload: dotted names, a list entered through a selector. See the README, *Paths*."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_STEP = re.compile(r"(?P<name>[^.\[\]=|\s]+)(?:\[(?P<key>[^.\[\]=|\s]+)=(?P<values>[^\[\]=]+)\])?")


class PathError(ValueError):
    """The path cannot be read, or does not fit the payload it is used on."""


class _Missing:
    """The one value that stands for silence."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class Step:
    """One name, with the selector that picks an element when the name holds a list."""

    name: str
    key: str = ""
    values: tuple[str, ...] = ()

    @property
    def selector(self) -> str:
        """The selector as it is written, and as a partial payload names it."""
        return f"[{self.key}={'|'.join(self.values)}]" if self.key else ""

    def matches(self, element: object) -> bool:
        """Whether an element is one of those the selector means."""
        return isinstance(element, Mapping) and _spelled(element.get(self.key)) in self.values


def _spelled(raw: object) -> str | None:
    """A raw value as a selector spells it."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw) if isinstance(raw, str | int) else None


def parse(path: str) -> tuple[Step, ...]:
    """The steps of a path. Raises PathError."""
    steps, position = [], 0
    while True:
        found = _STEP.match(path, position)
        if found is None:
            raise PathError(f"{path!r} is not a path; write name, name.name or name[key=value].name")
        steps.append(_step(found))
        if found.end() == len(path):
            return tuple(steps)
        if path[found.end()] != ".":
            raise PathError(f"{path!r} is not a path: a dot is expected after {path[: found.end()]!r}")
        position = found.end() + 1


def _step(found: re.Match[str]) -> Step:
    values = found["values"]
    return Step(found["name"], found["key"] or "", tuple(values.split("|")) if values else ())


def getter(path: str) -> Callable[[Mapping[str, Any]], Any]:
    """A reader of one path: the raw value, None for null, MISSING for silence."""
    steps = parse(path)
    if len(steps) == 1 and not steps[0].key:
        name = steps[0].name
        return lambda payload: payload.get(name, MISSING)
    return lambda payload: _walk(payload, steps)


def _walk(payload: Any, steps: Sequence[Step]) -> Any:
    here = payload
    for step in steps:
        if here is None or here is MISSING:
            return here
        here = _enter(here, step)
    return here


def _enter(here: Any, step: Step) -> Any:
    if not isinstance(here, Mapping):
        raise PathError(f"{step.name!r} is looked for in something that has no names")
    inner = here.get(step.name, MISSING)
    if not step.key or inner is MISSING or inner is None:
        return inner
    return next((element for element in _elements(inner, step) if step.matches(element)), None)


def _elements(inner: Any, step: Step) -> Sequence[Any]:
    if not isinstance(inner, list | tuple):
        raise PathError(f"{step.name!r} is read as a list and is none")
    return inner


def lister(path: str) -> Callable[[Mapping[str, Any]], Any]:
    """A reader of all elements a path means: a list, None for null, MISSING for silence."""
    *outer, last = parse(path)
    whole = Step(last.name)

    def read(payload: Mapping[str, Any]) -> Any:
        inner = _walk(payload, (*outer, whole))
        if inner is MISSING or inner is None:
            return inner
        elements = _elements(inner, last)
        return [element for element in elements if step_takes(last, element)]

    return read


def step_takes(step: Step, element: object) -> bool:
    """Whether an element is meant; a step without a selector means all of them."""
    return not step.key or step.matches(element)


def setter(path: str) -> Callable[[dict[str, Any], Any], None]:
    """A writer of one path into a partial payload."""
    names = tuple(_names(parse(path)))

    def write(payload: dict[str, Any], raw: Any) -> None:
        here = payload
        for name in names[:-1]:
            here = here.setdefault(name, {})
        here[names[-1]] = raw

    return write


def _names(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        yield step.name
        if step.key:
            yield step.selector


def fetched(path: str) -> Iterator[str]:
    """The plain dotted paths that have to be fetched for a path to be read, selectors' keys included."""
    prefix = ""
    steps = parse(path)
    for step in steps:
        prefix = f"{prefix}.{step.name}" if prefix else step.name
        if step.key:
            yield f"{prefix}.{step.key}"
    yield prefix


def like(landed: Mapping[str, Any], partial: Mapping[str, Any]) -> dict[str, Any]:
    """What a landed payload holds at exactly the paths of a partial one. Silence stays silent."""
    found = ((name, _same(landed, name, inner)) for name, inner in partial.items())
    return {name: raw for name, raw in found if raw is not MISSING}


def _same(landed: Mapping[str, Any], name: str, inner: Any) -> Any:
    held = landed.get(name, MISSING)
    if held is None or held is MISSING or not isinstance(inner, Mapping):
        return held
    if isinstance(held, list | tuple):
        return {selector: _selected(held, selector, wanted) for selector, wanted in inner.items()}
    return like(held, inner) if isinstance(held, Mapping) else held


def _selected(held: Sequence[Any], selector: str, wanted: Any) -> Any:
    (step,) = parse(f"x{selector}")
    matching = [element for element in held if step.matches(element)]
    if isinstance(wanted, list):
        return matching
    if not matching:
        return None
    return like(matching[0], wanted) if isinstance(wanted, Mapping) else matching[0]
