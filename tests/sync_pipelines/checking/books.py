"""Broken books: each a small change of the good one, told in `tests/books/cases/` with the complaints it brings."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from connectors.contract import Capabilities, FieldDescription, KindDescription
from mappings.complaints import Complaint
from sync_pipelines.checking.checks import check_folder
from sync_pipelines.checking.view import Abilities, Descriptions

BOOKS = Path(__file__).parents[2] / "books"
GOOD = BOOKS / "good"
CASES = BOOKS / "cases"
EXPECTED = BOOKS / "expected"


@dataclass(frozen=True, slots=True)
class Case:
    """One broken book. `expect` has `code file:line` for each complaint."""

    family: str
    name: str
    said: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.family}-{self.name}"

    @property
    def expect(self) -> list[str]:
        return sorted(self.said["expect"])

    def complaints(self, folder: Path) -> list[Complaint]:
        """What the check finds in this book, made in an empty folder."""
        self.make(folder)
        return check_folder(folder, self.abilities, self.described)

    def make(self, folder: Path) -> None:
        shutil.copytree(GOOD, folder, dirs_exist_ok=True)
        for name in self.said.get("remove", ()):
            (folder / name).unlink()
        for name, text in self.said.get("write", {}).items():
            (folder / name).write_text(text, encoding="utf-8")
        for name, changes in self.said.get("change", {}).items():
            _change(folder / name, changes)

    @property
    def abilities(self) -> Abilities:
        told = self.said.get("abilities", {})
        return {system: {kind: Capabilities(**can) for kind, can in kinds.items()} for system, kinds in told.items()}

    @property
    def described(self) -> Descriptions:
        told = self.said.get("described", {})
        return {
            system: {kind: _description(kind, fields) for kind, fields in kinds.items()}
            for system, kinds in told.items()
        }


def _change(path: Path, changes: list[tuple[str, str]]) -> None:
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert text.count(before) == 1, f"{path.name} holds {before!r} {text.count(before)} times, not once"
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")


def _description(kind: str, fields: Mapping[str, Any]) -> KindDescription:
    return KindDescription(kind, {name: _field(name, said) for name, said in fields.items()})


def _field(name: str, said: Mapping[str, Any]) -> FieldDescription:
    choices = tuple(said["choices"]) if "choices" in said else None
    return FieldDescription(name, "text", **{**said, "choices": choices})


def cases() -> list[Case]:
    """All of them, by family."""
    return [
        Case(path.stem, name, said)
        for path in sorted(CASES.glob("*.yaml"))
        for name, said in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    ]


def marks(complaints: list[Complaint]) -> list[str]:
    """Code, file and line of each."""
    return sorted(f"{one.code} {one.file}:{one.line}" for one in complaints)
