"""`concordat apply` in a process of its own that ends by kill -9 where it was told to.

Started as `python -m tests.crash.engine`; reads orders as lines of JSON and forks a process for each, so that the
imports are paid for once. What runs in the child is the command people type, on the home, ledger and clock it is told.
"""

import importlib
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Pool, event

from mappings.loading import load_book
from sync_pipelines.cli import run
from sync_pipelines.commands.office import Office
from sync_pipelines.ledger.sql_transaction import Session
from sync_pipelines.settings import BUNDLED_BOOK, Outside, Place, open_house

BEFORE_COMMIT, AFTER_COMMIT = "before-ledger-commit", "after-ledger-commit"
_WRITING = ("BEGIN IMMEDIATE", "BEGIN ISOLATION LEVEL READ COMMITTED")
_LOADED_LATE = (
    *(f"connectors.{vendor}.connector" for vendor in ("kingdee", "salesforce", "shopify", "tryton")),
    "sync_pipelines.commands.runs",
    "sync_pipelines.commands.syncing",
    "sync_pipelines.flow.run",
    "sync_pipelines.ledger.opening",
    "sync_pipelines.ledger.upgrading",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
)


def load_all() -> None:
    """What a run imports as it goes, once for all processes."""
    for name in _LOADED_LATE:
        importlib.import_module(name)
    load_book(BUNDLED_BOOK)
    httpx.Client(http2=True).close()


class Ending:
    """The signal that ends (or stops) this very process, at the nth time a point is passed."""

    def __init__(self, at: str, nth: int, number: int) -> None:
        self.at, self.nth, self.number = at, nth, number
        self.met: Counter[str] = Counter()

    def __call__(self, point: str) -> None:
        self.met[point] += 1
        if point == self.at and self.met[point] == self.nth:
            os.kill(os.getpid(), self.number)


def shifted(file: Path) -> Callable[[], datetime]:
    """A clock that runs as ours does, as many seconds ahead as the file says at the moment."""
    return lambda: datetime.now(UTC) + timedelta(seconds=float(file.read_text(encoding="ascii")))


def watch_commits(ending: Ending) -> None:
    """Every commit of something written to the ledger is two more points: just before, and just after.

    The ledger says these words to the driver itself, so SQLAlchemy's own events hear nothing of them.
    """
    say, writing = Session._say, False

    def said(session: Session, *statements: str) -> None:
        nonlocal writing
        writing = writing or statements[0].startswith(_WRITING)
        ends = writing and statements == ("COMMIT",)
        if ends:
            ending(BEFORE_COMMIT)
        say(session, *statements)
        if ends:
            writing = False
            ending(AFTER_COMMIT)

    setattr(Session, "_say", said)  # noqa: B010 - where every transaction is begun and ended; mypy knows another type


def leave_room(pages: int) -> None:
    """SQLite's own way to a full disk: the file may grow by so many pages and no more."""

    def connected(connection: Any, _record: Any) -> None:
        (used,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {used + pages}")

    event.listen(Pool, "connect", connected)


def work(order: Mapping[str, Any]) -> int:
    """What the child does until it ends, by itself or not."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(order["environment"])
    ending = Ending(order.get("at", ""), order.get("nth", 1), order.get("signal", signal.SIGKILL))
    watch_commits(ending)
    if "pages" in order:
        leave_room(order["pages"])
    clock = shifted(Path(order["clock"]))
    outside = Outside(clock=clock, checkpoint=ending)
    office = Office(open_house=lambda: open_house(Place.found(), outside=outside), clock=clock, width=100)
    return run(order["arguments"], office)


def answer(word: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(word) + "\n")
    sys.stdout.flush()


def fork(order: Mapping[str, Any]) -> None:
    child = os.fork()
    if child == 0:
        code = 70
        try:
            code = work(order)
        finally:
            sys.stdout.flush()
            os._exit(code)
    answer({"pid": child})
    began = time.monotonic()
    _, status = os.waitpid(child, os.WUNTRACED)
    while os.WIFSTOPPED(status):
        answer({"stopped": child})
        _, status = os.waitpid(child, os.WUNTRACED)
    answer({"code": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - began})


if __name__ == "__main__":
    load_all()
    for line in sys.stdin:
        fork(json.loads(line))
