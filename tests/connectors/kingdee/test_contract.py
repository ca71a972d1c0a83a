"""The contract suite on the simulated data centre, over HTTP."""

import pytest

from connectors.testing.contract_suite import ConnectorContract
from tests.connectors.kingdee.benches import (
    ContactBench,
    CustomerBench,
    EmployeeBench,
    NumberedCustomerBench,
    SessionCustomerBench,
)
from tests.connectors.kingdee.conftest import Open
from tests.connectors.kingdee.hands import Connect


class TestCustomer(ConnectorContract, bench=CustomerBench):
    @pytest.fixture
    def bench(self, open_centre: Open, connectors: Connect) -> CustomerBench:
        return CustomerBench(open_centre(), connectors)


class TestCustomerByNumber(ConnectorContract, bench=NumberedCustomerBench):
    @pytest.fixture
    def bench(self, open_centre: Open, connectors: Connect) -> NumberedCustomerBench:
        return NumberedCustomerBench(open_centre(), connectors)


class TestCustomerInASession(ConnectorContract, bench=SessionCustomerBench):
    @pytest.fixture
    def bench(self, open_centre: Open, connectors: Connect) -> SessionCustomerBench:
        return SessionCustomerBench(open_centre(), connectors)


class TestContact(ConnectorContract, bench=ContactBench):
    @pytest.fixture
    def bench(self, open_centre: Open, connectors: Connect) -> ContactBench:
        return ContactBench(open_centre(), connectors)


class TestEmployee(ConnectorContract, bench=EmployeeBench):
    @pytest.fixture
    def bench(self, open_centre: Open, connectors: Connect) -> EmployeeBench:
        return EmployeeBench(open_centre(), connectors)
