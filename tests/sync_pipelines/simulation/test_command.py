"""`concordat simulate`: what it says, what it keeps, and where it takes up again."""

import json
from pathlib import Path

import pytest

from sync_pipelines.applying.recovery import Recovered, Recovery
from sync_pipelines.cli import run
from sync_pipelines.simulation.comparing import COMPARISONS

FOUND = Path(__file__).parents[2] / "histories"


def test_a_campaign_is_summed_up(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["simulate", "--seeds", "0..3", "--keep", str(tmp_path)]) == 0
    first, second, third = capsys.readouterr().out.strip().split("\n")
    assert first.startswith("3 histories, ")
    assert first.endswith("a minute on one core; 0 break something")
    assert "kinds of faults struck; we wrote {" in second
    assert third == "1 pairs of worlds were compared; 0 differ"
    assert list(tmp_path.iterdir()) == []


def test_worlds_that_differ_are_told_with_what_replays_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(COMPARISONS, "I16", lambda _: "one says this, the other that")
    assert run(["simulate", "--seeds", "0..1"]) == 1
    said = capsys.readouterr().out
    assert "1 pairs of worlds were compared; 1 differ" in said
    assert "seed 0: I16 one says this, the other that\n  again:  concordat simulate --replay 0\n" in said
    assert run(["simulate", "--replay", "0"]) == 1
    assert "I16 one says this" in capsys.readouterr().out


def test_a_campaign_speaks_json_and_is_taken_up_where_it_stopped(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    progress = ["--progress", str(tmp_path / "so_far.json"), "--json"]
    assert run(["simulate", "--seeds", "0..2", *progress]) == 0
    assert json.loads(capsys.readouterr().out)["next"] == 2
    assert run(["simulate", "--seeds", "0..3", *progress]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["histories"], told["next"], told["found"]) == (3, 3, [])


def test_what_is_found_is_kept_with_the_command_that_replays_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recovery, "recover", lambda *_: Recovered())
    assert run(["simulate", "--seeds", "0..30", "--keep", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    kept = sorted(tmp_path.iterdir())
    assert kept
    assert f"again:  concordat simulate --replay {kept[0]}" in said
    assert run(["simulate", "--replay", str(kept[0])]) == 1
    monkeypatch.undo()
    assert run(["simulate", "--replay", str(kept[0])]) == 0


def test_a_replay_tells_what_happened(capsys: pytest.CaptureFixture[str]) -> None:
    path = FOUND / "a_clock_that_was_a_day_ahead.json"
    assert run(["simulate", "--replay", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["broken"] == []
    assert any("the clock of erp jumps" in line for line in told["told"])
    assert run(["simulate", "--replay", "3"]) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--seeds", "3"], "'3' is no range of seeds; write for instance 0..1000"),
        (["--seeds", "5..2"], "'5..2' is no range of seeds"),
        (["--store", "postgres"], "--store postgres needs --url, of a database that may be emptied"),
        (["--replay", "nowhere.json"], "there is no file nowhere.json; name a file or the number of a seed"),
        (["--replay", __file__], "is no history that was kept"),
    ],
)
def test_what_is_used_wrongly_is_said_in_one_line(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", *arguments]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
