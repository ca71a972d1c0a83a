"""All calls to one data centre: signed, or within a session that is made anew once when the system has lost it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.address import Address
from connectors.answers import Answer, Halves
from connectors.auth import Token, Tokens
from connectors.errors import ConnectorError, MisconfiguredError, TransientError, UncertainError
from connectors.http import HttpDoor
from connectors.kingdee import signing
from connectors.kingdee.answers import SessionLostError, Status, call_error, refusal, status_of, true
from connectors.kingdee.settings import KingdeeSettings
from connectors.seams import Seams

_FORMS = "Kingdee.BOS.WebApi.ServicesStub.DynamicFormService"
_LOGINS = "Kingdee.BOS.WebApi.ServicesStub.AuthService"
_SERVICE: Mapping[str, str] = {"password": "ValidateUser", "app_secret": "LoginByAppSecret", "sign": "LoginBySign"}
_REMEDY = (
    "it says so again after a fresh login: check acct_id, the application's authorisation and its user "
    "(Kingdee words a wrong authorisation like a lost session)"
)


def judge(answer: Answer, *, wrote: bool) -> ConnectorError | None:
    """Gateway errors, lost sessions and refusals of a whole call; the items of a batch are judged by who sent them."""
    if isinstance(answer.data, Mapping) and answer.data.get("errcode"):
        told = answer.data.get("description_cn") or answer.data.get("description") or "no reason given"
        code = str(answer.data["errcode"])
        return MisconfiguredError(f"Kingdee's gateway refuses the call: {told} ({code})", code=code)
    status = status_of(answer.data)
    if status is None or status.success:
        return None
    if status.lost_session:
        return SessionLostError(f"Kingdee: {status.first}", code=str(status.code))
    return call_error(status) if wrote else refusal(status)


class Client:
    """Questions and writes. Threads may share it."""

    def __init__(self, system: str, settings: KingdeeSettings, seams: Seams) -> None:
        """Nothing is sent before the first call."""
        self._settings = settings
        self._seams = seams
        self._address: Address = settings.address()
        self._door = HttpDoor(system, self._address, seams, judge=judge)  # its client keeps the session's cookies
        self._tokens = Tokens(self._sign_in, seams.clock)
        secret = settings.app_secret.get_secret_value() if settings.app_secret else ""
        self._who = signing.Identity(
            settings.acct_id, settings.user, settings.app_id, secret, settings.language, settings.organisation
        )

    def query(
        self,
        form: str,
        keys: Sequence[str],
        where: str,
        *,
        order: str = "",
        limit: int,
        exact: bool = False,
    ) -> list[list[Any]]:
        """Rows in the order of `keys`. Raises TransientError where an answer is no list of such rows."""
        asked = {
            "FormId": form,
            "FieldKeys": ",".join(keys),
            "FilterString": where,
            "OrderString": order,
            "TopRowCount": 0,
            "StartRow": 0,
            "Limit": limit,
            "SubSystemId": "",
        }
        rows = self._read("ExecuteBillQuery", {"data": asked}, exact=exact, halves=Halves.KEPT).data
        if not isinstance(rows, list) or any(not isinstance(row, list) or len(row) != len(keys) for row in rows):
            raise TransientError(f"Kingdee answered a query of {form} with something else than rows; try again later")
        return rows

    def describe(self, form: str) -> Mapping[str, Any]:
        """What the system knows of a form."""
        body = self._read("QueryBusinessInfo", {"data": {"FormId": form}}).data
        result = body.get("Result") if isinstance(body, Mapping) else None
        found = result.get("NeedReturnData") if isinstance(result, Mapping) else None
        if not isinstance(found, Mapping) or not isinstance(found.get("Entrys"), list):
            raise TransientError(f"Kingdee described {form} in a way that cannot be read; try again later")
        return found

    def write(self, service: str, form: str, data: Mapping[str, Any], **more: str) -> Status:
        """Send once, or twice where the first was refused for want of a session."""
        body = {"formid": form, **more, "data": data}
        answer = self._within(lambda: self._send(self._door.write, f"{_FORMS}.{service}", body))
        status = status_of(answer.data)
        if status is None:
            raise UncertainError(f"Kingdee answered {service} of {form} without saying what became of it")
        return status

    def server_time(self) -> datetime:
        """The server's clock by a small question; where its answers bear no date, ours."""
        answer = self._read("ExecuteBillQuery", {"data": _ORGANISATION})
        return (answer.at or self._seams.clock()).astimezone(UTC)

    def close(self) -> None:
        """Give back connections; the session ends by itself."""
        self._door.close()

    # -- within -------------------------------------------------------------------------------------------------------

    def _read(self, service: str, body: Mapping[str, Any], **more: Any) -> Answer:
        return self._within(lambda: self._send(self._door.read, f"{_FORMS}.{service}", body, **more))

    def _within(self, call: Callable[[], Answer]) -> Answer:
        """Make the call in a session; once, and once more in a new one."""
        token = self._tokens.current()
        try:
            return call()
        except SessionLostError:
            self._tokens.renewed(token)
        try:
            return call()
        except SessionLostError as error:
            raise MisconfiguredError(f"{error}; {_REMEDY}", code=error.code) from error

    def _send(self, send: Callable[..., Answer], service: str, body: Mapping[str, Any], **more: Any) -> Answer:
        place = f"{service}.common.kdsvc"
        return send("POST", place, json=body, headers=self._headers(place), **more)

    def _headers(self, place: str) -> Mapping[str, str]:
        if self._settings.sign_in == "signed":
            path = urlsplit(self._address.to(place)).path
            return signing.headers(self._who, path, self._timestamp(), _plain(self._seams.new_id()))
        session = self._tokens.current().value
        return {"kdservice-sessionid": session} if session else {}

    def _timestamp(self) -> str:
        return str(int(self._seams.clock().timestamp()))

    def _sign_in(self) -> Token:
        """Sent once: wrong passwords are counted. A login that may have been made harms nobody."""
        if self._settings.sign_in == "signed":
            return Token("signed")  # nothing to ask for: each call signs itself
        service = _SERVICE[self._settings.sign_in]
        place = f"{_LOGINS}.{service}.common.kdsvc"
        try:
            body = self._door.write("POST", place, json={"parameters": self._credentials()}).data
        except UncertainError as error:
            raise TransientError(f"{error}; the login is tried again later") from error
        if not isinstance(body, Mapping) or not (body.get("LoginResultType") == 1 or true(body.get("IsSuccessByAPI"))):
            told = body.get("Message") if isinstance(body, Mapping) else ""
            raise MisconfiguredError(f"Kingdee refuses the login ({service}): {told or 'no reason given'}")
        return Token(str(body.get("KDSVCSessionId") or ""))

    def _credentials(self) -> list[Any]:
        settings, timestamp = self._settings, self._timestamp()
        if settings.sign_in == "password":
            password = settings.password.get_secret_value() if settings.password else ""
            return [settings.acct_id, settings.user, password, settings.language]
        if settings.sign_in == "app_secret":
            return [settings.acct_id, settings.user, settings.app_id, self._who.app_secret, settings.language]
        sign = signing.login_sign(self._who, timestamp)
        return [settings.acct_id, settings.user, settings.app_id, int(timestamp), sign, settings.language]


_ORGANISATION: Mapping[str, Any] = {
    "FormId": "ORG_Organizations",
    "FieldKeys": "FOrgID",
    "FilterString": "",
    "OrderString": "",
    "TopRowCount": 1,
    "StartRow": 0,
    "Limit": 1,
    "SubSystemId": "",
}


def _plain(nonce: str) -> str:
    return "".join(sign for sign in nonce if sign.isalnum()) or "0"
