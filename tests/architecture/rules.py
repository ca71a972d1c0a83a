"""Rules R1 to R7 of the design, read from the source with `ast`. Each yields its offences, one line of text each."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from tests.architecture import house


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `from a.b import c` is `a.b.c`, since `c` may be a module."""

    line: int
    name: str
    relative: bool = False

    def is_of(self, module: str) -> bool:
        return self.name == module or self.name.startswith(f"{module}.")


@dataclass(frozen=True)
class Module:
    """One Python file, its path seen from the top of the repository."""

    path: str
    text: str

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(ast.parse(self.text, filename=self.path)))

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(found for node in self.nodes for found in _imports_of(node))

    @property
    def room(self) -> str:
        return self.path.split("/", maxsplit=1)[0]

    @property
    def is_shipped(self) -> bool:
        return self.room in house.ROOMS

    @property
    def part(self) -> str:
        """The sub-room of the trunk: a folder, or a file beside the folders. Empty for the trunk's `__init__`."""
        return PurePosixPath(self.path).parts[1].removesuffix(".py").removesuffix("__init__")

    def at(self, line: int, words: str) -> str:
        return f"{self.path}:{line} {words}"


def _imports_of(node: ast.AST) -> Iterator[Import]:
    match node:
        case ast.Import(names=names):
            yield from (Import(node.lineno, alias.name) for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            yield from (Import(node.lineno, f"{module or ''}.{alias.name}", level > 0) for alias in names)
        case ast.Call(
            func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield Import(node.lineno, name)


def _stands_in(path: str, places: tuple[str, ...]) -> bool:
    """`*` is one step of a path or a part of it, `**` is any number of steps."""
    return any(re.fullmatch(_pattern(place), path) for place in places)


def _pattern(place: str) -> str:
    return re.escape(place).replace(r"\*\*", ".+").replace(r"\*", "[^/]+")


def leaves_know_nobody(module: Module) -> Iterator[str]:
    """R1."""
    if module.room in house.LEAVES:
        for other in sorted(house.ROOMS - {module.room}):
            for found in module.imports:
                if found.is_of(other):
                    yield module.at(found.line, f"R1: the leaf {module.room} imports {found.name}")


def right_never_imports_left(module: Module) -> Iterator[str]:
    """R2."""
    if module.room != house.TRUNK or not module.part:
        return
    if module.part not in house.MAY_IMPORT:
        yield module.at(1, f"R2: {module.part} has no place in the order; give it one in tests/architecture/house.py")
        return
    for found in module.imports:
        steps = found.name.split(".")
        if steps[0] == house.TRUNK and len(steps) > 1 and steps[1] not in house.MAY_IMPORT[module.part]:
            yield module.at(found.line, f"R2: {module.part} may not import {found.name}")


def one_door_per_library(module: Module) -> Iterator[str]:
    """R3."""
    if not module.is_shipped:
        return
    for found in module.imports:
        library = _library(found.name)
        if library is None or library in house.TEST_LIBRARIES or found.relative:
            continue
        if library not in house.DOORS:
            yield module.at(found.line, f"R3: {library} has no door; give it one in tests/architecture/house.py")
        elif not _stands_in(module.path, house.DOORS[library]):
            doors = ", ".join(house.DOORS[library]) or "(no door at all)"
            yield module.at(found.line, f"R3: {library} is imported outside its door: {doors}")


def _library(name: str) -> str | None:
    """The name under which `DOORS` lists an import; `None` for our own rooms and what needs no door."""
    guarded = next((door for door in house.DOORS if name == door or name.startswith(f"{door}.")), None)
    top = name.split(".", maxsplit=1)[0]
    return guarded or (None if top in sys.stdlib_module_names or top in house.ROOMS else top)


def deciding_rooms_are_pure(module: Module) -> Iterator[str]:
    """R4."""
    if not _stands_in(module.path, house.PURE) or _stands_in(module.path, house.NOT_PURE):
        return
    for found in module.imports:
        if any(found.is_of(impure) for impure in house.IMPURE_MODULES):
            yield module.at(found.line, f"R4: a deciding room imports {found.name}")
    for node in module.nodes:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in house.IMPURE_CALLS:
                yield module.at(node.lineno, f"R4: a deciding room calls {name}()")
            case ast.Attribute(attr=clock, value=ast.Name(id=base) | ast.Attribute(attr=base)) if (
                clock in house.CLOCKS and base in house.CALENDARS
            ):
                yield module.at(node.lineno, f"R4: a deciding room asks the clock with {base}.{clock}")


def imports_are_absolute(module: Module) -> Iterator[str]:
    """R5, first half."""
    yield from (module.at(found.line, "R5: a relative import") for found in module.imports if found.relative)


def files_are_short(module: Module) -> Iterator[str]:
    """R5, second half."""
    length = len(module.text.splitlines())
    if length > house.LONGEST_FILE:
        yield module.at(length, f"R5: {length} lines, more than {house.LONGEST_FILE}")


def names_say_something(module: Module) -> Iterator[str]:
    """R6."""
    for step in PurePosixPath(module.path).with_suffix("").parts:
        if step.removeprefix("test_") in house.SAYS_NOTHING:
            yield module.at(1, f"R6: {step!r} names nothing")


def no_code_asks_whether_it_is_tested(module: Module) -> Iterator[str]:
    """R7."""
    if not module.is_shipped:
        return
    for found in module.imports:
        if found.name.split(".", maxsplit=1)[0] in house.TEST_LIBRARIES:
            yield module.at(found.line, f"R7: shipped code imports {found.name}")
    for node in module.nodes:
        if (word := _asked_for(node)) in house.UNDER_TEST:
            yield module.at(getattr(node, "lineno", 1), f"R7: asks whether it runs under test ({word})")


def _asked_for(node: ast.AST) -> str | None:
    """The word looked up: `environ["CI"]`, `environ.get("CI")`, `getenv("CI")`, `"pytest" in sys.modules`."""
    match node:
        case ast.Subscript(slice=ast.Constant(value=str(word))):
            return word
        case ast.Call(
            func=ast.Attribute(attr="get" | "getenv" | "pop") | ast.Name(id="getenv"),
            args=[ast.Constant(value=str(word)), *_],
        ):
            return word
        case ast.Compare(left=ast.Constant(value=str(word)), ops=[ast.In() | ast.NotIn()]):
            return word
    return None


_SILENCED = re.compile(
    r"#\s*(?:noqa\b:?|type:\s*ignore|pragma:\s*no cover)(?P<codes>[\s\w,\[\]-]*?)(?P<reason>\s+[-#].*)?$"
)


def silence_has_a_reason(module: Module) -> Iterator[str]:
    """What a check is told to overlook says why: `# noqa: S608 - the names come from our own table`."""
    for number, line in enumerate(module.text.splitlines(), start=1):
        found = _SILENCED.search(line)
        if found and not (found["reason"] or "").strip(" -#"):
            yield module.at(number, f"silenced without a reason: {found.group().strip()}")


RULES: tuple[Callable[[Module], Iterator[str]], ...] = (
    leaves_know_nobody,
    right_never_imports_left,
    one_door_per_library,
    deciding_rooms_are_pure,
    imports_are_absolute,
    files_are_short,
    names_say_something,
    no_code_asks_whether_it_is_tested,
    silence_has_a_reason,
)


def modules_of(root: Path) -> list[Module]:
    """Every Python file of the rooms and the tests."""
    paths = sorted(path for room in (*sorted(house.ROOMS), "tests", "bench") for path in (root / room).rglob("*.py"))
    return [Module(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in paths]
