"""A Salesforce org to practise on: the REST dialect over the state of a `connectors.testing` world, on loopback.

    world = World(seed=7)
    org = SalesforceSimulator(world.add("crm", *standard_kinds()))
    with org: SalesforceConnector(..., url=org.url, client_id=org.app.client_id, ...)

`answer` serves a request without a socket. `requests` lists what arrived, for tests that count calls.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from functools import partial

from connectors.salesforce.simulated.collections import Collections
from connectors.salesforce.simulated.exchange import Request, refused
from connectors.salesforce.simulated.faults import ApiError
from connectors.salesforce.simulated.jobs import Jobs
from connectors.salesforce.simulated.queries import MOST_ROWS, Queries
from connectors.salesforce.simulated.routes import Routes
from connectors.salesforce.simulated.rows import Rows, user_id
from connectors.salesforce.simulated.sobjects import SObjects
from connectors.salesforce.simulated.tokens import App, Tokens, Verify
from connectors.salesforce.simulated.writes import Writes
from connectors.testing.exchange import HungUp, Reply, gateway_page, maintenance_page
from connectors.testing.faults import Fault
from connectors.testing.metadata import Refusal
from connectors.testing.serving import Served
from connectors.testing.system import MIDDLEWARE, System

VERSION = "v65.0"
ORG = "00D5gX000000001AAA"
LOCATOR_DEAD = "locator_dead"
CUT_BODY = "cut_body"
_VERSIONED = re.compile(r"services/data/v(3[1-9]|[45]\d|6[0-5])\.0(/|$)")
_WRITES = frozenset({"create", "update", "archive", "note", "delete"})


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How this org behaves where orgs differ."""

    page_rows: int = MOST_ROWS  # of a query; the real one sends fewer than 2000 where rows are wide
    bulk_polls: int = 1  # how often a bulk job answers InProgress
    bulk_page_rows: int = 50_000
    bulk_repeats_header: bool = True
    token_calls: int | None = None  # a token ends after so many calls
    token_lifetime: timedelta | None = None


