"""The session with one shop: one address for every call, the token in its own header, and what answers mean."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from threading import local
from typing import Any
from urllib.parse import urlsplit

import orjson

from connectors.address import Address
from connectors.answers import Answer, Halves
from connectors.auth import ClientCredentials, HeaderAuth, TokenAuth, Tokens, token_door
from connectors.errors import ConnectorError, TransientError
from connectors.http import HttpDoor
from connectors.pacing import Allowance, Pace
from connectors.seams import Seams
from connectors.shopify.answers import closed, complaints, no_data, refused_read, refused_write
from connectors.shopify.points import Points
from connectors.shopify.settings import ShopifySettings

TOKEN_PLACE = "/admin/oauth/access_token"  # noqa: S105 - a path, no token
TOKEN_HEADER = "X-Shopify-Access-Token"  # noqa: S105 - a header's name
MUTATION, MUTATION_COST = 10.0, 12.0  # points: ten, one for each object that is asked back, and what little is besides
_PARTIAL, _NO_MORE = 206, frozenset({416})  # a file that ends before the slice begins


class Client:
    """Sends documents to one shop, and fetches the results of bulk operations."""

    def __init__(self, system: str, settings: ShopifySettings, seams: Seams) -> None:
        """Nothing is sent before the first call."""
        self._system = system
        self._settings = settings
        self._seams = replace(seams, pace=seams.pace or Pace(system, Allowance(), clock=seams.clock, sleep=seams.sleep))
        self._home = settings.address()
        self._login = token_door(system, self._home, self._seams)
        self._points = Points(seams.clock, seams.sleep)
        self._door = HttpDoor(system, self._home, self._seams, auth=self._auth(), judge=self._judge)
        self._results: dict[Address, HttpDoor] = {}
        self._now = local()  # which sort of call this thread has under way

    @property
    def place(self) -> str:
        """Where every document goes."""
        return f"/admin/api/{self._settings.api_version}/graphql.json"

    def ask(self, call: str, document: str, variables: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Read; repeated by the door while trouble passes. `call` names what costs alike."""
        return self.answer(call, document, variables).data["data"]  # type: ignore[no-any-return]  # judged below

    def records(self, call: str, document: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """The same, where texts of records are told: one with half a character does not take the others along."""
        return self.answer(call, document, variables, Halves.KEPT).data["data"]  # type: ignore[no-any-return]  # judged below

    def answer(
        self,
        call: str,
        document: str,
        variables: Mapping[str, Any] | None = None,
        halves: Halves = Halves.REFUSED,
    ) -> Answer:
        """The same, with the headers."""
        self._before(call)
        body = {"query": document, "variables": dict(variables or {})}
        return self._door.read("POST", self.place, json=body, halves=halves)

    def write(self, call: str, document: str, variables: Mapping[str, Any], mutations: int) -> Mapping[str, Any]:
        """Send once; gives the whole body, in which each item has to be looked at by itself."""
        self._before(call, max(mutations * MUTATION_COST, mutations * MUTATION + document.count("{")))
        answer = self._door.write("POST", self.place, json={"query": document, "variables": variables})
        return answer.data  # type: ignore[no-any-return]  # judged below

    def submit(self, call: str, document: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask for a job. It changes no record, so it may be repeated."""
        return self.ask(call, document, variables)

    def slice(self, url: str, start: int, length: int) -> bytes:
        """A part of a bulk result. The address is another host's: no token goes there, and only to hosts we know."""
        headers = {"Range": f"bytes={start}-{start + length - 1}", "Accept-Encoding": "identity"}
        answer = self._result_door(url).read("GET", url, headers=headers, expect="bytes", accept=_NO_MORE)
        return answer.body if answer.status == _PARTIAL else answer.body[start : start + length]

    def close(self) -> None:
        """Give back connections; a second time does no harm."""
        for door in (self._login, self._door, *self._results.values()):
            door.close()

    # -- within -------------------------------------------------------------------------------------------------------

    def _auth(self) -> HeaderAuth | TokenAuth:
        at = self._settings
        if at.access_token is not None:
            return HeaderAuth({TOKEN_HEADER: at.access_token.get_secret_value()})
        secret = at.client_secret.get_secret_value() if at.client_secret else ""
        grant = ClientCredentials(
            self._login, TOKEN_PLACE, client_id=at.client_id, client_secret=secret, clock=self._seams.clock
        )
        return TokenAuth(Tokens(grant, self._seams.clock), header=TOKEN_HEADER, scheme="")

    def _before(self, call: str, guess: float = 1.0) -> None:
        self._now.call = call
        self._points.wait_for(call, guess)

    def _judge(self, answer: Answer, *, wrote: bool) -> ConnectorError | None:
        """The vendor's own words first; None leaves it to the status."""
        body = answer.data
        self._points.heard(self._now.call, body)
        if (shut := closed(answer.status)) is not None:
            return shut
        if answer.status >= 300:  # noqa: PLR2004 - no success
            return None
        found = complaints(body)
        if not found:
            return no_data(answer.status, body, wrote=wrote)
        return refused_write(found, body) if wrote else refused_read(found, body)

    def _result_door(self, url: str) -> HttpDoor:
        parts = urlsplit(url)
        at, hosts = self._settings, (self._home.host, *self._settings.bulk_hosts)
        base = f"{parts.scheme}://{parts.netloc}"
        address = Address.of(base, on_premise=at.on_premise, ca_bundle=at.ca_bundle, hosts=hosts)
        if address not in self._results:
            self._results[address] = HttpDoor(f"{self._system} (bulk result)", address, self._seams)
        return self._results[address]


def told_time(answer: Answer) -> datetime:
    """The system's clock at an answer. Raises TransientError where it does not tell."""
    if answer.at is None:
        raise TransientError("Shopify answered without a Date; its clock is not known")
    return answer.at


def quoted(text: str) -> str:
    """A text as it stands in a document: GraphQL's strings are JSON's."""
    return orjson.dumps(text).decode()
