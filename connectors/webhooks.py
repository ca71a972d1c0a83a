"""What systems announce by themselves: whether it is theirs, and what it hints at.

A webhook is a hint to read again, never data. So a connector says two things about one: that its system sent it, from
the headers and the bytes as they came, and later, from the bytes that were kept meanwhile, what to read.

A system that signs in a dialect of its own brings a `webhooks.py` with `open_webhooks(system)`. All others are sent
by something that a customer writes (an Apex class, a plug-in, a flow of an integration platform), and sign like this:

    Concordat-Delivery: 01JD…                                   the sender's own id of this announcement
    Concordat-Signature: t=1767225600,v1=hex(hmac_sha256(secret, "1767225600.01JD….<body>"))
    {"kind": "Account", "ids": ["0015g00000XyZab"]}             or a list of those; without ids: anything of the kind
"""

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

import orjson

from connectors.contract import Hint

WINDOW = timedelta(minutes=5)  # how far a signed time may lie from ours
DELIVERY, SIGNATURE = "concordat-delivery", "concordat-signature"
MOST_IDS = 1000  # of one announcement; where there are more, the kind is read as usual
_DELIVERY = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_SIGNED = re.compile(r"t=(\d{1,10}),v1=([0-9a-f]{64})")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,99}")


class ForgedError(Exception):
    """Nothing proves that the system sent this; the message says what is missing, and is for our own log only."""


class UnclearError(Exception):
    """It is genuine, and what it says is not understood."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A request as it came, before anybody knows whose it is. Names of headers are in small letters."""

    headers: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Genuine:
    """What tells a genuine delivery from others. A repeated one has the same id, a forged id is another one."""

    id: str
    topic: str = ""


class Webhooks(Protocol):
    """How one system announces."""

    def genuine(self, notice: Notice) -> Genuine:
        """By headers and bytes alone; the body is not parsed. Raises ForgedError."""
        ...

    def hints(self, topic: str, body: bytes) -> Sequence[Hint]:
        """What to read again; nothing where it is about none of the connector's kinds. Raises UnclearError."""
        ...


class Signed:
    """The dialect of our own, for systems that have none."""

    def __init__(self, secrets: Sequence[bytes], known: re.Pattern[str] = _ID) -> None:
        """`known` is the form of the system's ids: what has another one is no id, and never asked for."""
        self._secrets, self._known = secrets, known

    def genuine(self, notice: Notice) -> Genuine:
        """The time and the delivery's id are signed with the body, so that neither can be exchanged."""
        delivery = notice.headers.get(DELIVERY, "")
        told = _SIGNED.fullmatch(notice.headers.get(SIGNATURE, ""))
        if told is None or not _DELIVERY.fullmatch(delivery):
            raise ForgedError(f"{SIGNATURE} or {DELIVERY} is missing or has another form")
        stamp, tag = told.groups()
        if not matches((_tag(secret, stamp, delivery, notice.body) for secret in self._secrets), tag):
            raise ForgedError("the signature is not ours")
        if abs(notice.at - datetime.fromtimestamp(int(stamp), UTC)) > WINDOW:
            raise ForgedError("it was signed too long ago, or with a clock that goes wrong")
        return Genuine(delivery, "")

    def hints(self, topic: str, body: bytes) -> Sequence[Hint]:  # noqa: ARG002 - the dialect has no topics
        """One announcement, or a list of them."""
        said = parsed(body)
        return [self.hint(one) for one in (said if isinstance(said, list) else [said])]

    def hint(self, said: Any) -> Hint:
        """Of one announcement."""
        kind = said.get("kind") if isinstance(said, dict) else None
        if not isinstance(kind, str) or not _KIND.fullmatch(kind):
            raise UnclearError("it names no kind")
        return hint_of(kind, said.get("ids") or (), self._known)


def signed(secret: bytes, delivery: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The headers with which a sender proves who it is."""
    stamp = str(int(at.timestamp()))
    return {DELIVERY: delivery, SIGNATURE: f"t={stamp},v1={_tag(secret, stamp, delivery, body)}"}


def _tag(secret: bytes, stamp: str, delivery: str, body: bytes) -> str:
    return hmac.new(secret, f"{stamp}.{delivery}.".encode() + body, sha256).hexdigest()


# --- for dialects of vendors ------------------------------------------------------------------------------------------


def matches(tags: Iterable[str], told: str) -> bool:
    """Whether it is one of these; all are compared, and each in constant time."""
    found = [hmac.compare_digest(tag.encode(), told.encode("utf-8", "replace")) for tag in tags]
    return any(found)


def parsed(body: bytes) -> Any:
    """JSON, or UnclearError."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise UnclearError("it is no JSON") from None


def hint_of(kind: str, ids: object, known: re.Pattern[str] = _ID) -> Hint:
    """The ids, each once. None where one has not the form of an id, or too many to be asked for: read as usual then."""
    listed = ids if isinstance(ids, list | tuple) else (ids,)
    told = dict.fromkeys(str(one) for one in listed if isinstance(one, str | int) and not isinstance(one, bool))
    named = tuple(one for one in told if known.fullmatch(one))
    return Hint(kind, named if len(named) <= MOST_IDS and len(named) == len(told) else ())


def open_webhooks(system: str, known: re.Pattern[str] = _ID) -> Webhooks:
    """For any system without a dialect of its own. Raises MisconfiguredError where it has no secret."""
    from connectors.settings import WebhookSettings, load  # noqa: PLC0415 - pydantic; who only signs does without

    return Signed(load(WebhookSettings, system).secrets, known)
