"""Questions answered in a spreadsheet, from export to import."""

from pathlib import Path

import pytest

from tests.sync_pipelines.cli.conftest import Terminal


@pytest.fixture
def exported(terminal: Terminal, tmp_path: Path) -> Path:
    """Two questions about Firm 0, as a sheet that nobody has filled in yet."""
    terminal.run("apply")
    path = tmp_path / "questions.csv"
    assert terminal.run("review", "export", str(path)) == 0
    assert terminal.out.startswith(f"2 questions in {path}.")
    return path


def fill_in(path: Path, *answers: str) -> None:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    filled = [f"{line}{answer}" for line, answer in zip(lines[1:], answers, strict=True)]
    path.write_text("\n".join([lines[0], *filled]), encoding="utf-8")


def test_answers_of_a_sheet_are_carried_out_by_the_next_run(terminal: Terminal, exported: Path) -> None:
    fill_in(exported, "crm", "erp")
    assert terminal.run("review", "import", str(exported), "--by", "stella") == 0
    assert terminal.out.startswith("2 answers taken.\n")
    terminal.run("apply")
    assert terminal.world.questions() == []
    assert {row.values["Phone"] for row in terminal.world.rows("erp")} >= {"+49 30 555010"}


def test_a_line_without_an_answer_stays_open(terminal: Terminal, exported: Path) -> None:
    fill_in(exported, "crm", "")
    terminal.run("review", "import", str(exported))
    assert terminal.out.startswith("1 answer taken.\n")
    assert [question.topic for question in terminal.world.questions()] == ["field:terms"]


def test_a_sheet_that_is_read_twice_is_taken_once(terminal: Terminal, exported: Path) -> None:
    fill_in(exported, "crm", "erp")
    terminal.run("review", "import", str(exported))
    assert terminal.run("review", "import", str(exported)) == 0
    assert terminal.out == "0 answers taken (2 had been taken before).\n"


def test_a_doubt_that_went_away_meanwhile_needs_no_answer(terminal: Terminal, exported: Path) -> None:
    fill_in(exported, "crm", "erp")
    (phone, _) = terminal.world.questions()
    terminal.world.ledger.withdraw(phone.entity, [(phone.entity_id, phone.topic)])
    assert terminal.run("review", "import", str(exported)) == 0
    assert terminal.out.startswith("1 answer taken. 1 question had gone away without one.\n")


def test_an_answer_bears_the_name_of_who_gave_it(terminal: Terminal, exported: Path) -> None:
    fill_in(exported, "crm", "erp")
    terminal.run("review", "import", str(exported), "--by", "stella")
    assert {entry.who for entry in terminal.world.ledger.audit_trail()} == {"stella"}
