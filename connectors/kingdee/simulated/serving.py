"""Requests and replies between the server and the simulator."""

from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from connectors.salesforce.simulated.exchange import Reply, Request


async def received(scope: Scope, receive: Receive) -> Request:
    """The whole request."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    path = (scope.get("raw_path") or scope["path"].encode()).decode().partition("?")[0]
    return Request(scope["method"], path.strip("/"), query, headers, body)


async def sent(reply: Reply, send: Send) -> None:
    """The reply, or the half of it."""
    content = reply.content()
    headers = {**reply.headers, "Content-Length": str(len(content)), "Content-Type": reply.content_type}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    if reply.cut:
        await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
        return
    await send({"type": "http.response.body", "body": content})
