"""Credentials that renew themselves, as `httpx.Auth` that `HttpDoor` drives.

OAuth 2 by client credentials, by JWT bearer (RFC 7523) or by refresh token; plain header tokens; sessions. One thread
renews at a time, the others take what it got. Token calls go through a door of their own, so that they have the same
bounds and their credentials reach no other host.
"""

import base64
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Protocol

import httpx
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from connectors.address import Address
from connectors.answers import Answer
from connectors.errors import ConnectorError, MisconfiguredError, TransientError, UncertainError
from connectors.http import Bounds, HttpDoor
from connectors.seams import Seams

_EARLY = timedelta(seconds=30)  # a token is renewed this long before it ends
_FOR_NOW = {"temporarily_unavailable", "server_error", "slow_down"}  # RFC 6749, RFC 8628
_BOUNDS = Bounds(size=1024 * 1024, whole=timedelta(seconds=60))


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, and what else came with it (`instance_url`, …)."""

    value: str = field(repr=False)
    ends: datetime | None = None  # None: the system does not say
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Grant(Protocol):
    """A way to get a token. Raises TransientError or MisconfiguredError."""

    def __call__(self) -> Token:
        """Ask the system for a new one."""
        ...


class Tokens:
    """The present token of one system. Threads may share it; one of them renews, the others wait and take it."""

    def __init__(self, grant: Grant, clock: Callable[[], datetime]) -> None:
        """Nothing is asked for before the first use."""
        self._grant = grant
        self._clock = clock
        self._token: Token | None = None
        self._lock = Lock()

    def current(self) -> Token:
        """A token that still holds, as far as we know."""
        with self._lock:
            if self._token is None or self._about_to_end(self._token):
                self._token = self._grant()
            return self._token

    def renewed(self, refused: Token) -> Token:
        """Another token than this one, which the system refused; somebody else may have renewed it already."""
        with self._lock:
            if self._token is None or self._token is refused:
                self._token = self._grant()
            return self._token

    def _about_to_end(self, token: Token) -> bool:
        return token.ends is not None and self._clock() >= token.ends - _EARLY


class TokenAuth(httpx.Auth):
    """A token in a header; after a 401 it is renewed once and the request is sent again."""

    def __init__(self, tokens: Tokens, *, header: str = "Authorization", scheme: str = "Bearer") -> None:
        """`scheme` stands before the token; empty for systems that want it bare."""
        self.tokens = tokens
        self._header = header
        self._scheme = scheme

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign, and sign anew if refused."""
        token = self.tokens.current()
        response = yield self._signed(request, token)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            yield self._signed(request, self.tokens.renewed(token))

    def _signed(self, request: httpx.Request, token: Token) -> httpx.Request:
        request.headers[self._header] = f"{self._scheme} {token.value}".strip()
        return request


class HeaderAuth(httpx.Auth):
    """Fixed headers (`X-Shopify-Access-Token`, an API key)."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        """The headers of every request."""
        self._headers = dict(headers)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Nothing to renew."""
        request.headers.update(self._headers)
        yield request


def basic(user: str, password: str) -> HeaderAuth:
    """HTTP Basic (RFC 7617), in UTF-8."""
    return HeaderAuth(_basic_header(user, password))


def token_door(system: str, address: Address, seams: Seams) -> HttpDoor:
    """A door to a token endpoint: small answers, and refusals in the words of RFC 6749."""
    return HttpDoor(f"{system} (login)", address, seams, judge=_objection, bounds=_BOUNDS)


class ClientCredentials:
    """RFC 6749, section 4.4: the application logs in as itself."""

    def __init__(
        self,
        door: HttpDoor,
        place: str,
        *,
        client_id: str,
        client_secret: str,
        clock: Callable[[], datetime],
        scope: str = "",
        in_header: bool = False,
    ) -> None:
        """`in_header`: id and secret as HTTP Basic, for systems that want them there."""
        self._door = door
        self._place = place
        self._clock = clock
        identity = {"client_id": client_id, "client_secret": client_secret}
        self._form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        self._headers = _basic_header(client_id, client_secret) if in_header else {}
        self._form |= {} if in_header else identity

    def __call__(self) -> Token:
        """A call that changes nothing, so it may be repeated."""
        return _token(self._door.read("POST", self._place, form=self._form, headers=self._headers), self._clock())


