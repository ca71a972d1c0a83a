"""The same with a real Tryton as the ERP: CRM and shop stay simulated, and a way between the engine and the server ends
whoever asks where it was told to.
"""

import http.client
import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any, Self
from urllib.parse import urlsplit

from connectors.tryton.server import TrytonServer
from connectors.tryton.settings import TrytonSettings
from mappings.book import Book
from sync_pipelines.demo.tryton import _TAX_TYPES, TrytonFinance
from tests.crash.firms import COMPANY, Known, People, plain
from tests.crash.systems import DONE, ERP, LATE, REFUSED, Systems, Trigger

CACHE = Path(__file__).parents[2] / ".concordat" / "tryton"
KEY = TrytonSettings.model_fields["key_prefix"].default
_WRITES = ("create", "write", "delete")


class _Patient(ThreadingHTTPServer):
    """That a client is killed in the middle of something is what it is for."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # handed on as it came


class Way:
    """HTTP to the server and back. At a write its client may be ended before, without waiting for, or after it."""

    def __init__(self, url: str) -> None:
        self.trigger, self.writes = Trigger(), 0
        self._there = urlsplit(url).netloc
        self._server = _Patient(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        way = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                told = way.passed_on(self.path, body, dict(self.headers)) if len(body) == length else None
                if told is None:
                    self.close_connection = True
                    return
                status, headers, answer = told
                self.send_response_only(status)
                for name in ("Content-Type", "Content-Encoding", "Date"):
                    if name in headers:
                        self.send_header(name, headers[name])
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Nothing is said."""

        return Handler

    def passed_on(
        self, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, http.client.HTTPMessage, bytes] | None:
        """What the server answers; None where nobody is there to hear it."""
        writes = _is_write(json.loads(body).get("method", ""))
        if writes and self.trigger.reached(REFUSED):
            return None
        if writes:
            self.trigger.reached(LATE)
            self.writes += 1
        answer = self._ask(path, body, headers)
        if writes:
            self.trigger.reached(DONE)
        return answer

    def _ask(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection(self._there, timeout=60)
        try:
            kept = {name: value for name, value in headers.items() if name.lower() not in ("host", "connection")}
            connection.request("POST", path, body, kept)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _is_write(method: str) -> bool:
    model, _, what = method.rpartition(".")
    return what in _WRITES and model.startswith("model.party.")


class TrytonSystems(Systems):
    """CRM and shop as ever, and a real ERP."""

    erp_name = "tryton"

    def _open_erp(self) -> None:
        self.server = self._open.enter_context(TrytonServer(CACHE))
        self.way = self._open.enter_context(Way(self.server.url))

    def arm(self, trigger: Trigger) -> None:
        super().arm(trigger)
        self.way.trigger = trigger

    def writes(self) -> int:
        return super().writes() + self.way.writes

    def _erp_login(self) -> Mapping[str, str]:
        login = self.server.logins["sync"]
        return {
            "url": self.way.url, "database": self.server.database, "user": login.user, "password": login.password,
        }  # fmt: skip


class TrytonPeople(People):
    """Finance works in Tryton."""

    def __init__(self, systems: Systems, book: Book, random: Random) -> None:
        super().__init__(systems, book, random)
        assert isinstance(systems, TrytonSystems)
        self.server = systems.server
        self._ours = {row.id for row in self.tryton.all()}  # our own companies

    def _finance_of(self, book: Book) -> Any:
        del book
        assert isinstance(self.systems, TrytonSystems)
        self.tryton = TrytonFinance(self.systems.server)
        return self.tryton

    def _enter_erp(self, known: Known) -> None:
        firm, where = known.firm, known.firm.truth["billing_address"]
        assert isinstance(where, dict)
        party = {
            "name": known.truth["name"],
            "identifiers": [["create", [{"type": _TAX_TYPES[firm.country], "code": known.tax_id}]]],
            "addresses": [["create", [self.tryton._address(where)]]],
            "contact_mechanisms": [["create", [{"type": "phone", "value": known.truth["phone"]}]]],
        }
        known.ids[ERP] = str(self.server.call("party.party.create", [party])[0])

    def _rename_in_erp(self, known: Known, name: str) -> None:
        self.server.call("party.party.write", [int(known.ids[ERP])], {"name": name})

    def _rows(self, system: str) -> list[Mapping[str, str]]:
        if system != ERP:
            return super()._rows(system)
        keys = self._keys()
        return [
            {
                "id": row.id, "key": keys.get(int(row.id), ""), **plain(row.tax_id, row.name, row.phone),
                "limit": str(int(row.limits.get(COMPANY, Decimal(0)))) if COMPANY in row.limits else "",
            }
            for row in self.tryton.all() if row.id not in self._ours
        ]  # fmt: skip

    def _keys(self) -> Mapping[int, str]:
        rows = self.tryton._rows("party.identifier", [["code", "like", f"{KEY}%"]], "party", "code")
        return {row["party"]: row["code"].removeprefix(KEY) for row in rows}
