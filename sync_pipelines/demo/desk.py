"""The demo's desk: one page with the same firms in CRM and ERP side by side, a button that edits, and what listens.

A click edits in the CRM; the CRM announces it to `/webhooks/crm`, which is the gate's own; a sensor of Dagster's starts
a run for it; the page shows when the ERP has it. For one person on one machine: no login, and on loopback only.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from html import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.testing.serving import LoopbackServer
from mappings.book import Book
from monitoring.counting import Counts
from sync_pipelines.demo.announcing import Announcer
from sync_pipelines.demo.finance import Known
from sync_pipelines.demo.systems import DemoSystems
from sync_pipelines.gate.arrivals import Arrivals
from sync_pipelines.gate.guard import CLIENT
from sync_pipelines.settings import Place, now, open_ledger_at, open_webhooks_of

_SHOWN = 6  # firms
_EVERY = 2  # seconds between two looks
_FIRST = 2_300_000  # of the numbers that are given out
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="{every}">
<title>Concordat: the demo's desk</title><style>body{{font:16px system-ui;margin:2rem}}td,th{{padding:.3rem .8rem;
text-align:left}}.no{{background:#fff3c4}}</style><h1>One edit, and where it arrives</h1>
<p>A click gives the firm a new phone number in the CRM (Salesforce). The CRM announces it, Dagster starts a run of
<code>account</code> (<a href="{ui}/runs">runs</a>), and the ERP has it within half a minute.</p>
<table><tr><th>firm<th>CRM<th>ERP<th></tr>{rows}</table>
<p>{taken} announcements taken, {refused} refused.</p>"""
_ROW = (
    '<tr><td>{name}<td>{crm}<td class="{same}">{erp}'
    '<td><form method="post" action="edit/{id}"><button>new number</button></form></tr>'
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A firm that CRM and ERP both have."""

    account: str  # its id in the CRM
    name: str
    crm: str
    erp: str

    @property
    def agrees(self) -> bool:
        """Spelling apart: the ERP has the digits."""
        return _digits(self.crm) == _digits(self.erp)


class Desk:
    """What the page shows and does."""

    def __init__(self, systems: DemoSystems, ui: str) -> None:
        """`ui` is where Dagster answers."""
        self._systems, self._ui, self._given = systems, ui, 0
        self.announcer: Announcer | None = None

    def pairs(self) -> Sequence[Pair]:
        """The first firms of the CRM whose tax number the ERP knows, as both say it now."""
        known = {tax: one for one in self._systems.finance.all() if (tax := _letters(one.tax_id))}
        return list(_pairs(self._systems, known))[:_SHOWN]

    def edit(self, account: str) -> str:
        """A salesperson hears of a new number; answers it."""
        self._given += 1
        number = f"+49 30 {_FIRST + self._given * 1_237:,}".replace(",", " ")
        self._systems.sales.edit(account, Phone=number)
        return number

    def page(self, request: Request) -> Response:
        """Everything on it is escaped: names come out of systems."""
        del request
        rows = "".join(
            _ROW.format(**{name: escape(word) for name, word in _shown(pair).items()}) for pair in self.pairs()
        )
        taken, refused = (self.announcer.taken, self.announcer.refused) if self.announcer else (0, 0)
        told = {"every": _EVERY, "ui": escape(self._ui), "rows": rows, "taken": taken, "refused": refused}
        return HTMLResponse(_PAGE.format(**told))

    def click(self, request: Request) -> Response:
        """Only from the page itself, and only of a firm that it shows."""
        account, origin = request.path_params["account"], request.headers.get("origin", "")
        if origin != f"http://{request.headers.get('host', '')}":
            return PlainTextResponse("only from the desk's own page\n", 403)
        if account not in {pair.account for pair in self.pairs()}:
            return PlainTextResponse("no such firm\n", 404)
        self.edit(account)
        return RedirectResponse("/", 303)


@contextmanager
def open_desk(systems: DemoSystems, book: Book, place: Place, ui: str) -> Iterator[tuple[Desk, str]]:
    """The desk and its address; while it is open, the CRM announces what changes in it."""
    desk, opens = Desk(systems, ui), partial(open_ledger_at, place)
    arrivals = Arrivals(partial(open_webhooks_of, book), frozenset(book.systems), opens, now, Counts())
    routes = [
        Route("/", desk.page),
        Route("/edit/{account}", desk.click, methods=["POST"]),
        Route("/webhooks/{system}", arrivals.take, methods=["POST"]),
    ]
    with closing(LoopbackServer(_with_client(Starlette(routes=routes)))) as server:
        desk.announcer = Announcer(systems.org.system, server.url, systems.announces_with)
        with closing(desk.announcer):
            yield desk, server.url


def _with_client(app: ASGIApp) -> ASGIApp:
    """Nobody stands between: who asks is who it says."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client") or ("",)
        await app({**scope, CLIENT: client[0]}, receive, send)

    return asked


def _pairs(systems: DemoSystems, known: dict[str, Known]) -> Iterator[Pair]:
    for row in systems.sales.accounts():
        there = known.get(_letters(row.values.get("Tax_Number__c") or ""))
        if there is not None:
            yield Pair(row.id, row.values["Name"], row.values.get("Phone") or "", there.phone)


def _shown(pair: Pair) -> dict[str, str]:
    told = {"id": pair.account, "name": pair.name, "crm": pair.crm, "erp": pair.erp}
    return {**told, "same": "yes" if pair.agrees else "no"}


def _letters(word: str) -> str:
    return "".join(filter(str.isalnum, word)).upper()


def _digits(word: str) -> str:
    return "".join(filter(str.isdigit, word))[-7:]