class JwtBearer:
    """RFC 7523, section 2.1: a short-lived assertion, signed with our private key, for a token."""

    def __init__(  # noqa: PLR0913 - all by name
        self,
        door: HttpDoor,
        place: str,
        *,
        issuer: str,
        subject: str,
        audience: str,
        private_key: str,
        clock: Callable[[], datetime],
        algorithm: str = "RS256",
        lifetime: timedelta = timedelta(minutes=3),
    ) -> None:
        """`private_key` as PEM. Raises MisconfiguredError if it is none."""
        self._door = door
        self._place = place
        self._claims = {"iss": issuer, "sub": subject, "aud": audience}
        self._key = _private_key(private_key, algorithm)
        self._clock = clock
        self._algorithm = algorithm
        self._lifetime = lifetime

    def __call__(self) -> Token:
        """A new assertion each time, on our clock."""
        now = self._clock()
        claims = {**self._claims, "exp": int((now + self._lifetime).timestamp())}
        assertion = jwt.encode({"alg": self._algorithm}, claims, self._key, algorithms=[self._algorithm])
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        return _token(self._door.read("POST", self._place, form=form), now)


class RefreshToken:
    """RFC 6749, section 6. A new refresh token, as many systems give each time, is kept before it is needed."""

    def __init__(
        self,
        door: HttpDoor,
        place: str,
        *,
        client_id: str,
        client_secret: str,
        load: Callable[[], str],
        keep: Callable[[str], None],
        clock: Callable[[], datetime],
    ) -> None:
        """`load` reads the refresh token that `keep` wrote last; both reach durable storage."""
        self._door = door
        self._place = place
        self._form = {"grant_type": "refresh_token", "client_id": client_id, "client_secret": client_secret}
        self._load = load
        self._keep = keep
        self._clock = clock

    def __call__(self) -> Token:
        """Sent once: repeated, a token that was used already would cost us the whole grant."""
        old = self._load()
        try:
            answer = self._door.write("POST", self._place, form={**self._form, "refresh_token": old})
        except UncertainError as error:
            raise TransientError(f"{self._door.system}: no answer to a renewal of the token") from error
        token = _token(answer, self._clock())
        new = token.more.get("refresh_token")
        if isinstance(new, str) and new and new != old:
            self._keep(new)
        return token


def _objection(answer: Answer, *, wrote: bool) -> ConnectorError | None:  # noqa: ARG001 - the shape of a Judge
    said = answer.data if isinstance(answer.data, dict) else {}
    code = said.get("error")
    if not isinstance(code, str):
        return None
    words = f"the login is refused: {_printable(code)} ({_printable(said.get('error_description', 'no reason given'))})"
    return TransientError(words, code=code) if code in _FOR_NOW else MisconfiguredError(words, code=code)


def _token(answer: Answer, now: datetime) -> Token:
    said = answer.data if isinstance(answer.data, dict) else {}
    value = said.get("access_token")
    if not isinstance(value, str) or not value:
        raise MisconfiguredError("the login answered without a token: is this the address of the token endpoint?")
    return Token(value, _ends(said.get("expires_in"), now), {k: v for k, v in said.items() if k != "access_token"})


def _ends(seconds: object, now: datetime) -> datetime | None:
    text = str(seconds)
    return now + timedelta(seconds=int(text)) if text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004 - 31 years


def _private_key(pem: str, algorithm: str) -> Any:
    try:
        return jwk.import_key(pem, "RSA" if algorithm.startswith(("RS", "PS")) else "EC")
    except (JoseError, ValueError, TypeError) as error:
        raise MisconfiguredError("the private key cannot be read: it has to be PEM, without a password") from error


def _basic_header(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")}


def _printable(text: object) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in str(text)[:200])
