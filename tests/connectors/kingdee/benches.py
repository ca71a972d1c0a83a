"""The contract suite's hands on the simulated data centre: what users do there, behind the connector's back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from connectors.contract import Capabilities, Connector, Payload, Record
from connectors.kingdee.connector import KingdeeConnector
from connectors.kingdee.simulator import KingdeeSimulator
from connectors.testing.contract_suite import Bench
from connectors.testing.world import Fault

LOOK_BACK = timedelta(minutes=10)
OURS = Capabilities(
    archives=True,
    lists_keys=True,
    reads_strongly=True,
    keyed=True,
    tells_editor=True,
    max_batch=20,
    look_back=LOOK_BACK,
)
BY_NUMBER = Capabilities(
    archives=True,
    lists_keys=True,
    reads_strongly=True,
    keyed=True,
    unique_key=True,
    tells_editor=True,
    max_batch=20,
    look_back=LOOK_BACK,
)
READ_ONLY = Capabilities(
    creates=False,
    updates=False,
    lists_keys=True,
    reads_strongly=True,
    tells_editor=True,
    max_batch=20,
    look_back=LOOK_BACK,
)
WRITES = ("create", "update", "archive")


class CentreBench(Bench):
    """One kind of one data centre; see the subclasses."""

    page_size = 3
    options: Mapping[str, Any] = {}

    def __init__(self, centre: KingdeeSimulator, connectors: Callable[..., KingdeeConnector]) -> None:
        self.centre = centre
        self.at = centre.system
        self.connector: Connector = connectors(centre, **self.options)
        self._n = count(1)

    def make(self, values: Payload) -> str:
        return self.at.create(self.kind, values, by="user:anna").id

    def edit(self, record_id: str, values: Payload) -> None:
        self.at.update(self.kind, record_id, values, by="user:ben")

    def delete(self, record_id: str) -> None:
        self.at.delete(self.kind, record_id, by="user:anna", hard=True)

    def tick(self) -> None:
        self.at.clock.advance(2)

    def settle(self) -> None:
        self.at.clock.advance(601)

    def burst(self, count: int) -> Sequence[str]:
        return [self.make(self.fresh()) for _ in range(count)]

    def break_page(self) -> None:
        """The first page goes through; what follows fails for as long as the door asks."""
        for nth in range(1, 10):
            self.at.faults.force(Fault.PAGE_ERROR, f"{self.at.name}.changes", nth=nth)


class WritableBench(CentreBench):
    """What customers and contact persons have in common."""

    capabilities = OURS

    def is_archived(self, record: Record) -> bool:
        return bool(record.payload["FForbidStatus"] == "B")

    def lose_answer(self) -> None:
        for call in WRITES:
            self.at.faults.force(Fault.LOST_AFTER, f"{self.at.name}.{call}")

    def throttle(self) -> None:
        for call in WRITES:
            self.at.faults.force(Fault.THROTTLED, f"{self.at.name}.{call}")

    def write_calls(self) -> int:
        return sum(self.at.calls[call] for call in WRITES)

    def refused(self) -> Mapping[str, object]:
        return {**self.fresh(), "FName": ""}


class CustomerBench(WritableBench):
    kind = "BD_Customer"

    def fresh(self) -> Mapping[str, object]:
        n = next(self._n)
        return {
            "FName": f"第{n}有限公司",
            "FTEL": f"021-{n}",
            "FTAXREGISTERCODE": f"91{n:016d}",
            "FADDRESS": "南京路 1 号",
        }

    def changed(self) -> Mapping[str, object]:
        return {"FTEL": f"010-{next(self._n)}", "FADDRESS": f"淮海路 {next(self._n)} 号"}

    def clearable(self) -> str:
        return "FTEL"


class NumberedCustomerBench(CustomerBench):
    """Our key is the customer's number."""

    capabilities = BY_NUMBER
    options: Mapping[str, Any] = {"key_field": "FNumber"}


class SessionCustomerBench(CustomerBench):
    """By a session with a cookie."""

    options: Mapping[str, Any] = {"sign_in": "password"}


class ContactBench(WritableBench):
    kind = "BD_CommonContact"

    def fresh(self) -> Mapping[str, object]:
        n = next(self._n)
        return {"FName": f"王丽 {n}", "FEmail": f"p{n}@example.com", "FMobile": f"139{n:08d}"}

    def changed(self) -> Mapping[str, object]:
        return {"FMobile": f"138{next(self._n):08d}"}

    def clearable(self) -> str:
        return "FMobile"


class EmployeeBench(CentreBench):
    kind = "BD_Empinfo"
    capabilities = READ_ONLY

    def fresh(self) -> Mapping[str, object]:
        n = next(self._n)
        return {"FName": f"员工 {n}", "FEmail": f"e{n}@example.com"}

    def changed(self) -> Mapping[str, object]:
        return {"FEmail": f"mail{next(self._n)}@example.com"}
