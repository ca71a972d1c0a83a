"""The one door: reads are repeated, writes never; an answer is trusted only when it is whole."""

import gzip
import logging
import socket
import tracemalloc
import zlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connectors.address import Address
from connectors.answers import Answer
from connectors.auth import HeaderAuth
from connectors.errors import (
    BudgetError,
    ConnectorError,
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
)
from connectors.http import Bounds, HttpDoor
from connectors.pacing import Allowance, Pace
from tests.connectors.doors import Hands, a_door
from tests.connectors.loopback import Loopback, Reply, Seen, cut_off, head, reply, reset, says, silence

PAGE = reply(200, b"<!DOCTYPE html><html>We are back soon</html>", Content_Type="text/html")
DAMAGED = reply(200, b'{"id": "1", "na', Content_Type="application/json")
SHORT = Bounds(connect=2, silence=0.05)


# --- reads ---------------------------------------------------------------------------------------------------------


def test_a_read_brings_data_and_asks_for_gzip_only() -> None:
    with Loopback([says({"records": [1]}, Date="Mon, 02 Mar 2026 08:00:07 GMT")]) as server:
        answer = a_door(server.url + "/api").read("GET", "query?q=a%20b", params=None)
    assert answer.data == {"records": [1]}
    assert answer.at == Hands().clock.now() + timedelta(seconds=7)
    [seen] = server.seen
    assert (seen.method, seen.target) == ("GET", "/api/query?q=a%20b")
    assert seen.headers["accept-encoding"] == "gzip"


TROUBLE = [
    pytest.param(reply(429), id="429"),
    pytest.param(reply(500), id="500"),
    pytest.param(reply(502), id="502"),
    pytest.param(reply(503), id="503"),
    pytest.param(reply(504), id="504"),
    pytest.param(reset, id="reset"),
    pytest.param(silence, id="silence"),
    pytest.param(cut_off(b'{"a": 1}', 5), id="cut off"),
    pytest.param(cut_off(b'{"a": 1}', 0), id="no body"),
    pytest.param(DAMAGED, id="damaged json"),
    pytest.param(PAGE, id="web page"),
    pytest.param(reply(200, gzip.compress(b'{"a": 1}')[:-6], Content_Encoding="gzip"), id="gzip cut off"),
    pytest.param(reply(200, b"no gzip at all", Content_Encoding="gzip"), id="no gzip"),
    pytest.param(reply(200, b'{"a": NaN}'), id="NaN"),
]


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_read_is_repeated_while_the_trouble_passes(trouble: Reply) -> None:
    with Loopback([trouble, says({"a": 1})]) as server:
        assert a_door(server.url, bounds=SHORT).read("GET", "x").data == {"a": 1}
    assert len(server.seen) == 2


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_read_that_stays_in_trouble_ends_as_transient(trouble: Reply) -> None:
    hands = Hands()
    with Loopback([trouble]) as server, pytest.raises(TransientError):
        a_door(server.url, hands=hands, bounds=SHORT).read("GET", "x")
    assert len(server.seen) == 4
    assert hands.slept == [0.5, 1.0, 2.0], "half of 1, 2 and 4 seconds"


@pytest.mark.parametrize(
    ("said", "waited"),
    [("7", 7.0), ("Mon, 02 Mar 2026 08:00:09 GMT", 9.0), ("Mon, 02 Mar 2026 07:00:00 GMT", None), ("soon", 0.5)],
)
def test_the_pause_is_the_one_the_system_asks_for(said: str, waited: float | None) -> None:
    hands = Hands()
    with Loopback([reply(503, Retry_After=said), says({})]) as server:
        a_door(server.url, hands=hands).read("GET", "x")
    assert [seconds for seconds in hands.slept if seconds] == ([] if waited is None else [waited])


