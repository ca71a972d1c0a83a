"""Whatever is typed: one line that says what, where and what to do; exit code 2; never a traceback."""

from pathlib import Path

import pytest

from sync_pipelines.cli import run
from sync_pipelines.commands.office import Office
from tests.sync_pipelines.cli.conftest import Terminal

ACCOUNT = "crm/Account/Account-000001"
WRONG = {
    "nonsense": "No such command 'nonsense'",
    "plan nope": "the book has no entity 'nope'; there are: account, contact",
    "plan acount": "is 'account' meant?",
    "plan --show nope": "there is no plan nope; `concordat plan --list` shows those that are kept",
    "plan account --show x": "--show ID stands alone",
    "plan --list nope": "the book has no entity 'nope'",
    "plan --list --full": "--list beside an ENTITY only",
    "plan --nope": "No such option",
    "apply nope": "the book has no entity 'nope'",
    "apply --plan nope": "there is no plan nope",
    "apply --plan id000002": "plan id000002 was applied already; `concordat plan` makes a new one",
    "apply --approve x:erp:create": "say which with --plan ID, or use --up-to N",
    "apply --op create": "say how many",
    "apply --up-to 0": "0 is not in the range x>=1",
    "apply --up-to many": "'many' is not a valid integer",
    "apply --passes 0": "0 is not in the range",
    "approve": "name a part, or a bound with --up-to N",
    "approve x:erp:create --up-to 3": "name a part, or a bound with --up-to N",
    "approve nope:erp:create": "there is no plan nope",
    "approve --up-to 3 --system nope": "the book has no system 'nope'; there are: crm, erp, shop",
    "approve --up-to 3 --entity nope": "the book has no entity 'nope'",
    "approve --up-to 3 --hours 0": "is not in the range",
    "why": "Missing argument 'ENTITY'",
    "why nope x name": "the book has no entity 'nope'",
    "why account nope name": "no account has the id 'nope'",
    "why account crm/Account name": "'crm/Account' is not a record address; write system/kind/id",
    "why account crm/Account/nope name": "was never read as account",
    f"why account {ACCOUNT} nam": "account has no field 'nam'; is 'name' meant?",
    "review show q99": "there is no question q99",
    "review answer q99 crm": "there is no question q99",
    "review answer q1 nope": "cannot be answered 'nope'; choose one of: crm, erp",
    "review answer q1": "Missing argument 'CHOICE'",
    "review revoke q99": "there is no question q99",
    "review revoke q1": "question q1 has no answer that could be taken back",
    "review import nope.csv": "'nope.csv' does not exist",
    "early nope": "the book has no entity 'nope'",
    f"early --hold {ACCOUNT} --dismiss {ACCOUNT}": "say one thing at a time: --hold or --dismiss",
    "early --hold crm/Account/nope": "was never read as contact",
    "early contact --hold crm/Person/Person-000001": "waits for nothing; `concordat early` lists those that do",
    "quarantine replay": "name records as system/kind/id, or say --all",
    "quarantine replay x --all": "name records as system/kind/id, or say --all",
    "quarantine replay crm/Account/1": "crm/Account/1 is not in quarantine",
    "quarantine list --reason nope": "'nope' is not one of",
    "undo nope": "run nope wrote nothing that could be taken back",
    "adopt nope": "the book has no entity 'nope'",
    "certify nope": "the book has no system 'nope'",
    "certify crm --sandbox x": "say --write, too",
    "certify crm --kind Nope": "the book maps no kind 'Nope' of crm; there are: Account, Person",
    "certify crm --write --set x=1": "is no KIND.FIELD=VALUE",
    "certify crm --write --set Nope.x=1": "the book maps no kind 'Nope'",
    "certify crm --write": "is kept in agreement by this book (write: on)",
    "certify crm --write --sandbox nope": "leads to the tenant tenant-of-crm, not to nope: nothing was written",
    "doctor nope": "the book has no system 'nope'",
    "init --crm hubspot": "'hubspot' is not 'salesforce'",
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_typed_wrongly_gets_one_line_and_exit_code_two(line: str, terminal: Terminal) -> None:
    terminal.run("apply")
    before = len(terminal.world.written())
    assert terminal.run(*line.split()) == 2
    assert WRONG[line] in terminal.err
    assert _is_one_line(terminal.err)
    assert len(terminal.world.written()) == before


@pytest.mark.parametrize(
    "line", ["approve id000002:erp:archive", "apply --plan id000002 --approve id000002:crm:create"]
)
def test_a_part_that_the_plan_does_not_have_is_not_approved(line: str, terminal: Terminal) -> None:
    terminal.run("plan", "account")
    assert terminal.run(*line.split()) == 2
    assert "plan id000002 has no part" in terminal.err
    assert "there are: id000002:crm:update, id000002:erp:create" in terminal.err
    assert not terminal.world.ledger.approvals()


SHEETS = {
    b"": "the sheet is empty",
    b"a,b,c\n1,2,3\n": "there is no column `question`",
    b"question,entity\nq1,account\n": "there is no column `answer`",
    b"question,answer\nq99,crm\n": "line 2: there is no question q99",
    b"question,answer\nq1,nope\n": "line 2: question q1 cannot be answered 'nope'",
    b"question,answer\nq1,crm\nq1,erp\n": "line 3: question q1 is answered differently in line 2",
    b"question,answer\n,crm\n": "line 2: an answer without a question",
    b"question,answer\nq2,crm\nq1,nope\n": "line 3: question q1 cannot be answered 'nope'",
    b"\x89PNG\r\n\x1a\n": "there is no column `question`",
    b'question,answer\n"q1,crm\n': "",
}


@pytest.mark.parametrize("content", SHEETS, ids=range(len(SHEETS)))
def test_a_sheet_that_does_not_fit_is_refused_as_a_whole(content: bytes, terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("apply")
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(content)
    code = terminal.run("review", "import", str(sheet))
    if SHEETS[content]:
        assert code == 2
        assert SHEETS[content] in terminal.err
        assert _is_one_line(terminal.err)
    assert [question.answer for question in terminal.world.questions()] == ["", ""]


CROSSWALKS = {
    "": "columns must be system names",
    "crm,nope\nA,B\n": "columns must be system names",
    "crm,erp\nnope,nope\n": "is not there",
}


@pytest.mark.parametrize("content", CROSSWALKS, ids=range(len(CROSSWALKS)))
def test_a_crosswalk_that_does_not_fit_is_refused(content: str, terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(content, encoding="utf-8")
    assert terminal.run("adopt", "--crosswalk", str(path)) == 2
    assert "a crosswalk is about one entity" in terminal.err
    assert terminal.run("adopt", "account", "--crosswalk", str(path)) == 2
    assert CROSSWALKS[content] in terminal.err


def test_a_file_that_is_there_is_not_written_over(terminal: Terminal, tmp_path: Path) -> None:
    sheet = tmp_path / "questions.csv"
    sheet.write_text("mine", encoding="utf-8")
    assert terminal.run("review", "export", str(sheet)) == 2
    assert sheet.read_text(encoding="utf-8") == "mine"
    assert terminal.run("review", "export", str(sheet), "--force") == 0
    assert sheet.stat().st_mode & 0o777 == 0o600


def test_a_folder_with_something_in_it_is_not_filled(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.run("init", str(tmp_path / "book")) == 0
    assert (tmp_path / "book" / "systems.yaml").is_file()
    assert (tmp_path / "book" / "codes" / "payment_terms.csv").is_file()
    assert not list((tmp_path / "book").glob("**/*.py"))
    assert terminal.run("init", str(tmp_path / "book")) == 2
    assert "is not empty" in terminal.err


# --- misconfigured ---------------------------------------------------------------------------------------------------

PLACES = {
    "CONCORDAT_BOOK": ("nowhere", "CONCORDAT_BOOK names nowhere, which holds no systems.yaml"),
    "CONCORDAT_LEDGER": ("mysql://somewhere/x", "the ledger's URL is not understood"),
    "CONCORDAT_LEDGER_FILE": ("nowhere", "CONCORDAT_LEDGER_FILE names nowhere, which cannot be read"),
    "CONCORDAT_SECRETS": ("nowhere", ""),
}


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where nothing is set up."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONCORDAT_HOME", ".concordat")
    return tmp_path


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.usefixtures("elsewhere")
def test_a_misconfigured_place_is_named(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    value, says = PLACES[name]
    monkeypatch.setenv(name, value)
    code = run(["status"])
    err = capsys.readouterr().err
    assert (code, says in err) == ((2, True) if says else (0, True))
    assert not says or _is_one_line(err)


@pytest.mark.usefixtures("elsewhere")
def test_a_connection_that_is_not_set_up_is_named_with_its_variables(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "erp"]) == 2
    told = capsys.readouterr().out
    assert "CONCORDAT_ERP_URL is missing" in told
    assert "CONCORDAT_ERP_USER is missing" in told


def test_every_fault_of_a_book_is_named_with_file_and_line(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", "book"]) == 0
    rules = elsewhere / "book" / "account" / "ownership.yaml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("decides: crm,", "decids: crm,", 2), encoding="utf-8")
    monkeypatch.setenv("CONCORDAT_BOOK", "book")
    capsys.readouterr()
    assert run(["status"]) == 2
    err = capsys.readouterr().err
    assert err.count("account/ownership.yaml:") == 2
    assert run(["check"]) == 2
    assert capsys.readouterr().out.count("fault unknown-key") == 2


def test_a_fault_of_ours_is_one_line_and_a_report(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> Office:
        raise RuntimeError("the inside of it\nin two lines")

    assert run(["status"], Office(open_house=broken)) == 1  # type: ignore[arg-type]  # it never answers
    err = capsys.readouterr().err
    assert _is_one_line(err)
    assert "Traceback" not in err
    assert "the inside of it" not in err
    (report,) = (elsewhere / ".concordat" / "crashes").iterdir()
    assert str(report.relative_to(elsewhere)) in err
    assert report.stat().st_mode & 0o777 == 0o600
    assert "RuntimeError: the inside of it" in report.read_text(encoding="utf-8")


def _is_one_line(text: str) -> bool:
    return text.startswith("concordat: ") and text.endswith("\n") and text.count("\n") == 1


def test_a_fault_in_who_is_told_of_what_is_named_with_its_line(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", "book"]) == 0
    (elsewhere / "book" / "alerts.yaml").write_text("ui: x\nrepeat:\n  page: often\n", encoding="utf-8")
    monkeypatch.setenv("CONCORDAT_BOOK", "book")
    capsys.readouterr()
    assert run(["check"]) == 2
    assert "alerts.yaml:3: fault alerts: repeat.page: should be a time as 30m, 4h or 2d" in capsys.readouterr().out
