"""What an answer of Salesforce means for us: each error code becomes the class that says what to do next.

A whole answer names its errors with `errorCode`, a row of a collection with `statusCode`; both are read. A code that
stands in no table is a refusal of this very record: the system said that it did nothing, and why.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import (
    BudgetError,
    ConnectorError,
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
    WriteError,
)
from connectors.salesforce.ids import is_id, long_id

SESSION_ENDED = "INVALID_SESSION_ID"
LOCATOR_DEAD = "INVALID_QUERY_LOCATOR"
OVER_LIMIT = frozenset({"REQUEST_LIMIT_EXCEEDED", "TXN_SECURITY_METERING_ERROR"})
BUSY = frozenset(
    {
        "UNABLE_TO_LOCK_ROW",
        "SERVER_UNAVAILABLE",
        "QUERY_TIMEOUT",
        "OPERATION_TOO_LARGE",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "PROCESSING_HALTED",
        "CONCURRENT_REQUESTS_LIMIT_EXCEEDED",
    }
)
# The record is not what it was when the change was planned; only where no field is named: else a parent is meant.
GONE = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})
# The vendor's own word for "we do not know what happened" [G].
UNKNOWN = frozenset({"UNKNOWN_EXCEPTION"})
SETTINGS = frozenset(
    {
        "INVALID_FIELD",
        "INVALID_TYPE",
        "NOT_FOUND",
        "MALFORMED_QUERY",
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "INSUFFICIENT_ACCESS",
        "INVALID_LOGIN",
        "UNSUPPORTED_API_VERSION",
        "FUNCTIONALITY_NOT_ENABLED",
        SESSION_ENDED,
    }
)
_NAMED_RECORD = re.compile(r"\b[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?\b")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error as told by the system."""

    code: str
    message: str
    fields: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """The first field it names, if any."""
        return self.fields[0] if self.fields else ""

    def __str__(self) -> str:
        """One line for a person."""
        about = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{self.code}{about}: {' '.join(self.message.split())[:_LONGEST]}"


def complaints(body: Any) -> tuple[Complaint, ...]:
    """Read the errors of a whole answer, of a row, or of the token endpoint. Empty: this is no error we can read."""
    if isinstance(body, Mapping) and isinstance(body.get("error"), str):
        return (Complaint(body["error"], str(body.get("error_description", ""))),)
    if isinstance(body, Mapping):
        body = body.get("errors", [body])
    if not isinstance(body, Sequence) or isinstance(body, str):
        return ()
    return tuple(found for found in map(_complaint, body) if found.code)


def _complaint(error: Any) -> Complaint:
    if not isinstance(error, Mapping):
        return Complaint("", "")
    code = str(error.get("errorCode") or error.get("statusCode") or "")
    message = str(error.get("message", ""))
    fields = error.get("fields") or ()
    named = tuple(str(field) for field in fields) if isinstance(fields, Sequence) else ()
    return Complaint(code, message, named, tuple(_candidates(code, message, error)))


def _candidates(code: str, message: str, error: Mapping[str, Any]) -> Iterator[str]:
    """Ids that a duplicate rule or a unique field names; ids in a message count only where a duplicate is told."""
    found: dict[str, None] = dict.fromkeys(_ids_below(error.get("duplicateResult")))
    if not found and code == "DUPLICATE_VALUE":
        found = dict.fromkeys(_NAMED_RECORD.findall(message))
    yield from (long_id(each) for each in found if any(letter.isdigit() for letter in each))


def _ids_below(node: Any) -> Iterator[str]:
    """Every `Id` of a matched record; sources differ on the wrapping, so the shape around it is not relied on."""
    if isinstance(node, Mapping):
        record = node.get("record")
        if isinstance(record, Mapping) and is_id(record.get("Id")):
            yield record["Id"]
        for part in node.values():
            yield from _ids_below(part)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for part in node:
            yield from _ids_below(part)


def refusal(status: int, found: Sequence[Complaint]) -> ConnectorError:
    """Turn an answer that refuses a whole call into the error to raise. The call surely did nothing."""
    first = found[0]
    message = f"Salesforce refused the call: {first}"
    if first.code in BUSY or (first.code in OVER_LIMIT and "concurrent" in first.message.lower()):
        return TransientError(message, code=first.code)
    if first.code in OVER_LIMIT:
        return BudgetError(
            f"{message}; the org's daily API calls are used up, wait for them to come back", code=first.code
        )
    if first.code in SETTINGS or status in {401, 403}:
        return MisconfiguredError(f"{message}; {_remedy(first)}", code=first.code, field=first.field)
    return RejectedError(message, code=first.code, field=first.field, candidates=first.candidates)


def _remedy(complaint: Complaint) -> str:
    if complaint.code in {"INVALID_FIELD", "INVALID_TYPE"}:
        return "check that it exists and that the integration user may see it"
    if complaint.code == SESSION_ENDED:
        return "a fresh login was refused as well: check the connected app and its user"
    return "check the integration user's permissions and the API version"


def item_error(row: Any) -> WriteError:
    """Turn one failed row of a collection into its error. A row that cannot be read leaves the outcome open."""
    found = complaints(row) if isinstance(row, Mapping) and row.get("success") is False else ()
    if not found:
        return UncertainError("Salesforce answered this record with something that is neither success nor a reason")
    first = found[0]
    code, field = first.code, first.field
    if code in UNKNOWN:
        return UncertainError(f"Salesforce does not say what became of this record: {first}", code=code)
    if code in OVER_LIMIT | BUSY:
        return TransientError(f"Salesforce could not take this record just now: {first}", code=code)
    if code in GONE and not first.fields:
        return StaleError(f"this record is no longer in use in Salesforce: {first}", code=code)
    message = f"Salesforce refuses this record: {first}"
    return RejectedError(message, code=code, field=field, candidates=first.candidates)
