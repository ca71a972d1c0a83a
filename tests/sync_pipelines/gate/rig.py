"""The gate on a ledger in memory, with pages behind it that remember who asked for what."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from anyio import Semaphore
from httpx import Response
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.types import Receive, Scope, Send

from connectors.errors import MisconfiguredError
from connectors.webhooks import Signed, Webhooks, signed
from monitoring.standing import Standing
from sync_pipelines.gate.application import House, gate
from sync_pipelines.gate.dagster_pages import PERSON
from sync_pipelines.gate.passwords import hashed
from sync_pipelines.gate.rules import Rules
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.records import Login

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SECRET = b"a secret of the tests"
PASSWORD = "four words that are long"
HASH = hashed(PASSWORD, b"salt of the tests")
URL = "https://gate.example"
HTML = {"accept": "text/html"}


@dataclass
class Pages:
    """In the place of Dagster's."""

    asked: list[tuple[str, str]] = field(default_factory=list)  # who, and what for
    heard: list[str] = field(default_factory=list)  # over a websocket
    headers: list[Mapping[str, str]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer anything, and echo websockets."""
        person = scope[PERSON]
        self.asked.append((f"{person.name} {person.role}", scope["path"]))
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        if scope["type"] == "websocket":
            await self._talk(receive, send)
            return
        body = (await receive()).get("body", b"")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"pages:" + body})

    async def _talk(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            self.heard.append(message["text"])
            await send({"type": "websocket.send", "text": "heard"})


@dataclass
class Rig:
    """A gate, its ledger and its clock."""

    rules: Rules = field(default_factory=lambda: Rules(("gate.example",), secure=True))
    ledger: Ledger = field(default_factory=lambda: MemoryLedger(b"key"))
    now: datetime = NOW
    broken: bool = False  # the ledger cannot be opened
    secret: bytes = SECRET  # of the webhooks of crm; empty: none is set

    def __post_init__(self) -> None:
        """Three people."""
        for role in ("viewer", "operator", "admin"):
            self.ledger.keep_login(Login(f"a-{role}", role, HASH, NOW, NOW))
        self.pages, self.looks = Pages(), Semaphore(0)
        opens, stands = self.opens, lambda: Standing(self.now)
        systems = frozenset({"crm", "erp"})
        house = House(opens, stands, self.listens, systems, lambda: self.now, b"seal", self.pause)
        self.app = gate(house, self.rules, self.pages)

    async def pause(self) -> None:
        """Until the test lets the gate look again who still may listen."""
        await self.looks.acquire()

    def look(self, line: WebSocketTestSession) -> None:
        """The gate looks, wherever it waits to."""
        line.portal.call(self.looks.release)

    @contextmanager
    def opens(self) -> Iterator[Ledger]:
        """The ledger, where it can be opened."""
        if self.broken:
            raise LedgerError("the ledger is locked by another process for too long")
        yield self.ledger

    def listens(self, system: str) -> Webhooks:
        """Of crm; nobody has set up erp."""
        if system != "crm" or not self.secret:
            raise MisconfiguredError(f"{system} is not set up")
        return Signed([self.secret])

    def client(self, *, peer: str = "192.0.2.7", **headers: str) -> TestClient:
        """A browser on a page of ours, that follows no redirect."""
        own = {"origin": URL, **headers}
        return TestClient(self.app, URL, headers=own, client=(peer, 40_000), follow_redirects=False)

    def visitor(self, role: str = "viewer") -> TestClient:
        """Somebody who has logged in."""
        client = self.client()
        answer = login(client, f"a-{role}")
        assert answer.status_code == 303, answer.text
        return client

    def pass_time(self, by: timedelta) -> None:
        """The clock moves on."""
        self.now += by

    def announce(self, said: Any = None, **changed: Any) -> Response:
        """A webhook of the CRM, signed; `changed` is what somebody made of it on its way."""
        body = json.dumps(said or {"kind": "Account", "ids": ["1"]}).encode()
        headers = {**signed(SECRET, changed.pop("delivery", "d1"), changed.pop("at", self.now), body)}
        headers |= changed.pop("headers", {})
        client = TestClient(self.app, "http://10.0.0.1:3000")
        answer: Response = client.post(
            changed.pop("path", "/webhooks/crm"), content=changed.pop("body", body), headers=headers
        )
        return answer


def login(client: TestClient, name: str, password: str = PASSWORD, **more: str) -> Response:
    """Send the form."""
    answer: Response = client.post("/gate/login", data={"name": name, "password": password, **more})
    return answer


def changed(rules: Rules | None = None, **what: Any) -> Rules:
    """The usual rules, but for this."""
    return replace(rules or Rules(("gate.example",), secure=True), **what)
