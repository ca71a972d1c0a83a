"""An engine that was broken on purpose is found, and what is found is made small."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest

from sync_pipelines.applying.recovery import Recovered, Recovery
from sync_pipelines.intake.crawl import Crawler
from sync_pipelines.simulation import campaign
from sync_pipelines.simulation.campaign import Finding
from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.shrinking import shrink
from sync_pipelines.simulation.stores import store


def never_recovers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recovery, "recover", lambda *_: Recovered())


def sees_no_deletions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Crawler, "_mark_gone", lambda *_: None)


BROKEN: tuple[tuple[Callable[[pytest.MonkeyPatch], None], int], ...] = (
    (never_recovers, 60),
    (sees_no_deletions, 120),
)


def findings(within: int) -> Iterator[Finding]:
    with store("memory") as fresh:
        for seed in range(within):
            tally = campaign.run([seed], fresh, time.process_time)
            yield from tally.found


@pytest.mark.parametrize(("breaks", "within"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_broken_engine_is_found_and_the_finding_is_small(
    breaks: Callable[[pytest.MonkeyPatch], None], within: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    breaks(monkeypatch)
    found = next(findings(within))
    assert found.operations <= 8
    kept = found.keep(tmp_path)
    history = History.read(kept)
    assert examine(history).what == found.says.split(" ", 1)[0]
    monkeypatch.undo()
    assert not examine(history).broken


def test_a_shrunk_history_breaks_the_same_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    never_recovers(monkeypatch)
    sizes = []
    for seed in range(60):
        verdict = examine(History.of(seed))
        if verdict.broken:
            small = shrink(verdict, time.process_time)
            assert small.verdict.what == verdict.what
            sizes.append(len(small.verdict.history.operations))
        if len(sizes) == 3:
            break
    assert median(sizes) <= 8
