"""Log lines for people and machines: one line each, on stderr, without what may be a person's or a secret."""

import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

from monitoring.redact import printable, redact


def log_to(stream: TextIO | None = None, *, as_json: bool = False) -> structlog.typing.FilteringBoundLogger:
    """A logger of its own: it changes nothing about how others log."""
    plain = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True)
    last = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else plain
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    wrapped = structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        processors=[structlog.processors.add_log_level, stamp, _redacted, last],
        wrapper_class=structlog.make_filtering_bound_logger(0),
    )
    return cast("structlog.typing.FilteringBoundLogger", wrapped)


def _redacted(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Identifiers and stamps of ours stay: only `event` and `says` may hold words of others."""
    told = {**event, **{name: redact(str(event[name])) for name in ("event", "says") if name in event}}
    return {name: printable(word) if isinstance(word, str) else word for name, word in told.items()}
