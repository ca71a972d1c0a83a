"""A simulated shop for each test, all behind two HTTP servers on loopback: the shop, and its storage."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from connectors.shopify.connector import ShopifyConnector
from connectors.shopify.simulator import App, ShopifySimulator, standard_kinds
from connectors.testing.serving import LoopbackServer
from connectors.testing.world import System, World
from tests.connectors.shopify.benches import connect

Open = Callable[..., ShopifySimulator]


class Switch:
    """Leads both servers to the shop of the test that runs now."""

    shop: ShopifySimulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.shop.asgi(scope, receive, send)


@pytest.fixture(scope="session")
def switch() -> Switch:
    return Switch()


@pytest.fixture(scope="session")
def servers(switch: Switch) -> Iterator[tuple[str, str]]:
    serving = [LoopbackServer(switch), LoopbackServer(switch)]
    yield serving[0].url, serving[1].url
    for one in serving:
        one.close()


@pytest.fixture
def at() -> System:
    return World(seed=7).add("shop", *standard_kinds())


@pytest.fixture
def open_shop(switch: Switch, servers: tuple[str, str], at: System) -> Open:
    """Opens the shop of this test, with whatever is special about it."""

    def opened(**options: Any) -> ShopifySimulator:
        switch.shop = ShopifySimulator(at, **options)
        switch.shop.serve_at(*servers)
        return switch.shop

    return opened


@pytest.fixture
def shop(open_shop: Open) -> ShopifySimulator:
    return open_shop()


@pytest.fixture
def connectors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ShopifyConnector]]:
    """Opens connectors and closes them; the secret comes from the environment, as it does in earnest."""
    monkeypatch.setenv("CONCORDAT_SHOP_CLIENT_SECRET", App().client_secret)
    opened: list[ShopifyConnector] = []

    def open_one(shop: ShopifySimulator, **options: Any) -> ShopifyConnector:
        opened.append(connect(shop, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
