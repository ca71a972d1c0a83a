"""Programs of their own, each on a free port of loopback, ended with the test."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

PATIENCE = 60  # seconds
CONCORDAT = Path(sys.executable).with_name("concordat")
Start = Callable[..., "subprocess.Popen[bytes]"]


def until(found: Callable[[], Any], what: str) -> Any:
    """What is found in the end; asked often, and not for ever."""
    for _ in range(PATIENCE * 5):
        try:
            if answer := found():
                return answer
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {PATIENCE} seconds")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is missing: Debian packages prometheus and prometheus-alertmanager")
    return found


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a program; its words go into a file."""
    with ExitStack() as stack:

        def begin(*command: object, **environment: str) -> "subprocess.Popen[bytes]":
            log = stack.enter_context((tmp_path / f"{Path(str(command[0])).name}.log").open("wb"))
            process = subprocess.Popen(
                [str(word) for word in command], stdout=log, stderr=subprocess.STDOUT, env=environment or None
            )
            stack.callback(_ended, process)
            return process

        yield begin


def _ended(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)


class Receiver:
    """Takes what Alertmanager posts."""

    def __init__(self) -> None:
        taken: list[tuple[str, dict[str, Any]]] = []
        self.taken = taken

        class Page(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                taken.extend((self.path, alert) for alert in told["alerts"])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.port = self.server.server_address[1]

    def told(self, alert: str, status: str = "firing") -> list[tuple[str, dict[str, Any]]]:
        """Where an alert was told, and how."""
        return [
            (path, one) for path, one in self.taken if one["labels"]["alertname"] == alert and one["status"] == status
        ]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def prometheus(start: Start, tmp_path: Path) -> Callable[..., str]:
    """Starts Prometheus on a target, with our rules, every second; answers its address."""
    rules = Path(__file__).parents[3] / "monitoring" / "rules"

    def begin(target: str, alertmanager: str = "127.0.0.1:1") -> str:
        text = (rules / "prometheus.yml").read_text(encoding="utf-8")
        for old, new in (
            ("127.0.0.1:9187", target),
            ("127.0.0.1:9093", alertmanager),
            ("30s", "1s"),
            ("concordat.rules.yml", str(rules / "concordat.rules.yml")),
        ):
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "prometheus.yml").write_text(text, encoding="utf-8")
        port = free_port()
        start(
            program("prometheus"), f"--config.file={tmp_path / 'prometheus.yml'}",
            f"--storage.tsdb.path={tmp_path / 'tsdb'}", f"--web.listen-address=127.0.0.1:{port}",
        )  # fmt: skip
        address = f"http://127.0.0.1:{port}"
        until(lambda: httpx.get(f"{address}/-/ready").is_success, "Prometheus is ready")
        return address

    return begin
