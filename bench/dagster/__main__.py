"""What Dagster costs: starting up, an empty step, and a run of ours that finds nothing to do, by executor.

python -m bench.dagster --runs 3

Each line is a process of its own, as Dagster starts one for each run; wall is what a person waits, cpu is of that
process and of all that it started, run is what the run itself took. On a machine that other work shares, read cpu.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from bench.dagster.chains import STEPS
from bench.standing import TOP, line

WAYS: Mapping[str, Sequence[str]] = {
    "import dagster": ("-c", "import dagster"),
    "load our definitions": ("-c", "from sync_pipelines.definitions import defs; defs()"),
    "nothing to do, one entity": ("-m", "bench.dagster.ways", "nothing_to_do"),
    f"{STEPS} empty steps, one process": ("-m", "bench.dagster.ways", "in_one_process"),
    f"{STEPS} empty steps, a process each": ("-m", "bench.dagster.ways", "a_process_each"),
}


def measured(way: Sequence[str]) -> dict[str, float]:
    """One process of it."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, *way], cwd=TOP, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = [json.loads(each) for each in done.stdout.splitlines() if each.startswith('{"run"')]
    return {"wall": wall, "cpu": cpu, **(told[0] if told else {})}


def main() -> None:
    """Every way in turn, and the median of the turns."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--runs", type=int, default=3)
    turns = [_turn() for _ in range(wanted.parse_args().runs)]
    found = {name: _median([turn[name] for turn in turns]) for name in WAYS}
    line("the median:")
    for name, figures in found.items():
        _show(name, figures)
    one, each = (found[f"{STEPS} empty steps, {how}"]["cpu"] for how in ("one process", "a process each"))
    line(f"a step in a process of its own costs {(each - one) / STEPS:.2f} s of cpu more")


def _turn() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for name, way in WAYS.items():
        found[name] = measured(way)
        _show(name, found[name])
    return found


def _show(name: str, figures: Mapping[str, float]) -> None:
    line(f"{name:32} " + "   ".join(f"{what} {value:6.2f} s" for what, value in figures.items()))


def _median(turns: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {what: statistics.median(turn[what] for turn in turns) for what in turns[0]}


if __name__ == "__main__":
    main()
