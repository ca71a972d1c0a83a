"""The one door to the systems over HTTP.

`read` may be repeated, and is, while the trouble passes. `write` is sent once, whatever comes back: an answer that did
not arrive, or that nobody can read, is `UncertainError`. One exception, made by the system itself: a 401 says that
nothing was done, and after one renewal of the credentials the same request is sent again.
"""

import logging
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

import httpx
import orjson
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from connectors.address import Address, shown
from connectors.answers import MEBIBYTE, Answer, Halves, UnreadableError, parsed, whole
from connectors.errors import (
    BudgetError,
    ConnectorError,
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
)
from connectors.hearing import Heard, Trouble
from connectors.pacing import Allowance, Pace
from connectors.seams import Seams

Transport: TypeAlias = httpx.BaseTransport
LOG = logging.getLogger("connectors.http")
for _name in ("httpx", "httpcore", "hpack", "h2"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # at INFO they log addresses with their query

_LONGEST_HEADER = 8_192  # what common servers take in one line
_SURELY_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_MANY, _LATER = 429, {408, 425, 500, 502, 503, 504}
_TROUBLE = {_MANY, *_LATER}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a call may cost."""

    connect: float = 10.0  # seconds
    silence: float = 60.0  # seconds without a byte
    whole: timedelta = timedelta(minutes=5)  # the answer, from first byte to last
    size: int = 64 * MEBIBYTE  # of the unpacked answer
    attempts: int = 4  # of a read
    pause: float = 1.0  # seconds; doubled per attempt and drawn anew, so that many do not come back at once
    longest_pause: float = 60.0  # seconds; a system that asks for more ends the call as TransientError


@dataclass(frozen=True, slots=True)
class Call:
    """One request, in words. Exactly one of `json`, `form` and `content`, or none."""

    method: str
    place: str  # relative to the address, or a link that the system gave
    params: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    expect: str = "json"  # json | bytes
    exact: bool = False  # see answers.parsed
    halves: Halves = Halves.REFUSED  # what is told of records may keep them; of a write, and of errors, see `_data`
    accept: frozenset[int] = frozenset()  # statuses beyond 2xx that are an answer and no error
    size: int | None = None  # another bound for this answer


class Judge(Protocol):
    """A connector's own reading of an answer, success or not. None: nothing to object, or nothing known about it."""

    def __call__(self, answer: Answer, *, wrote: bool) -> ConnectorError | None:
        """Called for every answer that could be read whole, before the door judges by status alone."""
        ...


def no_objection(answer: Answer, *, wrote: bool) -> ConnectorError | None:  # noqa: ARG001 - the shape of a Judge
    return None


_USUAL = Bounds()


class HttpDoor:
    """All calls of one system go through here, and only to its own address."""

    def __init__(
        self,
        system: str,
        address: Address,
        seams: Seams,
        *,
        auth: httpx.Auth | None = None,
        judge: Judge = no_objection,
        bounds: Bounds = _USUAL,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`headers` go with every call; they are no place for credentials."""
        self.system = system
        self.address = address
        self.bounds = bounds
        self._clock = seams.clock
        self._sleep = seams.sleep
        self._random = seams.random
        self._pace = seams.pace or Pace(system, Allowance(), clock=seams.clock, sleep=seams.sleep)
        self._heard = seams.heard or Heard()
        self._auth = auth
        self._judge = judge
        self._client = httpx.Client(
            transport=seams.transport or httpx.HTTPTransport(verify=_trust(address), trust_env=False),
            timeout=httpx.Timeout(self.bounds.silence, connect=self.bounds.connect),
            headers={"Accept-Encoding": "gzip", "User-Agent": "concordat", **(headers or {})},
            follow_redirects=False,
            trust_env=False,
        )

    def read(self, method: str, place: str, **more: Any) -> Answer:
        """Ask, and ask again while the trouble passes. `more` are the attributes of `Call`.

        Raises TransientError, BudgetError or MisconfiguredError, or what the judge says.
        """
        call = Call(method, place, **more)
        retrying = Retrying(
            stop=stop_after_attempt(self.bounds.attempts),
            retry=retry_if_exception(self._passes),
            wait=self._pause,
            before_sleep=self._repeated,
            sleep=self._sleep,
            reraise=True,
        )
        with self._heard_out():
            return retrying(self._ask, call)

    def write(self, method: str, place: str, **more: Any) -> Answer:
        """Send once. Raises TransientError (surely not done), UncertainError, or what the status or the judge says."""
        with self._heard_out():
            return self._tell(Call(method, place, **more))

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    # -- one exchange -------------------------------------------------------------------------------------------------

    @contextmanager
    def _heard_out(self) -> Iterator[None]:
        """That a record is refused, or stale, is an answer and no failure of the call."""
        try:
            yield
        except (TransientError, UncertainError, MisconfiguredError) as error:
            self._heard.tell(Trouble.FAILED, _in_a_word(error), 0.0)
            raise

    def _tell(self, call: Call) -> Answer:
        call = replace(call, halves=Halves.MARKED)  # ids and words for people: a write must not be in doubt over them
        request = self._request(call, RejectedError)
        self._pace.take()
        try:
            answer = self._sent(request, call)
        except _SURELY_NOT_SENT as error:
            raise self._unreached(error) from error
        except (httpx.TransportError, UnreadableError) as error:
            raise UncertainError(f"{self._at(call)}: sent, and no answer that can be read ({_why(error)})") from error
        return self._judged(answer, call, wrote=True)

    def _ask(self, call: Call) -> Answer:
        request = self._request(call, MisconfiguredError)
        self._pace.take()
        try:
            answer = self._sent(request, call)
        except UnreadableError as error:
            kind = MisconfiguredError if error.for_good else TransientError
            raise kind(f"{self._at(call)}: {error}") from error
        except _SURELY_NOT_SENT as error:
            raise self._unreached(error) from error
        except httpx.TransportError as error:
            raise TransientError(f"{self._at(call)}: no answer ({_why(error)})") from error
        return self._judged(answer, call, wrote=False)

    def _request(self, call: Call, refusal: type[ConnectorError]) -> httpx.Request:
        headers = {**call.headers, **_content_type(call)}
        _refuse_headers(self.address.host, headers)
        try:
            content = orjson.dumps(call.json) if call.json is not None else call.content
        except TypeError as error:  # half of a character; it came from the system itself
            raise refusal(f"{self._at(call)}: nothing was sent, as what was to be sent is no JSON ({error})") from error
        url = self.address.to(call.place)
        try:
            return self._client.build_request(
                call.method, url, params=call.params or None, content=content, data=call.form, headers=headers
            )
        except httpx.InvalidURL as error:
            raise MisconfiguredError(f"{self.address.host}: {shown(url)} is no address") from error

    def _sent(self, request: httpx.Request, call: Call) -> Answer:
        """One exchange, or two where the first was refused for want of fresh credentials."""
        if self._auth is None:
            return self._received(request, call)
        flow = self._auth.sync_auth_flow(request)
        answer = self._received(next(flow), call)
        try:
            again = flow.send(httpx.Response(answer.status, headers=dict(answer.headers), request=request))
        except StopIteration:
            return answer
        self._pace.take()
        return self._received(again, call)

    def _received(self, request: httpx.Request, call: Call) -> Answer:
        _refuse_headers(self.address.host, dict(request.headers))
        started = self._clock()
        response = self._client.send(request, stream=True, auth=None)
        self._heard.clock(response.headers, started, self._clock())
        self._heard.certificate(response.extensions.get("network_stream"))
        try:
            body = whole(
                response.iter_raw(),
                response.headers.get("content-encoding", ""),
                call.size or self.bounds.size,
                lambda: self._refuse_late(started),
            )
        finally:
            response.close()
        took = (self._clock() - started).total_seconds()
        if response.status_code not in _TROUBLE and self._pace.answered(took):
            self._heard.tell(Trouble.THROTTLED, "slow", took)
        LOG.debug(
            "%s %s %s: %d, %d bytes",
            self.system,
            request.method,
            shown(str(request.url)),
            response.status_code,
            len(body),
        )
        answer = Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)
        return replace(answer, data=_data(answer, call))

    def _refuse_late(self, started: datetime) -> None:
        if self._clock() - started > self.bounds.whole:
            raise UnreadableError(f"its answer took longer than {self.bounds.whole.total_seconds():.0f} s")

    # -- what an answer means -----------------------------------------------------------------------------------------

    def _judged(self, answer: Answer, call: Call, *, wrote: bool) -> Answer:
        objection = self._judge(answer, wrote=wrote)
        if objection is None and not (_went_well(answer.status) or answer.status in call.accept):
            objection = self._by_status(answer, call, wrote=wrote)
        if objection is None:
            return answer
        if answer.status in _TROUBLE:
            self._pace.refused()
        if isinstance(objection, TransientError) and objection.retry_after is not None:
            seconds = min(objection.retry_after, self.bounds.longest_pause)
            self._pace.back_off(seconds)
            self._heard.tell(Trouble.THROTTLED, _in_a_word(objection), seconds)
        raise objection

    def _by_status(self, answer: Answer, call: Call, *, wrote: bool) -> ConnectorError:
        status, said = answer.status, f"{self._at(call)}: status {answer.status}"
        if status == _MANY:
            return TransientError(f"{said}, too many calls", code="429", retry_after=answer.retry_after(self._clock()))
        if status in _LATER or status >= 500:  # noqa: PLR2004 - the server's own trouble
            if wrote:
                return UncertainError(f"{said}: whether it was done is not known", code=str(status))
            return TransientError(said, code=str(status), retry_after=answer.retry_after(self._clock()))
        if 300 <= status < 400:  # noqa: PLR2004 - redirects are not followed
            return self._redirected(answer, said, wrote=wrote)
        return _refused(status, said, wrote=wrote)

    def _redirected(self, answer: Answer, said: str, *, wrote: bool) -> ConnectorError:
        place = shown(answer.headers.get("location", ""))
        if wrote and answer.status in {302, 303}:  # "done, see there" is among the things these mean
            return UncertainError(f"{said}, a redirect to {place}: whether it was done is not known")
        return MisconfiguredError(
            f"{said}, a redirect to {place}: not followed; put the right address into the settings"
        )

    def _unreached(self, error: httpx.TransportError) -> ConnectorError:
        chain: BaseException | None = error
        while chain is not None:
            if isinstance(chain, ssl.SSLCertVerificationError):
                return MisconfiguredError(
                    f"{self.address.host}: its certificate is not trusted ({chain.verify_message}); "
                    "for a certificate of your own authority set CA_BUNDLE"
                )
            chain = chain.__cause__ or chain.__context__
        return TransientError(f"{self.address.host} cannot be reached ({_why(error)}); nothing was sent")

    # -- repeating a read ---------------------------------------------------------------------------------------------

    def _passes(self, error: BaseException) -> bool:
        if not isinstance(error, TransientError) or isinstance(error, BudgetError):
            return False
        return error.retry_after is None or error.retry_after <= self.bounds.longest_pause

    def _repeated(self, state: RetryCallState) -> None:
        self._heard.repeated(_in_a_word(state.outcome.exception() if state.outcome else None))

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, TransientError) and error.retry_after is not None:
            return 0.0  # the pace waits, for all threads
        most = self.bounds.pause * 2.0 ** (state.attempt_number - 1)
        return min(most, self.bounds.longest_pause) * self._random()

    def _at(self, call: Call) -> str:
        return f"{self.system}: {call.method} {shown(self.address.to(call.place))}"


def _trust(address: Address) -> ssl.SSLContext:
    """Certificates are always verified: by the usual authorities, or by the operator's own bundle and nothing else."""
    if address.base.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody, and nobody asks
    if address.ca_bundle is None:
        return httpx.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=str(address.ca_bundle))
    except (OSError, ssl.SSLError) as error:
        raise MisconfiguredError(f"the CA bundle {address.ca_bundle} cannot be read: {error}") from error


def _content_type(call: Call) -> Mapping[str, str]:
    return {"Content-Type": "application/json"} if call.json is not None else {}


def _refuse_headers(host: str, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if any(ord(sign) < 32 or ord(sign) == 127 for sign in name + value):  # noqa: PLR2004 - ASCII
            raise MisconfiguredError(f"{host}: the header {name!r} would bear a control character; nothing was sent")
        if len(value) > _LONGEST_HEADER:
            raise MisconfiguredError(f"{host}: the header {name} would be longer than servers take; nothing was sent")


def _data(answer: Answer, call: Call) -> Any:
    """JSON is a must where it was asked for and the answer is a success; of an error it is a help."""
    if call.expect != "json" or not answer.body:
        return None
    halves = call.halves if _went_well(answer.status) else Halves.MARKED
    try:
        return parsed(answer.body, exact=call.exact, halves=halves)
    except UnreadableError:
        if _went_well(answer.status):
            raise
        return None


def _went_well(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004 - success


def _refused(status: int, said: str, *, wrote: bool) -> ConnectorError:
    if status in {401, 403, 407}:
        return MisconfiguredError(f"{said}: the credentials are refused, or lack a permission", code=str(status))
    if status == 412:  # noqa: PLR2004 - precondition failed
        return StaleError(f"{said}: the record is no longer as it was", code="412")
    kind = RejectedError if wrote else MisconfiguredError
    return kind(f"{said}: the request is refused", code=str(status))


def _in_a_word(error: BaseException | None) -> str:
    """`TransientError 503`: none of the words of others."""
    code = str(getattr(error, "code", ""))
    return f"{type(error).__name__} {code if _CODE.fullmatch(code) else ''}".strip()


def _why(error: Exception) -> str:
    """A transport's own words without addresses: its class says what happened."""
    return str(error) if isinstance(error, UnreadableError) else type(error).__name__
