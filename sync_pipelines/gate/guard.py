"""Nobody passes unasked: who it is, whether the page that asks is ours, and what this role may do.

One ASGI layer around everything else. What is not refused here goes on with `scope[PERSON]` set; headers by which a
proxy names people are taken away from everybody else's requests.
"""

import json
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync_pipelines.gate import graphql
from sync_pipelines.gate.dagster_pages import PERSON
from sync_pipelines.gate.lines import REFUSED, Pause, held
from sync_pipelines.gate.people import People, Person, Role
from sync_pipelines.gate.rules import Rules

LOGIN, HOME = "/gate/login", "/gate"
CLIENT = "concordat.client"  # the address that somebody asks from
_OPEN = ("/healthz", "/readyz", LOGIN)
_METRICS, _WEBHOOKS, _GRAPHQL = "/metrics", "/webhooks/", "/graphql"
_QUERY = b"query="  # Dagster takes one from the address, too; its page only names the operation there (`?op=`)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OF_ADMINS, _OF_OPERATORS = ("/report_asset_",), ("/notebook", "/dagit/notebook", "/download_debug/")

_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none at all, a browser would not tell from where a form was sent either
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_STRICT = "max-age=31536000"


class Guard:
    """Stands around an app."""

    def __init__(self, app: ASGIApp, people: People, rules: Rules, pause: Pause) -> None:
        """`app` is what is guarded; `pause` passes the time between two looks at who still may listen."""
        self._app, self._people, self._rules, self._pause = app, people, rules, pause

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one websocket."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        person = await run_in_threadpool(self._person, scope, headers)
        known = self._known(scope, headers, person)
        if scope["type"] == "websocket":
            await self._websocket((known, receive, send), person, lambda: self._person(scope, headers) is not None)
        else:
            await self._request(known, receive, self._with_headers(send), person)

    # --- who it is ---------------------------------------------------------------------------------------------------

    def _person(self, scope: Scope, headers: Headers) -> Person | None:
        if self._rules.user_header and self._rules.trusts(_peer(scope)) and _is_for_people(scope["path"]):
            names = headers.getlist(self._rules.user_header)
            if names:  # twice: the proxy left one in place that came from outside
                return self._people.named(names[0], self._rules.proxy_role) if len(names) == 1 and names[0] else None
        cookie = cookie_of(headers, self._rules.cookie)
        return self._people.who(cookie) if cookie else None

    def _known(self, scope: Scope, headers: Headers, person: Person | None) -> Scope:
        """With who it is and from where, and without what only a proxy may say."""
        peer = _peer(scope)
        client = peer
        if self._rules.trusts(peer):
            client = headers.get("x-forwarded-for", peer).rpartition(",")[2].strip() or peer
        said = {b"x-forwarded-for", b"x-forwarded-proto", self._rules.user_header.encode()}
        kept = [(name, value) for name, value in scope["headers"] if name.lower() not in said]
        return {**scope, "headers": kept, PERSON: person, CLIENT: client}

    # --- requests ----------------------------------------------------------------------------------------------------

    async def _request(self, scope: Scope, receive: Receive, send: Send, person: Person | None) -> None:
        path, headers = scope["path"], Headers(scope=scope)
        measured = path in _OPEN[:2] or (path == _METRICS and self._may_measure(headers, person))
        if path.startswith(_WEBHOOKS) or (measured and scope["method"] in _SAFE):
            await self._app(scope, receive, send)
            return
        refused = self._refused(scope, headers, person)
        if refused is None and path.rstrip("/") == _GRAPHQL:
            refused, receive = await _asked(scope, receive, person)
        await (refused or self._app)(scope, receive, send)

    def _refused(self, scope: Scope, headers: Headers, person: Person | None) -> Response | None:
        path, method = scope["path"], scope["method"]
        if headers.get("host", "").lower() not in self._rules.hosts:
            return _no(421, "this host is not served here; CONCORDAT_GATE_URL says which is")
        if method not in _SAFE and headers.get("origin", "") not in self._rules.origins:
            return _no(403, "this came from a page of somebody else")
        if path in _OPEN:
            return None
        if person is None:
            return _to_login(scope, headers)
        if person.role < _least(path, method):
            return _no(403, f"this needs the role {_least(path, method)}")
        return None

    def _may_measure(self, headers: Headers, person: Person | None) -> bool:
        told = headers.get("authorization", "").encode("utf-8", "replace")
        wanted = f"Bearer {self._rules.metrics_token}".encode()
        by_token = bool(self._rules.metrics_token) and compare_digest(told, wanted)
        return self._rules.metrics_open or by_token or person is not None

    def _with_headers(self, send: Send) -> Send:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store" if _tells(headers) else "private, no-cache")
                headers.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
                if self._rules.secure:
                    headers["Strict-Transport-Security"] = _STRICT
            await send(message)

        return sent

    # --- websockets --------------------------------------------------------------------------------------------------

    async def _websocket(
        self, line: tuple[Scope, Receive, Send], person: Person | None, still: Callable[[], bool]
    ) -> None:
        """A browser sends cookies along with a websocket of any page: so the page is asked for here above all."""
        scope, receive, send = line
        headers = Headers(scope=scope)
        ours = headers.get("origin", "") in self._rules.origins and headers.get("host", "").lower() in self._rules.hosts
        if person is None or not ours:
            await send({"type": "websocket.close", "code": REFUSED})
            return

        async def heard() -> Message:
            message = await receive()
            return message if _is_listening(message) else {"type": "websocket.disconnect", "code": REFUSED}

        await held(self._app, (scope, heard, send), still, self._pause)


