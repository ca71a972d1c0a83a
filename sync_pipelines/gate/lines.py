"""A websocket stays open as long as whoever opened it may come in, and no longer.

It is asked for once when it opens, and may then last for days: longer than the visit, the login or the role.
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync_pipelines.ledger.port import LedgerError

Pause = Callable[[], Awaitable[None]]
REFUSED = 4403  # how a websocket is closed on somebody
_LOOKS = 5.0  # seconds between two looks; who was removed is remembered as long by `people` besides


async def a_while() -> None:
    """Between two looks."""
    await asyncio.sleep(_LOOKS)


async def held(app: ASGIApp, line: tuple[Scope, Receive, Send], still: Callable[[], bool], pause: Pause) -> None:
    """Lets `app` talk until either hangs up or `still` says no; `still` may ask the ledger."""
    scope, receive, send = line
    over = asyncio.Event()

    async def said(message: Message) -> None:
        if not over.is_set():
            await send(message)

    talking = asyncio.ensure_future(app(scope, receive, said))
    watching = asyncio.ensure_future(_gone(still, pause))
    try:
        await asyncio.wait((talking, watching), return_when=asyncio.FIRST_COMPLETED)
        if not talking.done():
            over.set()
            await send({"type": "websocket.close", "code": REFUSED})
    finally:
        await _ended(talking, watching)
    if not talking.cancelled():
        talking.result()


async def _gone(still: Callable[[], bool], pause: Pause) -> None:
    while True:
        await pause()
        try:
            if not await run_in_threadpool(still):
                return
        except LedgerError:
            return  # nobody can say who this is; the page calls again by itself


async def _ended(*tasks: asyncio.Future[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
