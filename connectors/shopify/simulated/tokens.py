"""The token endpoint (client credentials), and tokens that end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from connectors.shopify.simulated.shop import SCOPES, Behaviour
from connectors.testing.clock import SimulatedClock
from connectors.testing.exchange import Reply, Request


@dataclass(frozen=True, slots=True)
class App:
    """The app, and the static token of an older one."""

    client_id: str = "concordat-client"
    client_secret: str = "concordat-secret"
    access_token: str = "shpat_static"


@dataclass(slots=True)
class _Token:
    issued: datetime
    uses: int = 0


class Tokens:
    """Tokens in use."""

    def __init__(self, app: App, clock: SimulatedClock, how: Behaviour) -> None:
        """The static token does not end."""
        self.app = app
        self.issued = 0
        self._clock = clock
        self._how = how
        self._living: dict[str, _Token] = {}

    def answer(self, request: Request) -> Reply:
        """Serve `POST /admin/oauth/access_token`."""
        form = _said(request)
        known = (form.get("client_id"), form.get("client_secret")) == (self.app.client_id, self.app.client_secret)
        if form.get("grant_type") != "client_credentials" or not known:
            return Reply(400, {"error": "invalid_request", "error_description": "the app is not known here"})
        self.issued += 1
        value = f"shpat_simulated{self.issued}"
        self._living[value] = _Token(self._clock.now())
        body = {"access_token": value, "scope": ",".join(SCOPES), "expires_in": self._how.token_seconds}
        return Reply(200, body)

    def accepts(self, headers: Mapping[str, str]) -> bool:
        """Whether a call may come in."""
        value = headers.get("x-shopify-access-token", "")
        if value == self.app.access_token:
            return True
        token = self._living.get(value)
        if token is None or self._ended(token):
            self._living.pop(value, None)
            return False
        token.uses += 1
        return True

    def revoke(self) -> None:
        """End every token now, but the static one."""
        self._living.clear()

    def _ended(self, token: _Token) -> bool:
        age = (self._clock.now() - token.issued).total_seconds()
        too_old = self._how.token_seconds is not None and age >= self._how.token_seconds
        return too_old or (self._how.token_calls is not None and token.uses >= self._how.token_calls)


def _said(request: Request) -> Mapping[str, Any]:
    """The vendor takes a form, and JSON as well."""
    if request.headers.get("content-type", "").startswith("application/json"):
        return dict(json.loads(request.body))
    return dict(parse_qsl(request.body.decode()))
