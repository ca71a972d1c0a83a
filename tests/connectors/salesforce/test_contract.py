"""The contract suite on the simulated org, over HTTP."""

from collections.abc import Callable

import pytest

from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.simulator import Behaviour
from connectors.testing.contract_suite import ConnectorContract
from tests.connectors.salesforce.benches import (
    AccountBench,
    BulkAccountBench,
    ConditionalAccountBench,
    ContactBench,
    UserBench,
    WindowedAccountBench,
)
from tests.connectors.salesforce.conftest import Open

Connect = Callable[..., SalesforceConnector]


class TestAccount(ConnectorContract, bench=AccountBench):
    @pytest.fixture
    def bench(self, open_org: Open, connectors: Connect) -> AccountBench:
        return AccountBench(open_org(), connectors)


class TestAccountBehindLocators(ConnectorContract, bench=AccountBench):
    """The org sends two rows at a time where three were asked for."""

    @pytest.fixture
    def bench(self, open_org: Open, connectors: Connect) -> AccountBench:
        return AccountBench(open_org(behaviour=Behaviour(page_rows=2)), connectors)


class TestAccountWithIfMatch(ConnectorContract, bench=ConditionalAccountBench):
    @pytest.fixture
    def bench(self, open_org: Open, connectors: Connect) -> ConditionalAccountBench:
        return ConditionalAccountBench(open_org(), connectors)


class TestAccountInWindows(ConnectorContract, bench=WindowedAccountBench):
    @pytest.fixture
    def bench(self, open_org: Open, connectors: Connect) -> WindowedAccountBench:
        return WindowedAccountBench(open_org(), connectors)


class TestAccountInBulk(ConnectorContract, bench=BulkAccountBench):
    @pytest.fixture(params=[True, False], ids=["header on each page", "header on the first"])
    def bench(self, open_org: Open, connectors: Connect, request: pytest.FixtureRequest) -> BulkAccountBench:
        return BulkAccountBench(open_org(behaviour=Behaviour(bulk_repeats_header=request.param)), connectors)


class TestContact(ConnectorContract, bench=ContactBench):
    @pytest.fixture
    def bench(self, open_org: Open, connectors: Connect) -> ContactBench:
        return ContactBench(open_org(), connectors)


class TestUser(ConnectorContract, bench=UserBench):
    @pytest.fixture
    def bench(self, open_org: Open, connectors: Connect) -> UserBench:
        return UserBench(open_org(), connectors)
