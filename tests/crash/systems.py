"""CRM, shop and ERP over HTTP in this process. They keep what they accept, whoever dies, and may decide who does."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from connectors.kingdee.simulated import forms
from connectors.kingdee.simulator import KingdeeSimulator
from connectors.salesforce.simulated.metadata import standard_kinds as salesforce_kinds
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.shopify.simulated.kinds import standard_kinds as shopify_kinds
from connectors.shopify.simulator import Behaviour, ShopifySimulator
from connectors.testing.clock import SimulatedClock
from connectors.testing.exchange import HungUp
from connectors.testing.system import MIDDLEWARE, System
from connectors.testing.table import Row, Table
from connectors.testing.world import World

CRM, SHOP, ERP = "crm", "shop", "erp"
REFUSED, LATE, DONE = "before-server-commit", "server-commits-after-death", "after-server-commit"
SERVER_POINTS = (REFUSED, LATE, DONE)


class ShiftedClock(SimulatedClock):
    """Runs as ours does; `advance` moves it on at once, for the engine as well, which reads `file`."""

    def __init__(self, file: Path) -> None:
        super().__init__(datetime.now(UTC))
        self.shift, self.file = timedelta(0), file
        self.advance(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def advance(self, by: timedelta | float) -> datetime:
        self.shift += by if isinstance(by, timedelta) else timedelta(seconds=by)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(self.shift.total_seconds()), encoding="ascii")
        fresh.replace(self.file)
        return self.now()


@dataclass
class Trigger:
    """When a server ends whoever asked: at the nth write of ours, before, instead of, or after it is kept."""

    at: str = ""
    nth: int = 1
    end: Callable[[], None] = lambda: None
    struck: bool = False
    met: int = field(default=0)

    def reached(self, point: str) -> bool:
        if point != self.at or self.struck:
            return False
        self.met += 1
        if self.met < self.nth:
            return False
        self.struck = True
        self.end()
        return True


class TriggeredSystem(System):
    """A system whose commits are points at which its client may die."""

    trigger = Trigger()

    def _commit(
        self, table: Table, row: Row, op: str, by: str, before: dict[str, Any] | None, key: str, other: str = ""
    ) -> Row:
        if by != MIDDLEWARE:
            return super()._commit(table, row, op, by, before, key, other)
        if self.trigger.reached(REFUSED):
            raise HungUp
        self.trigger.reached(LATE)
        kept = super()._commit(table, row, op, by, before, key, other)
        self.trigger.reached(DONE)
        return kept


class Systems:
    """The three, running until `close`."""

    erp_name = "kingdee"

    def __init__(self, folder: Path) -> None:
        self.world = World(clock=ShiftedClock(folder / "clock"))
        self._open = ExitStack()
        crm = self._system(CRM, *salesforce_kinds(), daily_calls=1_000_000)
        shop = self._system(SHOP, *shopify_kinds())
        self.org = self._open.enter_context(SalesforceSimulator(crm))
        behaviour = Behaviour(points=2_000_000, rate=1_000_000)
        self.shopfront = self._open.enter_context(ShopifySimulator(shop, behaviour=behaviour))
        self._open_erp()

    def _open_erp(self) -> None:
        erp = self._system(ERP, *forms.standard_kinds(), zone="Asia/Shanghai")
        self.centre = self._open.enter_context(KingdeeSimulator(erp))

    def _system(self, name: str, *kinds: Any, **options: Any) -> TriggeredSystem:
        system = TriggeredSystem(name, self.world.clock, kinds, faults=self.world.faults, **options)
        self.world.systems[name] = system
        return system

    @property
    def clock(self) -> ShiftedClock:
        assert isinstance(self.world.clock, ShiftedClock)
        return self.world.clock

    def arm(self, trigger: Trigger) -> None:
        """For all three."""
        self.armed = trigger
        for system in self.world.systems.values():
            assert isinstance(system, TriggeredSystem)
            system.trigger = trigger

    def writes(self) -> int:
        """How often we have written, to all three."""
        return sum(len(system.written()) for system in self.world.systems.values())

    def environment(self) -> Mapping[str, str]:
        """The connections, as the environment tells them."""
        app, store = self.org.app, self.shopfront.app
        told = {
            "crm": {"url": self.org.url, "client_id": app.client_id, "client_secret": app.client_secret},
            "shop": {"url": self.shopfront.url, "client_id": store.client_id, "client_secret": store.client_secret},
            "erp": self._erp_login(),
        }
        return {
            f"CONCORDAT_{system.upper()}_{name.upper()}": value
            for system, words in told.items()
            for name, value in {**words, "on_premise": "true"}.items()
        }

    def _erp_login(self) -> Mapping[str, str]:
        centre = self.centre.app
        return {
            "url": self.centre.url, "acct_id": centre.acct_id, "user": centre.user, "app_id": centre.app_id,
            "app_secret": centre.app_secret,
        }  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
