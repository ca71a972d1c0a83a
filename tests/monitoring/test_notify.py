"""What people receive: over a real webhook and a real SMTP conversation, with fallbacks, and without secrets."""

import json
import logging
import os
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_string, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from monitoring.alerts import AlertState, Message, Word
from monitoring.notify import ChannelError, Channels, beat, body_of, title_of
from monitoring.settings import AlertSettings
from tests.monitoring.standings import NOW

EXPECTED = Path(__file__).parent / "expected"
ALERT = AlertState(
    "system_down:erp",
    NOW - timedelta(hours=2),
    "erp: it cannot be reached",
    "page",
    NOW,
    facts={"kind": "system_down", "system": "erp", "records": "12", "command": "concordat doctor", "run": "d1.account"},
)
MESSAGE = Message("m1", "hook", Word.NEW, ALERT, NOW)
SETTINGS = AlertSettings.model_validate(
    {
        "channels": {"hook": {"fallback": "mail"}, "mail": {}},
        "ui": "https://dagster.example/",
        "runbooks": "https://wiki.example",
    }
)


@contextmanager
def webhook(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A receiver of JSON: its address without a scheme, and what it got."""
    taken: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer()

        def do_GET(self) -> None:
            taken.append({"path": self.path})
            self._answer()

        def _answer(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", taken
        server.shutdown()


@contextmanager
def post_office() -> Iterator[tuple[str, list[str]]]:
    """A receiver of mail that speaks as much SMTP as a letter takes."""
    letters: list[str] = []

    class Office(socketserver.StreamRequestHandler):
        timeout = 2

        def handle(self) -> None:
            self._say("220 here")
            while line := self.rfile.readline():
                word = line.split()[0].upper() if line.split() else b""
                if word == b"DATA":
                    self._say("354 go on")
                    letters.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self._say("221 bye" if word == b"QUIT" else "250 fine")
                if word == b"QUIT":
                    return

        def _say(self, said: str) -> None:
            self.wfile.write(f"{said}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Office) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"mailto://127.0.0.1:{server.server_address[1]}/?from=a@x.example&to=b@x.example&mode=insecure", letters
        server.shutdown()


def test_a_webhook_receives_what_broke_since_when_and_what_to_do_first() -> None:
    with webhook() as (at, taken):
        assert Channels(SETTINGS, {"hook": f"json://{at}/x"}).send("hook", [MESSAGE]) == "hook"
    assert taken[0]["title"] == "[page] new: system down (erp)"
    assert taken[0]["message"].splitlines() == [
        "erp: it cannot be reached",
        "since 2026-03-04 08:00 UTC",
        "records: 12",
        "first: concordat doctor",
        "run: https://dagster.example/runs/d1",
        "runbook: https://wiki.example/system_down.md",
    ]
    assert taken[0]["type"] == "failure"


def test_a_letter_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getfqdn", lambda: "here.example")  # it would ask the network what we are called
    with post_office() as (address, letters):
        Channels(SETTINGS, {"mail": address}).send("mail", [replace(MESSAGE, channel="mail")])
    letter = message_from_string(letters[0], policy=policy.default)
    assert letter["Subject"] == "[page] new: system down (erp)"
    assert "erp: it cannot be reached" in str(letter)


def test_where_a_channel_does_not_take_it_its_fallback_does_and_says_so() -> None:
    with webhook(status=500) as (bad, _), webhook() as (good, taken):
        channels = Channels(SETTINGS, {"hook": f"json://{bad}", "mail": f"json://{good}"})
        assert channels.send("hook", [MESSAGE]) == "mail"
    assert taken[0]["message"].endswith("(the channel hook did not take this)")


@pytest.mark.parametrize("addresses", [{}, {"hook": "nonsense"}, {"hook": "json://127.0.0.1:1/secret-token"}])
def test_where_nobody_takes_it_that_is_said_without_an_address(
    addresses: dict[str, str], caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(ChannelError) as error:
        Channels(SETTINGS, addresses).send("hook", [MESSAGE])
    assert str(error.value) == "nobody took it: hook, mail were tried"
    assert "secret-token" not in caplog.text + "".join(capsys.readouterr())


def test_many_messages_at_one_time_are_one_with_the_worst_on_top() -> None:
    mild = replace(ALERT, key="unknown_code:x", severity="steward", facts={"kind": "unknown_code"})
    with webhook() as (at, taken):
        Channels(SETTINGS, {"hook": f"json://{at}"}).send("hook", [replace(MESSAGE, alert=mild), MESSAGE])
    assert len(taken) == 1
    assert taken[0]["title"] == "[page] 2 messages: system down (erp), unknown code (x)"
    assert taken[0]["message"].count("since ") == 2


def test_that_it_is_over_looks_like_it() -> None:
    over = replace(ALERT, over_at=NOW)
    told = Message("m2", "hook", Word.HEALED, over, NOW)
    with webhook() as (at, taken):
        Channels(SETTINGS, {"hook": f"json://{at}"}).send("hook", [told])
    assert taken[0]["type"] == "success"
    assert title_of([told]) == "[page] resolved: system down (erp)"
    assert "over 2026-03-04 10:00 UTC" in body_of(over, SETTINGS, Word.HEALED)
    assert "first:" not in body_of(over, SETTINGS, Word.HEALED)


HOSTED = {
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops",
    "pagerduty": "pagerduty://A1BRTD4JD@TIiajkdnlazkcOXrIdevi7F",
    "opsgenie": "opsgenie://a-very-long-api-key",
    "dingtalk": "dingtalk://a8c3e5f0",
    "feishu": "feishu://a8c3e5f0",
    "wecom": "wecombot://a8c3e5f0",
    "teams": "workflows://prod-1.westeurope.logic.azure.com/643e69f83c8944/4bhNkJuUSxbR",
}
STEWARD = replace(ALERT, key="review_age:account", severity="steward", says="5 questions", facts={"kind": "review_age"})
OVER = replace(ALERT, over_at=NOW)
TOLD = (MESSAGE, Message("m2", "hook", Word.NEW, STEWARD, NOW), Message("m3", "hook", Word.HEALED, OVER, NOW))


@dataclass
class Hosted:
    """Stands where requests would leave this machine: keeps what was to be sent, and answers as a service does."""

    sent: list[str] = field(default_factory=list)

    def take(self, request: Any, **_: Any) -> SimpleNamespace:
        """In place of `requests.Session.send`."""
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        told = json.dumps(_without_clock(json.loads(body)), indent=1, ensure_ascii=False, sort_keys=True)
        heads = [name for name in ("Authorization", "Content-Type") if name in request.headers]
        named = [f"{name}: {request.headers[name]}" for name in heads]
        self.sent.append("\n".join([f"{request.method} {request.url}", *named, told]))
        answer = "ok" if "slack" in request.url else '{"requestId": "r1", "code": 0, "errcode": 0}'
        return SimpleNamespace(status_code=200, content=answer.encode(), text=answer, headers={})


def _without_clock(said: Any) -> Any:
    """apprise stamps some attachments with its own clock."""
    if isinstance(said, dict):
        return {name: "(now)" if name == "ts" else _without_clock(one) for name, one in said.items()}
    return [_without_clock(one) for one in said] if isinstance(said, list) else said


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> Hosted:
    there = Hosted()
    monkeypatch.setattr("requests.sessions.Session.send", there.take)
    return there


@pytest.mark.parametrize("name", HOSTED)
def test_a_hosted_channel_is_sent_exactly_this(name: str, hosted: Hosted) -> None:
    for message in TOLD:
        assert Channels(SETTINGS, {"hook": HOSTED[name]}).send("hook", [message]) == "hook"
    told = "\n\n".join(hosted.sent) + "\n"
    expected = EXPECTED / f"{name}.txt"
    if "ACCEPT" in os.environ:
        expected.write_text(told, encoding="utf-8")
    assert told == expected.read_text(encoding="utf-8")


def bodies(hosted: Hosted) -> list[Any]:
    return [json.loads(sent[sent.index("\n{") :]) for sent in hosted.sent]


def test_an_alert_is_one_incident_of_pagerduty_that_is_raised_again_and_resolved(hosted: Hosted) -> None:
    again = replace(MESSAGE, word=Word.AGAIN)
    Channels(SETTINGS, {"hook": HOSTED["pagerduty"]}).send("hook", [again, *TOLD])
    told = [(body["event_action"], body["dedup_key"]) for body in bodies(hosted)]
    assert told == [
        ("trigger", "system_down:erp"),
        ("trigger", "system_down:erp"),
        ("trigger", "review_age:account"),
        ("resolve", "system_down:erp"),
    ]


def test_opsgenie_is_told_what_is_no_failure_too_and_that_it_is_over(hosted: Hosted) -> None:
    Channels(SETTINGS, {"hook": HOSTED["opsgenie"]}).send("hook", TOLD)
    assert [(body["message"], body.get("alias")) for body in bodies(hosted)] == [
        ("[page] new: system down (erp)", "system_down:erp"),
        ("[steward] new: review age (account)", "review_age:account"),
        ("[page] resolved: system down (erp)", None),
    ]


def test_what_an_address_says_of_incidents_itself_stands(hosted: Hosted) -> None:
    Channels(SETTINGS, {"hook": HOSTED["pagerduty"] + "?action=trigger&dedup=mine"}).send("hook", TOLD[2:])
    (body,) = bodies(hosted)
    assert (body["event_action"], body["dedup_key"]) == ("trigger", "mine")


def test_the_heartbeat_reaches_its_address_and_says_where_it_does_not() -> None:
    with webhook() as (at, taken):
        beat(f"http://{at}/alive")
    assert taken == [{"path": "/alive"}]
    with webhook(status=500) as (at, _), pytest.raises(ChannelError, match="the heartbeat was not taken"):
        beat(f"http://{at}/alive?token=abc")
