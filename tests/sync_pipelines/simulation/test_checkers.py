"""Checkers that rarely have anything to say: each in a history of its own, against an engine that was broken for it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from connectors.contract import Record, RecordRef
from connectors.testing.faults import Fault, Hit
from connectors.testing.memory import MemoryConnector
from connectors.testing.table import Row
from mappings.values import Value
from monitoring import watching, watching_systems
from sync_pipelines.applying import apply, encoding
from sync_pipelines.flow import drafting, run, splitting
from sync_pipelines.intake import crawl
from sync_pipelines.intake.crawl import Crawl
from sync_pipelines.intake.vanishing import Vanished
from sync_pipelines.model.changes import FieldChange
from sync_pipelines.planning import guards
from sync_pipelines.simulation.backups import RESTORED
from sync_pipelines.simulation.deeds import How
from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.operations import Operation
from sync_pipelines.simulation.playing import ALL_DEEDS
from sync_pipelines.simulation.stage import Stage
from sync_pipelines.simulation.swarm import Swarm

Breaks = Callable[[pytest.MonkeyPatch], None]
Deeds = list[tuple[str, dict[str, Any]]]
FIRM = {"Name": "Acme", "Tax_Id": "T1", "Status": "Won"}
NOBODY = {"Name": "Borg", "Email": None}


def forgets_what_it_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "_expected", lambda *_: {})


def makes_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (drafting, run):
        for word in ("nothing_is_made", "nothing_is_written"):
            monkeypatch.setattr(room, word, lambda _: "")


def lets_everything_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "_too_much", lambda *_: "")


def cuts_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_without", lambda payload, *_: {**payload, "Name": payload["Name"][:2]})


def reads_names_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes back is not what was said, and is taken for an edit."""
    whole = MemoryConnector._record

    def record(connector: MemoryConnector, row: Row) -> Record:
        read = whole(connector, row)
        return replace(read, payload={**read.payload, "Name": f"{read.payload['Name']}?"})

    monkeypatch.setattr(MemoryConnector, "_record", record)


def keeps_nobody_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """And meets one of them once more, as a stranger."""
    monkeypatch.setattr(splitting, "product", lambda *_: ())

    def forget(stage: Stage, how: How) -> None:
        del how
        stage.little.ledger.uncouple("account", [RecordRef("crm", "Account", "Account-000001")])

    monkeypatch.setitem(ALL_DEEDS, "wait", forget)


def gives_back_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    def anything(old: Value, _new: Value, why: str, *, undoes: bool) -> FieldChange:
        return FieldChange(old, "anything", why, undoes=undoes)

    monkeypatch.setattr(splitting, "FieldChange", anything)


def believes_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if somebody had said so of whatever is not shown."""
    monkeypatch.setattr(crawl, "vanished", lambda *_: Vanished("shop", "Buyer", "", 1, by="nobody"))
    monkeypatch.setattr(run, "suspicious", lambda *_: "")


def has_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_RULES", watching_systems.RULES)


def says_whom_it_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run.House.take_crawl

    def take_crawl(house: run.House, result: run.RunResult, crawl: Crawl) -> None:
        whole(house, result, crawl)
        result.says.append(f"{crawl.system} was read by {house.connectors[crawl.system]!r}")

    monkeypatch.setattr(run.House, "take_crawl", take_crawl)


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
MANY: Deeds = [
    *(("create", {"system": "crm", "values": {**FIRM, "Tax_Id": f"T{number}"}}) for number in range(5)),
    ("run", {}),
]
ALONE: Deeds = [("create", {"system": "erp", "values": FIRM}), ("run", {})]
BLIND: Deeds = [
    ("create", {"system": "crm", "values": FIRM}),
    ("run", {}),
    ("blindness", {"system": "shop", "pick": 0, "other": 0, "field": "Name", "value": "1"}),
]
TAKEN_FOR_ONE: Deeds = [
    ("create", {"system": "crm", "values": FIRM}),
    ("create", {"system": "erp", "values": {**FIRM, "Name": "Borg"}}),
    ("run", {}),
    ("split", {"pick": 0, "other": 0}),
    ("wait", {"seconds": 60}),
    ("run", {}),
]
JUST_BEFORE = Hit(4, Fault.EDITED_BETWEEN, "shop.update:Buyer/Buyer-000001", 0, 0.5)


@dataclass(frozen=True)
class Should:
    """`law` is heard once the engine is broken so, in this history."""

    law: str
    breaks: Breaks
    deeds: Deeds
    hits: tuple[Hit, ...] = ()
    kinds: tuple[str, ...] = ()
    seed: int = 1  # in every tenth history more is listened to


SHOULD_BE_HEARD = [
    Should("I7", forgets_what_it_saw, EDITED_BETWEEN, (JUST_BEFORE,)),
    Should("L13", keeps_nobody_apart, TAKEN_FOR_ONE),
    Should("L13", gives_back_anything, TAKEN_FOR_ONE),
    Should("I18", lets_everything_through, MANY, kinds=("tight_guards",)),
    Should("I25", cuts_names, ALONE),
    Should("I25", reads_names_wrongly, ALONE),
    Should("I34", believes_anything, BLIND),
    Should("I34", has_no_clock, ALONE, seed=10),
    Should("I36", says_whom_it_is_connected_to, ALONE, seed=10),
    Should("I35", makes_in_any_case, OLDER),
]


@pytest.mark.parametrize("should", SHOULD_BE_HEARD, ids=lambda should: f"{should.law} {should.breaks.__name__}")
def test_a_checker_speaks_when_its_invariant_is_broken_and_not_before(
    should: Should, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = tuple(Operation(number, what, how) for number, (what, how) in enumerate(should.deeds))
    history = History(should.seed, Swarm(should.kinds), operations, should.hits)
    whole = examine(history)
    assert not whole.broken, "\n".join([*whole.broken, *whole.stage.told])
    should.breaks(monkeypatch)
    broken = examine(history)
    laws = {said.split(" ", 1)[0] for said in broken.broken}
    assert should.law in laws, "\n".join([*broken.broken, *broken.stage.told])
