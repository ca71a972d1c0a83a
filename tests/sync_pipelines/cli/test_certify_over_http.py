"""`certify --write` on the simulated Salesforce, over HTTP and with the bundled book, as on a sandbox of one's own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from itertools import count
from typing import Any

import pytest

from connectors.contract import Connector, ItemResult, Update
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.simulated.metadata import standard_kinds
from connectors.salesforce.simulated.tokens import App
from connectors.salesforce.simulator import ORG, SalesforceSimulator
from connectors.testing.world import World
from mappings.loading import load_book
from sync_pipelines.applying.seams import Seams
from sync_pipelines.cli import run
from sync_pipelines.commands.office import Office
from sync_pipelines.flow.run import House
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.settings import BUNDLED_BOOK, fields_of
from tests.connectors.salesforce.benches import connect

ARGUMENTS = ("certify", "crm", "--write", "--sandbox", ORG, "--json")


@pytest.fixture
def org(monkeypatch: pytest.MonkeyPatch) -> Iterator[SalesforceSimulator]:
    """An org with one account of somebody's."""
    monkeypatch.setenv("CONCORDAT_CRM_CLIENT_SECRET", App().client_secret)
    system = World(seed=7).add("crm", *standard_kinds())
    system.create("Account", {"Name": "Somebody's"}, by="user:anna")
    with SalesforceSimulator(system) as serving:
        yield serving


@pytest.fixture
def connector(org: SalesforceSimulator) -> Iterator[SalesforceConnector]:
    made = connect(org, page_size=200, fields=fields_of(load_book(BUNDLED_BOOK), "crm"))
    yield made
    made.close()


def certified(
    org: SalesforceSimulator, connector: Connector, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, Any]]:
    clock, numbers = org.system.clock, count(1)
    seams = Seams(clock.now, lambda: f"id{next(numbers):06d}")
    house = House(load_book(BUNDLED_BOOK), MemoryLedger(), {"crm": connector}, seams)
    office = Office(open_house=lambda: nullcontext(house), clock=clock.now, sleep=clock.sleep)
    code = run(ARGUMENTS, office)
    out, err = capsys.readouterr()
    assert err == ""
    return code, json.loads(out)


def verdicts(said: Mapping[str, Any], kind: str) -> Mapping[str, str]:
    return {one["promise"]: one["verdict"] for one in said["tried"] if one["kind"] == kind}


def test_the_salesforce_connector_keeps_what_can_be_tried_and_takes_its_records_away(
    org: SalesforceSimulator, connector: SalesforceConnector, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = certified(org, connector, capsys)
    assert [one for one in said["tried"] if one["verdict"] == "broken"] == []
    assert code == 0
    for kind in ("Account", "Contact"):
        kept = [promise for promise, verdict in verdicts(said, kind).items() if verdict == "kept"]
        assert "one bad item does not spoil the others" in kept
        assert "the system refuses a second record under one key" in kept
        assert len(kept) >= 19
        in_use = [row.values for row in org.system.living(kind) if row.values["Active__c"] is not False]
        assert [values.get("Name") for values in in_use] == (["Somebody's"] if kind == "Account" else [])
    assert verdicts(said, "User") == {"writes": "not tried"}
    assert all(one["is_archived"] for one in said["left"])


def test_a_connector_that_says_it_has_written_is_unmasked(
    org: SalesforceSimulator,
    connector: SalesforceConnector,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = connector.update

    def shouting(batch: Sequence[Update]) -> Sequence[ItemResult]:
        loud = {"Name": "overwritten", "LastName": "overwritten"}
        kinds = {"Account": "Name", "Contact": "LastName"}
        return plain(
            [
                Update(i.key, i.ref, {**i.values, (n := kinds[i.ref.kind]): loud[n]}, i.expected, i.version)
                for i in batch
            ]
        )

    monkeypatch.setattr(connector, "update", shouting)
    code, said = certified(org, connector, capsys)
    assert code == 1
    for kind in ("Account", "Contact"):
        assert verdicts(said, kind)["an update changes the given fields and no others"] == "broken"
    assert all(one["is_archived"] for one in said["left"])