def test_a_date_to_retry_after_is_read_on_the_systems_own_clock() -> None:
    hands = Hands()
    refused = reply(429, Date="Mon, 02 Mar 2026 11:00:00 GMT", Retry_After="Mon, 02 Mar 2026 11:00:05 GMT")
    with Loopback([refused, says({})]) as server:
        a_door(server.url, hands=hands).read("GET", "x")
    assert [seconds for seconds in hands.slept if seconds] == [5.0]


def test_a_pause_longer_than_the_bound_ends_the_call_and_is_told() -> None:
    hands = Hands()
    with Loopback([reply(429, Retry_After="3600")]) as server, pytest.raises(TransientError) as error:
        a_door(server.url, hands=hands).read("GET", "x")
    assert error.value.retry_after == 3600
    assert (len(server.seen), hands.slept) == (1, [])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 422])
def test_a_refused_read_is_not_repeated(status: int) -> None:
    with Loopback([reply(status)]) as server, pytest.raises(MisconfiguredError, match=f"GET .* status {status}"):
        a_door(server.url).read("GET", "x")
    assert len(server.seen) == 1


def test_a_status_that_is_an_answer_is_accepted() -> None:
    with Loopback([says({"gone": True}, 404)]) as server:
        answer = a_door(server.url).read("GET", "x", accept=frozenset({404}))
    assert (answer.status, answer.data) == (404, {"gone": True})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_other_place_sees_nothing(status: int) -> None:
    with Loopback() as other, Loopback([reply(status, Location=f"{other.url}/x?token=s3cret")]) as server:
        door = a_door(server.url, auth=HeaderAuth({"Authorization": "Bearer s3cret"}))
        with pytest.raises(MisconfiguredError, match="redirect") as error:
            door.read("GET", "x")
    assert (len(server.seen), other.seen) == (1, [])
    assert "s3cret" not in str(error.value)


def test_nobody_listening_is_transient_and_after_bounded_attempts() -> None:
    with Loopback() as server:
        url = server.url
    hands = Hands()
    with pytest.raises(TransientError, match="cannot be reached"):
        a_door(url, hands=hands).read("GET", "x")
    assert len(hands.slept) == 3


def test_a_budget_that_is_used_up_is_not_waited_for() -> None:
    def pace(hands: Hands) -> Pace:
        return Pace("crm", Allowance(per_day=2, reserve=0), clock=hands.clock.now, sleep=hands.clock.sleep)

    hands = Hands()
    with Loopback([reply(503)]) as server, pytest.raises(BudgetError):
        a_door(server.url, hands=hands, pace=pace).read("GET", "x")
    assert len(server.seen) == 2, "every attempt counts as a call"
    assert hands.slept == [0.5, 1.0], "nothing is waited for after the third attempt found no budget"


# --- bounds of an answer -------------------------------------------------------------------------------------------


