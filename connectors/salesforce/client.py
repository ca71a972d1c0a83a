"""The session with one org: where its token holds, and what its answers mean.

A 401 says that nothing was done; the door renews the token once and sends the same call again. All else is read here,
in the vendor's own words, before the door would judge by status alone.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Any

from connectors.address import Address
from connectors.answers import Answer, Halves
from connectors.auth import ClientCredentials, Grant, JwtBearer, TokenAuth, Tokens, token_door
from connectors.errors import BudgetError, ConnectorError, MisconfiguredError, RejectedError, TransientError
from connectors.http import HttpDoor
from connectors.pacing import Allowance, Pace, Usage
from connectors.salesforce.answers import BUSY, LOCATOR_DEAD, complaints, refusal
from connectors.salesforce.settings import SalesforceSettings
from connectors.seams import Seams

TOKEN_PLACE = "/services/oauth2/token"  # noqa: S105 - a path, no token
_PRECONDITION = 412
_SERVERS_OWN = 500


class LocatorDeadError(ConnectorError):
    """The rest of a query result is no longer there."""


class Client:
    """Reads and writes below `/services/data/vNN.0/`."""

    def __init__(self, system: str, settings: SalesforceSettings, seams: Seams) -> None:
        """Nothing is sent before the first call."""
        self._system = system
        self._settings = settings
        self._pace = seams.pace or Pace(system, Allowance(), clock=seams.clock, sleep=seams.sleep)
        self._seams = replace(seams, pace=self._pace)
        self._home = settings.address()
        self._login = token_door(system, self._home, self._seams)
        self._tokens = Tokens(_grant(settings, self._login, seams), seams.clock)
        self._doors: dict[Address, HttpDoor] = {}  # nearly always one
        self._lock, self._heeding = Lock(), Lock()
        self._flying = 0  # calls without an answer yet
        self.usage: Usage | None = None  # what the system last said of the day's calls

    def get(self, place: str, params: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Read; repeated by the door while trouble passes. `place` is below the API version, `more` as of a `Call`."""
        return self._read("GET", self._at(place), params=dict(params or {}), **more)

    def follow(self, address: str, *, halves: Halves) -> Answer:
        """Read where the system itself points to; never on another host."""
        return self._read("GET", address, halves=halves)

    def write(self, method: str, place: str, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
        """Send once."""
        with self._in_the_air():
            return self._present().write(method, self._at(place), json=body, headers=dict(headers or {}))

    def submit(self, place: str, body: Any) -> Mapping[str, Any]:
        """Ask for a job. It changes no record, so it may be repeated: the worst is a job that nobody fetches."""
        answer = self._read("POST", self._at(place), json=body)
        if not isinstance(answer.data, Mapping) or "id" not in answer.data:
            raise TransientError("Salesforce answered with something that is no job; try again later")
        return answer.data

    def discard(self, place: str) -> None:
        """Remove a job."""
        self._read("DELETE", self._at(place), accept=frozenset({404}))

    def server_time(self) -> datetime:
        """What the system's clock shows now. The list of API versions costs no call of the day's limit [G]."""
        return told_time(self._read("GET", "/services/data"))

    def versions(self) -> frozenset[str]:
        """The API versions on offer."""
        told = self._read("GET", "/services/data").data
        return frozenset(str(each.get("version")) for each in told) if isinstance(told, list) else frozenset()

    def organisation(self) -> str:
        """The id of the org that the token belongs to, from the identity address; empty where it is not told."""
        return self._identity()[0]

    def user(self) -> str:
        """The id of the user as whom we write, from the same address; empty where it is not told."""
        return self._identity()[1]

    def close(self) -> None:
        """Give back connections; a second time does no harm."""
        for door in (self._login, *self._doors.values()):
            door.close()

    # -- within -------------------------------------------------------------------------------------------------------

    def _identity(self) -> tuple[str, str]:
        """Of `…/id/<org>/<user>`."""
        match str(self._tokens.current().more.get("id", "")).rstrip("/").split("/"):
            case [*_, "id", org, user]:
                return org, user
        return "", ""

    def _at(self, place: str) -> str:
        return f"/services/data/{self._settings.api_version}/{place}"

    def _present(self) -> HttpDoor:
        """The door to where the token holds; a renewed token may hold elsewhere."""
        address = self._instance(str(self._tokens.current().more.get("instance_url") or ""))
        with self._lock:
            if address not in self._doors:
                auth = TokenAuth(self._tokens)
                self._doors[address] = HttpDoor(self._system, address, self._seams, auth=auth, judge=self._judge)
            return self._doors[address]

    def _read(self, method: str, place: str, **more: Any) -> Answer:
        with self._in_the_air():
            return self._present().read(method, place, **more)

    @contextmanager
    def _in_the_air(self) -> Generator[None, None, None]:
        """One call; those of other threads that have no answer yet count as used."""
        with self._heeding:
            self._heed()
            self._flying += 1
        try:
            yield
        finally:
            with self._heeding:
                self._flying -= 1

    def _heed(self) -> None:
        """Stop before a call, never after one: no answer may be lost to a budget. Said to all, it is asked anew."""
        if self.usage is None:
            return
        try:
            self._pace.heard(replace(self.usage, used=self.usage.used + self._flying))
        except BudgetError:
            self.usage = self.usage if self._flying else None
            raise

    def _hear(self, told: Usage | None) -> None:
        """Answers to calls of several threads may come in another order than the system counted."""
        with self._heeding:
            known = self.usage if self._flying > 1 else None
            if told is not None and (known is None or told.used > known.used):
                self.usage = told

    def _instance(self, url: str) -> Address:
        """Where the token holds, if that is a place where a token may be sent."""
        if not url:
            raise MisconfiguredError("Salesforce answered a login without instance_url; check the address of the org")
        at = self._settings
        hosts = (self._home.host, *at.instance_hosts)
        return Address.of(url, hosts=hosts, on_premise=at.on_premise, ca_bundle=at.ca_bundle)

    def _judge(self, answer: Answer, *, wrote: bool) -> ConnectorError | None:
        """The vendor's own words first; None leaves it to the status."""
        self._hear(told_usage(answer))
        if answer.status < 300 or answer.status == _PRECONDITION:  # noqa: PLR2004 - success
            return None
        found = complaints(answer.data)
        if not found or (answer.status >= _SERVERS_OWN and found[0].code not in BUSY):
            return None
        return _of_a_call(refusal(answer.status, found), wrote=wrote)


def _grant(settings: SalesforceSettings, door: HttpDoor, seams: Seams) -> Grant:
    if settings.private_key is not None and settings.username:
        return JwtBearer(
            door,
            TOKEN_PLACE,
            issuer=settings.client_id,
            subject=settings.username,
            audience=settings.audience,
            private_key=settings.private_key.get_secret_value(),
            clock=seams.clock,
        )
    secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
    return ClientCredentials(door, TOKEN_PLACE, client_id=settings.client_id, client_secret=secret, clock=seams.clock)


def _of_a_call(error: ConnectorError, *, wrote: bool) -> ConnectorError:
    """A read has no record to blame: what is refused for good has to be mended in the settings."""
    if wrote or not isinstance(error, RejectedError):
        return error
    if error.code == LOCATOR_DEAD:
        return LocatorDeadError(str(error), code=error.code)
    return MisconfiguredError(f"{error}; check the map and the API version", code=error.code, field=error.field)


def told_usage(answer: Answer) -> Usage | None:
    """Read `Sforce-Limit-Info: api-usage=18/5000`."""
    for part in answer.headers.get("sforce-limit-info", "").split(","):
        name, _, figures = part.strip().partition("=")
        used, _, most = figures.partition("/")
        if name == "api-usage" and used.isdecimal() and most.isdecimal():
            return Usage(int(used), int(most))
    return None


def told_time(answer: Answer) -> datetime:
    """The system's clock at an answer. Raises TransientError where it does not tell."""
    if answer.at is None:
        raise TransientError("Salesforce answered without a Date; its clock is not known")
    return answer.at
