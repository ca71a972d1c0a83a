"""What every connector promises, put to the test on a real Tryton server."""

from collections.abc import Iterator

import pytest

from connectors.testing.contract_suite import ConnectorContract
from connectors.tryton.server import TrytonServer
from tests.real.tryton.hands import Connection, ContactBench, PartyBench, a_connection


@pytest.fixture(scope="module")
def shared(server: TrytonServer) -> Iterator[Connection]:
    """A login costs the server a third of a second: most checks can do with one."""
    connection = a_connection(server)
    yield connection
    connection[1].close()


@pytest.fixture
def connection(request: pytest.FixtureRequest, server: TrytonServer, shared: Connection) -> Connection:
    return a_connection(server) if "closing" in request.node.name else shared


class TestParty(ConnectorContract, bench=PartyBench):
    @pytest.fixture
    def bench(self, server: TrytonServer, connection: Connection) -> Iterator[PartyBench]:
        bench = PartyBench(server, connection)
        yield bench
        bench.clear()


class TestContact(ConnectorContract, bench=ContactBench):
    @pytest.fixture
    def bench(self, server: TrytonServer, connection: Connection) -> Iterator[ContactBench]:
        bench = ContactBench(server, connection)
        yield bench
        bench.clear()
