"""Reads the same accounts three ways, one after the other, and sets the times against each other.

    python -m bench.reading --count 200000 --pause 0.05

Every way is a process of its own. `ours` has met the accounts before (a run that is not counted): what is measured is
a full read that finds nothing new. dlt lives in `.venv-dlt`, which is made from requirements/dlt.txt at the first call.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.standing import TOP, line, pages
from connectors.errors import MisconfiguredError
from connectors.testing.environments import programs_of

_PEER = TOP / ".venv-dlt"
Figures = Mapping[str, float]


def compare(count: int, pause: float, runs: int, *, with_dlt: bool) -> Mapping[str, Figures]:
    """The median run of each way, by its wall time."""
    with TemporaryDirectory() as folder, pages(count, pause) as url:
        ways = _ways(url, Path(folder), with_dlt=with_dlt)
        _told(ways["ours"])
        found: dict[str, list[Figures]] = {name: [] for name in ways}
        for _ in range(runs):
            for name, command in ways.items():
                found[name].append(_told(command))
    wrong = {name: told for name, some in found.items() for told in some if told["read"] != count}
    if wrong:
        raise SystemExit(f"not everything was read: {wrong}")
    return {name: _middle(some) for name, some in found.items()}


def _middle(some: Sequence[Figures]) -> Figures:
    """The run with the median wall time."""
    return sorted(some, key=lambda told: told["wall"])[len(some) // 2]


def _ways(url: str, folder: Path, *, with_dlt: bool) -> dict[str, list[str]]:
    ours = [sys.executable, "-m", "bench.reading.ours", url, str(folder / "home")]
    ways = {
        "ours": ours,
        "ours, one window": [*ours, "--windows", "1"],
        "bare loop": [sys.executable, "-m", "bench.reading.bare", url, str(folder / "bare.sqlite")],
    }
    if with_dlt:
        ways["dlt"] = [
            str(_PEER / "bin" / "python"),
            str(Path(__file__).with_name("dlt_peer.py")),
            url,
            str(folder / "dlt"),
        ]
    return ways


def _told(command: Sequence[str]) -> Figures:
    """What the last line of a process says."""
    quiet = {**os.environ, "RUNTIME__DLTHUB_TELEMETRY": "false"}
    done = subprocess.run(command, cwd=TOP, env=quiet, check=False, capture_output=True, text=True)  # noqa: S603 - ours
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr[-2000:]}")
    told: Figures = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def make_peer() -> bool:
    """Its environment; False where it cannot be made."""
    try:
        programs_of(TOP / "requirements" / "dlt.txt", _PEER)
    except MisconfiguredError as error:
        line(f"without dlt: {error}")
        return False
    return True


def main() -> None:
    """From the command line."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--count", type=int, default=200_000)
    wanted.add_argument("--pause", type=float, default=0.0, help="seconds before each page")
    wanted.add_argument("--runs", type=int, default=3)
    wanted.add_argument("--without-dlt", action="store_true")
    told = wanted.parse_args()
    with_dlt = not told.without_dlt and make_peer()
    found = compare(told.count, told.pause, told.runs, with_dlt=with_dlt)
    line(f"{told.count} accounts, {told.pause * 1000:.0f} ms a page, median of {told.runs}")
    for name, figures in found.items():
        ratio = f"{figures['wall'] / found['ours']['wall']:5.2f} x ours"
        line(
            f"  {name:18} {figures['wall']:7.2f} s  cpu {figures['cpu']:7.2f} s  {figures['memory']:6.0f} MiB  {ratio}"
        )


if __name__ == "__main__":
    main()
