"""Questions as a sheet that a steward answers in a spreadsheet program, and the answers read back.

A cell that a spreadsheet would take for a formula gets an apostrophe in front of it, which is taken off again on the
way back. Read are commas, semicolons and tabs, with or without a byte order mark, as the programs of different
countries write them.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.values import Value
from sync_pipelines.model.questions import Question
from sync_pipelines.review.wording import worded

COLUMNS = ("question", "entity", "steward", "asked_at", "asks", "values", "choices", "answer")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_MARK = "'"
_DELIMITERS = ",;\t"


class SheetError(Exception):
    """A sheet that cannot be read: which line, and what to do."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One line that somebody filled in."""

    line: int
    question: str
    answer: str


def sheet(questions: Iterable[Question]) -> bytes:
    """All questions as CSV, with the byte order mark that spreadsheets want before they believe in UTF-8."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for question in questions:
        lines.writerow([shielded(cell) for cell in _cells(question)])
    return text.getvalue().encode("utf-8-sig")


def _cells(question: Question) -> list[str]:
    return [
        question.id,
        question.entity,
        question.steward,
        question.asked_at.strftime("%Y-%m-%d %H:%M") if question.asked_at else "",
        question.asks,
        " | ".join(evidence_lines(question)),
        " | ".join(f"{choice}: {means}" for choice, means in question.choices.items()),
        question.answer,
    ]


def evidence_lines(question: Question) -> list[str]:
    """What a person needs to see, one line per voice."""
    values = question.evidence.get("values")
    if isinstance(values, Mapping):
        return [f"{name} says {worded(value)}" for name, value in values.items()]
    return [f"{name}: {_record(told)}" for name, told in _records(question).items()]


def _records(question: Question) -> Mapping[str, Any]:
    records = question.evidence.get("records")
    return records if isinstance(records, Mapping) else {}


def _record(told: Mapping[str, Value] | str) -> str:
    if not isinstance(told, Mapping):
        return str(told)
    return ", ".join(f"{name} {worded(value)}" for name, value in told.items() if value and not name.startswith("_"))


def shielded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, and of which `unshielded` gives back the very text."""
    return _MARK + cell if cell.startswith((*_FORMULA, _MARK)) else cell


def unshielded(cell: str) -> str:
    """The text as it was before `shielded`. A program that ate the apostrophe did no harm."""
    return cell[1:] if cell.startswith(_MARK) else cell


def read_sheet(content: bytes) -> list[Answered]:
    """The lines that have an answer. SheetError where it is no such sheet, or a question is answered twice."""
    lines = _lines(_text(content))
    if not lines:
        raise SheetError("the sheet is empty; `concordat review export` writes one")
    question, answer = (_column(lines[0], name) for name in ("question", "answer"))
    found = [
        Answered(number, unshielded(line[question]).strip(), unshielded(line[answer]).strip())
        for number, line in enumerate(lines[1:], 2)
        if len(line) > max(question, answer)
    ]
    return _once([one for one in found if one.answer])


def _lines(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise SheetError(f"this is no CSV file: {error}; save the sheet as CSV") from error


def _text(content: bytes) -> str:
    """Only ids and choices are read back, and those are ASCII: the encoding of the rest does not matter."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    return content.decode("utf-8-sig", errors="replace")


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(_DELIMITERS, key=head.count)


def _column(head: Sequence[str], name: str) -> int:
    names = [cell.strip().lower() for cell in head]
    if name not in names:
        raise SheetError(f"line 1: there is no column `{name}`; keep the columns that `concordat review export` wrote")
    return names.index(name)


def _once(answers: list[Answered]) -> list[Answered]:
    first: dict[str, Answered] = {}
    for one in answers:
        if not one.question:
            raise SheetError(f"line {one.line}: an answer without a question; the column `question` was emptied")
        before = first.setdefault(one.question, one)
        if before.answer != one.answer:
            raise SheetError(f"line {one.line}: question {one.question} is answered differently in line {before.line}")
    return list(first.values())
