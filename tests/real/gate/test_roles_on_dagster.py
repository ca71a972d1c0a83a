"""Logins and roles on Dagster's own pages: `concordat serve` as a process, and people who come to it over HTTP.

No daemon runs, so a run that somebody launches waits in the queue and nothing is asked of any system.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.real.gate.daemons import LONGEST_START, PASSWORD, House, alive, until

pytestmark = pytest.mark.slow

JOB = {
    "repositoryLocationName": "sync_pipelines.definitions",
    "repositoryName": "__repository__",
    "pipelineName": "account_sync",
}
LAUNCH = """mutation($job: JobOrPipelineSelector!) { launchRun(executionParams: {selector: $job, mode: "default"}) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
DELETE = "mutation($run: String!) { deletePipelineRun(runId: $run) { __typename } }"
TERMINATE = "mutation($run: String!) { terminateRun(runId: $run) { __typename } }"
JOBS = "{ repositoriesOrError { ... on RepositoryConnection { nodes { name jobs { name } location { name } } } } }"
MAY = "{ permissions { permission value } }"
EVENTS = "subscription { locationStateChangeEvents { event { eventType } } }"
LOGS = "subscription($run: ID!) { pipelineRunLogs(runId: $run) { __typename } }"
PATIENCE = 60.0  # seconds; a logout is noticed within ten, on a quiet machine


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Its gate is open; in the book's systems nobody is at home, and nobody asks for them."""
    house = House(tmp_path_factory.mktemp("house"))
    for role in ("viewer", "operator", "admin"):
        house.concordat("users", "add", role, "--role", role, typed=f"{PASSWORD}\n")
    with house.gate() as gate:
        until(lambda: alive(house, gate), LONGEST_START, lambda: house.log("gate"))
        yield house


@pytest.fixture
def nobody(house: House) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house.url, headers={"origin": house.url}, timeout=120) as client:
        yield client


@contextmanager
def visitor(house: House, name: str) -> Iterator[httpx.Client]:
    """Somebody who has logged in by the form."""
    with httpx.Client(base_url=house.url, headers={"origin": house.url}, timeout=120) as client:
        assert client.post("/gate/login", data={"name": name, "password": PASSWORD}).status_code == 303
        yield client


def asked(client: httpx.Client, query: str, **told: Any) -> Any:
    answer = client.post("/graphql", json={"query": query, "variables": told})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def launched(client: httpx.Client) -> str:
    said = asked(client, LAUNCH, job=JOB)["launchRun"]
    assert said["__typename"] == "LaunchRunSuccess", said
    return str(said["run"]["runId"])


def may(client: httpx.Client) -> Mapping[str, bool]:
    """What Dagster's own page reads before it draws a button."""
    return {one["permission"]: one["value"] for one in asked(client, MAY)["permissions"]}


def line(house: House, client: httpx.Client) -> ClientConnection:
    """A websocket, as Dagster's page opens it."""
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return connect(
        f"ws://127.0.0.1:{house.port}/graphql",
        origin=Origin(house.url),
        additional_headers={"cookie": cookies} if cookies else {},
        subprotocols=[Subprotocol("graphql-ws")],
        open_timeout=PATIENCE,
    )


def listen(wire: ClientConnection, query: str, **told: Any) -> None:
    wire.send(json.dumps({"type": "connection_init"}))
    assert json.loads(wire.recv(PATIENCE))["type"] == "connection_ack"
    wire.send(json.dumps({"type": "start", "id": "1", "payload": {"query": query, "variables": told}}))


def test_somebody_who_has_not_logged_in_sees_the_form_and_nothing_of_dagster(
    house: House, nobody: httpx.Client
) -> None:
    page = nobody.get("/locations", headers={"accept": "text/html"}, follow_redirects=True)
    assert page.status_code == 200
    assert 'name="password"' in page.text
    assert "dagster" not in page.text.lower()
    assert nobody.post("/graphql", json={"query": JOBS}).status_code == 401
    assert nobody.get("/server_info").status_code == 401
    with pytest.raises(InvalidStatus) as refused:
        line(house, nobody)
    assert refused.value.response.status_code == 403


def test_a_viewer_sees_our_jobs_and_launches_none_of_them(house: House) -> None:
    with visitor(house, "viewer") as client:
        (place,) = asked(client, JOBS)["repositoriesOrError"]["nodes"]
        assert {"account_sync", "contact_sync", "concordat_prune"} <= {job["name"] for job in place["jobs"]}
        assert (place["location"]["name"], place["name"]) == (
            JOB["repositoryLocationName"],
            JOB["repositoryName"],
        )
        refused = client.post("/graphql", json={"query": LAUNCH, "variables": {"job": JOB}})
        assert (refused.status_code, refused.json()["errors"][0]["message"]) == (403, "this needs the role operator")
        assert client.post("/report_asset_materialization/concordat/account/account_plan").status_code == 403
        assert not may(client)["launch_pipeline_execution"]


def test_an_operator_launches_a_run_and_only_an_admin_deletes_it(house: House) -> None:
    with visitor(house, "operator") as operator, visitor(house, "admin") as admin:
        assert may(operator)["launch_pipeline_execution"]
        run = launched(operator)
        refused = operator.post("/graphql", json={"query": DELETE, "variables": {"run": run}})
        assert (refused.status_code, refused.json()["errors"][0]["message"]) == (403, "this needs the role admin")
        assert asked(operator, TERMINATE, run=run)["terminateRun"]["__typename"] == "TerminateRunSuccess"
        assert asked(admin, DELETE, run=run)["deletePipelineRun"]["__typename"] == "DeletePipelineRunSuccess"


def test_a_viewer_hears_over_a_websocket_what_becomes_of_a_run(house: House) -> None:
    with visitor(house, "operator") as operator, visitor(house, "viewer") as viewer, line(house, viewer) as wire:
        listen(wire, LOGS, run=launched(operator))
        heard = json.loads(wire.recv(PATIENCE))
        assert (heard["type"], heard["id"]) == ("data", "1")
        assert "errors" not in heard["payload"], heard


def leaves(_: House, name: str, client: httpx.Client) -> None:
    assert client.post("/gate/logout").status_code == 303, name


def is_removed(house: House, name: str, _: httpx.Client) -> None:
    house.concordat("users", "remove", name)


@pytest.mark.parametrize(("name", "goes"), [("grace", leaves), ("linus", is_removed)])
def test_a_websocket_that_is_open_when_its_person_goes_is_closed(
    house: House, name: str, goes: Callable[[House, str, httpx.Client], None]
) -> None:
    house.concordat("users", "add", name, "--role", "viewer", typed=f"{PASSWORD}\n")
    with visitor(house, name) as client, line(house, client) as wire:
        listen(wire, EVENTS)
        goes(house, name, client)
        with pytest.raises(ConnectionClosed) as closed:
            wire.recv(PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403
