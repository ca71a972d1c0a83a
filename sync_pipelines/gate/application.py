"""The gate as one app: what is open, what is guarded, and Dagster's pages behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from connectors.webhooks import Webhooks
from monitoring.counting import Counts
from monitoring.exporter import Stands, application
from sync_pipelines.gate.arrivals import Arrivals
from sync_pipelines.gate.attempts import Attempts
from sync_pipelines.gate.guard import Guard, OnlyKnown
from sync_pipelines.gate.lines import Pause, a_while
from sync_pipelines.gate.login_pages import Links, LoginPages
from sync_pipelines.gate.people import OpensLedger, People
from sync_pipelines.gate.rules import Rules


@dataclass(frozen=True, slots=True)
class House:
    """What the gate is given of the house it stands in front of."""

    opens: OpensLedger
    stands: Stands
    listens: Callable[[str], Webhooks]  # raises MisconfiguredError for a system that has no secret
    systems: frozenset[str]
    now: Callable[[], datetime]
    key: bytes  # seals cookies
    pause: Pause = a_while  # between two looks at who still may listen


def gate(house: House, rules: Rules, pages: ASGIApp, more: Sequence[BaseRoute] = (), links: Links = ()) -> Starlette:
    """`pages` are Dagster's. `more` are routes of our own behind the login; `scope[PERSON]` says who asks there."""
    counts = Counts()
    people = People(house.opens, house.key, house.now, rules.lasts)
    logins = LoginPages(people, rules, Attempts(house.now), counts, links)
    arrivals = Arrivals(house.listens, house.systems, house.opens, house.now, counts)
    routes = [
        *_measures(house, counts),
        Mount("/webhooks", routes=[Route("/{system}", arrivals.take, methods=["POST"])]),
        *logins.routes(),
        *more,
        Mount("/", OnlyKnown(pages)),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, people=people, rules=rules, pause=house.pause)])


def _measures(house: House, counts: Counts) -> list[BaseRoute]:
    """The exporter's, with what the gate itself has counted."""
    found = {route.path: route for route in application(house.stands).routes if isinstance(route, Route)}
    told = found["/metrics"].endpoint

    async def metrics(request: Request) -> Response:
        answer: Response = await told(request)
        if answer.status_code == 200:  # noqa: PLR2004 - well
            answer = Response(bytes(answer.body) + counts.text(), media_type=answer.media_type)
        return answer

    return [Route("/metrics", metrics), found["/healthz"], found["/readyz"]]
