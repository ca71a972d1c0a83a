"""`/webhooks/<system>`: whose it is, kept, answered. Nothing is looked into before it is kept, nor here at all."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from connectors.errors import MisconfiguredError
from connectors.webhooks import ForgedError, Genuine, Notice, Webhooks
from monitoring.counting import Counts
from monitoring.logs import log_to
from sync_pipelines.gate.guard import CLIENT, read_body
from sync_pipelines.gate.people import OpensLedger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.records import Delivery

LONGEST = 1024 * 1024  # bytes of a body
_PATIENCE = 10.0  # seconds for a body to arrive; vendors give up after five to ten themselves
_FRESH = timedelta(seconds=60)  # after which a changed secret counts
_OK = "kept\n"


class Arrivals:
    """Takes what systems of the book announce."""

    def __init__(
        self,
        listens: Callable[[str], Webhooks],
        systems: frozenset[str],
        opens: OpensLedger,
        now: Callable[[], datetime],
        counts: Counts,
    ) -> None:
        """`listens` opens a system's webhooks, or raises MisconfiguredError."""
        self._listens, self._systems, self._opens, self._now, self._counts = listens, systems, opens, now, counts
        self._opened: dict[str, tuple[datetime, Webhooks | None]] = {}

    async def take(self, request: Request) -> Response:
        """One announcement."""
        system = request.path_params["system"]
        webhooks = self._webhooks(system) if system in self._systems else None
        if webhooks is None:
            return PlainTextResponse("nobody listens here\n", 404)
        body = await _body(request)
        if body is None:
            return self._no(system, "too_long", 413, request)
        try:
            genuine = webhooks.genuine(Notice(_headers(request), body, self._now()))
        except ForgedError as error:
            return self._no(system, "forged", 401, request, str(error))
        return await self._keep(system, genuine, body)

    async def _keep(self, system: str, genuine: Genuine, body: bytes) -> Response:
        delivery = Delivery(system, genuine.id, self._now(), genuine.topic, base64.b64encode(body).decode("ascii"))
        try:
            new = await run_in_threadpool(self._receive, delivery)
        except LedgerError as error:
            log_to().error("an announcement could not be kept", system=system, says=str(error))
            return PlainTextResponse("try again later\n", 503)
        self._counts.received(system, "new" if new else "known")
        return PlainTextResponse(_OK)

    def _receive(self, delivery: Delivery) -> bool:
        with self._opens() as ledger:
            return ledger.receive(delivery)

    def _no(self, system: str, why: str, status: int, request: Request, says: str = "") -> Response:
        """The answer tells nothing that a forger could use; the log does."""
        self._counts.refused(system, why)
        log_to().warning("a webhook was refused", system=system, why=why, client=request.scope[CLIENT], says=says)
        return PlainTextResponse("refused\n", status)

    def _webhooks(self, system: str) -> Webhooks | None:
        at, known = self._opened.get(system, (None, None))
        if at is None or self._now() - at > _FRESH:
            known = self._open(system)
            self._opened[system] = (self._now(), known)
        return known

    def _open(self, system: str) -> Webhooks | None:
        try:
            return self._listens(system)
        except MisconfiguredError as error:
            log_to().warning("webhooks are not set up", system=system, says=str(error))
            return None


async def _body(request: Request) -> bytes | None:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await read_body(request.receive, LONGEST)
    except TimeoutError:
        return None


def _headers(request: Request) -> Mapping[str, str]:
    """In small letters; of a header that comes twice, the first."""
    return {name: request.headers[name] for name in {one.lower() for one in request.headers}}
