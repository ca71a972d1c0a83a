"""A simulated data centre for each test, all behind one HTTP server on loopback."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from connectors.kingdee.connector import KingdeeConnector
from connectors.kingdee.simulated.forms import standard_kinds
from connectors.kingdee.simulated.sessions import App
from connectors.kingdee.simulator import PATH, KingdeeSimulator
from connectors.testing.serving import LoopbackServer
from connectors.testing.world import System, World
from tests.connectors.kingdee.hands import connect

Open = Callable[..., KingdeeSimulator]


class Switch:
    """Leads the one server to the data centre of the test that runs now."""

    centre: KingdeeSimulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.centre.asgi(scope, receive, send)


@pytest.fixture(scope="session")
def switch() -> Switch:
    return Switch()


@pytest.fixture(scope="session")
def server(switch: Switch) -> Iterator[LoopbackServer]:
    serving = LoopbackServer(switch)
    yield serving
    serving.close()


@pytest.fixture
def erp() -> System:
    return World(seed=7).add("erp", *standard_kinds(), zone="Asia/Shanghai")


@pytest.fixture
def open_centre(switch: Switch, server: LoopbackServer, erp: System) -> Open:
    """Opens the data centre of this test, with whatever is special about it."""

    def opened(**options: Any) -> KingdeeSimulator:
        switch.centre = KingdeeSimulator(erp, **options)
        switch.centre.url = f"{server.url}/{PATH}"
        return switch.centre

    return opened


@pytest.fixture
def centre(open_centre: Open) -> KingdeeSimulator:
    return open_centre()


@pytest.fixture
def connectors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., KingdeeConnector]]:
    """Opens connectors and closes them; secrets come from the environment, as they do in earnest."""
    monkeypatch.setenv("CONCORDAT_ERP_APP_SECRET", App().app_secret)
    monkeypatch.setenv("CONCORDAT_ERP_PASSWORD", App().password)
    opened: list[KingdeeConnector] = []

    def open_one(centre: KingdeeSimulator, **options: Any) -> KingdeeConnector:
        opened.append(connect(centre, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def kingdee(centre: KingdeeSimulator, connectors: Callable[..., KingdeeConnector]) -> KingdeeConnector:
    return connectors(centre)
