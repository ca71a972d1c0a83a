"""`concordat simulate`: what it says, what it keeps, and where it takes up again."""

import json
import re
from pathlib import Path
from typing import Never

import pytest

from sync_pipelines.applying.recovery import Recovered, Recovery
from sync_pipelines.cli import run
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.sql import SqlLedger
from sync_pipelines.simulation import campaign
from sync_pipelines.simulation.comparing import COMPARISONS
from sync_pipelines.simulation.history import History

FOUND = Path(__file__).parents[2] / "histories"


def loses(*_: object, **__: object) -> Never:
    raise KeyError("golden")


def test_a_campaign_is_summed_up(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["simulate", "--seeds", "0..3", "--keep", str(tmp_path)]) == 0
    first, second, third, fourth = capsys.readouterr().out.strip().split("\n")
    assert first.startswith("3 histories, ")
    assert first.endswith("a minute on one core; 0 break something")
    assert "kinds of faults struck" in second
    assert re.match(r"done: answer \d+, .* run \d+, .*; written by us: .*create \d+", third)
    assert fourth == "1 pairs of worlds were compared; 0 differ"
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
    assert "  what happens:\n" in said
    assert re.search(r"\n  \|     ! \w+ at \w+\.\w+\n", said), "no fault is told"
    assert re.search(r"\n  \|     → (create|update) \w+/", said), "no write is told"
    assert run(["simulate", "--replay", str(kept[0])]) == 1
    monkeypatch.undo()
    assert run(["simulate", "--replay", str(kept[0])]) == 0


def test_what_a_database_breaks_is_made_small_and_played_again_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqlLedger, "golden_of", loses)
    assert run(["simulate", "--seeds", "0..1", "--store", "sqlite", "--keep", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    kept = sorted(tmp_path.iterdir())
    assert len(History.read(kept[0]).operations) <= 8
    assert f"again:  concordat simulate --store sqlite --replay {kept[0]}" in said
    assert run(["simulate", "--store", "sqlite", "--replay", str(kept[0])]) == 1
    assert run(["simulate", "--replay", str(kept[0])]) == 0


def test_what_was_found_before_a_campaign_was_taken_up_again_is_not_forgotten(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = ["--progress", str(tmp_path / "so_far.json"), "--keep", str(tmp_path)]
    monkeypatch.setattr(MemoryLedger, "golden_of", loses)
    assert run(["simulate", "--seeds", "1..2", *where]) == 1
    monkeypatch.undo()
    found = json.loads((tmp_path / "so_far.json").read_text())["found"]
    capsys.readouterr()
    assert run(["simulate", "--seeds", "1..3", *where]) == 1
    said = capsys.readouterr().out
    assert "2 histories, " in said
    assert "; 1 break something\n" in said
    assert f"seed {found[0]['seed']} did when it was played: {found[0]['says']}" in said
    assert json.loads((tmp_path / "so_far.json").read_text())["found"] == found


def test_who_stops_a_campaign_while_a_finding_is_made_small_meets_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> Never:
        raise KeyboardInterrupt

    monkeypatch.setattr(MemoryLedger, "golden_of", loses)
    monkeypatch.setattr(campaign, "shrink", stop)
    tally = campaign.Tally()
    with pytest.raises(KeyboardInterrupt):
        campaign.run(range(1, 2), MemoryLedger, lambda: 0.0, tally)
    assert tally.next == 0


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
