"""The codes of complaints: stable, each with its severity, what it means and how it is mended.

`docs/howto/check.md` shows this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mappings.complaints import Complaint
from mappings.values import Where
from sync_pipelines.checking.codes_of_checks import FAULTS, NOTES, WARNINGS
from sync_pipelines.checking.codes_of_loading import LOADING


class Severity(StrEnum):
    """How bad it is, worst first."""

    FAULT = "fault"  # the book may not be run
    WARNING = "warning"  # it may, and something will not be as one would think
    NOTE = "note"  # worth knowing


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means."""

    severity: Severity
    means: str
    mend: str


def complaint(code: str, where: Where, says: str, do: str = "") -> Complaint:
    """A complaint of the checks. Raises KeyError for a code that no table explains."""
    if code not in CODES:
        raise KeyError(code)
    return Complaint(code, where.file, where.line, says, do)


def severity_of(told: Complaint) -> Severity:
    """How bad a complaint is. A code that is not known here is a fault."""
    return CODES[told.code].severity if told.code in CODES else Severity.FAULT


_TABLES = ((Severity.FAULT, (LOADING, *FAULTS)), (Severity.WARNING, (WARNINGS,)), (Severity.NOTE, (NOTES,)))

CODES: Mapping[str, Code] = {
    code: Code(severity, means, mend)
    for severity, tables in _TABLES
    for table in tables
    for code, (means, mend) in table.items()
}