class OnlyKnown:
    """The last door: whatever way a request took past the others, nobody unknown comes through here."""

    def __init__(self, app: ASGIApp) -> None:
        """`app` is what stands behind."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one websocket."""
        if scope.get(PERSON) is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": REFUSED})
        else:
            await _no(401, "log in first")(scope, receive, send)


def _is_listening(message: MutableMapping[str, Any]) -> bool:
    """Anything but the start of something that is no subscription."""
    text = message.get("text") or message.get("bytes")
    if message["type"] != "websocket.receive" or not text:
        return True
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict):
        return False
    if said.get("type") not in ("start", "subscribe"):
        return True
    payload = said.get("payload")
    return isinstance(payload, dict) and not graphql.refusal_of_subscription(payload.get("query"))


async def _asked(scope: Scope, receive: Receive, person: Person | None) -> tuple[Response | None, Receive]:
    """What a request to GraphQL asks for, read here and handed on."""
    if scope["method"] in _SAFE:
        bad = _QUERY in scope["query_string"] or "text/html" not in Headers(scope=scope).get("accept", "")
        return (_no(405, "a query is posted") if bad else None), receive
    if (
        not Headers(scope=scope).get("content-type", "").startswith("application/json")
        or _QUERY in scope["query_string"]
    ):
        return _no(415, "a query is JSON, and stands in the body"), receive
    body = await read_body(receive, graphql.LONGEST)
    if body is None:
        return _no(413, "this is too long"), receive
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return _no(400, "this is no JSON"), receive
    role = person.role if person else Role.VIEWER
    why = graphql.refusal(said.get("query"), role) if isinstance(said, dict) else "a request has one query"
    return (_no(403, why) if why else None), _again(body, receive)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, and then whatever comes."""
    left = [body]

    async def said() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return said


async def read_body(receive: Receive, most: int) -> bytes | None:
    """The whole body; None where it is longer than that."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most or message["type"] == "http.disconnect":
            return None
        more = message.get("more_body", False)
    return b"".join(parts)


# --- words ------------------------------------------------------------------------------------------------------------


def cookie_of(headers: Headers, name: str) -> str:
    """A cookie's value; empty where there is none."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _least(path: str, method: str) -> Role:
    if _begins(path, _OF_ADMINS):
        return Role.ADMIN
    if _begins(path, _OF_OPERATORS):
        return Role.OPERATOR
    return Role.VIEWER if method in _SAFE or path.rstrip("/") == _GRAPHQL or path.startswith(HOME) else Role.OPERATOR


def _tells(headers: MutableHeaders) -> bool:
    """What is said about the house, and not a script or a picture of Dagster's."""
    return headers.get("content-type", "").startswith(("text/html", "text/plain", "application/json"))


def _begins(path: str, beginnings: Iterable[str]) -> bool:
    return any(path.startswith(one) for one in beginnings)


def _is_for_people(path: str) -> bool:
    return not path.startswith(_WEBHOOKS) and path not in _OPEN[:2]


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _to_login(scope: Scope, headers: Headers) -> Response:
    """A person is shown the way; a program is told."""
    if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
        query = scope["query_string"].decode("latin-1")
        return RedirectResponse(f"{LOGIN}?next={quote(scope['path'] + (f'?{query}' if query else ''), safe='')}", 303)
    return _no(401, "log in first")


def _no(status: int, says: str) -> Response:
    return JSONResponse({"error": says, "errors": [{"message": says}]}, status)
