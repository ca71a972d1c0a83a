"""Two worlds side by side: nothing differs, and what would differ is seen."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import pytest

from connectors.contract import ItemResult, Page
from connectors.errors import RejectedError
from connectors.testing.memory import MemoryConnector
from sync_pipelines.applying.recovery import Recovered, Recovery
from sync_pipelines.applying.seams import Seams, go_on
from sync_pipelines.ledger.sql import SqlLedger
from sync_pipelines.simulation.campaign import Tally
from sync_pipelines.simulation.comparing import COMPARISONS, Calm, compared
from sync_pipelines.simulation.little_world import LittleWorld

Breaks = Callable[[pytest.MonkeyPatch], None]


def refuses_whatever_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = MemoryConnector.update

    def update(connector: MemoryConnector, batch: Sequence[Any]) -> Sequence[ItemResult]:
        results: list[ItemResult] = []
        for item in batch:
            bad = next((one for one in results if isinstance(one, RejectedError)), None)
            results.append(whole(connector, [item])[0] if bad is None else bad)
        return results

    monkeypatch.setattr(MemoryConnector, "update", update)


def gives_other_ids_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = count(1)

    def seams(little: LittleWorld, checkpoint: Callable[[str], None] = go_on, holder: str = "concordat") -> Seams:
        return Seams(little.world.clock.now, lambda: f"{next(ids):026d}", checkpoint, holder)

    monkeypatch.setattr(LittleWorld, "seams", seams)


def never_recovers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recovery, "recover", lambda *_: Recovered())


def reads_one_page(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = MemoryConnector.changes

    def changes(connector: MemoryConnector, *told: Any) -> Iterator[Page]:
        pages = list(whole(connector, *told))
        yield Page(pages[0].records, pages[-1].safe_point)

    monkeypatch.setattr(MemoryConnector, "changes", changes)


def forgets_questions_in_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SqlLedger, "questions", lambda *_, **__: ())


@pytest.mark.parametrize("law", COMPARISONS)
@pytest.mark.parametrize("seed", range(3))
def test_what_must_make_no_difference_makes_none(law: str, seed: int) -> None:
    assert compared(seed, law) == ""


def test_in_the_other_world_something_did_happen() -> None:
    crashed, poisoned = Calm(3, dies=True), Calm(3, poisoned=1)
    crashed.end()
    assert crashed.stage.done["died"] > 0
    poisoned.end()
    assert poisoned.stage.little.ledger.quarantined()
    assert len(Calm(3).end()) == 4 * 5


BROKEN: list[tuple[str, Breaks]] = [
    ("I16", refuses_whatever_follows),
    ("I27", gives_other_ids_each_time),
    ("I28", never_recovers),
    ("I29", reads_one_page),
    ("I30", forgets_questions_in_sql),
]


@pytest.mark.parametrize(("law", "breaks"), BROKEN, ids=[law for law, _ in BROKEN])
def test_what_makes_a_difference_is_seen_and_told(law: str, breaks: Breaks, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks(monkeypatch)
    told = next(says for seed in range(20) if (says := compared(seed, law)))
    assert told.startswith(f"{law} ")


def test_a_campaign_in_which_nothing_was_compared_has_shown_nothing_of_it() -> None:
    tally = Tally(histories=500)
    assert {f"never compared: {law}" for law in COMPARISONS} <= set(tally.vacuous())
