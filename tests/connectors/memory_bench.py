"""The contract suite's hands on a system of the world, in several profiles."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count

from connectors.contract import Capabilities, Connector, Payload, Record
from connectors.testing.contract_suite import Bench
from connectors.testing.memory import MemoryConnector
from connectors.testing.world import Fault, FieldSpec, KindSpec, System, World

LOOK_BACK = timedelta(seconds=10)
EVERYTHING = Capabilities(
    archives=True,
    states_deletes=True,
    lists_keys=True,
    states_merges=True,
    keyed=True,
    unique_key=True,
    conditional=True,
    tells_editor=True,
    notes=True,
    max_batch=5,
    look_back=LOOK_BACK,
)
PLAIN = Capabilities(max_batch=5, look_back=LOOK_BACK)
MARKED = Capabilities(keyed=True, lists_keys=True, archives=True, max_batch=1, look_back=LOOK_BACK)
SNAPSHOT = Capabilities(incremental=False, lists_keys=True, unique_key=True, keyed=True, max_batch=5)


def system(can: Capabilities, *, lag: timedelta = timedelta(seconds=4)) -> System:
    """A CRM whose search index lags behind by less than the look-back, with a skewed clock."""
    kind = KindSpec.of(
        "Account",
        FieldSpec("Name", required=True, length=80),
        FieldSpec("Phone", blank_is_null=True),
        FieldSpec("Terms", "choice", choices=("net30", "net60")),
        FieldSpec("Key", unique=can.unique_key),
        FieldSpec("Active", "boolean", default=True),
        key_field="Key",
        active_field="Active",
    )
    lagging = lag if can.look_back else timedelta(0)
    return World().add("crm", kind, skew=timedelta(seconds=-90), search_lag=lagging)


class MemoryBench(Bench):
    """On a fresh system for each check."""

    kind = "Account"
    capabilities = EVERYTHING

    def __init__(self, connector: type[MemoryConnector] = MemoryConnector, *, upserts: bool = False) -> None:
        self.at = system(self.capabilities)
        self.connector: Connector = connector(
            self.at, {"Account": self.capabilities}, page_size=self.page_size, upserts=upserts
        )
        self._n = count()

    def fresh(self) -> Mapping[str, object]:
        return {"Name": f"Firm {next(self._n)}", "Phone": f"555-{next(self._n)}", "Terms": "net30"}

    def changed(self) -> Mapping[str, object]:
        return {"Phone": f"777-{next(self._n)}"}

    def make(self, values: Payload) -> str:
        return self.at.create("Account", values, by="user:anna").id

    def edit(self, record_id: str, values: Payload) -> None:
        self.at.update("Account", record_id, values, by="user:ben")

    def delete(self, record_id: str) -> None:
        self.at.delete("Account", record_id, by="user:anna")

    def tick(self) -> None:
        self.at.clock.advance(2)

    def settle(self) -> None:
        self.at.clock.advance(60)

    def refused(self) -> Mapping[str, object]:
        return {**self.fresh(), "Terms": "whenever"}

    def clearable(self) -> str:
        return "Phone"

    def merge(self, loser: str, winner: str) -> None:
        self.at.merge("Account", loser, winner, by="user:anna")

    def notes(self, record_id: str) -> Sequence[str]:
        return self.at.notes("Account", record_id)

    def is_archived(self, record: Record) -> bool:
        return record.payload["Active"] is False

    def burst(self, count: int) -> Sequence[str]:
        return [self.make(self.fresh()) for _ in range(count)]

    def lose_answer(self) -> None:
        for call in ("create", "update", "archive"):
            self.at.faults.force(Fault.LOST_AFTER, f"crm.{call}")

    def throttle(self) -> None:
        for call in ("create", "update", "archive"):
            self.at.faults.force(Fault.THROTTLED, f"crm.{call}")

    def break_page(self) -> None:
        self.at.faults.force(Fault.PAGE_ERROR, "crm.changes", nth=1)

    def write_calls(self) -> int:
        return sum(self.at.calls[call] for call in ("create", "update", "archive"))


class PlainBench(MemoryBench):
    capabilities = PLAIN


class MarkedBench(MemoryBench):
    capabilities = MARKED


class SnapshotBench(MemoryBench):
    capabilities = SNAPSHOT
