"""One schedule of faults drives both: what was found in memory is found over HTTP, in a vendor's dialect."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count

import pytest

from connectors.contract import Connector
from connectors.salesforce.connector import open_connector
from connectors.salesforce.simulated.metadata import id_pattern
from connectors.salesforce.simulated.tokens import App
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.seams import Seams
from connectors.testing.metadata import KindSpec
from connectors.testing.world import System
from mappings.book import Book
from sync_pipelines.applying.recovery import Recovered, Recovery
from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.little_book import kinds_of, little_book
from sync_pipelines.simulation.little_world import LittleWorld
from sync_pipelines.simulation.operations import Operation
from sync_pipelines.simulation.swarm import Swarm
from sync_pipelines.simulation.telling import sayings

NAMES = {"Account": "Account", "Person": "Contact"}
PREFIXES = {"Account": "001", "Contact": "003"}
NO_LIST = "Places"  # an sObject has no lists


def sobjects() -> tuple[KindSpec, ...]:
    kinds = (kind.without(NO_LIST) if NO_LIST in kind.fields else kind for kind in kinds_of("crm"))
    named = (replace(kind, name=NAMES[kind.name]) for kind in kinds)
    return tuple(replace(kind, id_pattern=id_pattern(PREFIXES[kind.name])) for kind in named)


def book() -> Book:
    usual = little_book()
    account = usual.entities["account"]
    lines = tuple(line for line in account.maps["crm"].lines if line.at != NO_LIST)
    firms = {**account.maps, "crm": replace(account.maps["crm"], lines=lines)}
    contact = usual.entities["contact"]
    people = {**contact.maps, "crm": replace(contact.maps["crm"], kind="Contact")}
    entities = {"account": replace(account, maps=firms), "contact": replace(contact, maps=people)}
    return replace(usual, entities=entities)


@pytest.fixture
def over_http(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., LittleWorld]]:
    """The CRM is a simulated org behind a socket; the others stay where they are."""
    monkeypatch.setenv("CONCORDAT_CRM_CLIENT_SECRET", App().client_secret)
    opened: list[SalesforceSimulator] = []
    connectors: list[Connector] = []

    def connect(system: System) -> Connector:
        org = SalesforceSimulator(system)
        opened.append(org)
        org.__enter__()
        numbers = count()
        seams = Seams(system.clock.now, system.clock.sleep, lambda: f"id-{next(numbers)}", lambda: 0.5)
        options = {
            "url": org.url,
            "on_premise": True,
            "client_id": org.app.client_id,
            "key_field": "Key",
            "archive": {kind: {"Active": False} for kind in PREFIXES},
            "fields": {kind.name: tuple(kind.fields) for kind in sobjects()},
        }
        connectors.append(open_connector("crm", options, seams))
        return connectors[-1]

    yield partial(LittleWorld, book=book(), kinds={"crm": sobjects()}, connect={"crm": connect})
    for connector in connectors:
        connector.close()
    for org in opened:
        org.__exit__(None, None, None)


def lost(fault: str) -> History:
    """An account is made in the shop and in the CRM, and the answer is lost; then people go on."""
    operations = (
        Operation(0, "create", {"system": "erp", "values": {"Name": "Acme", "Tax_Id": "T1"}}),
        Operation(1, "run", {}),
        Operation(2, "edit", {"system": "erp", "pick": 0, "field": "Phone", "value": "22"}),
        Operation(3, "run", {}),
    )
    return History(0, Swarm((fault,), rate=0.6), operations)


@pytest.mark.parametrize("fault", ["lost_after", "lost_before", "gateway_after", "cut_body", "throttled", "body_error"])
def test_a_history_holds_in_memory_and_over_http(fault: str, over_http: Callable[..., LittleWorld]) -> None:
    quick, real = examine(lost(fault)), examine(lost(fault), make=over_http)
    assert (quick.broken, real.broken) == ([], []) or not (quick.broken or real.broken), real.stage.told
    assert real.met[fault]
    assert [said for said in sayings(real.stage) if App().client_secret in said or "Bearer " in said] == []


def test_what_is_found_in_memory_is_found_over_http(
    over_http: Callable[..., LittleWorld], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recovery, "recover", lambda *_: Recovered())
    quick, real = examine(lost("lost_after")), examine(lost("lost_after"), make=over_http)
    assert quick.what
    assert quick.what == real.what