def _bomb(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    block = bytes(1024 * 1024)
    return b"".join([*(packer.compress(block) for _ in range(mebibytes)), packer.flush()])


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_bomb_goes_off_in_a_small_room(verb: str) -> None:
    bomb = _bomb(200)
    with Loopback([reply(200, bomb, Content_Encoding="gzip")]) as server:
        door = a_door(server.url, bounds=Bounds(size=4 * 1024 * 1024))
        tracemalloc.start()
        with pytest.raises((MisconfiguredError, UncertainError), match="larger than 4 MiB"):
            getattr(door, verb)("GET", "x")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert len(server.seen) == 1
    assert peak < 12 * 1024 * 1024, f"{peak / 1024 / 1024:.0f} MiB for an answer of at most 4"


def test_a_large_plain_answer_is_refused_too_and_a_call_may_set_another_bound() -> None:
    with Loopback([says("x" * 5000)]) as server:
        door = a_door(server.url, bounds=Bounds(size=1000))
        with pytest.raises(MisconfiguredError, match="larger"):
            door.read("GET", "x")
        assert len(door.read("GET", "x", size=10_000).data) == 5000


def test_gzip_in_several_members_is_one_body() -> None:
    body = gzip.compress(b'{"a"') + gzip.compress(b": 1}")
    with Loopback([reply(200, body, Content_Encoding="gzip")]) as server:
        assert a_door(server.url).read("GET", "x").data == {"a": 1}


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate", "zstd"])
def test_another_packing_than_gzip_is_refused(encoding: str) -> None:
    with Loopback([reply(200, b"{}", Content_Encoding=encoding)]) as server:
        with pytest.raises(MisconfiguredError, match="only gzip was asked for"):
            a_door(server.url).read("GET", "x")
        with pytest.raises(UncertainError):
            a_door(server.url).write("POST", "x")


def test_an_answer_that_drips_is_cut_at_the_deadline() -> None:
    hands = Hands(per_look=40)
    bounds = Bounds(attempts=1, whole=timedelta(seconds=60))

    def drip(connection: socket.socket, _seen: Seen) -> None:
        connection.sendall(head(200, 1000))
        while True:
            connection.sendall(b" ")
            connection.recv(0)

    with Loopback([drip]) as server, pytest.raises(TransientError, match="longer than 60 s"):
        a_door(server.url, hands=hands, bounds=bounds).read("GET", "x")


def test_amounts_beyond_floats_are_exact_on_request_and_equal_names_refused() -> None:
    with Loopback([reply(200, b'{"a": 12345678901234.123456789}')]) as server:
        assert str(a_door(server.url).read("GET", "x", exact=True).data["a"]) == "12345678901234.123456789"
    with Loopback([reply(200, b'{"a": 1, "a": 2}')]) as server, pytest.raises(TransientError):
        a_door(server.url).read("GET", "x", exact=True)


@pytest.mark.parametrize("exact", [False, True])
def test_json_that_is_nested_without_end_is_refused(exact: bool) -> None:
    body = b"[" * 200_000 + b"]" * 200_000
    with Loopback([reply(200, body)]) as server, pytest.raises(TransientError, match="JSON"):
        a_door(server.url).read("GET", "x", exact=exact)


def test_an_answer_of_bytes_is_not_parsed() -> None:
    with Loopback([reply(200, b"\xef\xbb\xbfId,Name\r\n1,B\xc3\xa4r\r\n")]) as server:
        answer = a_door(server.url).read("GET", "x", expect="bytes")
    assert (answer.data, answer.text) == (None, "Id,Name\r\n1,Bär\r\n")


# --- writes --------------------------------------------------------------------------------------------------------

UNCERTAIN = [
    *(param for param in TROUBLE if param.id != "429"),
    pytest.param(reply(302, Location="/done"), id="302"),
    pytest.param(reply(303, Location="/done"), id="303"),
    pytest.param(reply(507), id="507"),
]


@pytest.mark.parametrize("trouble", UNCERTAIN)
def test_a_lost_answer_to_a_write_is_uncertain_and_not_repeated(trouble: Reply) -> None:
    hands = Hands()
    with Loopback([trouble, says({})]) as server, pytest.raises(UncertainError):
        a_door(server.url, hands=hands, bounds=SHORT).write("POST", "x", json={"a": 1})
    assert (len(server.seen), hands.slept) == (1, [])


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, RejectedError),
        (404, RejectedError),
        (409, RejectedError),
        (422, RejectedError),
        (412, StaleError),
        (401, MisconfiguredError),
        (403, MisconfiguredError),
        (301, MisconfiguredError),
        (307, MisconfiguredError),
        (308, MisconfiguredError),
        (429, TransientError),
    ],
)
def test_a_refused_write_says_what_to_do_next(status: int, error: type[ConnectorError]) -> None:
    with Loopback([reply(status, Retry_After="9")]) as server, pytest.raises(error) as raised:
        a_door(server.url).write("POST", "x", json={})
    assert type(raised.value) is error
    assert len(server.seen) == 1
    assert getattr(raised.value, "retry_after", None) == (9.0 if status == 429 else None)


def test_a_write_that_reached_nobody_was_surely_not_done() -> None:
    with Loopback() as server:
        url = server.url
    with pytest.raises(TransientError, match="nothing was sent"):
        a_door(url).write("POST", "x", json={})


