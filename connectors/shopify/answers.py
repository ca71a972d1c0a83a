"""What an answer of Shopify means for us.

An answer has status 200 also where it refuses: errors of the call stand in `errors` (with a code in `extensions`),
refusals of a record in `userErrors` of its own mutation. Only a mutation that gives its record is a success.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import (
    ConnectorError,
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
    WriteError,
)
from connectors.shopify.points import pause_after

THROTTLED = "THROTTLED"
ACCESS_DENIED = "ACCESS_DENIED"
TOO_COSTLY = "MAX_COST_EXCEEDED"
SERVERS_OWN = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})
SHOP_CLOSED = {
    402: "the shop is frozen",
    403: "access is refused",
    404: "no shop or API there",
    423: "the shop is locked",
}
TAKEN = "TAKEN"
_LONGEST = 300
_SUCCESS = 200


class TooCostlyError(MisconfiguredError):
    """One call costs more points than the shop lets any call cost. Nothing was done: ask for less at once.

    It is met inside; who is told of it has mapped more than one record may cost.
    """


@dataclass(frozen=True, slots=True)
class Complaint:
    """One entry of `errors`."""

    code: str
    message: str
    path: tuple[str, ...] = ()  # in the answer: the alias, and further down
    field: str = ""  # in the input, where a variable is blamed

    def __str__(self) -> str:
        """One line for a person."""
        at = f" at {'.'.join(self.path)}" if self.path else ""
        return f"{self.code or 'error'}{at}: {' '.join(self.message.split())[:_LONGEST]}"


def complaints(body: Any) -> tuple[Complaint, ...]:
    """The errors of an answer; text instead of a list is what a refused login gives."""
    errors = body.get("errors") if isinstance(body, Mapping) else None
    if isinstance(errors, str):
        return (Complaint("", errors),)
    if not isinstance(errors, Sequence):
        return (Complaint("", str(errors)),) if errors else ()
    return tuple(_complaint(error) for error in errors if isinstance(error, Mapping))


def _complaint(error: Mapping[str, Any]) -> Complaint:
    more = error.get("extensions")
    more = more if isinstance(more, Mapping) else {}
    path = tuple(str(step) for step in error.get("path") or ())
    return Complaint(str(more.get("code", "")), str(error.get("message", "")), path, _blamed(more))


def _blamed(more: Mapping[str, Any]) -> str:
    """The input field that a refused variable names."""
    for problem in more.get("problems") or ():
        path = [str(step) for step in problem.get("path") or ()] if isinstance(problem, Mapping) else []
        if path:
            return input_field(path)
    return ""


def refused_read(found: Sequence[Complaint], body: Any) -> ConnectorError:
    """A read with any error is no answer, however much data came beside it."""
    first = found[0]
    if first.code == TOO_COSTLY:
        return TooCostlyError(f"Shopify: {first}", code=first.code)
    if first.code in SERVERS_OWN:
        return TransientError(f"Shopify could not answer: {first}", code=first.code)
    return _of_any_call(first, body) or MisconfiguredError(
        f"Shopify refuses to answer: {first}; check the map and the API version", code=first.code, field=first.field
    )


def refused_write(found: Sequence[Complaint], body: Any) -> ConnectorError | None:
    """None: some of it was carried out, and each item has to be looked at by itself."""
    first = found[0]
    if isinstance(body.get("data"), Mapping):
        return None
    if first.code == TOO_COSTLY:
        return TooCostlyError(f"Shopify: {first}", code=first.code)
    if (known := _of_any_call(first, body)) is not None:
        return known
    if first.code in SERVERS_OWN or "data" in body:  # `data: null` says that it had begun
        return UncertainError(f"Shopify does not say what became of this call: {first}", code=first.code)
    return RejectedError(f"Shopify refuses the call: {first}", code=first.code, field=first.field)


def _of_any_call(first: Complaint, body: Any) -> ConnectorError | None:
    if first.code == THROTTLED:
        return TransientError(f"Shopify: {first}", code=first.code, retry_after=pause_after(body))
    if first.code == ACCESS_DENIED:
        return MisconfiguredError(f"Shopify: {first}; give the app this scope and install it anew", code=first.code)
    return None


def closed(status: int) -> ConnectorError | None:
    """Statuses that speak of the whole shop, whatever was sent."""
    if status not in SHOP_CLOSED:
        return None
    return MisconfiguredError(
        f"Shopify: status {status}, {SHOP_CLOSED[status]}; look at the shop's admin", code=str(status)
    )


def no_data(status: int, body: Any, *, wrote: bool) -> ConnectorError | None:
    """A success that is no GraphQL answer."""
    if status != _SUCCESS or (isinstance(body, Mapping) and isinstance(body.get("data"), Mapping)):
        return None
    kind = UncertainError if wrote else TransientError
    return kind("Shopify answered with something that is no GraphQL answer; try again later")


# --- one mutation of a document ---------------------------------------------------------------------------------------


def outcome(alias: str, data: Mapping[str, Any], found: Sequence[Complaint], proof: str) -> WriteError | None:
    """None: done, and proven by what stands at `proof` in its answer."""
    told = data.get(alias)
    if isinstance(told, Mapping) and told.get("userErrors") == [] and _holds(told, proof):
        return None
    refusals = told.get("userErrors") if isinstance(told, Mapping) else None
    if isinstance(refusals, Sequence) and refusals and isinstance(refusals[0], Mapping):
        return _user_error(refusals[0])
    blamed = next((one for one in found if one.path[:1] == (alias,)), None)
    if isinstance(told, Mapping) and refusals == []:
        return UncertainError(f"Shopify did it, and cannot tell what has become of the record: {blamed or 'no proof'}")
    return _blamed_item(blamed)


def _holds(told: Any, proof: str) -> bool:
    for step in proof.split("."):
        told = told.get(step) if isinstance(told, Mapping) else None
    return bool(told)


def _blamed_item(blamed: Complaint | None) -> WriteError:
    if blamed is None or blamed.code in SERVERS_OWN:
        return UncertainError(f"Shopify does not say what became of this record: {blamed or 'no proof'}")
    if blamed.code == THROTTLED:
        return TransientError(f"Shopify could not take this record just now: {blamed}", code=blamed.code)
    return RejectedError(f"Shopify refuses this record: {blamed}", code=blamed.code, field=blamed.field)


def _user_error(told: Mapping[str, Any]) -> WriteError:
    path = [str(step) for step in told.get("field") or ()]
    message = " ".join(str(told.get("message", "")).split())[:_LONGEST]
    field = input_field(path)
    code = str(told.get("code") or (TAKEN if re.search(r"\b(taken|unique)\b", message) else "USER_ERROR"))
    if path[-1:] in (["id"], ["companyId"]) or code == "RESOURCE_NOT_FOUND":
        return StaleError(f"this record is no longer there in Shopify: {message}", code=code)
    about = f" ({field})" if field else ""
    return RejectedError(f"Shopify refuses this record{about}: {message}", code=code, field=field)


_ENVELOPES = frozenset({"input", "company", "address"})


def input_field(path: Sequence[str]) -> str:
    """The field that a refusal names, in the words of a payload."""
    steps = list(path)
    while steps and steps[0] in _ENVELOPES:
        steps = steps[1:]
    return ".".join(step for step in steps if not step.isdecimal())
