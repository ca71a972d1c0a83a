"""A house with its gate and Dagster's daemon as processes of their own, and three systems over HTTP in this one."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from mappings.loading import load_book
from sync_pipelines.demo.announcing import Announcer
from sync_pipelines.demo.cast import CRM, ERP, Firm, cast
from sync_pipelines.demo.home import book_with
from sync_pipelines.demo.systems import KINGDEE, DemoSystems
from tests.sync_pipelines.demo.beginnings import empty_at_first

SECRET = "a secret of the tests"
PASSWORD = "four words that are long"
ROOT = Path(__file__).parents[3]
_FIRMS = 6
LONGEST_START = 300.0  # seconds, on a machine that does much else


class House:
    """One home; everything in it is told by its folder alone."""

    def __init__(self, home: Path, **more: str) -> None:
        self.home, self.more = home, more
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        empty_at_first(book_with(home / "book", KINGDEE))
        # No schedule may bring what only the announcement is to bring.
        rules = home / "book" / "account" / "ownership.yaml"
        rules.write_text(rules.read_text(encoding="utf-8").replace("every: 5m, ", "every: 24h, "), encoding="utf-8")

    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("CONCORDAT_", "DAGSTER_"))}
        told = {"CONCORDAT_HOME": self.home, "DAGSTER_HOME": self.home / "dagster", "DAGSTER_DISABLE_TELEMETRY": "yes"}
        return {**own, **{name: str(value) for name, value in told.items()}, **self.more}

    def concordat(self, *arguments: str, typed: str = "") -> str:
        """A command; what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "sync_pipelines.cli", *arguments],
            cwd=ROOT, env=self.environment(), input=typed, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def process(self, name: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Running until the end; its words lie in the home."""
        with (self.home / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command], cwd=ROOT, env=self.environment(), stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def gate(self) -> Any:
        return self.process("gate", "sync_pipelines.cli", "serve", "--port", str(self.port))

    def daemon(self) -> Any:
        return self.process("daemon", "dagster._daemon", "run", "-m", "sync_pipelines.definitions")

    def log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-3000:]


def until(holds: Callable[[], object], longest: float, says: Callable[[], str] = lambda: "") -> float:
    """Look again and again; answers after how many seconds it held."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < longest, says()
        time.sleep(0.1)
    return time.monotonic() - began


def firms() -> list[Firm]:
    """German firms that CRM and ERP both know."""
    return [firm for firm in cast() if firm.country == "DE" and firm.where == (CRM, ERP)][:_FIRMS]


@contextmanager
def running_house(home: Path) -> Iterator[tuple[House, DemoSystems, Mapping[str, str], Announcer]]:
    """At rest, with gate and daemon running; the ids of accounts in the CRM by firm."""
    house = House(home)
    with ExitStack() as stack:
        book = load_book(home / "book")
        systems = stack.enter_context(DemoSystems(home, book, KINGDEE, home / "cache", lambda _: None))
        accounts = systems.fill(firms())[CRM]
        house.concordat("adopt")
        house.concordat("apply")
        house.concordat("users", "add", "ada", "--role", "operator", typed=f"{PASSWORD}\n")
        gate = stack.enter_context(house.gate())
        until(lambda: alive(house, gate), LONGEST_START, lambda: house.log("gate"))
        stack.enter_context(house.daemon())
        announcer = Announcer(systems.org.system, house.url, systems.announces_with)
        stack.callback(announcer.close)
        yield house, systems, accounts, announcer


def slowness() -> float:
    """How many times longer than on a quiet machine (1.3 s) Dagster takes to be imported here and now; at least 1."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import dagster"], check=True)
    return max(1.0, (time.monotonic() - began) / 1.3)


def alive(house: House, gate: "subprocess.Popen[bytes]") -> bool:
    assert gate.poll() is None, house.log("gate")
    try:
        return httpx.get(f"{house.url}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
