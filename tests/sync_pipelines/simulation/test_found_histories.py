"""Histories that once broke something, with as few operations as do it. They are replayed first."""

from pathlib import Path

import pytest

from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History

FOUND = sorted((Path(__file__).parents[2] / "histories").glob("*.json"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_once_is_not_broken_any_more(path: Path) -> None:
    verdict = examine(History.read(path))
    assert not verdict.broken, "\n".join([*verdict.broken, *verdict.stage.told])


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_a_kept_history_says_what_it_broke_and_is_written_as_it_was_read(path: Path) -> None:
    history = History.read(path)
    assert history.says
    assert history.text() == path.read_text(encoding="utf-8")
