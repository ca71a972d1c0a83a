"""The contract suite's hands on the simulated org: what users do there, behind the connector's back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from connectors.contract import Capabilities, Connector, Payload, Record
from connectors.pacing import Allowance, Pace
from connectors.salesforce.connector import SalesforceConnector, open_connector
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.seams import Seams
from connectors.testing.contract_suite import Bench
from connectors.testing.world import Fault

LOOK_BACK = timedelta(seconds=120)
FIELDS: Mapping[str, Sequence[str]] = {
    "Account": ("Name", "Phone", "Type", "BillingCity", "AnnualRevenue", "NumberOfEmployees", "OwnerId"),
    "Contact": ("LastName", "Email", "Phone", "AccountId"),
    "User": ("Username", "LastName", "Email", "IsActive"),
}
OURS = Capabilities(
    archives=True,
    states_deletes=True,
    lists_keys=True,
    reads_strongly=True,
    windows=8,
    states_merges=True,
    keyed=True,
    unique_key=True,
    tells_editor=True,
    notes=True,
    max_batch=200,
    look_back=LOOK_BACK,
)
READ_ONLY = Capabilities(
    creates=False,
    updates=False,
    lists_keys=True,
    reads_strongly=True,
    windows=8,
    tells_editor=True,
    look_back=LOOK_BACK,
)
WRITES = ("create", "update", "archive", "note")


def seams(org: SalesforceSimulator, **more: Any) -> Seams:
    """The world's own clock; nobody really sleeps."""
    clock = org.system.clock
    numbers = count()
    return Seams(clock=clock.now, sleep=clock.sleep, new_id=lambda: f"id-{next(numbers)}", random=lambda: 0.5, **more)


def connect(org: SalesforceSimulator, *, pace: Pace | None = None, **options: Any) -> SalesforceConnector:
    """A connector to this org, with small pages unless told otherwise. Its secret comes as the engine's does."""
    usual = {"url": org.url, "on_premise": True, "client_id": org.app.client_id, "page_size": 3, "fields": FIELDS}
    return open_connector(org.system.name, {**usual, **options}, seams(org, pace=pace))


def pace(org: SalesforceSimulator, **allowance: Any) -> Pace:
    clock = org.system.clock
    return Pace(org.system.name, Allowance(**allowance), clock=clock.now, sleep=clock.sleep)


class OrgBench(Bench):
    """One kind of one org; see the subclasses."""

    page_size = 3
    options: Mapping[str, Any] = {}

    def __init__(self, org: SalesforceSimulator, connectors: Callable[..., SalesforceConnector]) -> None:
        self.org = org
        self.at = org.system
        self.connector: Connector = connectors(org, **self.options)
        self._n = count(1)

    def make(self, values: Payload) -> str:
        return self.at.create(self.kind, values, by="user:anna").id

    def edit(self, record_id: str, values: Payload) -> None:
        self.at.update(self.kind, record_id, values, by="user:ben")

    def delete(self, record_id: str) -> None:
        self.at.delete(self.kind, record_id, by="user:anna")

    def tick(self) -> None:
        self.at.clock.advance(2)

    def settle(self) -> None:
        self.at.clock.advance(150)

    def burst(self, count: int) -> Sequence[str]:
        return [self.make(self.fresh()) for _ in range(count)]

    def break_page(self) -> None:
        """The count and the first page go through; what follows fails for as long as the door asks."""
        for nth in range(2, 10):
            self.at.faults.force(Fault.PAGE_ERROR, f"{self.at.name}.changes", nth=nth)


class WritableBench(OrgBench):
    """What accounts and contacts have in common."""

    capabilities = OURS

    def merge(self, loser: str, winner: str) -> None:
        self.at.merge(self.kind, loser, winner, by="user:anna")

    def notes(self, record_id: str) -> Sequence[str]:
        return self.at.notes(self.kind, record_id)

    def is_archived(self, record: Record) -> bool:
        return record.payload["Active__c"] is False

    def clearable(self) -> str:
        return "Phone"

    def lose_answer(self) -> None:
        for call in WRITES:
            self.at.faults.force(Fault.LOST_AFTER, f"{self.at.name}.{call}")

    def throttle(self) -> None:
        for call in WRITES:
            self.at.faults.force(Fault.THROTTLED, f"{self.at.name}.{call}")

    def write_calls(self) -> int:
        return sum(self.at.calls[call] for call in WRITES)


class AccountBench(WritableBench):
    kind = "Account"

    def fresh(self) -> Mapping[str, object]:
        n = next(self._n)
        return {"Name": f"Firm {n} 有限公司", "Phone": f"+49 30 {n}", "Type": "Customer", "AnnualRevenue": 1000.25 + n}

    def changed(self) -> Mapping[str, object]:
        return {"Phone": f"+49 40 {next(self._n)}", "BillingCity": "Köln"}

    def refused(self) -> Mapping[str, object]:
        return {**self.fresh(), "Type": "Friend"}


class ConditionalAccountBench(AccountBench):
    """Row by row with If-Match."""

    capabilities = Capabilities(**{**{name: getattr(OURS, name) for name in OURS.__slots__}, "conditional": True})
    options: Mapping[str, Any] = {"conditional_accounts": True}


class WindowedAccountBench(AccountBench):
    """So small pages that a full read is cut into several windows."""

    capabilities = Capabilities(**{**{name: getattr(OURS, name) for name in OURS.__slots__}, "windows": 3})
    options: Mapping[str, Any] = {"page_size": 1, "windows": 3}

    def break_page(self) -> None:
        """The windows share what befalls the org: enough for all of them."""
        for number in range(1, 40):
            self.org.system.faults.force(Fault.PAGE_ERROR, f"{self.org.system.name}.changes", nth=number)


class BulkAccountBench(AccountBench):
    """Every crawl as a bulk job."""

    options: Mapping[str, Any] = {"bulk_above": 0, "bulk_page_rows": 3}


class ContactBench(WritableBench):
    kind = "Contact"

    def fresh(self) -> Mapping[str, object]:
        n = next(self._n)
        return {"LastName": f"Person {n}", "Email": f"p{n}@example.com", "Phone": f"555-{n}"}

    def changed(self) -> Mapping[str, object]:
        return {"Phone": f"777-{next(self._n)}"}

    def refused(self) -> Mapping[str, object]:
        return {**self.fresh(), "LastName": ""}


class UserBench(OrgBench):
    kind = "User"
    capabilities = READ_ONLY

    def fresh(self) -> Mapping[str, object]:
        n = next(self._n)
        return {"Username": f"u{n}@example.com", "LastName": f"User {n}", "IsActive": True}

    def changed(self) -> Mapping[str, object]:
        return {"Email": f"mail{next(self._n)}@example.com"}
