"""What the tests on the real server share: a connector with a way out that can be troubled, and people's hands."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, TypeAlias

import httpx
import orjson
from pydantic import SecretStr

from connectors.contract import Capabilities, Payload, Record
from connectors.seams import Seams
from connectors.testing.contract_suite import Bench
from connectors.tryton.connector import TrytonConnector
from connectors.tryton.server import TrytonServer
from connectors.tryton.settings import TrytonSettings

_numbers = count(1)


class TroubledWay(httpx.BaseTransport):
    """The network, and what can go wrong in it. `on_write` and `on_page` see each such call and may change its fate."""

    def __init__(self) -> None:
        self._way = httpx.HTTPTransport(verify=False)  # plain http on loopback: no need to read all authorities
        self.writes = 0
        self.methods: list[str] = []
        self.next_write: Callable[[httpx.Request], httpx.Response] | None = None
        self.breaks_pages = False
        self.is_silent = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        call = orjson.loads(request.content)
        self.methods.append(call["method"])
        if _is_write(call["method"]):
            return self._written(request)
        if self.is_silent:
            raise httpx.ReadTimeout("no answer", request=request)
        if self.breaks_pages and _is_later_page(call):
            return httpx.Response(503, stream=httpx.ByteStream(b"maintenance"))
        return self._way.handle_request(request)

    def _written(self, request: httpx.Request) -> httpx.Response:
        self.writes += 1
        trouble, self.next_write = self.next_write, None
        return trouble(request) if trouble else self._way.handle_request(request)

    def lose_next_answer(self) -> None:
        """The write is done, and its answer never arrives."""

        def lose(request: httpx.Request) -> httpx.Response:
            self._way.handle_request(request).close()
            raise httpx.ReadTimeout("the answer was lost", request=request)

        self.next_write = lose

    def after_next_write(self, happens: Callable[[], None]) -> None:
        """The write is done, and something else before its answer arrives."""

        def go_on(request: httpx.Request) -> httpx.Response:
            answer = self._way.handle_request(request)
            happens()
            return answer

        self.next_write = go_on

    def answer_next_write(self, status: int, body: bytes = b"") -> None:
        """The write is not done, and this is answered instead."""
        self.next_write = lambda _: httpx.Response(status, stream=httpx.ByteStream(body))

    def soothe(self) -> None:
        """No trouble is left over."""
        self.next_write, self.breaks_pages, self.is_silent = None, False, False

    def close(self) -> None:
        self._way.close()


def _is_write(method: str) -> bool:
    return method.rsplit(".", 1)[-1] in {"create", "write", "delete"}


def _is_later_page(call: Mapping[str, Any]) -> bool:
    match call["params"]:
        case [[["id", ">", int(last)], *_], *_]:
            return last >= 0
    return False


def a_connector(server: TrytonServer, way: httpx.BaseTransport | None = None, **more: Any) -> TrytonConnector:
    """A connection as the given book would have it."""
    login = server.logins["sync"]
    settings = TrytonSettings(
        url=server.url,
        on_premise=True,
        **{
            "database": server.database,
            "user": login.user,
            "password": SecretStr(login.password),
            "look_back": timedelta(0),
            **more,
        },
    )
    seams = Seams(lambda: datetime.now(UTC), lambda _: None, lambda: str(next(_numbers)), lambda: 0.5, None, way)
    return TrytonConnector("erp", settings, seams)


Connection: TypeAlias = tuple[TroubledWay, TrytonConnector]


def a_connection(server: TrytonServer) -> Connection:
    """Small pages and batches, so that few records make several."""
    way = TroubledWay()
    return way, a_connector(server, way, page=5, batch=10)


class PartyBench(Bench):
    """Accounts on the shared server; `finance` is the person who works there."""

    kind = "party"
    page_size = 5
    capabilities = Capabilities(
        archives=True,
        lists_keys=True,
        states_merges=True,
        keyed=True,
        conditional=True,
        tells_editor=True,
        notes=True,
        max_batch=10,
    )

    def __init__(self, server: TrytonServer, connection: Connection | None = None) -> None:
        self.server = server
        self.way, self.connector = connection or a_connection(server)
        self.way.soothe()
        self.prefix = f"bench{next(_numbers)}"
        self._before = {row["id"] for row in self._rows("party.party", [])}
        self.terms = {row["name"]: row["id"] for row in self._rows("account.invoice.payment_term", ["name"])}

    def _rows(self, model: str, fields: Sequence[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.server.call(f"{model}.search_read", [], 0, None, None, list(fields))
        return found

    def clear(self) -> None:
        """Crawls of the next check need not tell what this one left behind."""
        either = ["active", "in", [True, False]]
        left = set(self.server.call("party.party.search", [either], 0, None, None)) - self._before
        if left:
            self.server.call("party.party.delete", sorted(left))

    def fresh(self) -> Payload:
        number = next(_numbers)
        return {
            "name": f"Firma {number} 测试",
            "customer_payment_term": "Net 30 days",
            "credit_limit_amount": f"{number}.50",
        }

    def changed(self) -> Payload:
        return {"name": f"Firma {next(_numbers)} umbenannt"}

    def make(self, values: Payload) -> str:
        return str(self.server.call("party.party.create", [self._as_people_send(values)])[0])

    def _as_people_send(self, values: Payload) -> dict[str, Any]:
        sent = dict(values)
        if "customer_payment_term" in sent:
            sent["customer_payment_term"] = self.terms[sent["customer_payment_term"]]
        if "credit_limit_amount" in sent:
            sent["credit_limit_amount"] = Decimal(sent["credit_limit_amount"])
        return sent

    def edit(self, record_id: str, values: Payload) -> None:
        self.server.call("party.party.write", [int(record_id)], self._as_people_send(values))

    def delete(self, record_id: str) -> None:
        self.server.call("party.party.delete", [int(record_id)])

    # -- offers -------------------------------------------------------------------------------------------------------

    def refused(self) -> Payload:
        return {**self.fresh(), "tax_identifier": {"type": "eu_vat", "code": "DE1"}}

    def clearable(self) -> str:
        return "customer_payment_term"

    def merge(self, loser: str, winner: str) -> None:
        self.server.call("party.party.write", [int(loser)], {"name": "the same"}, [int(winner)], {"name": "the same"})
        self.server.replace(int(loser), int(winner))

    def notes(self, record_id: str) -> Sequence[str]:
        told = self.server.call(
            "ir.note.search_read", [["resource", "=", f"party.party,{record_id}"]], 0, None, None, ["message"]
        )
        return [row["message"] for row in told]

    def is_archived(self, record: Record) -> bool:
        return record.payload["active"] is False

    def burst(self, count: int) -> Sequence[str]:
        rows = [self._as_people_send(self.fresh()) for _ in range(count)]
        return [str(one) for one in self.server.call("party.party.create", rows)]

    def lose_answer(self) -> None:
        self.way.lose_next_answer()

    def throttle(self) -> None:
        self.way.answer_next_write(429)

    def break_page(self) -> None:
        self.way.breaks_pages = True

    def write_calls(self) -> int:
        return self.way.writes


class ContactBench(PartyBench):
    """Contact persons: parties that are related to an organisation."""

    kind = "contact"

    def __init__(self, server: TrytonServer, connection: Connection | None = None) -> None:
        super().__init__(server, connection)
        self.organisation = str(self.server.call("party.party.create", [{"name": "Arbeitgeber AG"}])[0])
        (self.relation,) = self.server.call("party.relation.type.search", [["name", "=", "Contact of"]], 0, None, None)

    def fresh(self) -> Payload:
        name = f"Person {next(_numbers)}"
        return {"name": name, "organisation": self.organisation, "customer_payment_term": "Upon Receipt"}

    def changed(self) -> Payload:
        return {"name": f"Person {next(_numbers)} verheiratet"}

    def _as_people_send(self, values: Payload) -> dict[str, Any]:
        sent = super()._as_people_send(values)
        if "organisation" in sent:
            related = {"to": int(sent.pop("organisation")), "type": self.relation}
            sent["relations"] = [["create", [related]]]
        return sent


def all_pages(pages: Iterator[Any]) -> dict[str, Record]:
    """What a crawl told, by id."""
    return {record.ref.id: record for page in pages for record in page.records}
