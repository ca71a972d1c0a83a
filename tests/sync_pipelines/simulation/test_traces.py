"""The same history leaves the same trace: in any process, and from its file without its seed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History

SEEDS = range(300, 310)
HOUSE = Path(__file__).parents[3]
TELL = """
from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History
for seed in range({first}, {last}):
    print(seed, examine(History.of(seed)).trace)
"""
ENVIRONMENTS = [
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LANG": "C"},
    {"PYTHONHASHSEED": "4242", "TZ": "Asia/Shanghai", "LANG": "zh_CN.UTF-8"},
    {"PYTHONHASHSEED": "random", "TZ": "America/New_York", "LANG": "tr_TR.UTF-8"},
]


def traces(environment: dict[str, str], python: str = sys.executable) -> list[str]:
    script = TELL.format(first=SEEDS[0], last=SEEDS[-1] + 1)
    environment = {**os.environ, **environment, "PYTHONPATH": str(HOUSE)}
    done = subprocess.run([python, "-c", script], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")


def test_the_trace_does_not_hang_on_hashes_zones_or_languages() -> None:
    """Nor on the version of Python: `CONCORDAT_PYTHONS` may name further interpreters that have the requirements."""
    told = [traces(environment) for environment in ENVIRONMENTS]
    told += [traces({}, python) for python in os.environ.get("CONCORDAT_PYTHONS", "").split()]
    assert len(told[0]) == len(SEEDS) + 1
    assert [told.index(one) for one in told] == [0] * len(told)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_history_that_was_kept_is_played_without_drawing_anything_again(seed: int) -> None:
    drawn = examine(History.of(seed))
    hits = tuple(drawn.stage.little.world.faults.hits)
    kept = History.parse(drawn.history.but(hits=hits).text())
    assert examine(kept).trace == drawn.trace


def test_another_seed_is_another_history() -> None:
    assert len({examine(History.of(seed)).trace for seed in SEEDS}) == len(SEEDS)
