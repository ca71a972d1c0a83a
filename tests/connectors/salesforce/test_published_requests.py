"""Every request of the connector stands in the vendor's published request list, or is named here with its reason."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Archive, Create, RecordRef, Update, Watermark, Written
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulator import Behaviour
from connectors.testing.exchange import Reply
from connectors.testing.world import START, System
from tests.connectors.salesforce.conftest import Open

Connect = Callable[..., SalesforceConnector]
LIST = Path(__file__).with_name("published") / "requests_v50_excerpt.json"
# Not in the list of 2021, but in the vendor's own guide; why we send them all the same.
DATA = "services/data/v{{version}}"
BEYOND: Mapping[tuple[str, str], str] = {
    ("PATCH", f"{DATA}/composite/sobjects"): "the list has an object's name behind it, the guide a type in each record",
    ("PATCH", f"{DATA}/composite/sobjects/<SOBJECT_API_NAME>/<FIELD_NAME>"): "upsert of many by external id is newer",
    ("GET", f"{DATA}/query/<LOCATOR>"): "the address is the system's own, taken from nextRecordsUrl",
    ("POST", "services/oauth2/token"): "the list has no client credentials",
}
PARAMETERS_BEYOND: Mapping[tuple[str, str], set[str]] = {
    ("GET", f"{DATA}/sobjects/<SOBJECT_API_NAME>/<RECORD_ID>"): {"fields"},
}
NAMES = {
    "<SOBJECT_API_NAME>": "[A-Z][a-z]+",
    "<FIELD_NAME>": r"\w+__c",
    "<RECORD_ID>": r"\w{18}",
    "<LOCATOR>": r"01g\w+-\d+",
}


def published() -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(LIST.read_text(encoding="utf-8"))["requests"]
    return listed


def pattern(path: str) -> str:
    found = re.escape(path).replace(re.escape("{{version}}"), r"65\.0").replace(re.escape("{{_jobId}}"), r"\w{18}")
    for name, form in NAMES.items():
        found = found.replace(re.escape(name), form)
    return found


def stands_in(request: Request, method: str, path: str) -> bool:
    return method == request.method and re.fullmatch(pattern(path), request.path) is not None


def everything(connector: SalesforceConnector, crm: System) -> None:
    """Each call of the contract, in a way that sends something."""
    connector.fingerprint()
    connector.check()
    made = connector.create([Create("k-1", "Account", {"Name": "Acme"})])[0]
    assert isinstance(made, Written)
    ref = made.record.ref
    connector.update([Update("k-2", ref, {"Phone": "1"}, {"Phone": None}, made.record.version)])
    connector.archive([Archive("k-3", ref)])
    connector.note(ref, "hello")
    connector.find_created("Account", ["k-1"])
    connector.read([ref, RecordRef("crm", "Contact", "0035gX000000001AAA")])
    for since in (None, Watermark(START)):
        list(connector.changes("Account", since))
    list(connector.keys("Account"))
    crm.clock.advance(timedelta(minutes=5))
    connector.deleted("Account", Watermark(START))
    connector.merged("Account", Watermark(START))


@pytest.mark.parametrize("options", [{}, {"bulk_above": 0}, {"conditional_accounts": True, "page_size": 2000}])
def test_every_request_is_a_published_one(
    crm: System, open_org: Open, connectors: Connect, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    for n in range(6):
        crm.create("Account", {"Name": str(n)}, by="user:anna")
    org = open_org(behaviour=Behaviour(page_rows=2))
    sent: list[Request] = []
    plain = org.answer

    def noted(request: Request) -> Reply:
        sent.append(request)
        return plain(request)

    monkeypatch.setattr(org, "answer", noted)
    everything(connectors(org, **options), crm)
    listed = published()
    for request in sent:
        entries = [one for one in listed if stands_in(request, one["method"], one["path"])]
        beyond = [why for (method, path), why in BEYOND.items() if stands_in(request, method, path)]
        assert entries or beyond, f"{request.method} {request.path} is no published request"
        known = {name for one in entries for name in one.get("query", ())}
        known |= {name for place, more in PARAMETERS_BEYOND.items() if stands_in(request, *place) for name in more}
        assert set(request.query) <= known, f"{request.path}: {set(request.query) - known} is no published parameter"


def test_the_body_of_a_collection_is_the_published_one(
    crm: System, open_org: Open, connectors: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = open_org()
    sent: list[Request] = []
    plain = org.answer

    def noted(request: Request) -> Reply:
        sent.append(request)
        return plain(request)

    monkeypatch.setattr(org, "answer", noted)
    everything(connectors(org), crm)
    example = next(one["body_example"] for one in published() if one["name"] == "SObject Collections Create")
    bodies = [json.loads(request.body) for request in sent if "composite" in request.path]
    assert len(bodies) == 3
    for body in bodies:
        assert set(body) == set(json.loads(example))
        assert body["allOrNone"] is False
        assert all(record["attributes"] == {"type": "Account"} for record in body["records"])


def test_what_goes_beyond_the_list_is_not_in_it() -> None:
    listed = {(one["method"], one["path"]) for one in published() if "form" not in one}
    assert not listed & set(BEYOND), "a reason is told for what needs none"
