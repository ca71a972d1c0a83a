"""Checkers that rarely have anything to say: each in a history of its own, against an engine that was broken for it."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.testing.faults import Fault, Hit
from sync_pipelines.applying import apply
from sync_pipelines.flow import drafting, run
from sync_pipelines.simulation.backups import RESTORED
from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.operations import Operation
from sync_pipelines.simulation.swarm import Swarm

Breaks = Callable[[pytest.MonkeyPatch], None]
Deeds = list[tuple[str, dict[str, Any]]]
FIRM = {"Name": "Acme", "Tax_Id": "T1", "Status": "Won"}
NOBODY = {"Name": "Borg", "Email": None}


def forgets_what_it_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "_expected", lambda *_: {})


def makes_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "nothing_is_made", lambda _: "")
    monkeypatch.setattr(run, "nothing_is_made", lambda _: "")


EDITED_BETWEEN: Deeds = [
    ("create", {"system": "crm", "values": FIRM}),
    ("run", {}),
    ("edit", {"system": "crm", "pick": 0, "field": "Phone", "value": "7"}),
    ("wait", {"seconds": 60}),
    ("run", {}),
]
OLDER: Deeds = [
    ("create", {"system": "crm", "values": FIRM}),
    ("run", {}),
    ("person", {"system": "erp", "values": NOBODY, "of": 0}),
    ("run", {}),
    (RESTORED, {"pick": 2, "other": 0}),
    ("run", {}),
]
JUST_BEFORE = Hit(4, Fault.EDITED_BETWEEN, "shop.update:Buyer/Buyer-000001", 0, 0.5)
SHOULD_BE_HEARD: list[tuple[str, Breaks, Deeds, tuple[Hit, ...]]] = [
    ("I7", forgets_what_it_saw, EDITED_BETWEEN, (JUST_BEFORE,)),
    ("I35", makes_in_any_case, OLDER, ()),
]


@pytest.mark.parametrize(("law", "breaks", "deeds", "hits"), SHOULD_BE_HEARD, ids=lambda value: str(value)[:3])
def test_a_checker_speaks_when_its_invariant_is_broken_and_not_before(
    law: str, breaks: Breaks, deeds: Deeds, hits: tuple[Hit, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = tuple(Operation(number, what, how) for number, (what, how) in enumerate(deeds))
    history = History(1, Swarm(), operations, hits)
    whole = examine(history)
    assert not whole.broken, "\n".join([*whole.broken, *whole.stage.told])
    breaks(monkeypatch)
    broken = examine(history)
    assert broken.what == law, "\n".join([*broken.broken, *broken.stage.told])
