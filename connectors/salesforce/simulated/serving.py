"""An HTTP server on loopback, in a thread of its own."""

import asyncio
import socket
from threading import Thread
from typing import Any

import uvicorn
from starlette.types import ASGIApp


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
