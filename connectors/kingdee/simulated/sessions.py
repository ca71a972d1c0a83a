"""Who may call: sessions with a cookie that end after a while, and signed headers."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.kingdee import signing
from connectors.kingdee.simulated.replies import LOST, GatewayError, KingdeeError
from connectors.testing.system import System

COOKIE = "kdservice-sessionid"
_TOLERANCE = timedelta(minutes=13)
_MILLISECONDS = 10_000_000_000  # a larger time is told in these


@dataclass(frozen=True, slots=True)
class App:
    """The data centre, the application that may call, and the user it works as."""

    acct_id: str = "62f3c9b0acct00"
    user: str = "concordat"
    password: str = "concordat-password"
    app_id: str = "204399_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4"
    app_secret: str = "concordat-secret"


class Sessions:
    """Sessions in use."""

    def __init__(self, app: App, system: System, *, idle: timedelta = timedelta(minutes=20)) -> None:
        """`idle`: after how long without a call a session is lost."""
        self.app = app
        self.opened = 0
        self._system = system
        self._idle = idle
        self._seen: dict[str, datetime] = {}
        self._lost_once = False

    def lose(self) -> None:
        """Forget every session; and take the next signed call for a stranger's, as it happens with cached contexts."""
        self._seen.clear()
        self._lost_once = True

    def login(self, service: str, parameters: list[Any]) -> tuple[dict[str, Any], str]:
        """The answer to a login, and the session it opened (empty where it did not)."""
        if not self._is_right(service, parameters):
            return self._answer("", "用户名或密码错误"), ""
        self.opened += 1
        self._lost_once = False
        session = f"session{self.opened:04d}"
        self._seen[session] = self._system.now()
        return self._answer(session, None), session

    def check(self, path: str, headers: Mapping[str, str]) -> None:
        """Let a call through, or raise. Signed calls need no session."""
        if "x-kd-signature" in headers:
            self._check_signature(path, headers)
            return
        session = _session(headers)
        last = self._seen.get(session)
        if last is None or self._system.now() - last > self._idle:
            raise KingdeeError(1, LOST)
        self._seen[session] = self._system.now()

    def _check_signature(self, path: str, headers: Mapping[str, str]) -> None:
        told = headers.get("x-api-timestamp", "")
        if not headers.get("x-api-clientid") or not told.isdecimal():
            raise GatewayError(4002, "应用ID为空")
        seconds = int(told) / (1000 if int(told) > _MILLISECONDS else 1)
        if abs(seconds - self._system.now().timestamp()) > _TOLERANCE.total_seconds():
            raise GatewayError(4006, "时间戳已过期")
        if self._lost_once or not self._is_signed(path, headers):
            self._lost_once = False
            raise KingdeeError(1, LOST)

    def _is_signed(self, path: str, headers: Mapping[str, str]) -> bool:
        who = _decoded(headers.get("x-kd-appdata", "")).split(",")
        if len(who) != 4 or not who[2].isdecimal():  # noqa: PLR2004 - data centre, user, language, organisation
            return False
        app = self.app
        identity = signing.Identity(app.acct_id, app.user, app.app_id, app.app_secret, int(who[2]), who[3])
        wanted = signing.headers(identity, f"/{path}", headers["x-api-timestamp"], headers.get("x-api-nonce", ""))
        return all(hmac.compare_digest(value, headers.get(name.lower(), "")) for name, value in wanted.items())

    def _is_right(self, service: str, parameters: list[Any]) -> bool:
        app = self.app
        if service == "ValidateUser":
            return parameters[:3] == [app.acct_id, app.user, app.password]
        if service == "LoginByAppSecret":
            return parameters[:4] == [app.acct_id, app.user, app.app_id, app.app_secret]
        identity = signing.Identity(app.acct_id, app.user, app.app_id, app.app_secret)
        sign = signing.login_sign(identity, str(parameters[3])) if len(parameters) > 4 else ""  # noqa: PLR2004 - six
        return bool(parameters[:3] == [app.acct_id, app.user, app.app_id] and parameters[4] == sign)

    def _answer(self, session: str, message: str | None) -> dict[str, Any]:
        return {
            "Message": message,
            "MessageCode": "" if session else "LoginFailed",
            "LoginResultType": 1 if session else 0,
            "Context": {"SessionId": session, "UserName": self.app.user} if session else None,
            "KDSVCSessionId": session,
            "FormId": None,
            "IsSuccessByAPI": bool(session),
        }


def _session(headers: Mapping[str, str]) -> str:
    cookies = dict(part.strip().partition("=")[::2] for part in headers.get("cookie", "").split(";"))
    return str(cookies.get(COOKIE) or headers.get(COOKIE, ""))


def _decoded(text: str) -> str:
    return base64.b64decode(text or "").decode(errors="replace")
