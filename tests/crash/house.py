"""A house with its ledger, and the process that works in it: started, killed, started again."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Self

from mappings.book import Book
from mappings.loading import load_book
from sync_pipelines.demo.home import book_with
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.ledger.sql import SqlLedger
from sync_pipelines.model.changes import OPEN
from tests.crash.systems import SERVER_POINTS, Systems, Trigger
from tests.sync_pipelines.demo.beginnings import empty_at_first

ROOT = Path(__file__).parents[2]
AUDIT_KEY = "the key of the tests"


class Engine:
    """`tests.crash.engine` in its own process; one order at a time."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.crash.engine"]
        told = {name: value for name, value in os.environ.items() if not name.startswith("CONCORDAT_")}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, env=told)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def start(self, order: Mapping[str, Any]) -> int:
        """Answers the pid of the process that does it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._heard()["pid"])

    def ended(self) -> int:
        """The exit code of the process that was started last; below zero, the signal that ended it."""
        return int(self._heard()["code"])

    def stopped(self) -> bool:
        """Whether that process stands still; False where it came to its end instead."""
        return "stopped" in self._heard()

    def _heard(self) -> Mapping[str, Any]:
        assert self._process.stdout is not None
        heard: Mapping[str, Any] = json.loads(self._process.stdout.readline())
        return heard


@dataclass
class House:
    """One home; `ledger` is a URL."""

    home: Path
    ledger: str
    systems: Systems
    engine: Engine

    def furnish(self) -> Book:
        """Its book."""
        return load_book(empty_at_first(book_with(self.home / "book", self.systems.erp_name)))

    @property
    def log(self) -> Path:
        """All that was said in this house."""
        return self.home / "said.txt"

    def order(self, **more: Any) -> dict[str, Any]:
        """To bring all accounts into agreement."""
        environment = {
            **self.systems.environment(), "CONCORDAT_HOME": str(self.home), "CONCORDAT_LEDGER": self.ledger,
            "CONCORDAT_AUDIT_KEY": AUDIT_KEY, "CONCORDAT_LOG": str(self.home / "engine.log"),
            "CONCORDAT_LOG_LEVEL": "debug",
        }  # fmt: skip
        apply = ["apply", "account", "--passes", "6"]
        return {
            "log": str(self.log),
            "clock": str(self.systems.clock.file),
            "environment": environment,
            "arguments": apply,
            **more,
        }

    def run(self, **more: Any) -> int:
        """One process, from start to end."""
        self.engine.start(self.order(**more))
        return self.engine.ended()

    def adopt(self) -> int:
        """Find out what was made before an older ledger was put in place, once systems show all of it."""
        self.systems.clock.advance(11 * 60)
        return self.run(arguments=["adopt"])

    def stop(self, at: str, nth: int = 1) -> int:
        """A process that stands still there, by SIGSTOP; answers its pid, 0 where it never came to that point."""
        pid = self.engine.start(self.order(at=at, nth=nth, signal=signal.SIGSTOP))
        return pid if self.engine.stopped() else 0

    def wake(self, pid: int) -> int:
        """It goes on as if nothing had been; answers its exit code."""
        os.kill(pid, signal.SIGCONT)
        return self.engine.ended()

    def die(self, at: str, nth: int) -> bool:
        """One process that is to be killed there; False where it never came to that point."""
        if at not in SERVER_POINTS:
            return self.run(at=at, nth=nth) == -signal.SIGKILL
        known, pid = Event(), 0

        def end() -> None:
            known.wait(10)
            os.kill(pid, signal.SIGKILL)

        trigger = Trigger(at, nth, end)
        self.systems.arm(trigger)
        pid = self.engine.start(self.order())
        known.set()
        code = self.engine.ended()
        self.systems.arm(Trigger())
        return trigger.struck and code == -signal.SIGKILL

    def settle(self, most: int = 8) -> bool:
        """Run until a run writes nothing and leaves no write open."""
        for _ in range(most):
            self.systems.clock.advance(11 * 60)
            before = self.systems.writes()
            self.run()
            if self.systems.writes() == before and not self.stuck():
                return True
        return False

    def open(self) -> SqlLedger:
        """Its ledger, for a look."""
        return open_ledger(self.ledger, audit_key=AUDIT_KEY.encode())

    def stuck(self) -> list[str]:
        """Writes without an outcome."""
        ledger = self.open()
        try:
            return [f"{change.system} {change.op.value} {change.state.value}" for change in ledger.changes(states=OPEN)]
        finally:
            ledger.close()

    def complaints(self) -> list[str]:
        """What is wrong with a settled house: open writes, a run that still writes, an audit chain that is broken."""
        said = [f"stuck: {one}" for one in self.stuck()]
        before = self.systems.writes()
        self.systems.clock.advance(60)
        self.run()
        more = self.systems.writes() - before
        said += [f"a second run wrote {more} times"] if more else []
        ledger = self.open()
        try:
            ledger.verify_audit()
        finally:
            ledger.close()
        told = self.log.read_text(encoding="utf-8")
        return said + [word for word in ("Traceback", "something went wrong inside") if word in told]

    def keep_ledger(self, folder: Path) -> None:
        """Copy the SQLite files as they lie there."""
        folder.mkdir()
        for file in self.home.glob("ledger.sqlite*"):
            shutil.copy(file, folder)

    def restore_ledger(self, folder: Path) -> None:
        """Put an older copy in their place."""
        for file in self.home.glob("ledger.sqlite*"):
            file.unlink()
        for file in folder.glob("ledger.sqlite*"):
            shutil.copy(file, self.home)
