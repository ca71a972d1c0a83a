"""The pages of the gate itself: to log in, to see who one is, to leave."""

from collections.abc import Sequence
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from monitoring.counting import Counts
from monitoring.logs import log_to
from sync_pipelines.gate.attempts import Attempts
from sync_pipelines.gate.dagster_pages import PERSON
from sync_pipelines.gate.guard import CLIENT, HOME, LOGIN, cookie_of, read_body
from sync_pipelines.gate.people import People, Role
from sync_pipelines.gate.rules import Rules

_LONGEST = 8 * 1024  # bytes of a form
_MAY = {
    Role.VIEWER: "may look at everything and change nothing",
    Role.OPERATOR: "may start and stop runs, schedules and sensors",
    Role.ADMIN: "may do everything, also delete history",
}
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=StrictUndefined
)
Links = Sequence[tuple[str, str]]


class LoginPages:
    """Logins by password."""

    def __init__(self, people: People, rules: Rules, attempts: Attempts, counts: Counts, links: Links = ()) -> None:
        """`links` are other pages that somebody may want to go to."""
        self._people, self._rules, self._attempts, self._counts = people, rules, attempts, counts
        self._links = (("/", "Dagster: runs, assets, schedules"), *links)

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route(LOGIN, self.show, methods=["GET"]),
            Route(LOGIN, self.enter, methods=["POST"]),
            Route("/gate/logout", self.leave, methods=["POST"]),
            Route(HOME, self.home, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form."""
        return _page("login.html", next=within(request.query_params.get("next", "/")), says="", name="")

    async def home(self, request: Request) -> Response:
        """Who one is."""
        person = request.scope[PERSON]
        by_cookie = bool(cookie_of(request.headers, self._rules.cookie))
        return _page("home.html", person=person, may=_MAY[person.role], links=self._links, by_cookie=by_cookie)

    async def enter(self, request: Request) -> Response:
        """A name and a password."""
        form = await _form(request)
        name, password, target = form.get("name", "").strip(), form.get("password", ""), within(form.get("next", "/"))
        address = request.scope[CLIENT]
        if wait := self._attempts.wait(name, address):
            return self._no("waits", "Too many attempts. Wait a while and try again.", 429, name, target, wait)
        person = await run_in_threadpool(self._people.login, name, password)
        if person is None:
            self._attempts.failed(name, address)
            log_to().warning("a login failed", client=address)
            return self._no("failed", "Name or password is wrong.", 401, name, target)
        self._attempts.passed(name, address)
        return await self._let_in(request, person, target)

    async def _let_in(self, request: Request, person: Any, target: str) -> Response:
        """A new visit with every login: whoever planted a cookie before has nothing of it."""
        await self._end(request)
        cookie = await run_in_threadpool(self._people.begin, person)
        self._counts.login("passed")
        log_to().info("somebody logged in", role=str(person.role), client=request.scope[CLIENT])
        answer = RedirectResponse(target, 303)
        answer.set_cookie(
            self._rules.cookie,
            cookie,
            max_age=int(self._rules.lasts.total_seconds()),
            httponly=True,
            secure=self._rules.secure,
            samesite="lax",  # a link in an alert leads to the page and not to the login
        )
        return answer

    async def leave(self, request: Request) -> Response:
        """The visit ends here and in the ledger."""
        await self._end(request)
        answer = RedirectResponse(LOGIN, 303)
        answer.delete_cookie(self._rules.cookie, secure=self._rules.secure, httponly=True, samesite="lax")
        return answer

    async def _end(self, request: Request) -> None:
        if cookie := cookie_of(request.headers, self._rules.cookie):
            await run_in_threadpool(self._people.end, cookie)

    def _no(self, outcome: str, says: str, status: int, name: str, target: str, wait: int = 0) -> Response:
        self._counts.login(outcome)
        answer = _page("login.html", status, next=target, says=says, name=name[:100])
        if wait:
            answer.headers["Retry-After"] = str(wait)
        return answer


def within(target: str) -> str:
    """A place on this host; anything else is the start page."""
    plain = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if plain and not target.startswith(LOGIN) else "/"


async def _form(request: Request) -> dict[str, str]:
    body = await read_body(request.receive, _LONGEST)
    said = parse_qs((body or b"").decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
    return {name: values[0] for name, values in said.items()}


def _page(template: str, status: int = 200, **values: Any) -> Response:
    nonce = token_urlsafe(16)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    text = _PAGES.get_template(template).render(nonce=nonce, **values)
    return HTMLResponse(text, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})
