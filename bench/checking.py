"""`concordat check` on a large book, and how long the command takes to start.

    python -m bench.checking --entities 12 --systems 20

Each call is a process of its own, with the files of the modules compiled beforehand; the median of several counts.
"""

import argparse
import compileall
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.standing import TOP, line

_ROLES = ("crm", "erp", "shop", "service")
_FIELDS = 15
_ROOMS = ("connectors", "mappings", "monitoring", "sync_pipelines")
_COMMAND = [str(Path(sys.executable).with_name("concordat"))]


def write_large_book(folder: Path, entities: int, systems: int) -> None:
    """So many entities of fifteen fields, each kept by every system: all of it read and written both ways."""
    folder.mkdir(parents=True)
    names = [f"system{number}" for number in range(1, systems + 1)]
    lines = ["systems:"]
    for place, name in enumerate(names):
        role = f"role: {_ROLES[place % len(_ROLES)]}, rank: {place // len(_ROLES)}"
        lines.append(f"  {name}: {{{role}, connector: salesforce, map: {name}, write: on}}")
    _write(folder / "systems.yaml", lines)
    for number in range(1, entities + 1):
        _entity(folder / f"entity{number}", f"entity{number}", names)


def _entity(folder: Path, entity: str, systems: Sequence[str]) -> None:
    folder.mkdir(parents=True)
    fields = [f"field{number}" for number in range(1, _FIELDS + 1)]
    head = f"entity: {entity}"
    means = "{type: text, means: One of many values., length: 200}"
    _write(folder / "fields.yaml", [head, "fields:", *(f"  {name}: {means}" for name in fields)])
    _write(folder / "matching.yaml", [head, "levels:", "  - {name: first, fields: [field1], then: link, weight: 9}"])
    for system in systems:
        maps = (f"  {name}: {{at: {name.capitalize()}__c, as: text}}" for name in fields)
        _write(folder / f"{system}.yaml", [head, "kind: Account", "fields:", *maps])
    creates = (f"  {role}: always" for role in _ROLES)
    rules = (f"  {name}: {_rule(place)}" for place, name in enumerate(fields))
    cadence = ["cadence:", "  - {fields: rest, every: 5m, fresh_within: 1h}"]
    _write(folder / "ownership.yaml", [head, "create:", *creates, "fields:", *rules, *cadence])


def _rule(place: int) -> str:
    roles = ", ".join(_ROLES[place % len(_ROLES) :] + _ROLES[: place % len(_ROLES)])
    shared = f"shared: [{roles}], conflict: prefer"
    return f"{{{shared if place % 3 == 0 else f'decides: [{roles}], handover: take'}, steward: sales}}"


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def timed(command: Sequence[str], runs: int, **environment: str) -> float:
    """The median wall time of a process. Whatever it says is read and thrown away; 2 is a fault of its use."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        done = subprocess.run(command, check=False, capture_output=True, env={**os.environ, **environment})  # noqa: S603 - ours
        times.append(time.perf_counter() - started)
        if done.returncode > 1:
            raise SystemExit(done.stderr.decode() or done.stdout.decode())
    return median(times)


def main() -> None:
    """From the command line."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--entities", type=int, default=12)
    wanted.add_argument("--systems", type=int, default=20)
    wanted.add_argument("--runs", type=int, default=5)
    told = wanted.parse_args()
    for room in _ROOMS:
        compileall.compile_dir(TOP / room, quiet=2)
    bare = timed([sys.executable, "-c", "pass"], told.runs)
    with TemporaryDirectory() as folder:
        write_large_book(Path(folder) / "book", told.entities, told.systems)
        check = timed([*_COMMAND, "check"], told.runs, CONCORDAT_BOOK=str(Path(folder) / "book"))
    line(f"median of {told.runs}; Python itself starts in {bare:.2f} s")
    line(f"  concordat --help     {timed([*_COMMAND, '--help'], told.runs):6.2f} s")
    line(f"  import the command   {timed([sys.executable, '-c', 'import sync_pipelines.cli'], told.runs):6.2f} s")
    line(f"  check, bundled book  {timed([*_COMMAND, 'check'], told.runs):6.2f} s")
    line(f"  check, {told.entities} entities x {told.systems} systems  {check:6.2f} s")


if __name__ == "__main__":
    main()
