"""The log: one line for each event, through the standard library's logging, under one tree of loggers, `concordat`.

Where nobody asked for a log nothing is written: the tree has a handler that does nothing, and others may listen to it
(Dagster shows what its `managed_python_loggers` name in the log of a run). No line bears a payload, a value or a
secret; the few words in it go through `redact`.
"""

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any, TextIO

from monitoring.journal import Happened, What
from monitoring.redact import escaped, printable, redact

TREE = "concordat"
STDERR = "stderr"
LEVELS = ("debug", "info", "warning", "error")
_TOLD = "told"  # the attribute of a log record that holds the event
_NAMES = tuple(each.name for each in fields(Happened) if each.name not in ("what", "at"))

logging.getLogger(TREE).addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Line:
    """How an event is logged."""

    logger: str  # below the tree
    level: int
    means: str


_DEBUG, _INFO, _WARN, _ERROR = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR
LINES: Mapping[What, Line] = MappingProxyType(
    {
        What.RUN_BEGUN: Line("run", _INFO, "a run of an entity, or a chore, began"),
        What.RUN_ENDED: Line("run", _INFO, "it ended: `state` and `counts` say how, `says` why not better"),
        What.STEP_BEGUN: Line("step", _INFO, "recover, read (of one kind), plan, judge or apply began"),
        What.STEP_ENDED: Line("step", _INFO, "it came to its end: `counts`"),
        What.STEP_BROKEN: Line("step", _ERROR, "it broke off: `reason` is the class of the error"),
        What.PART_HELD: Line("guard", _WARN, "a guard, a switch or a missing leave holds this part of a plan"),
        What.CALL_REPEATED: Line("call", _INFO, "a read was asked once more"),
        What.CALL_THROTTLED: Line(
            "call",
            _WARN,
            "for how long it is left alone, or an answer took where it got `slow`: `counts`",
        ),
        What.CALL_FAILED: Line("call", _WARN, "a call came to nothing, or nobody knows to what: `reason`"),
        What.WRITE_SENT: Line("write", _INFO, "kept as intended, and handed over to be sent"),
        What.WRITE_DONE: Line("write", _INFO, "proven by the system"),
        What.WRITE_UNCERTAIN: Line("write.trouble", _WARN, "the answer was lost; it is looked up, never sent again"),
        What.WRITE_REFUSED: Line("write.trouble", _WARN, "the system refused the record"),
        What.WRITE_DROPPED: Line("write.trouble", _INFO, "surely not done; the next plan decides anew"),
        What.RECORD_QUARANTINED: Line("record", _WARN, "it cannot go on: `reason`, and the name of the `field`"),
        What.QUESTION_ASKED: Line(
            "question", _INFO, "the rules leave something open: `reason` says what sort of thing"
        ),
        What.QUESTION_ANSWERED: Line("question", _INFO, "somebody answered; who and what is kept with the question"),
        What.QUESTION_WITHDRAWN: Line("question", _INFO, "the doubt went away by itself"),
        What.LEASE_TAKEN: Line("lease", _DEBUG, "this process has the right to write to a kind"),
        What.LEASE_REFUSED: Line("lease", _WARN, "another process has it; this one leaves the kind alone"),
        What.LEASE_FENCED: Line("lease", _ERROR, "it was lost while writing; nothing was committed with it"),
        What.ALERT_SENT: Line("alert", _INFO, "a channel took a message: `reason` names the alert"),
        What.ALERT_UNSENT: Line("alert", _ERROR, "the channel took nothing; it is tried again"),
        What.WEBHOOK_RECEIVED: Line("webhook", _INFO, "an announcement was kept; what it hints at is read again"),
    }
)
_BY_STATE = {"halted": _ERROR, "stale": _ERROR, "incomplete": _WARN, "complete_with_rejects": _WARN}


def log_event(happened: Happened) -> None:
    """The sink of the engine's teller."""
    line = LINES[happened.what]
    level = max(line.level, _BY_STATE.get(happened.state, line.level))
    logger = logging.getLogger(f"{TREE}.{line.logger}")
    if logger.isEnabledFor(level):
        logger.log(level, "%s", _Text(happened), extra={_TOLD: happened})


def told(happened: Happened) -> dict[str, Any]:
    """What is told of an event, under its names; empty attributes are left out."""
    given = ((name, getattr(happened, name)) for name in _NAMES)
    about = {name: printable(word) if isinstance(word, str) else dict(word) for name, word in given if word}
    if happened.says:
        about["says"] = printable(redact(happened.says))
    return about


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


