"""Tryton's JSON-RPC: what is sent, and what an answer says."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answers import Halves
from connectors.tryton import wire

# Decimal keeps its scale on the wire, which equality would not see.
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz_", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(_values)
def test_a_value_comes_back_as_it_was_sent(value: Any) -> None:
    sent = orjson.loads(wire.request_body("m", [value]))["params"][0]
    back = wire.result(orjson.dumps({"id": 1, "result": sent}))
    assert repr(back) == repr(value)


def test_a_request_has_exactly_the_three_keys_that_make_errors_come_in_the_body() -> None:
    assert set(orjson.loads(wire.request_body("m", []))) == {"id", "method", "params"}


def test_times_are_sent_in_utc_whatever_their_zone() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678901, timezone(timedelta(hours=8)))
    sent = orjson.loads(wire.request_body("m", [moment]))["params"][0]
    assert (sent["day"], sent["hour"], sent["microsecond"]) == (1, 19, 678901)
    assert orjson.loads(wire.request_body("m", [date(2026, 1, 2)]))["params"][0] == {
        "__class__": "date",
        "year": 2026,
        "month": 1,
        "day": 2,
    }


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b"{}", b'{"id": 1, "res', b"null"])
def test_what_is_no_answer_is_not_taken_for_one(body: bytes) -> None:
    with pytest.raises(wire.UnreadableAnswerError):
        wire.result(body)


@pytest.mark.parametrize(
    ("error", "kind", "message", "shown"),
    [
        (["UserError", ["Not unique.", "Look there", None]], "UserError", "Not unique.", "Not unique. (Look there)"),
        (["UserError", ["Not unique.", "", None]], "UserError", "Not unique.", "Not unique."),
        (["UserWarning", ["key", "Sure?", ""]], "UserWarning", "Sure?", "Sure?"),
        (["ConcurrencyException", "Modified"], "ConcurrencyException", "Modified", "Modified"),
        (
            ["LoginException", ["password", "Password?", "password"]],
            "LoginException",
            "Password?",
            "Password? (password)",
        ),
        (["'nix'", "Traceback (most recent call last) …"], "", "'nix'", "'nix'"),
        (["only"], "", "only", "only"),
        ([], "", "[]", "[]"),
        ("plain text", "", "plain text", "plain text"),
        (["UserError", "not a list"], "UserError", "not a list", "not a list"),
        (["UserError", []], "UserError", "", ""),
    ],
)
def test_an_error_is_told_by_its_kind_and_words_without_the_traceback(
    error: Any, kind: str, message: str, shown: str
) -> None:
    with pytest.raises(wire.RefusalError) as raised:
        wire.result(orjson.dumps({"id": 1, "error": error}))
    assert (raised.value.kind, raised.value.message, str(raised.value)) == (kind, message, shown)
    assert raised.value.is_known == bool(kind)


def test_what_cannot_be_sent_is_named() -> None:
    with pytest.raises(TypeError, match="JSON serializable: set"):
        wire.request_body("m", [{1, 2}])


def test_half_a_character_is_kept_in_records_and_marked_in_words_of_a_refusal() -> None:
    rows = b'{"id": 1, "result": [{"name": "a\\ud83db"}, {"name": "Acme"}]}'
    assert wire.result(rows, Halves.KEPT) == [{"name": "a\ud83db"}, {"name": "Acme"}]
    with pytest.raises(wire.RefusalError) as refused:
        wire.result(b'{"id": 1, "error": ["UserError", ["No \\ud83d", "", null]]}')
    assert str(refused.value) == "No \ufffd"
