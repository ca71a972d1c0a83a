"""A Shopify shop to practise on: the Admin GraphQL dialect over the state of a `connectors.testing` world, on loopback.

    world = World(seed=7)
    shop = ShopifySimulator(world.add("shop", *standard_kinds()))
    with shop: ShopifyConnector(..., url=shop.url, client_id=shop.app.client_id, ...)

Every document is validated against the published schema before it is carried out, and every answer by being carried
out. `answer` serves a request without a socket. `documents` lists what arrived, for tests that count calls.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from email.utils import format_datetime
from functools import partial
from typing import Any

from connectors.shopify.simulated.costs import Purse
from connectors.shopify.simulated.executing import Document, carried_out, internal_error, throttled
from connectors.shopify.simulated.kinds import standard_kinds
from connectors.shopify.simulated.resolvers import VERSIONS, HungMidwayError, the_shop
from connectors.shopify.simulated.shop import Behaviour, Shop
from connectors.shopify.simulated.tokens import App, Tokens
from connectors.testing.exchange import HungUp, Reply, Request, gateway_page, maintenance_page
from connectors.testing.faults import Fault
from connectors.testing.metadata import Refusal
from connectors.testing.serving import Served
from connectors.testing.system import System

__all__ = ["App", "Behaviour", "ShopifySimulator", "standard_kinds"]

CUT_BODY = "cut_body"
_ENDPOINT = "graphql.json"
_CARD = "shop.json"  # of the older interface; clients ask for it to see whether their token is good
_NO_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"


class ShopifySimulator(Served[Request]):
    """One shop. Usable as a context manager, which starts and closes its two servers: the shop and its storage."""

    asks = Request
    ports = 2  # the shop, and the storage of its bulk results

    def __init__(self, system: System, *, app: App | None = None, behaviour: Behaviour | None = None) -> None:
        """`system` holds state and faults. Defined are our key and what the bundled maps use; `shop` takes more."""
        how = behaviour or Behaviour()
        self.system = system
        self.app = app or App()
        self.url = ""
        self.shop = Shop(system, how)
        self.shop.define()
        for name in ("tax_id", "customer_number"):
            self.shop.define("custom", name, type_="single_line_text_field", unique=False)
        self.tokens = Tokens(self.app, system.clock, how)
        self.purse = Purse(how.points, how.rate, system.now())
        self.documents: list[str] = []
        self.requests: list[Mapping[str, Any]] = []  # their variables
        self.throttled = 0  # how often a call was refused for want of points
        self.leaked = False  # a token came to the storage

    # -- without a socket ---------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        """Serve one request. Raises `HungUp` where the connection breaks instead."""
        with self.system.lock:
            reply = self._served(request)
        headers = {**reply.headers, "Date": format_datetime(self.system.now(), usegmt=True)}
        return Reply(reply.status, reply.body, headers, reply.content_type, reply.cut)

    def _served(self, request: Request) -> Reply:
        if request.path.startswith("bulk/"):
            return self._stored(request)
        if request.path == "admin/oauth/access_token":
            return self.tokens.answer(request)
        steps = request.path.split("/")
        asks_for = {("POST", _ENDPOINT): self._authorised, ("GET", _CARD): self._card}.get((request.method, steps[-1]))
        if len(steps) != 4 or steps[:2] != ["admin", "api"] or asks_for is None:  # noqa: PLR2004 - its four parts
            return Reply(404, {"errors": "Not Found"})
        version = steps[2] if steps[2] in VERSIONS else VERSIONS[0]  # another than asked for, without a word
        reply = asks_for(request)
        return Reply(reply.status, reply.body, {"X-Shopify-API-Version": version}, reply.content_type, reply.cut)

    def _card(self, request: Request) -> Reply:
        if not self.tokens.accepts(request.headers):
            return Reply(401, {"errors": _NO_TOKEN})
        card = the_shop(self.shop)
        number = int(card["id"].rpartition("/")[2])
        return Reply(200, {"shop": {"id": number, "name": card["name"], "myshopify_domain": card["myshopifyDomain"]}})

    def _authorised(self, request: Request) -> Reply:
        try:
            told = json.loads(request.body)
        except ValueError:  # whoever asked died in the middle of it
            return Reply(400, {"errors": "Required parameter missing or invalid"})
        try:
            document = Document(told["query"], told.get("variables") or {})
        except ValueError as error:
            return Reply(200, {"errors": [{"message": str(error)}]})
        if self._strikes(Fault.TOKEN_EXPIRED, document.site):
            self.tokens.revoke()
        if not self.tokens.accepts(request.headers):
            return Reply(401, {"errors": _NO_TOKEN})
        self.documents.append(document.text)
        self.requests.append(document.variables)
        return self._written(document) if document.writes else self._read(document)

    def _read(self, document: Document) -> Reply:
        site = document.site
        if self._strikes(Fault.LOST_BEFORE, site):
            raise HungUp
        if (early := self._not_done(site)) is not None:
            return early
        if self._strikes(Fault.PAGE_ERROR, site):
            return Reply(200, internal_error())
        if self._strikes(Fault.BODY_ERROR, site):
            return maintenance_page()
        if document.lists:
            self.system.turn_page(site, document.lists)
        return Reply(200, self._done(document), cut=self._strikes(CUT_BODY, site))

    def _written(self, document: Document) -> Reply:
        site = document.site
        again = partial(self._executed_again, document)
        if self._strikes(Fault.LOST_BEFORE, site) or (site == "create" and self.system.executes_late(site, again)):
            raise HungUp
        if (early := self._not_done(site)) is not None:
            return early
        if self._strikes(Fault.BODY_ERROR, site):
            return Reply(200, internal_error())
        if self._strikes(Fault.LOST_MIDWAY, site):
            share = self.system.faults.fraction(Fault.LOST_MIDWAY, f"{self.system.name}.{site}")
            self.shop.stops_after = int(share * len(document.operation.selection_set.selections))
        body = self._done(document)
        if self._strikes(Fault.DOUBLE_EXECUTION, site):
            again()
        if self._strikes(Fault.LOST_AFTER, site):
            raise HungUp
        if self._strikes(Fault.GATEWAY_AFTER, site):
            return gateway_page()
        return Reply(200, body, cut=self._strikes(CUT_BODY, site))

    def _executed_again(self, document: Document) -> None:
        with suppress(HungUp, Refusal):
            self._done(document)

    def _done(self, document: Document) -> dict[str, object]:
        try:
            body = carried_out(self.shop, self.purse, document)
        except HungMidwayError:
            raise HungUp from None
        finally:
            self.shop.stops_after = None
        if "data" in body:
            self.system.charge(document.site)
        elif any(error.get("extensions", {}).get("code") == "THROTTLED" for error in body["errors"]):
            self.throttled += 1
        return body

    def _not_done(self, site: str) -> Reply | None:
        if self.system.forbids(site):
            denied = {"message": "Access denied for this field.", "extensions": {"code": "ACCESS_DENIED"}}
            return Reply(200, {"errors": [denied]})
        if self._strikes(Fault.THROTTLED, site):
            return Reply(200, throttled(self.purse, int(self.purse.available) + 1))
        if self._strikes(Fault.SERVER_ERROR, site):
            return Reply(503, b"<html>Service Unavailable</html>", content_type="text/html")
        try:
            left = self.system.calls_left
        except Refusal:
            left = 0
        return Reply(429, {"errors": "Too many calls"}, {"Retry-After": "2"}) if left == 0 else None

    def _strikes(self, fault: str, site: str) -> bool:
        return self.system.faults.strikes(fault, f"{self.system.name}.{site}")

    # -- results of bulk operations -----------------------------------------------------------------------------------

    def _stored(self, request: Request) -> Reply:
        self.leaked = self.leaked or "x-shopify-access-token" in request.headers
        number = request.path.removeprefix("bulk/").removesuffix(".jsonl")
        operation = self.shop.operations[int(number) - 1]
        whole = self.shop.file(operation)
        whole = whole[: len(whole) - operation.cut]
        first, _, last = request.headers.get("range", "").removeprefix("bytes=").partition("-")
        if not first:
            return Reply(200, whole, content_type="application/jsonl")
        if int(first) >= len(whole):
            return Reply(416, b"", content_type="application/xml")
        part = whole[int(first) : int(last) + 1]
        told = {"Content-Range": f"bytes {first}-{int(first) + len(part) - 1}/{len(whole)}"}
        return Reply(206, part, told, "application/jsonl")

    # -- over HTTP ----------------------------------------------------------------------------------------------------

    def serve_at(self, *urls: str) -> None:
        """Where the shop is served, and the storage of its bulk results."""
        self.url, self.shop.storage = urls