class _Text:
    """Spelled only where somebody shows it: `run ended entity=account state=complete`."""

    def __init__(self, happened: Happened) -> None:
        self._happened = happened

    def __str__(self) -> str:
        return _spelled(str(self._happened.what), told(self._happened))


def _spelled(event: str, about: Mapping[str, Any]) -> str:
    return " ".join([event, *(f"{name}={_word(said)}" for name, said in about.items())])


def _word(said: Any) -> str:
    if isinstance(said, Mapping):
        return ",".join(f"{name}:{count}" for name, count in said.items())
    plain = str(said)
    return json.dumps(plain, ensure_ascii=False) if not plain or set(' "=\n') & set(plain) else plain


class JsonLines(logging.Formatter):
    """`{"time": …, "level": …, "event": …, …}`, one object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The time is the engine's, where it is an event of the engine."""
        happened: Happened | None = getattr(record, _TOLD, None)
        at = happened.at if happened else datetime.fromtimestamp(record.created, UTC)
        event, about = (str(happened.what), told(happened)) if happened else (redact(record.getMessage()), {})
        head = {"time": _stamp(at), "level": record.levelname.lower(), "logger": record.name}
        return escaped(json.dumps({**head, "event": event, **about}, ensure_ascii=False))


_OPEN: dict[str, tuple[logging.Handler, int]] = {}  # by place: who writes there, and for how many that are not done
_LOCK = Lock()


@contextmanager
def logging_to(place: str, level: str = "info") -> Iterator[None]:
    """While this lasts, the tree is written to `stderr` or a file; empty: nowhere. OSError where it cannot be.

    Rotation is the system's: a file that was moved away is opened anew. Several processes may write to one.
    """
    if not place:
        yield
        return
    _open(place, level)
    try:
        yield
    finally:
        _close(place)


def _open(place: str, level: str) -> None:
    with _LOCK:
        handler, users = _OPEN.get(place) or (_added(place, level), 0)
        _OPEN[place] = (handler, users + 1)


def _added(place: str, level: str) -> logging.Handler:
    handler, tree = _handler(place), logging.getLogger(TREE)
    handler.setFormatter(JsonLines())
    handler.setLevel(level.upper())
    tree.addHandler(handler)
    tree.setLevel(min(handler.level, tree.level or handler.level))
    return handler


def _close(place: str) -> None:
    with _LOCK:
        handler, users = _OPEN.pop(place)
        if users > 1:
            _OPEN[place] = (handler, users - 1)
            return
        tree = logging.getLogger(TREE)
        tree.removeHandler(handler)
        tree.setLevel(min((other.level for other, _ in _OPEN.values()), default=logging.NOTSET))
        handler.close()


def _handler(place: str) -> logging.Handler:
    """A file is for its owner alone."""
    if place == STDERR:
        return logging.StreamHandler(sys.stderr)
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(place, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
    return WatchedFileHandler(place, encoding="utf-8")


# --- lines of the processes around the engine ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Says:
    """A logger of one stream, for a process whose own words are its log: it changes nothing about how others log."""

    stream: TextIO
    as_json: bool = False

    def info(self, event: str, **about: str) -> None:
        """As expected."""
        self._say("info", event, about)

    def warning(self, event: str, **about: str) -> None:
        """To be looked at."""
        self._say("warning", event, about)

    def error(self, event: str, **about: str) -> None:
        """To be mended."""
        self._say("error", event, about)

    def _say(self, level: str, event: str, about: Mapping[str, str]) -> None:
        """Identifiers and stamps of ours stay: only `event` and `says` may hold words of others."""
        known = {name: printable(redact(word) if name == "says" else word) for name, word in about.items() if word}
        head = {"timestamp": _stamp(datetime.now(UTC)), "level": level, "event": printable(redact(event))}
        line = json.dumps({**head, **known}, ensure_ascii=False) if self.as_json else _pairs({**head, **known})
        self.stream.write(f"{line}\n")
        self.stream.flush()


def _pairs(about: Mapping[str, str]) -> str:
    return " ".join(f"{name}={_word(said)}" for name, said in about.items())


def log_to(stream: TextIO | None = None, *, as_json: bool = False) -> Says:
    """On stderr, where it is not said otherwise."""
    return Says(stream or sys.stderr, as_json)
