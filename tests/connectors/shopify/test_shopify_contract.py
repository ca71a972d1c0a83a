"""The contract suite on the simulated shop, over HTTP."""

from collections.abc import Callable

import pytest

from connectors.shopify.connector import ShopifyConnector
from connectors.testing.contract_suite import ConnectorContract
from tests.connectors.shopify.benches import BulkBench, BulkChildrenBench, ChildrenBench, CompanyBench, CustomerBench
from tests.connectors.shopify.conftest import Open

Connect = Callable[..., ShopifyConnector]


class TestCustomer(ConnectorContract, bench=CustomerBench):
    @pytest.fixture
    def bench(self, open_shop: Open, connectors: Connect) -> CustomerBench:
        return CustomerBench(open_shop(), connectors)


class TestCustomerWithAllAddresses(ConnectorContract, bench=ChildrenBench):
    @pytest.fixture
    def bench(self, open_shop: Open, connectors: Connect) -> ChildrenBench:
        return ChildrenBench(open_shop(), connectors)


class TestCustomerInBulk(ConnectorContract, bench=BulkBench):
    @pytest.fixture
    def bench(self, open_shop: Open, connectors: Connect) -> BulkBench:
        return BulkBench(open_shop(), connectors)


class TestCustomerInBulkWithAllAddresses(ConnectorContract, bench=BulkChildrenBench):
    @pytest.fixture
    def bench(self, open_shop: Open, connectors: Connect) -> BulkChildrenBench:
        return BulkChildrenBench(open_shop(), connectors)


class TestCompany(ConnectorContract, bench=CompanyBench):
    @pytest.fixture
    def bench(self, open_shop: Open, connectors: Connect) -> CompanyBench:
        return CompanyBench(open_shop(), connectors)
