"""What is heard besides answers: clocks, certificates, and how often a read was asked again."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.address import Address
from connectors.errors import RejectedError, TransientError, UncertainError
from connectors.hearing import Heard, Trouble
from connectors.http import Bounds, HttpDoor
from tests.connectors.doors import Hands
from tests.connectors.loopback import Loopback, reply, says
from tests.connectors.test_tls import FAR_AHEAD, Authority

NOW = Hands().clock.now()  # Monday, 2 March 2026, 8 o'clock


def listening(server: Loopback, heard: Heard, bundle: Path | None = None) -> HttpDoor:
    seams = replace(Hands().seams(), heard=heard)
    return HttpDoor("crm", Address.of(server.url, on_premise=True, ca_bundle=bundle), seams, bounds=Bounds(connect=2))


@pytest.mark.parametrize(
    ("date", "skew"),
    [
        ("Mon, 02 Mar 2026 08:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 02 Mar 2026 07:54:59 GMT", -timedelta(minutes=5)),  # its second had begun, and ends when ours begins
        ("Mon, 02 Mar 2026 07:59:59 GMT", timedelta(0)),
        ("Mon, 02 Mar 2026 08:00:00 GMT", timedelta(0)),
        ("yesterday", None),
    ],
)
def test_the_clock_of_a_system_is_read_from_any_answer(date: str, skew: timedelta | None) -> None:
    heard = Heard()
    with Loopback([says({}, Date=date)]) as server:
        listening(server, heard).read("GET", "x")
    assert heard.skew == skew


def test_time_on_the_way_is_no_skew() -> None:
    heard, asked = Heard(), datetime(2026, 3, 2, 8, tzinfo=NOW.tzinfo)
    heard.clock({"date": "Mon, 02 Mar 2026 08:00:09 GMT"}, asked, asked + timedelta(seconds=20))
    assert heard.skew == timedelta(0)


def test_an_answer_out_of_a_cache_says_nothing_of_a_clock() -> None:
    heard = Heard()
    with Loopback([says({}, Date="Mon, 02 Mar 2026 07:00:00 GMT", Age="3600")]) as server:
        listening(server, heard).read("GET", "x")
    assert heard.skew is None


def test_the_end_of_a_certificate_is_heard_of_and_of_a_plain_connection_there_is_none(tmp_path: Path) -> None:
    safe, plain, ours = Heard(), Heard(), Authority(tmp_path, "ours")
    with Loopback([says({})], tls=ours.server()) as server:
        listening(server, safe, ours.bundle).read("GET", "x")
    with Loopback([says({})]) as server:
        listening(server, plain).read("GET", "x")
    assert (safe.certificate_ends, plain.certificate_ends) == (FAR_AHEAD, None)


def test_reads_that_are_asked_again_are_counted_once() -> None:
    heard = Heard()
    with Loopback([reply(503), reply(503), says({})]) as server:
        listening(server, heard).read("GET", "x")
    assert (heard.repeats_told(), heard.repeats_told()) == (2, 0)


def test_a_write_is_never_counted_as_repeated() -> None:
    heard = Heard()
    with Loopback([reply(429)]) as server, pytest.raises(TransientError):
        listening(server, heard).write("POST", "x")
    assert heard.repeats == 0


# --- what goes wrong with calls ---------------------------------------------------------------------------------------


class Told(list[tuple[str, str, float]]):
    def __call__(self, trouble: Trouble, reason: str, seconds: float) -> None:
        self.append((str(trouble), reason, seconds))


def test_a_read_that_is_asked_again_and_fails_is_told_try_by_try() -> None:
    told = Told()
    with Loopback([reply(503)] * 4) as server, pytest.raises(TransientError):
        listening(server, Heard(tell=told)).read("GET", "x")
    assert told == [("repeated", "TransientError 503", 0.0)] * 3 + [("failed", "TransientError 503", 0.0)]


def test_when_a_system_says_later_it_is_told_for_how_long() -> None:
    told = Told()
    with Loopback([reply(429, Retry_After="7"), says({})]) as server:
        listening(server, Heard(tell=told)).read("GET", "x")
    assert told == [("throttled", "TransientError 429", 7.0), ("repeated", "TransientError 429", 0.0)]


def test_a_write_without_an_answer_is_a_call_that_failed() -> None:
    told = Told()
    with Loopback([reply(502)]) as server, pytest.raises(UncertainError):
        listening(server, Heard(tell=told)).write("POST", "x")
    assert told == [("failed", "UncertainError 502", 0.0)]


def test_that_a_record_is_refused_is_an_answer_and_no_failed_call() -> None:
    told = Told()
    with Loopback([reply(422, b"anna@firm.example is taken")]) as server, pytest.raises(RejectedError):
        listening(server, Heard(tell=told)).write("POST", "x")
    assert told == []
