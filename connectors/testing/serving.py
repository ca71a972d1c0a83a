"""An HTTP server on loopback, in a thread of its own, and what its messages are as requests and replies."""

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from threading import Thread
from typing import Any, Generic, Self, TypeVar
from urllib.parse import parse_qsl

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.testing.exchange import HungUp, Reply, Request


class _Server(uvicorn.Server):
    """Ends at once when told to, instead of looking every tenth of a second whether it should."""

    _loop: asyncio.AbstractEventLoop | None = None
    _ending: asyncio.Event

    async def main_loop(self) -> None:
        """Wait for `end`."""
        self._ending = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if not self.should_exit:
            await self._ending.wait()

    def end(self) -> None:
        """Called from another thread. Open connections are not waited for."""
        self.should_exit = self.force_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ending.set)


class LoopbackServer:
    """Serves one application on a free port of loopback, from construction until `close`.

    Requests wait in the socket until the server is up: there is nothing to poll for.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Listen, and start serving."""
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        quiet: dict[str, Any] = {"log_config": None, "access_log": False, "date_header": False, "server_header": False}
        self._server = _Server(uvicorn.Config(app, interface="asgi3", lifespan="off", **quiet))
        self._thread = Thread(target=self._server.run, args=([listening],), daemon=True, name="loopback-server")
        self._thread.start()

    def close(self) -> None:
        """Stop listening and wait for the thread to end. A second time does nothing."""
        self._server.end()
        self._thread.join(10)


R = TypeVar("R", bound=Request)


class Served(ABC, Generic[R]):
    """What simulators that speak HTTP have in common: started, they serve until they are closed, and may hang up."""

    asks: type[R]  # what its requests are
    ports = 1
    _servers: Sequence[LoopbackServer] = ()

    @abstractmethod
    def answer(self, request: R) -> Reply:
        """The system's side of the conversation. HungUp breaks the line."""

    @abstractmethod
    def serve_at(self, *urls: str) -> None:
        """Told where `asgi` is served, one address for each port."""

    def start(self) -> Self:
        """Serve on free ports of loopback."""
        self._servers = [LoopbackServer(self.asgi) for _ in range(self.ports)]
        self.serve_at(*[server.url for server in self._servers])
        return self

    def close(self) -> None:
        """Stop serving."""
        for server in self._servers:
            server.close()
        self._servers = ()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    async def asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The server's side; one request at a time, in the order of arrival."""
        request = await _request(scope, receive, self.asks)
        try:
            reply = self.answer(request)
        except HungUp:
            receive.__self__.transport.abort()  # type: ignore[attr-defined] # bound to the server's view of this connection
        else:
            await _send(reply, send)
            if not reply.cut:
                return
            receive.__self__.transport.close()  # type: ignore[attr-defined] # what was written so far still goes out
        await receive()  # until the server has noticed that the line is gone


async def _request(scope: Scope, receive: Receive, of: type[R]) -> R:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    path = (scope.get("raw_path") or scope["path"].encode()).decode().partition("?")[0]
    return of(scope["method"], path.strip("/"), query, headers, body)


async def _send(reply: Reply, send: Send) -> None:
    """All of it, or (`cut`) the half of what its head promises."""
    content = reply.content()
    headers = {**reply.headers}
    if reply.status not in {204, 304}:
        headers["Content-Length"] = str(len(content))
    if content:
        headers["Content-Type"] = reply.content_type
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    if reply.cut:
        await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
        return
    await send({"type": "http.response.body", "body": content})
