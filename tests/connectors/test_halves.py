"""Half of a character in an answer: a record's own matter where records are told, one clear error anywhere else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answers import Answer, Halves, UnreadableError, parsed
from connectors.errors import ConnectorError, MisconfiguredError, RejectedError, TransientError
from tests.connectors.doors import a_door
from tests.connectors.loopback import Loopback, reply

both = pytest.mark.parametrize("exact", [False, True])


def told(body: bytes, status: int = 200) -> Any:
    return reply(status, body, Content_Type="application/json")


@both
@pytest.mark.parametrize(
    ("body", "kept", "marked"),
    [
        (b'"a\\ud83db"', "a\ud83db", "a\ufffdb"),
        (b'"\\uDFFF"', "\udfff", "\ufffd"),
        (b'"\\ude00\\ud83d"', "\ude00\ud83d", "\ufffd\ufffd"),
        (b'"\\ud83d\\ud83d\\ude00\\ude00"', "\ud83d\N{GRINNING FACE}\ude00", "\ufffd\N{GRINNING FACE}\ufffd"),
        (b'["\\\\ud83d", "\\ud83d"]', ["\\ud83d", "\ud83d"], ["\\ud83d", "\ufffd"]),
        (b'["\\ud83d", 7, -8, 0.5, true]', ["\ud83d", 7, -8, 0.5, True], ["\ufffd", 7, -8, 0.5, True]),
    ],
    ids=["in a text", "the other half", "in the wrong order", "about a whole one", "spelled out", "beside others"],
)
def test_a_half_is_kept_or_marked_where_that_was_asked_for_and_everything_else_is_as_ever(
    body: bytes, kept: Any, marked: Any, *, exact: bool
) -> None:
    assert parsed(body, exact=exact, halves=Halves.KEPT) == kept
    assert parsed(body, exact=exact, halves=Halves.MARKED) == marked
    with pytest.raises(UnreadableError, match="half of a character"):
        parsed(body, exact=exact)


@both
@pytest.mark.parametrize("halves", Halves)
@pytest.mark.parametrize(
    "rest", [b"NaN", b"1e400", b"9" * 1_000_000, b"[" * 100_000, b"1} {", b'"\xff"', b'"\xed\xa0\xbd"', b"1,", b"x"]
)
def test_a_half_is_no_way_around_what_is_refused_anyway(rest: bytes, halves: Halves, *, exact: bool) -> None:
    if exact and rest == b"1e400":
        return  # a Decimal holds it
    with pytest.raises(UnreadableError):
        parsed(b'{"a": "\\ud83d", "b": ' + rest + b"}", exact=exact, halves=halves)


@both
def test_a_name_with_half_a_character_is_refused(*, exact: bool) -> None:
    with pytest.raises(UnreadableError, match="a name with half of a character"):
        parsed(b'{"\\ud83d": 1}', exact=exact, halves=Halves.KEPT)


def test_a_whole_number_that_no_register_holds_is_read_as_it_always_is() -> None:
    for number in (2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 10**30):
        (usual,) = parsed(b"[%d]" % number)
        (beside,) = parsed(b'[%d, "\\ud83d"]' % number, halves=Halves.KEPT)[:1]
        assert (beside, type(beside)) == (usual, type(usual))


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(), st.lists))
def test_what_holds_no_half_is_read_alike_whatever_was_asked_for(value: Any) -> None:
    body = json.dumps(value).encode()
    assert repr(parsed(body, halves=Halves.KEPT)) == repr(parsed(body, halves=Halves.MARKED)) == repr(parsed(body))


# --- at the door ------------------------------------------------------------------------------------------------------

HALF = b'{"text": "\\ud83d"}'


def test_a_read_that_tells_no_records_refuses_it_in_one_line_that_says_so() -> None:
    with Loopback([told(HALF)]) as server, pytest.raises(TransientError, match="half of a character") as refused:
        a_door(server.url).read("GET", "x")
    assert "\n" not in str(refused.value)
    str(refused.value).encode()


def test_a_read_of_records_keeps_it() -> None:
    with Loopback([told(HALF)]) as server:
        assert a_door(server.url).read("GET", "x", halves=Halves.KEPT).data == {"text": "\ud83d"}


def test_a_write_is_not_in_doubt_over_the_words_of_its_answer() -> None:
    with Loopback([told(HALF)]) as server:
        assert a_door(server.url).write("POST", "x", json={}).data == {"text": "\ufffd"}
    assert len(server.seen) == 1


def _judge(answer: Answer, *, wrote: bool) -> ConnectorError | None:
    return RejectedError(f"it says {answer.data['text']}", code=answer.data["text"], field=answer.data["text"])


@pytest.mark.parametrize(("status", "halves"), [(400, Halves.REFUSED), (400, Halves.KEPT), (200, Halves.KEPT)])
def test_words_of_a_system_about_an_error_can_be_kept_and_shown(status: int, halves: Halves) -> None:
    with Loopback([told(HALF, status)]) as server, pytest.raises(RejectedError) as refused:
        a_door(server.url, judge=_judge).read("GET", "x", halves=halves)
    assert (str(refused.value), refused.value.code, refused.value.field) == ("it says \ufffd", "\ufffd", "\ufffd")


def _link(door: Any) -> None:
    door.read("GET", "query?next=\ud83d")


def _cursor(door: Any) -> None:
    door.read("POST", "x", json={"after": "\ud83d"})


@pytest.mark.parametrize("follows", [_link, _cursor])
def test_what_leads_on_and_bears_a_half_is_one_clear_error_and_nothing_is_sent(follows: Callable[[Any], None]) -> None:
    with Loopback() as server, pytest.raises(MisconfiguredError, match=r"half of a character|nothing was sent"):
        follows(a_door(server.url))
    assert server.seen == []


def test_a_record_that_cannot_be_sent_is_refused_alone() -> None:
    with Loopback() as server, pytest.raises(RejectedError, match="nothing was sent"):
        a_door(server.url).write("POST", "x", json={"street": "\ud83d"})
    assert server.seen == []
