"""Errors named by what to do next; the class is the instruction, the message is for a person.

`TransientError` retry later · `UncertainError` look first · `StaleError` re-plan · `RejectedError` quarantine this
record · `MisconfiguredError` halt this system until a person acts.
"""

import re

_HALF = re.compile("[\ud800-\udfff]")


class ConnectorError(Exception):
    """Something went wrong at a connected system: what, where and what to do, in one line."""

    def __init__(self, message: str, *, code: str = "", field: str = "") -> None:
        """Keep the vendor's own code and, where it names one, the field in the vendor's words."""
        super().__init__(_whole(message))
        self.code = _whole(code)
        self.field = _whole(field)


def _whole(text: str) -> str:
    """What a system says may bear half a character, which no log, ledger or terminal takes: it becomes a mark."""
    return text if text.isascii() else _HALF.sub("\N{REPLACEMENT CHARACTER}", text)


class TransientError(ConnectorError):
    """Surely not done, and likely to work later (throttled, locked, busy, connection refused)."""

    def __init__(self, message: str, *, code: str = "", field: str = "", retry_after: float | None = None) -> None:
        """`retry_after` in seconds where the system says so."""
        super().__init__(message, code=code, field=field)
        self.retry_after = retry_after


class BudgetError(TransientError):
    """The call budget of this system is used up: the run ends as incomplete, nothing was sent."""


class UncertainError(ConnectorError):
    """A write was sent and its answer was lost or cannot be read: it may or may not have been done."""


class StaleError(ConnectorError):
    """Surely not done: the record is no longer as it was when the change was planned."""


class RejectedError(ConnectorError):
    """Surely not done: the system refuses this very record, and will do so again."""

    def __init__(self, message: str, *, code: str = "", field: str = "", candidates: tuple[str, ...] = ()) -> None:
        """`candidates` are ids of records that the system's own duplicate rule names."""
        super().__init__(message, code=code, field=field)
        self.candidates = candidates


class MisconfiguredError(ConnectorError):
    """Nobody but a person can mend this: credentials, permissions, a missing field, another tenant."""


WriteError = TransientError | UncertainError | StaleError | RejectedError