class SalesforceSimulator(Served[Request]):
    """One org. Usable as a context manager, which starts and closes the server."""

    asks = Request

    def __init__(
        self,
        system: System,
        *,
        app: App | None = None,
        verify_jwt: Verify | None = None,
        behaviour: Behaviour | None = None,
        org: str = ORG,
    ) -> None:
        """`system` holds state and faults; `verify_jwt` gives the claims of an assertion that is well signed."""
        how = behaviour or Behaviour()
        self.system = system
        self.app = app or App()
        self.org = self._org = org
        self._tenant = self._first = system.tenant
        self.url = ""  # where it is served; told as the instance url
        self.requests: list[tuple[str, str]] = []  # method and path of all that arrived, in order
        self.tokens = Tokens(
            self.app, system.clock, verify=verify_jwt, calls=how.token_calls, lifetime=how.token_lifetime
        )
        rows = Rows(system, VERSION)
        writes = Writes(system)
        self.queries = Queries(system, rows, VERSION, lambda: self.org, page_rows=how.page_rows)
        self.jobs = Jobs(
            self.queries,
            rows,
            polls=how.bulk_polls,
            page_rows=how.bulk_page_rows,
            repeats_header=how.bulk_repeats_header,
        )
        self._routes = Routes(
            system, self.queries, SObjects(system, rows, writes), Collections(system, rows, writes), self.jobs
        )

    # -- without a socket ---------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        """Serve one request. Raises `HungUp` where the connection breaks instead."""
        with self.system.lock:
            self._become(self.system.tenant)
            self.requests.append((request.method, request.path))
            reply = self._guarded(request)
        return Reply(reply.status, reply.body, {**reply.headers, **self._always()}, reply.content_type, reply.cut)

    def _become(self, tenant: str) -> None:
        """Another org where another tenant was put in its place; nobody is logged in there."""
        if tenant != self._tenant:
            self.org = self._org if tenant == self._first else f"{self._org[:-3]}XAA"
            self._tenant = tenant
            self.tokens.revoke()

    def _guarded(self, request: Request) -> Reply:
        try:
            return self._served(request)
        except ApiError as error:
            return refused(error)
        except Refusal as refusal:
            return refused(ApiError(400, "UNKNOWN_EXCEPTION", str(refusal)))

    def _served(self, request: Request) -> Reply:
        if request.path == "services/oauth2/token":
            self._befalls_read("login")
            return self.tokens.answer(request, self.url, self.org, user_id(MIDDLEWARE))
        if request.path == "services/data":
            return Reply(200, [{"label": "Simulated", "url": f"/services/data/{VERSION}", "version": VERSION[1:]}])
        if not _VERSIONED.match(request.path):
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return self._authorised(request, request.path.split("/")[3:])

    def _authorised(self, request: Request, steps: list[str]) -> Reply:
        site = self._routes.site(request, steps)
        if self._strikes(Fault.TOKEN_EXPIRED, site):
            self.tokens.revoke()
        self.tokens.check(request.headers.get("authorization", ""))
        if site in _WRITES:
            return self._written(request, steps, site)
        early = self._befalls_read(site)
        if early is not None:
            return early
        self._charge(site)
        if kind := self._routes.paged(request, site):
            self.system.turn_page(site, kind)
        reply = self._routes.answer(request, steps)
        cut = self._strikes(CUT_BODY, site)
        return Reply(reply.status, reply.body, reply.headers, reply.content_type, cut)

    def _written(self, request: Request, steps: list[str], site: str) -> Reply:
        again = partial(self._executed_again, request, steps)
        if self._strikes(Fault.LOST_BEFORE, site) or (site == "create" and self.system.executes_late(site, again)):
            raise HungUp
        self._befalls_any(site)
        self._charge(site)
        reply = self._routes.answer(request, steps)
        if self._strikes(Fault.DOUBLE_EXECUTION, site):
            again()
        if self._strikes(Fault.LOST_AFTER, site):
            raise HungUp
        if self._strikes(Fault.GATEWAY_AFTER, site):
            return gateway_page()
        return Reply(reply.status, reply.body, reply.headers, reply.content_type, self._strikes(CUT_BODY, site))

    def _executed_again(self, request: Request, steps: list[str]) -> None:
        with suppress(ApiError, HungUp):
            self._routes.answer(request, steps)

    def _befalls_read(self, site: str) -> Reply | None:
        if self._strikes(Fault.LOST_BEFORE, site):
            raise HungUp
        self._befalls_any(site)
        if self._strikes(LOCATOR_DEAD, site):
            self.queries.forget()
        if self._strikes(Fault.PAGE_ERROR, site):
            raise ApiError(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId")
        return maintenance_page() if self._strikes(Fault.BODY_ERROR, site) else None

    def _befalls_any(self, site: str) -> None:
        if self.system.forbids(site):
            raise ApiError(403, "INSUFFICIENT_ACCESS", "insufficient access rights on this resource")
        if self._strikes(Fault.THROTTLED, site):
            raise ApiError(
                403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
            )
        if self._strikes(Fault.SERVER_ERROR, site):
            raise ApiError(503, "SERVER_UNAVAILABLE", "The server is temporarily unavailable")

    def _strikes(self, fault: str, site: str) -> bool:
        return self.system.faults.strikes(fault, f"{self.system.name}.{site}")

    def _charge(self, site: str) -> None:
        try:
            self.system.charge(site)
        except Refusal:
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.") from None

    def _always(self) -> dict[str, str]:
        most = self.system.daily_calls or 100_000
        used = most - (self.system.calls_left if self.system.calls_left is not None else most)
        return {
            "Date": format_datetime(self.system.now(), usegmt=True),
            "Sforce-Limit-Info": f"api-usage={used}/{most}",
        }

    # -- over HTTP ----------------------------------------------------------------------------------------------------

    def serve_at(self, *urls: str) -> None:
        """`url` says where."""
        self.url = urls[0]
