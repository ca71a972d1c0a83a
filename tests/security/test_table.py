"""The table of threats is whole: every test it names is there, every test of this folder is in it."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.security.threats import NOT_YET, THREATS

TESTS = Path(__file__).parents[1]
NAMED = sorted({name for threat in THREATS for name in threat.tests})


@cache
def functions_of(file: Path) -> tuple[str, ...]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return tuple(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_"))


@pytest.mark.parametrize("named", NAMED)
def test_each_test_that_is_named_is_there(named: str) -> None:
    file, _, beginning = named.partition("::")
    assert any(name.startswith(beginning) for name in functions_of(TESTS / file))


def test_no_test_of_a_threat_is_left_out() -> None:
    beginnings = {named.partition("::")[2] for named in NAMED}
    here = {name for file in Path(__file__).parent.glob("test_*.py") for name in functions_of(file)}
    threats = {name for name in here if name[5:6] == "t" and name[6:8].isdigit()}
    assert threats
    assert {name for name in threats if not name.startswith(tuple(beginnings))} == set()


def test_there_are_more_than_forty_and_each_number_of_the_list_is_met_or_said_to_be_missing() -> None:
    assert len(THREATS) >= 40
    assert len({threat.id for threat in THREATS}) == len(THREATS)
    met = {threat.id[:3] for threat in THREATS}
    assert not met & NOT_YET.keys()
    assert met | NOT_YET.keys() == {f"T{n:02}" for n in range(1, 41)}
