"""The token endpoint: client credentials and JWT bearer; tokens end after a time, or after so many calls."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulated.faults import ApiError
from connectors.testing.clock import SimulatedClock
from connectors.testing.exchange import Reply

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# The claims of a token whose signature holds; raises ValueError where it does not.
Verify = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class App:
    """The connected app, and the user it works as."""

    client_id: str = "concordat-client"
    client_secret: str = "concordat-secret"
    username: str = "concordat@example.com"
    audience: str = "https://login.salesforce.com"


@dataclass(slots=True)
class _Token:
    issued: datetime
    uses: int = 0


class Tokens:
    """Tokens in use. `calls` and `lifetime`: when one ends by itself."""

    def __init__(
        self,
        app: App,
        clock: SimulatedClock,
        *,
        verify: Verify | None = None,
        calls: int | None = None,
        lifetime: timedelta | None = None,
    ) -> None:
        """Without `verify` no JWT is accepted."""
        self.app = app
        self.issued = 0
        self._clock = clock
        self._verify = verify
        self._calls = calls
        self._lifetime = lifetime
        self._living: dict[str, _Token] = {}

    def answer(self, request: Request, instance_url: str, org: str, user: str) -> Reply:
        """Serve `POST /services/oauth2/token`."""
        form = {**_basic(request.headers.get("authorization", "")), **dict(parse_qsl(request.body.decode()))}
        complaint = self._complaint(form)
        if complaint:
            return Reply(400, {"error": complaint[0], "error_description": complaint[1]})
        body = {
            "access_token": self._issue(org),
            "instance_url": instance_url,
            "id": f"{self.app.audience}/id/{org}/{user}",
            "token_type": "Bearer",
            "scope": "api",
            "issued_at": str(int(self._clock.now().timestamp() * 1000)),
            "signature": "c2ltdWxhdGVk",
        }
        return Reply(200, body)

    def check(self, authorization: str) -> None:
        """Let a call through, or answer INVALID_SESSION_ID."""
        scheme, _, value = authorization.partition(" ")
        token = self._living.get(value) if scheme in {"Bearer", "OAuth"} else None
        if token is None or self._ended(token):
            self._living.pop(value, None)
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        token.uses += 1

    def revoke(self) -> None:
        """End every token now."""
        self._living.clear()

    def _issue(self, org: str) -> str:
        self.issued += 1
        value = f"{org}!AQ{self.issued:04d}.simulated"
        self._living[value] = _Token(self._clock.now())
        return value

    def _ended(self, token: _Token) -> bool:
        too_old = self._lifetime is not None and self._clock.now() - token.issued >= self._lifetime
        return too_old or (self._calls is not None and token.uses >= self._calls)

    def _complaint(self, form: Mapping[str, str]) -> tuple[str, str] | None:
        grant = form.get("grant_type")
        if grant == "client_credentials":
            known = (form.get("client_id"), form.get("client_secret")) == (self.app.client_id, self.app.client_secret)
            return None if known else ("invalid_client", "invalid client credentials")
        if grant == JWT_BEARER:
            return self._assertion_complaint(form.get("assertion", ""))
        return "unsupported_grant_type", "grant type not supported"

    def _assertion_complaint(self, assertion: str) -> tuple[str, str] | None:
        try:
            claims = self._verify(assertion) if self._verify else {}
        except ValueError:
            claims = {}
        if not claims:
            return "invalid_grant", "invalid assertion"
        wrong = [name for name, right in self._claims_checks(claims).items() if not right]
        return ("invalid_grant", f"invalid assertion: {wrong[0]}") if wrong else None

    def _claims_checks(self, claims: Mapping[str, Any]) -> dict[str, bool]:
        ahead = float(claims.get("exp", 0)) - self._clock.now().timestamp()
        return {
            "iss": claims.get("iss") == self.app.client_id,
            "sub": claims.get("sub") == self.app.username,
            "aud": claims.get("aud") == self.app.audience,
            "exp": 0 < ahead <= timedelta(minutes=5).total_seconds(),
        }


def _basic(authorization: str) -> dict[str, str]:
    """Client id and secret may come as basic authentication instead of in the form."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme != "Basic":
        return {}
    client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
    return {"client_id": client_id, "client_secret": secret}