def test_a_write_sends_its_body_as_told() -> None:
    with Loopback() as server:
        door = a_door(server.url)
        door.write("PATCH", "x", json={"ä": None})
        door.write("POST", "x", form={"a": "b c"})
        door.write("PUT", "x", content=b"1,2", headers={"Content-Type": "text/csv"})
    assert [(one.headers["content-type"], one.body) for one in server.seen] == [
        ("application/json", '{"ä":null}'.encode()),
        ("application/x-www-form-urlencoded", b"a=b+c"),
        ("text/csv", b"1,2"),
    ]


# --- a connector's own reading -------------------------------------------------------------------------------------


def _judge(answer: Answer, *, wrote: bool) -> ConnectorError | None:
    said = answer.data or {}
    if said.get("success") is False:
        return RejectedError(said["message"], code="E1") if wrote else TransientError("busy")
    if answer.status == 503 and said.get("code") == "NOT_STARTED":
        return TransientError("surely not done", code="NOT_STARTED")
    return None


def test_an_error_in_the_body_of_a_200_is_the_connectors_to_judge() -> None:
    with Loopback([says({"success": False, "message": "no such terms"})]) as server:
        with pytest.raises(RejectedError, match="no such terms"):
            a_door(server.url, judge=_judge).write("POST", "x", json={})
        with pytest.raises(TransientError, match="busy"):
            a_door(server.url, judge=_judge).read("GET", "x")


def test_a_connector_may_know_that_a_5xx_did_nothing() -> None:
    with Loopback([says({"code": "NOT_STARTED"}, 503)]) as server, pytest.raises(TransientError, match="surely"):
        a_door(server.url, judge=_judge).write("POST", "x", json={})


# --- nothing secret anywhere ---------------------------------------------------------------------------------------

CANARY = "canary-7f3a"


@pytest.mark.parametrize("answered", [reply(200, b"{}"), reply(403), reply(503), PAGE, reset, reply(302, Location="/")])
@pytest.mark.parametrize("verb", ["read", "write"])
def test_no_secret_reaches_logs_or_errors(answered: Reply, verb: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = ""
    with Loopback([answered]) as server:
        door = a_door(server.url, auth=HeaderAuth({"Authorization": f"Bearer {CANARY}"}))
        try:
            getattr(door, verb)("POST", f"x?token={CANARY}", json={"phone": CANARY})
        except ConnectorError as error:
            said = f"{error!r} {error} {error.__cause__!r}"
    assert server.seen[0].headers["authorization"].endswith(CANARY)
    assert CANARY not in said + caplog.text


def test_an_answer_shows_no_customer_data_in_its_repr() -> None:
    assert CANARY not in repr(Answer(200, {}, CANARY.encode(), {"a": CANARY}))


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00b", "x" * 9000])
def test_a_header_that_would_inject_or_burst_is_refused_before_anything_is_sent(value: str) -> None:
    with Loopback() as server:
        for door, headers in (
            (a_door(server.url), {"X-Id": value}),
            (a_door(server.url, auth=HeaderAuth({"X": value})), {}),
        ):
            with pytest.raises(MisconfiguredError, match="nothing was sent"):
                door.write("POST", "x", json={}, headers=headers)
    assert server.seen == []


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback() as proxy, Loopback() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        a_door(server.url).read("GET", "x")
    assert (len(server.seen), proxy.seen) == (1, [])


def test_netrc_gives_no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login a password {CANARY}\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    with Loopback() as server:
        a_door(server.url).read("GET", "x")
    assert "authorization" not in server.seen[0].headers


def _path_of(request: httpx.Request) -> bytes:
    return f'{{"path": "{request.url.path}"}}'.encode()


def test_the_door_takes_another_way_out_where_one_is_passed_in() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=httpx.ByteStream(_path_of(request))))
    door = HttpDoor("crm", Address.of("https://crm.example/api"), replace(Hands().seams(), transport=transport))
    assert door.read("GET", "x").data == {"path": "/api/x"}
    door.close()
