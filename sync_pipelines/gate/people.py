"""Who may pass: logins and visits in the ledger, and the cookie that stands for a visit.

The cookie is a random token with a seal. The seal spares the ledger from guesses; the ledger knows only a digest of the
token, so that who reads it can make no cookie, and a visit ends for good when somebody leaves or is removed.
"""

import base64
import hmac
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from hashlib import sha256
from secrets import token_urlsafe
from threading import Lock

from sync_pipelines.gate.passwords import fits
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.records import Login, Visit

OpensLedger = Callable[[], AbstractContextManager[Ledger]]

_FRESH = timedelta(seconds=5)  # so long may somebody who was removed still look around
_REMEMBERED = 1000
_NOBODY = ""


class Role(IntEnum):
    """What somebody may do; each may do what those before it may."""

    VIEWER = 1  # look
    OPERATOR = 2  # start and stop runs, schedules and sensors
    ADMIN = 3  # delete history, change limits, report for others

    @classmethod
    def of(cls, word: str) -> "Role | None":
        """By its name in the ledger; None for what is none."""
        return cls.__members__.get(word.upper())

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who passed."""

    name: str
    role: Role


class People:
    """Serves many threads: each call opens the ledger for itself, and what was just asked is not asked again."""

    def __init__(self, opens: OpensLedger, key: bytes, now: Callable[[], datetime], lasts: timedelta) -> None:
        """`key` seals cookies; `lasts` is how long a visit does."""
        self._opens, self._key, self._now, self._lasts = opens, key, now, lasts
        self._asked: dict[str, tuple[datetime, Person | None]] = {}
        self._lock = Lock()

    def login(self, name: str, password: str) -> Person | None:
        """Who this is; None for a wrong password as for an unknown name, after the same time."""
        with self._opens() as ledger:
            known = {login.name: login for login in ledger.logins()}.get(name)
        right = fits(password, known.secret if known else _NOBODY)
        return _person(known) if right and known else None

    def begin(self, person: Person) -> str:
        """A visit begins; answers its cookie."""
        token, now = token_urlsafe(32), self._now()
        with self._opens() as ledger:
            ledger.begin_visit(Visit(_digest(token), person.name, now, now + self._lasts))
        return self._sealed(token)

    def who(self, cookie: str) -> Person | None:
        """Whose visit this is."""
        token = self._opened(cookie)
        return self._remembered(_digest(token), self._visitor) if token else None

    def named(self, name: str, otherwise: Role | None) -> Person | None:
        """Whom a proxy vouches for: with the role of the login of that name, else with this one."""
        return self._remembered(f"proxy {name}", lambda _: self._vouched(name, otherwise))

    def end(self, cookie: str) -> None:
        """Somebody leaves."""
        if token := self._opened(cookie):
            with self._opens() as ledger:
                ledger.end_visit(_digest(token))
            with self._lock:
                self._asked.pop(_digest(token), None)

    # --- what the ledger says ----------------------------------------------------------------------------------------

    def _remembered(self, key: str, ask: Callable[[str], Person | None]) -> Person | None:
        now = self._now()
        with self._lock:
            at, person = self._asked.get(key, (None, None))
            if at is not None and now - at < _FRESH:
                return person
        person = ask(key)
        with self._lock:
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            self._asked[key] = (now, person)
        return person

    def _visitor(self, digest: str) -> Person | None:
        with self._opens() as ledger:
            visit = ledger.visit(digest)
            known = {login.name: login for login in ledger.logins()} if visit else {}
        if visit is None or visit.until <= self._now() or visit.name not in known:
            return None
        return _person(known[visit.name])

    def _vouched(self, name: str, otherwise: Role | None) -> Person | None:
        with self._opens() as ledger:
            known = {login.name: login for login in ledger.logins()}.get(name)
        if known is not None:
            return _person(known)
        return Person(name, otherwise) if otherwise is not None else None

    # --- the cookie --------------------------------------------------------------------------------------------------

    def _sealed(self, token: str) -> str:
        return f"{token}.{self._seal(token)}"

    def _opened(self, cookie: str) -> str:
        """The token; empty where the seal is not ours."""
        token, _, seal = cookie.partition(".")
        return token if hmac.compare_digest(self._seal(token).encode(), seal.encode("utf-8", "replace")) else ""

    def _seal(self, token: str) -> str:
        tag = hmac.digest(self._key, b"gate visit " + token.encode("utf-8", "replace"), "sha256")
        return base64.urlsafe_b64encode(tag).decode("ascii").rstrip("=")


def _person(login: Login) -> Person | None:
    role = Role.of(login.role)
    return Person(login.name, role) if role is not None else None


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
