"""The tables of the simulation: every kind of fault can come about, and every invariant is held somewhere."""

import ast
from collections import Counter
from pathlib import Path

import pytest

import sync_pipelines
from connectors.testing.faults import Fault
from sync_pipelines.simulation.comparing import COMPARISONS, EVERY, due
from sync_pipelines.simulation.draws import Draws
from sync_pipelines.simulation.invariants.table import INVARIANTS, Invariant
from sync_pipelines.simulation.nemesis import BY_NAME, TABLE, Kind, Way
from sync_pipelines.simulation.operations import drawn
from sync_pipelines.simulation.playing import ALL_DEEDS
from sync_pipelines.simulation.running import _RUNS
from sync_pipelines.simulation.swarm import Swarm
from sync_pipelines.simulation.values import HOSTILE

ROOM = Path(next(iter(sync_pipelines.__path__))) / "simulation"
HOUSE = ROOM.parents[1]
A_WORLD = ("connectors.testing.", "sync_pipelines.simulation.invariants", "sync_pipelines.simulation.testimony")
STANDARD = {"collections", "dataclasses", "datetime", "functools", "re", "typing", "unicodedata"}


def test_there_are_at_least_sixty_kinds_of_faults_and_no_name_twice() -> None:
    assert len(TABLE) == len(BY_NAME) >= 60


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.name)
def test_a_kind_of_fault_has_somebody_who_commits_it(kind: Kind) -> None:
    at_start = (ROOM / "playing.py").read_text() + (ROOM / "swarm.py").read_text()
    committed = {
        Way.CALL: kind.name in set(Fault),
        Way.DEED: kind.name in ALL_DEEDS,
        Way.VALUE: kind.name in HOSTILE,
        Way.RUN: kind.name in _RUNS,
        Way.START: f'"{kind.name}"' in at_start,
    }
    assert committed[kind.way]
    assert kind.does
    assert kind.rows
    assert all(1 <= row <= 126 for row in kind.rows)


def test_a_swarm_chooses_every_kind_now_and_then_and_never_all() -> None:
    swarms = [Swarm.of(seed) for seed in range(3000)]
    chosen = Counter(name for swarm in swarms for name in swarm.kinds)
    assert set(chosen) == set(BY_NAME)
    assert {0, 1, 2} < {len(swarm.kinds) for swarm in swarms}
    assert max(len(swarm.kinds) for swarm in swarms) < len(TABLE) / 2


def test_an_operation_is_drawn_from_its_own_number_and_nothing_else() -> None:
    swarm = Swarm.of(7)
    together = [drawn(7, number, swarm) for number in range(30)]
    assert [drawn(7, number, swarm) for number in reversed(range(30))] == together[::-1]
    assert Draws(7, 3).part("what") != Draws(7, 4).part("what") != Draws(8, 4).part("what")


# --- the invariants --------------------------------------------------------------------------------------------------


def test_all_invariants_are_in_the_table() -> None:
    assert [one.id for one in INVARIANTS if one.id.startswith("I")] == [f"I{number}" for number in range(1, 38)]


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.id)
def test_an_invariant_is_checked_here_or_somewhere_else_that_exists(invariant: Invariant) -> None:
    assert invariant.at_rest or invariant.at_end or invariant.beside or invariant.elsewhere
    for word in invariant.elsewhere.replace(":", " ").replace(",", " ").split():
        if "/" in word:
            assert (HOUSE / word).exists(), word


def test_the_howto_says_of_each_invariant_where_it_is_held() -> None:
    told = (HOUSE / "docs" / "howto" / "simulate.md").read_text(encoding="utf-8")
    for one in INVARIANTS:
        assert f"| {one.id} | {one.says} | {one.where} |\n" in told


def test_each_invariant_about_two_worlds_is_compared_and_no_other() -> None:
    assert {one.id for one in INVARIANTS if "two worlds" in one.beside} == set(COMPARISONS)
    assert [due(seed) for seed in range(0, 1000, EVERY)] == 2 * sorted(COMPARISONS)
    assert EVERY * len(COMPARISONS) == 500


@pytest.mark.parametrize("path", sorted((ROOM / "invariants").glob("*.py")), ids=lambda path: path.stem)
def test_checkers_know_the_world_and_nothing_of_the_engine(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert [m for m in modules if not m.startswith(A_WORLD) and m.split(".")[0] not in STANDARD] == []


def test_testimony_is_plain_values_and_the_world() -> None:
    tree = ast.parse((ROOM / "testimony.py").read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert [m for m in modules if not m.startswith("connectors.testing.") and m.split(".")[0] not in STANDARD] == []
