"""What counts as noticing a broken engine, in a house of one room."""

from pathlib import Path

import pytest

from tests.mutants.patches import Mutant
from tests.mutants.trying import Bench, Check

ROOM = "sync_pipelines/counting"
CODE = "def double(number):\n    return number * 2\n"
TESTS = f"""
from {ROOM.replace("/", ".")} import double

def test_it_rains():
    assert double(2) == 5

def test_twice_two_is_four():
    assert double(2) == 4
"""
TRIPLES = Mutant("ledger", "it triples", f"{ROOM}.py", "number * 2", "number * 3")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    for folder in ("sync_pipelines", "tests/sync_pipelines", "tests/laws"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "sync_pipelines/__init__.py").touch()
    (tmp_path / f"{ROOM}.py").write_text(CODE)
    (tmp_path / "tests/sync_pipelines/test_counting.py").write_text(TESTS)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\nmarkers = ['slow', 'real', 'debian']\n")
    return Bench(tmp_path, 1)


@pytest.mark.slow
def test_a_broken_engine_is_noticed_by_what_fails_because_of_it_and_by_nothing_else(bench: Bench) -> None:
    killers = bench.killers(TRIPLES, ("test_twice_two_is_four", "test_it_rains"))
    assert killers == ("tests/sync_pipelines/test_counting.py::test_twice_two_is_four",)
    assert (bench.folder / f"{ROOM}.py").read_text() == CODE


def test_what_noticed_it_last_is_tried_first_under_its_bare_name_too(bench: Bench) -> None:
    for before in ("test_twice_two_is_four", "tests/sync_pipelines/test_counting.py::test_twice_two_is_four[gone]"):
        first = next(iter(bench._checks(TRIPLES, (before,))))
        assert first.tests == ("tests/sync_pipelines/test_counting.py", "-k", "test_twice_two_is_four")
    assert next(iter(bench._checks(TRIPLES, ("seed 7: I3",)))) == Check((), (7, 8))


def test_what_a_kept_history_tells_is_proven_by_those_that_were_kept_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To play all random ones on the sound code takes a quarter of an hour."""
    played = []

    def failed(check: Check, *_: object) -> tuple[str, ...]:
        played.append(check.seeds)
        return ()

    monkeypatch.setattr(Check, "failed", failed)
    assert bench._proven(Check((), (0, 20_000)), ("a_story: I1",)) == ("a_story: I1",)
    assert played == [(0, 0)]
