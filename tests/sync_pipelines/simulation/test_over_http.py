"""One schedule of faults drives both: what was found in memory is found over HTTP, in a vendor's dialect."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from connectors.salesforce.simulated.tokens import App
from connectors.testing.faults import Hit
from sync_pipelines.applying.recovery import Recovered, Recovery
from sync_pipelines.cli import run
from sync_pipelines.simulation import campaign
from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.operations import Operation
from sync_pipelines.simulation.over_http import Make, over_http
from sync_pipelines.simulation.stores import store
from sync_pipelines.simulation.swarm import Swarm
from sync_pipelines.simulation.telling import sayings

Deed: TypeAlias = tuple[str, dict[str, Any]]
VENDORS = {"crm": "Salesforce", "erp": "Kingdee", "shop": "Shopify"}
FIRM = {"Name": "Acme", "Tax_Id": "T1", "Status": "Won"}


@pytest.fixture
def real() -> Iterator[Make]:
    """All three are simulated systems of vendors behind sockets."""
    with over_http() as make:
        yield make


def lost(fault: str, first: str = "erp") -> History:
    """An account is made in the other systems, and the answer is lost; then people go on."""
    operations = (
        Operation(
            0, "create", {"system": first, "values": FIRM if first == "crm" else {"Name": "Acme", "Tax_Id": "T1"}}
        ),
        Operation(1, "run", {}),
        Operation(2, "edit", {"system": "erp", "pick": 0, "field": "Phone", "value": "22"}),
        Operation(3, "run", {}),
    )
    return History(0, Swarm((fault,), rate=0.6), operations)


@pytest.mark.parametrize("first", ["erp", "crm"])
@pytest.mark.parametrize(
    "fault",
    ["lost_after", "lost_before", "gateway_after", "cut_body", "throttled", "body_error", "forbidden", "page_drift"],
)
def test_a_history_holds_in_memory_and_over_http(fault: str, first: str, real: Make) -> None:
    quick, slow = examine(lost(fault, first)), examine(lost(fault, first), make=real)
    assert (list(quick.broken), list(slow.broken)) == ([], []), slow.stage.told
    assert slow.met[fault]
    assert [said for said in sayings(slow.stage) if App().client_secret in said or "Bearer " in said] == []


@pytest.mark.parametrize(
    ("fault", "first"),
    [("delayed", "erp"), ("double_execution", "crm"), ("edited_between", "erp"), ("edited_between", "crm")],
)
def test_a_request_that_is_executed_late_or_twice_and_edits_around_it_do_no_harm_over_http(
    fault: str, first: str, real: Make
) -> None:
    slow = examine(lost(fault, first), make=real)
    assert not slow.broken, slow.stage.told
    assert slow.met[fault]


@pytest.mark.parametrize("system", ["crm", "erp", "shop"])
def test_each_system_is_the_vendors_and_is_written_to(system: str, real: Make) -> None:
    slow = examine(lost("slow_call", "erp" if system == "crm" else "crm"), make=real)
    assert not slow.broken, slow.stage.told
    (made,) = [entry for entry in slow.stage.at(system).log if entry.op == "create"]
    assert (made.actor, made.kind) == ("middleware", slow.stage.little.kind(system))
    assert made.kind == {"crm": "Account", "erp": "BD_Customer", "shop": "Customer"}[system]
    assert slow.stage.little.connectors[system].__class__.__name__.removesuffix("Connector") == VENDORS[system]


@pytest.mark.parametrize("seed", [36, 107])
def test_the_whole_history_of_a_seed_holds_over_http_and_leaves_the_same_trace_twice(seed: int, real: Make) -> None:
    history = History.of(seed)
    first, second = examine(history, make=real), examine(history, make=real)
    assert not first.broken, first.stage.told
    assert first.trace == second.trace
    assert all(system.calls for system in first.stage.little.world.systems.values())


def test_what_is_found_in_memory_is_found_over_http(real: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recovery, "recover", lambda *_: Recovered())
    quick, slow = examine(lost("lost_after")), examine(lost("lost_after"), make=real)
    assert quick.what
    assert quick.what == slow.what


def test_a_seed_that_is_found_in_memory_and_made_small_is_replayed_over_http(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Recovery, "recover", lambda *_: Recovered())
    with store("memory") as fresh:
        found = next(one for seed in range(60) for one in campaign.run([seed], fresh, lambda: 0.0).found)
    kept = found.keep(tmp_path)
    assert run(["simulate", "--http", "--replay", str(kept)]) == 1
    assert found.says.split(" ")[0] in capsys.readouterr().out.splitlines()[-2]
    monkeypatch.undo()
    assert run(["simulate", "--http", "--replay", str(kept)]) == 0


def test_a_fault_that_was_kept_from_a_history_in_memory_strikes_at_the_same_call_over_http(real: Make) -> None:
    operations = (Operation(0, "create", {"system": "erp", "values": FIRM}), Operation(1, "run", {}))
    history = History(0, Swarm(), operations, (Hit(1, "lost_after", "crm.create", 0, 0.5),))
    for played in (examine(history), examine(history, make=real)):
        assert not played.broken
        assert "    ! lost_after at crm.create" in played.stage.told
        assert len(played.stage.rows("crm")) == 1


@pytest.mark.parametrize("system", ["crm", "erp", "shop"])
def test_what_a_system_hides_is_hidden_over_http(system: str, real: Make) -> None:
    blind: Deed = ("blindness", {"system": system, "pick": 0, "other": 0, "field": "Name", "value": "1"})
    deeds: list[Deed] = [("create", {"system": "crm", "values": FIRM}), ("run", {}), blind, ("run", {})]
    operations = tuple(Operation(number, what, how) for number, (what, how) in enumerate(deeds))
    slow = examine(History(0, Swarm(), operations), make=real)
    assert not slow.broken, slow.stage.told
    assert slow.stage.silence is not None
    assert any(system in alarm.says for alarm in slow.stage.silence.told), slow.stage.silence.told


@pytest.mark.parametrize("system", ["crm", "erp", "shop"])
def test_another_tenant_under_the_same_address_is_noticed_over_http(system: str, real: Make) -> None:
    other: Deed = ("other_tenant", {"system": system, "pick": 0, "other": 0, "field": "Name", "value": "1"})
    deeds: list[Deed] = [("create", {"system": "crm", "values": FIRM}), ("run", {}), other, ("run", {}), ("run", {})]
    operations = tuple(Operation(number, what, how) for number, (what, how) in enumerate(deeds))
    slow = examine(History(0, Swarm(), operations), make=real)
    assert not slow.broken, slow.stage.told
    assert slow.stage.done["other_tenant"] == 1
