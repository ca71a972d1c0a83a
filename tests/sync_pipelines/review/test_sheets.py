"""Questions go out into a spreadsheet and answers come back, whatever the texts are and whoever saved the file."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_pipelines.model.questions import About, Question
from sync_pipelines.review.sheets import Answered, SheetError, read_sheet, sheet, shielded, unshielded

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
FORMULAS = ("=1+1", "+49 30 1", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''", "'")


def question(number: int, asks: str = "Which?", value: str = "x") -> Question:
    return Question(
        entity="account",
        entity_id=f"e{number}",
        topic="field:phone",
        about=About.VALUE,
        steward="sales",
        asks=asks,
        choices={"crm": "take the value of crm", "erp": "take the value of erp"},
        evidence={"values": {"crm": value, "erp": "y"}},
        id=f"q{number}",
    )


def filled(content: bytes, answers: list[str]) -> list[list[str]]:
    """What a steward types into the last column."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    return [rows[0], *([*row[:-1], answer] for row, answer in zip(rows[1:], answers, strict=True))]


def saved(rows: list[list[str]], *, delimiter: str = ",", encoding: str = "utf-8", newline: str = "\r\n") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=newline).writerows(rows)
    return text.getvalue().encode(encoding)


@given(st.lists(st.tuples(TEXTS, TEXTS, st.sampled_from(["", "crm", "erp"])), min_size=1, max_size=8))
def test_answers_come_back_to_the_questions_they_were_given_to(lines: list[tuple[str, str, str]]) -> None:
    asked = [question(number, asks, value) for number, (asks, value, _) in enumerate(lines)]
    answers = [answer for _, _, answer in lines]
    read = read_sheet(saved(filled(sheet(asked), answers)))
    assert [(one.question, one.answer) for one in read] == [(f"q{n}", a) for n, a in enumerate(answers) if a]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "gb18030"])
@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_it_does_not_matter_in_which_country_the_file_was_saved(delimiter: str, encoding: str, newline: str) -> None:
    rows = filled(sheet([question(1, "Which, Müller?"), question(2, "Or; which?")]), ["crm", "erp"])
    read = read_sheet(saved(rows, delimiter=delimiter, encoding=encoding, newline=newline))
    assert read == [Answered(2, "q1", "crm"), Answered(3, "q2", "erp")]


@given(TEXTS)
def test_no_cell_begins_like_a_formula_and_each_comes_back_as_it_was(text: str) -> None:
    assert not shielded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert unshielded(shielded(text)) == text


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_in_somebodys_name_is_a_text_in_the_sheet(text: str) -> None:
    rows = csv.reader(io.StringIO(sheet([question(1, text, text)]).decode("utf-8-sig"), newline=""))
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert f"'{text}" in cells


@given(st.binary(max_size=200))
def test_whatever_file_is_read_it_is_answers_or_a_sentence(content: bytes) -> None:
    with suppress(SheetError):
        assert all(one.question and one.answer for one in read_sheet(content))


def test_a_line_that_was_copied_counts_once() -> None:
    rows = filled(sheet([question(1)]), ["crm"])
    assert read_sheet(saved([*rows, rows[1]])) == [Answered(2, "q1", "crm")]
