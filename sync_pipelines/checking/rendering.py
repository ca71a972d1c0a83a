"""Complaints as a compiler prints them: `account/ownership.yaml:12: fault rule-dead: … — …`."""

from collections import Counter
from collections.abc import Iterable

from mappings.complaints import Complaint
from sync_pipelines.checking.codes import CODES, Severity, severity_of

_MANY = {Severity.FAULT: "faults", Severity.WARNING: "warnings", Severity.NOTE: "notes"}


def render(complaints: Iterable[Complaint]) -> str:
    """One line for each, in order of files and lines, and one that counts them."""
    told = in_order(complaints)
    return "\n".join([*(line_of(complaint) for complaint in told), _sum(told)]) + "\n"


def line_of(complaint: Complaint) -> str:
    """One complaint."""
    advice = f" — {complaint.do}" if complaint.do else ""
    severity = severity_of(complaint)
    return f"{complaint.file}:{complaint.line}: {severity} {complaint.code}: {complaint.says}{advice}"


def table() -> str:
    """All codes for people, as Markdown."""
    rows = [f"| `{name}` | {code.severity} | {code.means} | {code.mend} |" for name, code in CODES.items()]
    return "\n".join(["| code | | what it means | how to mend it |", "|---|---|---|---|", *rows]) + "\n"


def in_order(complaints: Iterable[Complaint]) -> list[Complaint]:
    """Each once, by file and line."""
    return sorted(set(complaints), key=lambda one: (one.file, one.line, one.code, one.says))


def _sum(told: list[Complaint]) -> str:
    counts = Counter(severity_of(complaint) for complaint in told)
    found = [f"{counts[sort]} {sort if counts[sort] == 1 else _MANY[sort]}" for sort in Severity if counts[sort]]
    return ", ".join(found) or "nothing to complain of"
