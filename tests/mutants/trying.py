"""One broken engine in a copy of the code: which check notices it first."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from tests.mutants.patches import Mutant

ROOMS = ("sync_pipelines", "mappings", "connectors", "monitoring", "tests")
_PIPES = "tests/sync_pipelines"
_STORIES = ("rest_and_edits", "once_and_blanks", "isolation", "plans_and_undo")
_ENGINE = ("model", "ownership", "identity", "planning", "intake", "applying", "review", "flow")
_MAPPINGS = ("codec_laws", "codecs", "reading_and_writing")
LAWS = tuple(f"tests/laws/test_{name}.py" for name in _STORIES)
ENGINE = (*(f"{_PIPES}/{room}" for room in _ENGINE), *(f"tests/mappings/test_{name}.py" for name in _MAPPINGS))
KEPT = (0, 0)  # no seeds: only the histories that were found and kept
QUIET = "tests/laws/test_quiet_histories.py"
_QUICK = ("-m", "not slow and not real and not debian")
_PATIENCE = 1200  # seconds, on a machine that does other work too, for tests; a mutant that hangs is a dead one
_LONG_PATIENCE = 7200  # … for all the histories
_FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
_BROKEN = re.compile(r"^BROKEN (.+)$", re.MULTILINE)
_SEED = re.compile(r"^seed (\d+)")
Killers: TypeAlias = tuple[str, ...]  # what failed: tests by their whole name, or a history and what it broke


@dataclass(slots=True)
class Bench:
    """A copy of the code, on which one mutant after the other is tried."""

    folder: Path
    seeds: int
    stamp: int = 1_000_000_000  # of a file that is written: each time another one, or Python would run the old text
    unsound: set[str] = field(default_factory=set)  # tests that fail on the sound code too
    sound: set[str] = field(default_factory=set)

    @classmethod
    def in_folder(cls, folder: Path, house: Path, seeds: int, *, committed: bool) -> "Bench":
        """Of the code as it lies there, or as it was last committed; without anything Python kept of it."""
        folder.mkdir()
        if committed:
            archive = subprocess.run(
                ["git", "archive", "HEAD", *ROOMS, "pyproject.toml"],
                cwd=house,
                capture_output=True,
                check=True,
            )
            subprocess.run(["tar", "x"], cwd=folder, input=archive.stdout, check=True)
        else:
            for room in ROOMS:
                shutil.copytree(house / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
            shutil.copy(house / "pyproject.toml", folder)
        return cls(folder, seeds)

    def killers(self, mutant: Mutant, before: Killers) -> Killers:
        """Which checks fail with the patch, and not without; first those that did so `before`. Empty: it lives."""
        return next(filter(None, (self._noticed(mutant, check) for check in self._checks(mutant, before))), ())

    def _noticed(self, mutant: Mutant, check: "Check") -> Killers:
        """A check ends with the first failure; where that proves nothing it is made once more without it."""
        met: set[str] = set()
        while (dead := self._with(mutant, check)) and not met.issuperset(dead):
            if proven := self._proven(check, dead):
                return proven
            met.update(dead)
        return ()

    def learn(self, killers: Sequence[str]) -> None:
        """Which of these tests pass on the sound code: all at once, so that none has to be proven by itself."""
        tests = tuple(sorted({_function(one) for one in killers if one.startswith("tests/") and "::" in one}))
        tests = tuple(one for one in tests if (self.folder / one.partition("::")[0]).exists())
        while tests and not self.unsound.issuperset(fails := Check(tests).failed(self.folder, self.unsound)):
            self.unsound.update(fails)
        self.sound.update({*tests} - {_function(one) for one in self.unsound})

    # --- checks ------------------------------------------------------------------------------------------------------

    def _checks(self, mutant: Mutant, before: Killers) -> "Iterator[Check]":
        """First where a broken law should say its own name; another fear is looked for in the room itself."""
        yield from self._again(before)
        room = f"tests/{Path(mutant.file).parent}"
        near = [Check((*_QUICK, room))] if (self.folder / room).is_dir() else []
        laws = Check((*_QUICK, *LAWS))
        yield from (laws, *near) if mutant.is_of_a_law else (*near, laws)
        yield Check((), KEPT)
        yield Check((*_QUICK, *(one for one in ENGINE if one != room)))
        if near:
            yield Check(("-m", "slow and not real and not debian", room))
        yield Check((QUIET,))
        yield Check((), (0, self.seeds))

    def _again(self, before: Killers) -> "Iterator[Check]":
        seeds = [int(told[1]) for one in before if (told := _SEED.match(one))]
        yield from (Check((), (seed, seed + 1)) for seed in seeds)
        names = [name for one in before if (name := name_of(one)).startswith("test_")]
        files = {one.partition("::")[0] for one in before if "::" in one}
        places = sorted(file for file in files if (self.folder / file).exists()) or self._places(names)
        if names and places:
            yield Check((*places, "-k", " or ".join(dict.fromkeys(names))))

    def _places(self, names: Sequence[str]) -> list[str]:
        """The files in which these tests stand."""
        wanted = re.compile(rf"\bdef ({'|'.join(names)})\(") if names else re.compile("(?!)")
        found = (path for path in (self.folder / "tests").rglob("test_*.py") if wanted.search(path.read_text("utf-8")))
        return sorted(str(path.relative_to(self.folder)) for path in found)

    # --- trying ------------------------------------------------------------------------------------------------------

    def _with(self, mutant: Mutant, check: "Check") -> Killers:
        file = self.folder / mutant.file
        sound = file.read_text(encoding="utf-8")
        self._write(file, mutant.patched(self.folder))
        try:
            return check.failed(self.folder, self.unsound)
        finally:
            self._write(file, sound)

    def _write(self, file: Path, text: str) -> None:
        self.stamp += 1
        file.write_text(text, encoding="utf-8")
        os.utime(file, (self.stamp, self.stamp))

    def _proven(self, check: "Check", dead: Killers) -> Killers:
        """What fails on the sound code as well proves nothing."""
        asked = [one for one in dead if one not in self.unsound and _function(one) not in self.sound]
        named = {one for one in asked if _is_test(one) or _SEED.match(one)}
        others = [replace(check, seeds=check.seeds and KEPT)] if {*asked} - named else []
        again = [*_alone(sorted(named)), *others]
        fails = {one for each in again for one in each.failed(self.folder, self.unsound)}
        self.sound |= {_function(one) for one in named - fails}
        self.unsound |= fails
        return tuple(one for one in dead if one not in self.unsound)


@dataclass(frozen=True, slots=True)
class Check:
    """Tests, or histories of these seeds."""

    tests: tuple[str, ...]
    seeds: tuple[int, int] | None = None

    def failed(self, folder: Path, but_for: "set[str] | tuple[()]") -> Killers:
        """What fails first in this copy."""
        module, patience = ("pytest", _PATIENCE) if self.seeds is None else ("tests.mutants.histories", _LONG_PATIENCE)
        left_out = [word for one in sorted(but_for) if _is_test(one) for word in ("--deselect", one)]
        quiet = ["-q", "--tb=no", "--exitfirst", "-p", "no:cacheprovider"]
        words = [*quiet, *left_out, *self.tests] if self.seeds is None else [*map(str, self.seeds), *sorted(but_for)]
        code, told = _run(folder, [sys.executable, "-m", module, *words], patience)
        if code in {0, _NO_TESTS}:
            return ()
        if code is None:
            return (f"{' '.join(self.tests[-1:]) or 'the histories'} did not end",)
        found = (_FAILED if self.seeds is None else _BROKEN).findall(told)
        if code < 0 or (code == _INTERRUPTED and not found):
            raise CutOffError("somebody ended it")
        return tuple(dict.fromkeys(found)) or (f"it does not run: {(told.strip().splitlines() or [''])[-1][:200]}",)


_INTERRUPTED, _NO_TESTS = 2, 5  # exit codes of pytest
_RUNNING: "set[subprocess.Popen[str]]" = set()


class CutOffError(Exception):
    """Neither noticed nor not noticed."""


def end_all() -> None:
    """Of what is running now nothing is left behind."""
    for process in tuple(_RUNNING):
        os.killpg(process.pid, signal.SIGKILL)


def name_of(killer: str) -> str:
    """A test by its name, without the values it was called with; a history as it is."""
    return killer.partition("[")[0].rpartition("::")[2] if _is_test(killer) else killer


def _function(killer: str) -> str:
    """A test whatever it is called with."""
    return killer.partition("[")[0] if _is_test(killer) else killer


def _is_test(killer: str) -> bool:
    return killer.startswith(("tests/", "test_"))


def _alone(killers: Sequence[str]) -> Iterator[Check]:
    """The checks of these by themselves."""
    tests = tuple(one for one in killers if _is_test(one))
    if tests:
        yield Check(tests)
    seeds = [int(told[1]) for one in killers if (told := _SEED.match(one))]
    yield from (Check((), (seed, seed + 1)) for seed in seeds)


def _run(folder: Path, command: Sequence[str], patience: float) -> tuple[int | None, str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        _RUNNING.add(process)
        try:
            told, _ = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return None, ""
        finally:
            _RUNNING.discard(process)
        return process.returncode, told
