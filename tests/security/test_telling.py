"""Names that give orders: to a terminal, to a log reader, to a spreadsheet."""

import json
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from monitoring.logs import log_to
from monitoring.redact import escaped, printable
from sync_pipelines.cli import run
from sync_pipelines.commands.office import Office
from tests.sync_pipelines.cli.conftest import Terminal, a_world

ORDERS = {
    "title": "\x1b]0;owned\x07",
    "clear": "\x1b[2J\x1b[H",
    "link": "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "c1": "\x9b31m",
    "return": "fine\rREFUSED",
    "direction": "\u202egpj.exe\u2066",
    "line": "a\u2028b",
}
OBEYED = [chr(n) for n in (*range(9), *range(11, 32), *range(127, 160), 0x2028, 0x2029, *range(0x202A, 0x202F))]
COMMANDS = (
    ("plan",), ("plan", "--all", "--reveal"), ("apply",), ("status",), ("review", "list"), ("quarantine", "list"),
    ("plan", "--list"), ("plan", "--reveal", "--json"), ("review", "list", "--reveal", "--json"),
)  # fmt: skip


@pytest.mark.parametrize("order", list(ORDERS.values()), ids=list(ORDERS))
def test_t08_a_name_is_no_order_to_a_terminal(order: str, capsys: pytest.CaptureFixture[str]) -> None:
    world = a_world()
    name = f"Evil {order} Ltd"
    world.create("crm", Name=name, Tax_Id="DE7", Status="Won", Phone=f"+49 30 1{order}")
    world.create("crm", Name=name, Terms=order)
    world.create("erp", Name=name, Terms="X9")
    terminal, seen = Terminal(world, capsys), ""
    for command in COMMANDS:
        terminal.run(*command)
        assert [sign for sign in OBEYED if sign in terminal.out + terminal.err] == [], command
        seen += terminal.out
    assert "id000" in seen  # it is spoken of, if only by its number: such a name is held by its codec


@pytest.mark.parametrize("order", list(ORDERS.values()), ids=list(ORDERS))
def test_t08_whatever_is_printed_is_shown_and_not_obeyed(order: str, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table()
    table.add_column(f"head {order}")
    table.add_row(f"cell {order}")
    office = Office(width=80)
    office.print(f"line {order}", Text(f"text {order}", "bold"), table)
    office.json({f"name {order}": [order]})
    said = capsys.readouterr().out
    assert [sign for sign in OBEYED if sign in said] == []
    assert [word for word in ("line", "text", "head", "cell", "name") if word not in said] == []


def test_t08_an_error_that_quotes_a_name_is_no_order_either(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(a_world(), capsys)
    terminal.run("why", "account", f"crm/Account/{ORDERS['title']}", "name")
    assert [sign for sign in OBEYED if sign in terminal.err] == []
    assert run(["plan", "--show", ORDERS["c1"]], terminal.office) == 2
    assert [sign for sign in OBEYED if sign in capsys.readouterr().err] == []


@given(st.text())
def test_t08_json_for_programs_means_the_same_and_holds_nothing_to_obey(text: str) -> None:
    told = escaped(json.dumps(text, ensure_ascii=False))
    assert json.loads(told) == text
    assert [sign for sign in OBEYED if sign in told] == []


@given(st.text())
def test_t08_what_is_printable_stays_so(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    assert len(once) == len(text)


@pytest.mark.parametrize("as_json", [False, True])
def test_t09_no_name_makes_a_log_line_of_its_own(*, as_json: bool) -> None:
    lines = StringIO()
    forged = 'Eve\nlevel=critical event="all lost"\r\n\x1b[31m\x9b31m\u202e\u2028'  # the last ones no JSON escapes
    log_to(lines, as_json=as_json).info(forged, says=forged, run=forged, system=forged)
    said = lines.getvalue()
    assert said.count("\n") == 1
    assert [sign for sign in OBEYED if sign in said] == []
    if as_json:
        assert json.loads(said)["level"] == "info"
