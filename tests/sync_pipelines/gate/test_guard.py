"""What passes the gate, by role, by page and by host."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from dagster_graphql.schema import create_schema
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from sync_pipelines.gate.graphql import OF_ADMINS, OF_ALL, OF_OPERATORS, refusal, refusal_of_subscription
from sync_pipelines.gate.people import Role
from sync_pipelines.model.records import Login
from tests.sync_pipelines.gate.rig import HTML, NOW, URL, Rig, changed

LAUNCH = "mutation { launchRun(executionParams: {}) { __typename } }"
WIPE = "mutation { wipeAssets(assetPartitionRanges: []) { __typename } }"


def test_nobody_is_led_to_the_login_and_back(rig: Rig) -> None:
    answer = rig.client().get("/assets/a?x=1&y=2", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/gate/login?next=%2Fassets%2Fa%3Fx%3D1%26y%3D2")
    assert rig.pages.asked == []


@pytest.mark.parametrize("path", ["/", "/graphql", "/runs", "/logs/x", "/report_asset_check/a", "/gate", "/metrics"])
def test_a_program_without_a_login_is_told_so(rig: Rig, path: str) -> None:
    assert rig.client().get(path).status_code == 401
    assert rig.pages.asked == []


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/gate/login"])
def test_what_is_open_is_open_to_all(rig: Rig, path: str) -> None:
    assert rig.client().get(path).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
@pytest.mark.parametrize(
    "path",
    ["/webhooks/crm", "/webhooks/crm/more", "/webhooks/", "/webhooks/../graphql", "/healthz", "/metrics", "/gate/login",
     "/gate/login/", "//graphql", "/%67raphql"],
)  # fmt: skip
def test_by_no_way_around_does_anybody_unknown_reach_the_pages(rig: Rig, method: str, path: str) -> None:
    rig.client().request(method, path)
    assert rig.pages.asked == []


@pytest.mark.parametrize(
    ("method", "path", "least"),
    [
        ("GET", "/runs", "viewer"),
        ("GET", "/logs/run/x.err", "viewer"),
        ("GET", "/download_debug/1", "operator"),
        ("GET", "/notebook?path=x.ipynb", "operator"),
        ("POST", "/anything", "operator"),
        ("DELETE", "/anything", "operator"),
        ("POST", "/report_asset_materialization/a/b", "admin"),
        ("POST", "/report_asset_check/a", "admin"),
        ("POST", "/report_asset_observation/a", "admin"),
    ],
)
def test_each_path_has_the_least_role_that_may_use_it(rig: Rig, method: str, path: str, least: str) -> None:
    passed = [role for role in ("viewer", "operator", "admin") if rig.visitor(role).request(method, path).is_success]
    assert passed == ["viewer", "operator", "admin"][["viewer", "operator", "admin"].index(least) :]


# --- GraphQL ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "least"),
    [
        ("{ version }", Role.VIEWER),
        ("query Q { runsOrError { __typename } }", Role.VIEWER),
        ("mutation { setNuxSeen }", Role.VIEWER),
        (LAUNCH, Role.OPERATOR),
        ("mutation M($p: ExecutionParams!) { alias: launchRun(executionParams: $p) { __typename } }", Role.OPERATOR),
        ("mutation { ...F } fragment F on Mutation { launchRun { __typename } }", Role.OPERATOR),
        ("mutation { ... on Mutation { terminateRun(runId: 1) { __typename } } }", Role.OPERATOR),
        ("query A { version } mutation B { deleteRun(runId: 1) { __typename } }", Role.ADMIN),
        ("mutation { setNuxSeen wipeAssets { __typename } }", Role.ADMIN),
        ("mutation { somethingNew { __typename } }", Role.ADMIN),
        ("mutation { ...F } fragment F on Mutation { ...F }", Role.ADMIN),
    ],
)
def test_a_document_needs_the_role_of_its_strongest_mutation(query: str, least: Role) -> None:
    assert [role for role in Role if not refusal(query, role)] == [role for role in Role if role >= least]


@pytest.mark.parametrize("query", [None, "", 7, ["{ version }"], "{", "mutation {", "x" * 100_000, "{a" * 30_000])
def test_what_is_no_document_passes_for_nobody(query: object) -> None:
    assert all(refusal(query, role) for role in Role)


def test_every_mutation_that_dagster_has_is_assigned_to_a_role_and_none_that_it_has_not() -> None:
    told = create_schema().graphql_schema.mutation_type
    assert told is not None
    assert set(told.fields) == OF_ALL | OF_OPERATORS | OF_ADMINS
    assert not OF_ALL & OF_OPERATORS
    assert not OF_ADMINS & (OF_ALL | OF_OPERATORS)


def test_a_question_reaches_dagster_as_it_was_sent(rig: Rig) -> None:
    answer = rig.visitor().post("/graphql?op=Q", json={"query": "{ version }", "operationName": "Q"})
    assert answer.text == 'pages:{"query":"{ version }","operationName":"Q"}'


@pytest.mark.parametrize(("role", "query"), [("viewer", LAUNCH), ("operator", WIPE)])
def test_a_mutation_beyond_the_role_never_reaches_dagster(rig: Rig, role: str, query: str) -> None:
    answer = rig.visitor(role).post("/graphql", json={"query": query})
    assert answer.status_code == 403
    assert "this needs the role" in answer.json()["errors"][0]["message"]
    assert rig.pages.asked == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"content": b"{}", "headers": {"content-type": "text/plain"}}, 415),
        ({"data": {"query": "{ version }"}}, 415),
        ({"content": b"{ version }", "headers": {"content-type": "application/graphql"}}, 415),
        ({"json": {"query": "{ version }"}, "params": {"query": LAUNCH}}, 415),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ({"json": [{"query": "{ version }"}]}, 403),
        ({"content": b" " * (4 * 1024 * 1024 + 1), "headers": {"content-type": "application/json"}}, 413),
    ],
)
def test_a_question_comes_in_one_way_only(rig: Rig, options: Mapping[str, object], code: int) -> None:
    assert rig.visitor("admin").post("/graphql", **options).status_code == code
    assert rig.pages.asked == []


def test_a_link_asks_dagster_nothing(rig: Rig) -> None:
    client = rig.visitor("admin")
    assert client.get("/graphql", params={"query": LAUNCH}, headers=HTML).status_code == 405
    assert client.get("/graphql").status_code == 405
    assert client.get("/graphql", headers=HTML).status_code == 200


# --- pages of others --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    ["", "null", "https://evil.example", "http://gate.example", "https://gate.example.evil.example", URL + ":1"],
)
def test_no_page_but_ours_makes_a_browser_do_anything(rig: Rig, origin: str) -> None:
    client = rig.visitor("admin")
    for path in ("/graphql", "/gate/login", "/gate/logout", "/report_asset_check/a"):
        assert client.post(path, headers={"origin": origin}).status_code == 403
    assert rig.pages.asked == []
    assert client.get("/runs").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "gate.example:1", "127.0.0.1", ""])
def test_under_another_name_the_gate_is_not_there(rig: Rig, host: str) -> None:
    assert rig.visitor().get("/runs", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("path", ["/runs", "/gate/login", "/healthz", "/nothing"])
def test_every_answer_bears_the_headers_that_keep_a_browser_careful(rig: Rig, path: str) -> None:
    headers = rig.visitor().get(path).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["strict-transport-security"].startswith("max-age=")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


# --- websockets -------------------------------------------------------------------------------------------------------

START = '{"type": "start", "id": "1", "payload": {"query": "%s"}}'
WSS = "wss://gate.example/graphql"


def test_somebody_may_listen(rig: Rig) -> None:
    with rig.visitor().websocket_connect(WSS) as line:
        for said in ('{"type": "connection_init"}', START % "subscription { pipelineRunLogs { __typename } }"):
            line.send_text(said)
            assert line.receive_text() == "heard"
    assert len(rig.pages.heard) == 2


@pytest.mark.parametrize(
    "said",
    [
        START % "mutation { launchRun { __typename } }",
        START % "{ version }",
        START % "subscription { a } mutation { b }",
        START % "",
        '{"type": "start"}',
        '{"type": "subscribe", "payload": {"query": "mutation { a }"}}',
        '{"type": "start", "payload": []}',
        "[]",
        "no json",
    ],
)
def test_over_a_websocket_nobody_does_more_than_listen(rig: Rig, said: str) -> None:
    with rig.visitor("admin").websocket_connect(WSS) as line:
        line.send_text(said)
    assert rig.pages.heard == []


def test_without_a_login_there_is_no_websocket(rig: Rig) -> None:
    with pytest.raises(WebSocketDisconnect), rig.client().websocket_connect(WSS):
        pass
    assert rig.pages.asked == []


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"origin": ""}, {"host": "evil.example"}])
def test_a_page_of_somebody_else_opens_no_websocket_though_the_browser_sends_the_cookie_along(
    rig: Rig, headers: dict[str, str]
) -> None:
    client = rig.visitor()
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(WSS, headers=headers):
        pass
    assert rig.pages.asked == []


@pytest.mark.parametrize("query", ["subscription { a }", "subscription S { a } fragment F on A { b }"])
def test_a_subscription_is_listening(query: str) -> None:
    assert refusal_of_subscription(query) == ""


def _leave(rig: Rig, client: TestClient) -> None:
    assert client.post("/gate/logout").status_code == 303


def _remove(rig: Rig, client: TestClient) -> None:
    rig.ledger.drop_login("a-viewer")
    rig.pass_time(timedelta(seconds=6))


def _stay_too_long(rig: Rig, client: TestClient) -> None:
    rig.pass_time(timedelta(hours=9))


def _lose_the_ledger(rig: Rig, client: TestClient) -> None:
    rig.broken = True
    rig.pass_time(timedelta(seconds=6))


def _talk(line: WebSocketTestSession) -> None:
    """For longer than a look takes; who is never closed on is heard to the end, and waits for nothing."""
    for _ in range(1000):
        line.send_text('{"type": "connection_init"}')
        line.receive_text()


@pytest.mark.parametrize("happens", [_leave, _remove, _stay_too_long, _lose_the_ledger])
def test_a_websocket_is_closed_on_somebody_who_may_come_in_no_more(
    rig: Rig, happens: Callable[[Rig, TestClient], None]
) -> None:
    client = rig.visitor()
    with client.websocket_connect(WSS) as line:
        happens(rig, client)
        rig.look(line)
        with pytest.raises(WebSocketDisconnect) as closed:
            _talk(line)
    assert closed.value.code == 4403


def test_whoever_may_still_come_in_goes_on_listening(rig: Rig) -> None:
    with rig.visitor().websocket_connect(WSS) as line:
        for _ in range(3):
            line.send_text('{"type": "connection_init"}')
            assert line.receive_text() == "heard"
            rig.look(line)


# --- proxies ----------------------------------------------------------------------------------------------------------

PROXY: dict[str, Any] = {"proxies": (ip_network("10.0.0.0/28"),), "user_header": "x-forwarded-user"}


def test_whom_a_trusted_proxy_names_is_in_with_the_role_of_their_login() -> None:
    rig = Rig(changed(**PROXY))
    assert rig.client(peer="10.0.0.3").get("/runs", headers={"x-forwarded-user": "a-operator"}).status_code == 200
    assert rig.pages.asked == [("a-operator operator", "/runs")]


@pytest.mark.parametrize("peer", ["192.0.2.7", "10.0.1.3", "testclient", ""])
def test_anybody_else_who_names_somebody_is_nobody(peer: str) -> None:
    rig = Rig(changed(**PROXY))
    assert rig.client(peer=peer).get("/runs", headers={"x-forwarded-user": "a-admin"}).status_code == 401


def test_without_the_setting_no_header_makes_anybody_somebody(rig: Rig) -> None:
    assert rig.client(peer="10.0.0.3").get("/runs", headers={"x-forwarded-user": "a-admin"}).status_code == 401


def test_a_header_that_comes_twice_is_believed_in_neither_form() -> None:
    rig = Rig(changed(**PROXY))
    twice = [("x-forwarded-user", "a-admin"), ("x-forwarded-user", "a-viewer"), ("host", "gate.example")]
    assert rig.client(peer="10.0.0.3").get("/runs", headers=twice).status_code == 401


@pytest.mark.parametrize(("role", "code"), [(None, 401), (Role.VIEWER, 200)])
def test_who_has_no_login_here_has_the_role_that_is_set_for_such_or_none(role: Role | None, code: int) -> None:
    rig = Rig(changed(**PROXY, proxy_role=role))
    assert rig.client(peer="10.0.0.3").get("/runs", headers={"x-forwarded-user": "grace"}).status_code == code


def test_the_name_that_a_proxy_told_goes_no_further() -> None:
    rig = Rig(changed(**PROXY))
    rig.client(peer="10.0.0.3").get("/runs", headers={"x-forwarded-user": "a-viewer", "x-forwarded-for": "1.2.3.4"})
    assert not {"x-forwarded-user", "x-forwarded-for"} & rig.pages.headers[0].keys()


def test_a_login_by_proxy_only_counts_there() -> None:
    rig = Rig(changed(**PROXY))
    rig.ledger.keep_login(Login("grace", "admin", "", NOW, NOW))
    rig.client(peer="10.0.0.3").get("/runs", headers={"x-forwarded-user": "grace"})
    assert rig.pages.asked == [("grace admin", "/runs")]


# --- metrics ----------------------------------------------------------------------------------------------------------


def test_metrics_are_for_those_who_are_in_unless_a_token_or_an_open_door_is_set() -> None:
    assert Rig().client().get("/metrics").status_code == 401
    assert Rig().visitor().get("/metrics").status_code == 200
    assert Rig(changed(metrics_open=True)).client().get("/metrics").status_code == 200
    by_token = Rig(changed(metrics_token="scrape me"))
    assert by_token.client(authorization="Bearer scrape me").get("/metrics").status_code == 200
    assert by_token.client(authorization="Bearer scrape").get("/metrics").status_code == 401
    assert by_token.client().get("/metrics").status_code == 401


def test_metrics_under_another_name_are_there_for_prometheus_which_comes_by_address() -> None:
    rig = Rig(changed(metrics_open=True))
    assert rig.client().get("/metrics", headers={"host": "10.0.0.1:3000"}).status_code == 200
