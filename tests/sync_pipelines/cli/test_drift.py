"""How far systems agree, on one screen."""

import json
from dataclasses import replace
from typing import cast

import pytest

from connectors.contract import Connector, KindDescription
from tests.sync_pipelines.cli.conftest import Terminal


def test_drift_is_told_with_its_causes_and_status_remembers_the_share(terminal: Terminal) -> None:
    terminal.run("apply")
    edited = terminal.world.rows("erp")[0].id
    terminal.world.edit("erp", edited, Name="Edited")
    terminal.run("plan", "account")
    assert terminal.run("status", "--drift") == 1
    assert f"erp/Customer/{edited}" in terminal.out
    assert "name" in terminal.out
    assert "Edited" not in terminal.out, "no value is shown"
    share = terminal.out.split("account: ")[1].split(" in agreement")[0]
    terminal.run("status")
    assert f"account: {share} of " in terminal.out


def test_where_all_agree_it_says_so(terminal: Terminal) -> None:
    assert terminal.run("status", "--drift") == 0
    assert "account: 100 % in agreement, 0 of 0 records" in terminal.out


def test_programs_get_every_record_with_its_cause(terminal: Terminal) -> None:
    terminal.run("apply")
    terminal.world.edit("crm", terminal.world.rows("crm")[1].id, Name="Edited")
    terminal.run("plan", "account")
    terminal.run("status", "--drift", "--json")
    account = json.loads(terminal.out)["agreement"]["account"]
    assert account["found"]["compared"] - account["found"]["in_sync"] == len(account["found"]["drifts"]) > 0
    assert sum(account["found"]["causes"].values()) == len(account["found"]["drifts"])


def test_the_doctor_tells_when_a_system_describes_itself_in_another_way(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert terminal.run("doctor", "crm") == 0
    crm = terminal.world.house.connectors["crm"]
    was = crm.describe("Account")
    less = replace(was, fields={name: one for name, one in was.fields.items() if name != "Name"})
    described = {"Account": less}
    describe = crm.describe
    monkeypatch.setattr(crm, "describe", lambda kind: described.get(kind) or describe(kind))
    assert terminal.run("doctor", "crm") == 1
    assert "Account: Name is gone" in terminal.out
    assert terminal.run("watch", "--dry") == 1
    assert "crm/Account: Name is gone (writing will fail)" in terminal.out


class Shortened:
    """An ERP whose name got shorter."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    def __getattr__(self, name: str) -> object:
        return getattr(self._connector, name)

    def describe(self, kind: str) -> KindDescription:
        told = self._connector.describe(kind)
        return KindDescription(kind, {n: replace(f, length=20) if n == "Name" else f for n, f in told.fields.items()})


def test_a_map_that_no_longer_fits_waits_until_a_person_accepts_it(terminal: Terminal) -> None:
    terminal.run("apply")
    terminal.run("doctor")
    terminal.world.connectors["erp"] = cast("Connector", Shortened(terminal.world.connectors["erp"]))
    assert terminal.run("doctor", "erp") == 1
    assert "Customer: Name length: any → 20; nothing is written by its map" in " ".join(terminal.out.split())
    terminal.world.edit("crm", terminal.world.rows("crm")[1].id, Name="Edited")
    terminal.run("apply", "account")
    assert "its map is paused: erp/Customer" in terminal.out
    assert terminal.run("doctor", "--accept") == 2
    assert "--accept wants the systems by name" in terminal.err
    assert terminal.run("doctor", "erp", "--accept") == 0
    terminal.run("apply", "account")
    assert "paused" not in terminal.out
    assert "EDITED" in {row.values["Name"].upper() for row in terminal.world.rows("erp")}
