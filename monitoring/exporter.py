"""Serves how everything stands: `/metrics` for Prometheus, `/healthz` (there is a process), `/readyz` (it can read)."""

from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from monitoring.logs import log_to
from monitoring.metrics import CONTENT_TYPE, expose
from monitoring.redact import redact
from monitoring.standing import Standing

Stands = Callable[[], Standing]


def application(stands: Stands) -> Starlette:
    """The pages. `stands` is called anew for each request, in a thread of its own."""

    async def metrics(_: Request) -> Response:
        try:
            told = await run_in_threadpool(lambda: expose(stands()))
        except Exception as error:  # noqa: BLE001 - a scrape that fails is seen by Prometheus, and says why in the log
            return _unable(error)
        return Response(told, media_type=CONTENT_TYPE)

    async def alive(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_: Request) -> Response:
        try:
            await run_in_threadpool(stands)
        except Exception as error:  # noqa: BLE001 - as above
            return _unable(error)
        return PlainTextResponse("ok\n")

    return Starlette(routes=[Route("/metrics", metrics), Route("/healthz", alive), Route("/readyz", ready)])


def _unable(error: Exception) -> Response:
    """The page says no more than that: it has no login."""
    log_to().error("the standing cannot be read", says=redact(f"{type(error).__name__}: {error}"))
    return PlainTextResponse("the ledger cannot be read; the log says why\n", status_code=503)


def serve(stands: Stands, host: str, port: int, say: Callable[[str], None]) -> None:
    """Until it is stopped. `say` is given the address once it listens."""
    config = uvicorn.Config(application(stands), host=host, port=port, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    address, at = listening.getsockname()[:2]
    say(f"http://{address}:{at}/metrics")
    server.run(sockets=[listening])
