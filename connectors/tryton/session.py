"""A login to one database, renewed when it ends, and what its answers mean."""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.address import Address
from connectors.answers import Answer, Halves
from connectors.auth import Token, TokenAuth, Tokens
from connectors.errors import ConnectorError, MisconfiguredError, RejectedError, TransientError, UncertainError
from connectors.http import Bounds, HttpDoor
from connectors.seams import Seams
from connectors.tryton import wire

_TOO_LARGE = 413
_USUAL = Bounds()
_MISFIT = {
    401: "Tryton does not know this user by this password",
    403: "Tryton lets nobody call this: is the module it belongs to activated?",
    404: "there is no such database, or the server is older than 8.0",
    422: "Tryton does not understand the call: is the server's version supported?",
}


def judge(answer: Answer, *, wrote: bool) -> ConnectorError | None:
    """Tryton's own statuses. 413 comes before anything is done: the batch is larger than the server takes."""
    if answer.status == _TOO_LARGE:
        kind = RejectedError if wrote else MisconfiguredError
        return kind("Tryton takes fewer records in one call; lower BATCH or PAGE", code="413")
    if answer.status in _MISFIT:
        return MisconfiguredError(f"{_MISFIT[answer.status]} (status {answer.status})", code=str(answer.status))
    return None


class Session:
    """All calls of one connection. Threads may share it.

    A session that has ended is answered with 401 before the server looks at anything else, writes included.
    """

    def __init__(  # noqa: PLR0913 - who, where and how
        self,
        system: str,
        address: Address,
        database: str,
        user: str,
        password: str,
        seams: Seams,
        *,
        language: str,
        bounds: Bounds = _USUAL,
    ) -> None:
        """`language`: in which translatable words and refusals are told, whatever the user prefers."""
        self._place = f"{database}/rpc/"
        self._user = user
        self._password = password
        self._language = language
        self._tokens = Tokens(self._login, seams.clock)
        self._hall = HttpDoor(f"{system} (login)", address, seams, judge=judge, bounds=bounds)
        auth = TokenAuth(self._tokens, scheme="Session")
        self._door = HttpDoor(system, address, seams, auth=auth, judge=judge, bounds=bounds)

    @property
    def context(self) -> Mapping[str, Any]:
        """What the server wants to be told with every call: the user's companies, and the language."""
        found: Mapping[str, Any] = self._tokens.current().more["context"]
        return found

    @property
    def user(self) -> int:
        """The id of the user as whom we are logged in."""
        found: int = self._tokens.current().more["user"]
        return found

    def version(self) -> str:
        """The server's series, `8.2`. Needs no login."""
        return str(_told(self._ask_server()))

    def now(self) -> datetime:
        """The server's clock, in whole seconds."""
        answer = self._ask_server()
        if answer.at is None:
            raise TransientError("Tryton's answer bears no date, so its clock is not known")
        return answer.at.astimezone(UTC)

    def _ask_server(self) -> Answer:
        return self._hall.read("POST", "rpc/", **_request("common.server.version", []))

    def read(self, method: str, *params: Any, context: Mapping[str, Any] | None = None) -> Any:
        """A call that changes nothing. Raises TransientError or MisconfiguredError."""
        return _told(self._sent(self._door.read, method, params, context or {}), Halves.KEPT)

    def write(self, method: str, *params: Any, stamps: Mapping[str, str] | None = None) -> Any:
        """A call that changes something, sent once; `stamps` are its precondition.

        Raises wire.RefusalError as the server words it, and what the door raises.
        """
        answer = self._sent(self._door.write, method, params, {"_timestamp": dict(stamps)} if stamps else {})
        try:
            return wire.result(answer.body)
        except wire.UnreadableAnswerError as error:
            raise UncertainError(f"Tryton's answer cannot be read ({error}); it may have been done") from error

    def close(self) -> None:
        """Give back connections; the server forgets the session by itself."""
        self._door.close()
        self._hall.close()

    def _sent(
        self, send: Callable[..., Answer], method: str, params: tuple[Any, ...], more: Mapping[str, Any]
    ) -> Answer:
        return send("POST", self._place, **_request(method, [*params, {**self.context, **more}]))

    def _login(self) -> Token:
        """Sent once: wrong passwords are counted, and after five of them even the right one has to wait."""
        told = [self._user, {"password": self._password}, self._language]
        try:
            answer = self._hall.write("POST", self._place, **_request("common.db.login", told))
        except UncertainError as error:
            raise TransientError(str(error)) from error  # a login that may have been made harms nobody
        user, token, *_ = _told(answer)
        session = base64.b64encode(f"{self._user}:{user}:{token}".encode()).decode()
        return Token(session, more={"context": self._preferences(session), "user": user})

    def _preferences(self, session: str) -> Mapping[str, Any]:
        asked = _request("model.res.user.get_preferences", [True, {}], {"Authorization": f"Session {session}"})
        preferences = _told(self._hall.read("POST", self._place, **asked))
        kept = {name: value for name, value in preferences.items() if name != "locale"}
        return {**kept, "language": self._language}


def _request(method: str, params: list[Any], headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {
        "content": wire.request_body(method, params),
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "expect": "bytes",
    }


def _told(answer: Answer, halves: Halves = Halves.REFUSED) -> Any:
    """The result of a call that changed nothing."""
    try:
        return wire.result(answer.body, halves)
    except wire.UnreadableAnswerError as error:
        raise TransientError(f"Tryton's answer cannot be read: {error}") from error
    except wire.RefusalError as error:
        kind = MisconfiguredError if error.is_known else TransientError
        raise kind(f"Tryton refuses to answer: {error}", code=error.kind) from error
