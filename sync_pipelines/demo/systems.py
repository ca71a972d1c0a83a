"""The three systems of the demo: simulators of CRM and shop over HTTP in this process, and one of two ERPs."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, Self

from connectors.kingdee.simulated import forms
from connectors.kingdee.simulator import KingdeeSimulator
from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulated.metadata import standard_kinds as salesforce_kinds
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.shopify.simulated.kinds import standard_kinds as shopify_kinds
from connectors.shopify.simulator import Behaviour, ShopifySimulator
from connectors.testing.clock import SimulatedClock
from connectors.testing.exchange import Reply
from connectors.testing.exchange import Request as KingdeeRequest
from connectors.testing.keeping import kept, restore
from connectors.testing.system import System
from connectors.testing.world import World
from connectors.tryton.server import TrytonServer
from mappings.book import Book
from sync_pipelines.demo.cast import CRM, ERP, SHOP, Firm
from sync_pipelines.demo.finance import Finance
from sync_pipelines.demo.kingdee import KingdeeFinance
from sync_pipelines.demo.sales import Sales
from sync_pipelines.demo.shop import Shop
from sync_pipelines.demo.tryton import TrytonFinance

KINGDEE, TRYTON = "kingdee", "tryton"
ERPS = (KINGDEE, TRYTON)
_PLUS = Behaviour(points=20_000, rate=1_000)  # the calls that Shopify leaves to a shop of the larger plan
SAID = "demo.json"  # what a house of the demo is made of; its presence says that it is one


class WallClock(SimulatedClock):
    """The simulated systems live in our time."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


class WatchedOrg(SalesforceSimulator):
    """Calls `when_made` after it has made records and before anybody hears of it."""

    when_made: Callable[[], None] | None = None

    def answer(self, request: Request) -> Reply:
        """Serve one request."""
        before = len(self.system.log)
        reply = super().answer(request)
        if self.when_made is not None and any(entry.op == "create" for entry in self.system.log[before:]):
            self.when_made()
        return reply


class WatchedCentre(KingdeeSimulator):
    """Calls `when_called` with the service that is asked for, before it does anything."""

    when_called: Callable[[str], None] | None = None

    def answer(self, request: KingdeeRequest) -> Reply:
        """Serve one request."""
        if self.when_called is not None:
            self.when_called(request.path)
        return super().answer(request)


class DemoSystems:
    """CRM, shop and ERP, running. `home` takes their data, what they are reached with, and nothing else."""

    def __init__(self, home: Path, book: Book, erp: str, cache: Path, say: Callable[[str], None]) -> None:
        """Start them on what `home` holds; empty at first. `cache` is where a real Tryton is prepared."""
        self.home, self.erp_name = home, erp
        self.announces_with = token_hex(32)  # what the CRM signs its announcements with
        self.centre: WatchedCentre | None = None  # where Kingdee is the ERP
        self._open = ExitStack()
        self.world = World(clock=WallClock())
        try:
            self.org = self._open.enter_context(WatchedOrg(self._system(CRM, salesforce_kinds(), daily_calls=100_000)))
            self.shopfront = self._open.enter_context(
                ShopifySimulator(self._system(SHOP, shopify_kinds()), behaviour=_PLUS)
            )
            self.sales, self.shop = Sales(self.org.system), Shop(self.shopfront.system, book)
            self.finance, self.urls = self._finance(book, cache, say)
        except BaseException:
            self._open.close()
            raise
        (home / SAID).write_text(json.dumps({"erp": erp}), encoding="utf-8")

    def _system(self, name: str, kinds: Any, **options: Any) -> System:
        system = self.world.add(name, *kinds, **options)
        path = self.home / f"{name}.json"
        if path.is_file():
            restore(system, json.loads(path.read_text(encoding="utf-8")))
        return system

    def _finance(self, book: Book, cache: Path, say: Callable[[str], None]) -> tuple[Finance, Mapping[str, str]]:
        crm = _secrets(
            CRM, url=self.org.url, client_id=self.org.app.client_id, client_secret=self.org.app.client_secret
        )
        app = self.shopfront.app
        shop = _secrets(SHOP, url=self.shopfront.url, client_id=app.client_id, client_secret=app.client_secret)
        finance, erp, url = self._tryton(cache, say) if self.erp_name == TRYTON else self._kingdee(book)
        announces = {f"concordat_{CRM}_webhook_secret": self.announces_with}
        _keep(self.home / "secrets", crm | shop | erp | announces)
        return finance, {CRM: self.org.url, SHOP: self.shopfront.url, ERP: url}

    def _tryton(self, cache: Path, say: Callable[[str], None]) -> tuple[Finance, dict[str, str], str]:
        server = self._open.enter_context(TrytonServer(cache, data=self.home / "tryton", say=say))
        login = server.logins["sync"]
        told = {"url": server.url, "database": server.database, "user": login.user, "password": login.password}
        return TrytonFinance(server), _secrets(ERP, **told), server.url

    def _kingdee(self, book: Book) -> tuple[Finance, dict[str, str], str]:
        system = self._system(ERP, forms.standard_kinds(), zone="Asia/Shanghai")
        self.centre = centre = self._open.enter_context(WatchedCentre(system))
        app = centre.app
        told = {
            "url": centre.url, "acct_id": app.acct_id, "user": app.user, "app_id": app.app_id,
            "app_secret": app.app_secret,
        }  # fmt: skip
        return KingdeeFinance(system, book), _secrets(ERP, **told), centre.url

    def fill(self, firms: Sequence[Firm]) -> Mapping[str, Mapping[str, str]]:
        """Three systems that have lived apart; answers, by system, the record of each firm by the firm's id."""
        return {desk: do.enter(firms) for desk, do in ((CRM, self.sales), (SHOP, self.shop), (ERP, self.finance))}

    def close(self) -> None:
        """Stop them; their data stays."""
        self._open.close()
        for name, system in self.world.systems.items():
            text = json.dumps(kept(system), ensure_ascii=False)
            (self.home / f"{name}.json").write_text(text, encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def erp_of(home: Path) -> str:
    """Which ERP this house of the demo was made with; empty where it is none."""
    path = home / SAID
    return str(json.loads(path.read_text(encoding="utf-8"))["erp"]) if path.is_file() else ""


def _secrets(system: str, **told: str) -> dict[str, str]:
    """As a secrets folder has them; the servers speak http, on this machine."""
    return {f"concordat_{system}_{name}": value for name, value in {**told, "on_premise": "true"}.items()}


def _keep(folder: Path, secrets: Mapping[str, str]) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, value in secrets.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(value, encoding="utf-8")
