"""Break each law once in a copy of the code, and see which test fails.

    python -m tests.mutants.run                  all that were not run on this very code yet
    python -m tests.mutants.run --only L4        one law
    python -m tests.mutants.run --minutes 10     begin nothing new after that; the next call goes on from there
    python -m tests.mutants.run --again --write  all anew, and the table into README.md

What was found is kept in build/mutants.json. Exit code 1 where one survived or was not run.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from tests.mutants.table import LAWS, MUTANTS, Mutant

HOUSE = Path(__file__).parents[2]
README = Path(__file__).with_name("README.md")
FOUND = HOUSE / "build" / "mutants.json"
ROOMS = ("sync_pipelines", "mappings", "connectors", "monitoring", "tests")
PIPES = "tests/sync_pipelines"
# Each stage is tried where the one before let the mutant live.
STORIES = ("rest_and_edits", "once_and_blanks", "isolation", "plans_and_undo")
ENGINE = ("model", "ownership", "identity", "planning", "intake", "applying", "review", "flow")
STAGES: Mapping[str, Sequence[str]] = {
    "laws": [f"tests/laws/test_{name}.py" for name in STORIES],
    "rooms": [
        *(f"{PIPES}/{room}" for room in ENGINE),
        *(f"tests/mappings/test_{name}.py" for name in ("codec_laws", "codecs", "reading_and_writing")),
    ],
    "histories": [
        "tests/laws/test_histories.py::test_every_law_holds_at_the_end_of_every_history[0]",
        "tests/laws/test_quiet_histories.py",
    ],
}
PATIENCE = 600  # seconds that a stage may take; a mutant that hangs is a dead one
_FAILED = re.compile(r"^(?:FAILED|ERROR) \S*?([\w-]+)\.py(?:::(\w+))?", re.MULTILINE)
SURVIVED, NOT_RUN = "survived", "not run"


def main(words: Sequence[str] | None = None) -> int:
    """Run what is asked for and tell."""
    asked = _asked(words)
    found: dict[str, str] = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() and not asked.again else {}
    until = time.monotonic() + asked.minutes * 60
    chosen = [mutant for mutant in MUTANTS if asked.only in ("", mutant.law)]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = _copied(Path(folder))
        for mutant in chosen:
            name = _name(mutant, copy)
            if name not in found and time.monotonic() < until:
                found[name] = _killer(mutant, copy)
                _keep(found)
            sys.stdout.write(f"{mutant}\n    {found.get(name, NOT_RUN)}\n")
            sys.stdout.flush()
        killers = {str(mutant): found.get(_name(mutant, copy), NOT_RUN) for mutant in MUTANTS}
    if asked.write:
        README.write_text(_read_me(killers), encoding="utf-8")
    return int(any(killers[str(mutant)] in (SURVIVED, NOT_RUN) for mutant in chosen))


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", choices=["", *LAWS], help="one law")
    parser.add_argument("--minutes", type=float, default=60, help="begin nothing new after that")
    parser.add_argument("--again", action="store_true", help="also what was run on this code already")
    parser.add_argument("--write", action="store_true", help="write README.md")
    return parser.parse_args(words)


def _copied(folder: Path) -> Path:
    for room in ROOMS:
        shutil.copytree(HOUSE / room, folder / room, ignore=shutil.ignore_patterns("__pycache__", "real"))
    shutil.copy(HOUSE / "pyproject.toml", folder)
    return folder


def _name(mutant: Mutant, copy: Path) -> str:
    """A mutant of this very code: where its file changes, it is another one."""
    return f"{mutant} ({sha256(mutant.patched(copy).encode()).hexdigest()[:12]})"


def _keep(found: Mapping[str, str]) -> None:
    FOUND.parent.mkdir(exist_ok=True)
    FOUND.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")


def _killer(mutant: Mutant, copy: Path) -> str:
    file = copy / mutant.file
    sound = file.read_text(encoding="utf-8")
    file.write_text(mutant.patched(copy), encoding="utf-8")
    try:
        return next(_deaths(copy), SURVIVED)
    finally:
        file.write_text(sound, encoding="utf-8")


def _deaths(copy: Path) -> Iterator[str]:
    for stage, tests in STAGES.items():
        try:
            told = _pytest(copy, tests)
        except subprocess.TimeoutExpired:
            yield f"{stage}: a test that did not end"
            continue
        if told.returncode:
            names = dict.fromkeys(f"{name or file}" for file, name in _FAILED.findall(told.stdout))
            yield f"{stage}: {', '.join(names) or told.stdout[-200:]}"


def _pytest(copy: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", "--maxfail=3", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def _read_me(killers: Mapping[str, str]) -> str:
    head = README.read_text(encoding="utf-8").partition("| law |")[0] if README.exists() else ""
    rows = [f"| {mutant.law} | {mutant.says} | `{mutant.file}` | {killers[str(mutant)]} |" for mutant in MUTANTS]
    return "\n".join([f"{head}| law | broken so | in | killed by |", "|--|--|--|--|", *rows, ""])


if __name__ == "__main__":
    raise SystemExit(main())
