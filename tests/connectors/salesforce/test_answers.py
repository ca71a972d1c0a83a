"""Each error code becomes the class that says what to do next."""

from typing import Any

import pytest

from connectors.errors import (
    BudgetError,
    ConnectorError,
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
)
from connectors.salesforce.answers import complaints, item_error, refusal


def row(code: str, message: str = "m", fields: list[str] | None = None, **more: Any) -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": fields or [], **more}]}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (row("UNABLE_TO_LOCK_ROW"), TransientError),
        (row("REQUEST_LIMIT_EXCEEDED"), TransientError),
        (row("PROCESSING_HALTED"), TransientError),
        (row("ENTITY_IS_DELETED"), StaleError),
        (row("ENTITY_IS_DELETED", fields=["AccountId"]), RejectedError),
        (row("INVALID_CROSS_REFERENCE_KEY"), StaleError),
        (row("INVALID_CROSS_REFERENCE_KEY", fields=["OwnerId"]), RejectedError),
        (row("DUPLICATE_VALUE"), RejectedError),
        (row("DUPLICATES_DETECTED"), RejectedError),
        (row("FIELD_CUSTOM_VALIDATION_EXCEPTION"), RejectedError),
        (row("INSUFFICIENT_ACCESS_OR_READONLY"), RejectedError),
        (row("SOME_CODE_OF_TOMORROW"), RejectedError),
        (row("UNKNOWN_EXCEPTION"), UncertainError),
        ({"success": False, "errors": []}, UncertainError),
        ({"success": False}, UncertainError),
        ({"success": "false", "errors": [{"statusCode": "X"}]}, UncertainError),
        ({"id": "001A0000006Vm9rIAC", "success": False, "errors": "broken"}, UncertainError),
        ({}, UncertainError),
        (None, UncertainError),
        ("an HTML page", UncertainError),
    ],
)
def test_a_failed_row_says_what_to_do(answer: Any, kind: type[ConnectorError]) -> None:
    assert type(item_error(answer)) is kind


def test_a_refusal_names_code_field_and_reason_in_one_line() -> None:
    error = item_error(row("STRING_TOO_LONG", "data value\ntoo  large", ["Name", "Site"]))
    assert (error.code, error.field) == ("STRING_TOO_LONG", "Name")
    assert str(error) == "Salesforce refuses this record: STRING_TOO_LONG (Name, Site): data value too large"


MATCH = {"matchRecords": [{"record": {"Id": "001A0000006Vm9r"}, "matchConfidence": 95.0}]}
RESULT = {"allowSave": True, "duplicateRule": "R", "matchResults": [{"entityType": "Account", **MATCH}]}


@pytest.mark.parametrize(
    ("answer", "candidates"),
    [
        (row("DUPLICATES_DETECTED", duplicateResult=RESULT), ("001A0000006Vm9rIAC",)),
        (row("DUPLICATES_DETECTED", duplicateResult={"errors": [RESULT]}), ("001A0000006Vm9rIAC",)),
        (
            [{"errorCode": "DUPLICATES_DETECTED", "message": "Use one?", "duplicateResult": RESULT}],
            ("001A0000006Vm9rIAC",),
        ),
        (row("DUPLICATE_VALUE", "duplicates value on record with id: 001A0000006Vm9r"), ("001A0000006Vm9rIAC",)),
        (row("DUPLICATE_VALUE", "duplicatefieldsn in description"), ()),
        (row("FIELD_CUSTOM_VALIDATION_EXCEPTION", "see record 001A0000006Vm9r"), ()),
    ],
)
def test_candidates_of_a_duplicate_are_named_however_it_is_wrapped(answer: Any, candidates: tuple[str, ...]) -> None:
    assert complaints(answer)[0].candidates == candidates


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", BudgetError),
        (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", TransientError),
        (503, "SERVER_UNAVAILABLE", "busy", TransientError),
        (400, "QUERY_TIMEOUT", "too slow", TransientError),
        (400, "INVALID_FIELD", "No such column", MisconfiguredError),
        (403, "API_DISABLED_FOR_ORG", "no", MisconfiguredError),
        (403, "SOMETHING_ELSE", "no", MisconfiguredError),
        (400, "JSON_PARSER_ERROR", "bad", RejectedError),
    ],
)
def test_a_refused_call_says_what_to_do(status: int, code: str, message: str, kind: type[ConnectorError]) -> None:
    error = refusal(status, complaints([{"errorCode": code, "message": message}]))
    assert type(error) is kind
    assert error.code == code


@pytest.mark.parametrize("body", [None, "", "page", 5, [], {}, [None], [{"message": "no code"}], {"errors": 5}])
def test_what_is_no_error_is_not_read_as_one(body: Any) -> None:
    assert complaints(body) == ()
