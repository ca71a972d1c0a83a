"""A simulated org for each test, all behind one HTTP server on loopback."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulated.metadata import standard_kinds
from connectors.salesforce.simulated.tokens import App
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.testing.exchange import Reply
from connectors.testing.serving import LoopbackServer
from connectors.testing.world import System, World
from tests.connectors.salesforce.benches import connect
from tests.connectors.salesforce.hands import Change, Spoil

Open = Callable[..., SalesforceSimulator]


class Switch:
    """Leads the one server to the org of the test that runs now."""

    org: SalesforceSimulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.org.asgi(scope, receive, send)


@pytest.fixture(scope="session")
def switch() -> Switch:
    return Switch()


@pytest.fixture(scope="session")
def server(switch: Switch) -> Iterator[LoopbackServer]:
    serving = LoopbackServer(switch)
    yield serving
    serving.close()


@pytest.fixture
def crm() -> System:
    return World(seed=7).add("crm", *standard_kinds())


@pytest.fixture
def open_org(switch: Switch, server: LoopbackServer, crm: System) -> Open:
    """Opens the org of this test, with whatever is special about it."""

    def opened(**options: Any) -> SalesforceSimulator:
        switch.org = SalesforceSimulator(crm, **options)
        switch.org.url = server.url
        return switch.org

    return opened


@pytest.fixture
def org(open_org: Open) -> SalesforceSimulator:
    return open_org()


@pytest.fixture
def connectors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., SalesforceConnector]]:
    """Opens connectors and closes them; the secret comes from the environment, as it does in earnest."""
    monkeypatch.setenv("CONCORDAT_CRM_CLIENT_SECRET", App().client_secret)
    opened: list[SalesforceConnector] = []

    def open_one(org: SalesforceSimulator, **options: Any) -> SalesforceConnector:
        opened.append(connect(org, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def spoiled(org: SalesforceSimulator, monkeypatch: pytest.MonkeyPatch) -> Spoil:
    """Changes the answers to paths that match; each answer goes through the change."""

    def spoil(path: str, change: Change) -> None:
        plain = org.answer

        def answer(request: Request) -> Reply:
            reply = plain(request)
            if reply.status != 200 or not re.search(path, request.path):
                return reply
            return Reply(reply.status, change(reply.body), reply.headers, reply.content_type)

        monkeypatch.setattr(org, "answer", answer)

    return spoil
