"""What a person is told when a command fails, and the report that is kept of a failure of ours."""

import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from connectors.errors import ConnectorError, MisconfiguredError
from mappings.complaints import BookError
from monitoring.redact import printable
from sync_pipelines.commands.office import LOOK
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.review.sheets import SheetError

_WRONG = 2


def told(error: Exception) -> tuple[str, int]:
    """One line (a book: one for each fault), and the exit code."""
    if isinstance(error, BookError):
        return _book(error), _WRONG
    if isinstance(error, MisconfiguredError | LedgerError | SheetError):
        return _one_line(error), _WRONG
    if isinstance(error, ConnectorError):
        return f"{_one_line(error)}; nothing is lost, the next run takes it up again", LOOK
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}", _WRONG
    return _crash(error), LOOK


def _one_line(error: Exception) -> str:
    return printable(" ".join(str(error).split()))


def _book(error: BookError) -> str:
    many = len(error.complaints)
    head = f"the book has {many} fault{'s' if many > 1 else ''}:"
    return printable("\n".join([head, *(f"  {complaint}" for complaint in error.complaints)]))


def _crash(error: Exception) -> str:
    """A fault of ours. The report may hold customer data, so it is its owner's alone."""
    kind = type(error).__name__
    try:
        path = _report(error)
    except OSError:
        return f"something went wrong inside Concordat ({kind}), and no report of it could be written here"
    return f"something went wrong inside Concordat ({kind}); a report is in {path}, look through it before you share it"


def _report(error: Exception) -> Path:
    at = datetime.now(UTC)
    folder = Path(os.environ.get("CONCORDAT_HOME") or ".concordat") / "crashes"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{at:%Y%m%dT%H%M%S%f}.txt"
    arguments = " ".join(sys.argv[1:])
    story = "".join(traceback.format_exception(error))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(f"concordat {arguments}\n{at.isoformat()}\nPython {sys.version}\n\n{story}")
    return path
