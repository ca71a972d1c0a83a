"""Which house `concordat ui` opens, and on which port."""

import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from connectors.errors import MisconfiguredError
from sync_pipelines.commands import showing
from sync_pipelines.commands.office import Office

Ran = list[Sequence[str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CONCORDAT_HOME", "CONCORDAT_BOOK", "CONCORDAT_LEDGER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Ran]:
    """Commands that were run in passing, which all end as told."""

    def ending(code: int) -> Ran:
        lines: Ran = []

        def run(arguments: Sequence[str]) -> int:
            lines.append(arguments)
            return code

        monkeypatch.setattr("sync_pipelines.cli.run", run)
        return lines

    return ending


def a_demo(folder: Path) -> Path:
    home = folder / ".concordat" / "demo"
    home.mkdir(parents=True)
    (home / "demo.json").write_text('{"erp": "kingdee"}', encoding="utf-8")
    (home / "crm.json").write_text("{}", encoding="utf-8")
    return home


def test_where_nothing_is_set_up_the_demo_makes_a_house_first(here: Path, ran: Callable[[int], Ran]) -> None:
    lines = ran(0)
    assert showing._home(Office()) == here / ".concordat" / "demo"
    assert lines == [["demo"]]


def test_a_demo_that_failed_opens_nothing(here: Path, ran: Callable[[int], Ran]) -> None:
    ran(1)
    with pytest.raises(MisconfiguredError, match="did not come to its end"):
        showing._home(Office())


def test_a_demo_that_has_run_is_opened_as_it_is(here: Path, ran: Callable[[int], Ran]) -> None:
    home, lines = a_demo(here), ran(0)
    assert showing._home(Office()) == home
    assert showing._is_demo(home)
    assert lines == []


@pytest.mark.parametrize("name", ["CONCORDAT_HOME", "CONCORDAT_BOOK", "CONCORDAT_LEDGER"])
def test_a_house_of_ones_own_comes_before_the_demo(name: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_demo(here)
    monkeypatch.setenv(name, "mine")
    home = showing._home(Office())
    assert home == here / ("mine" if name == "CONCORDAT_HOME" else ".concordat")
    assert not showing._is_demo(home)


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert showing._free("127.0.0.1", port) > port


def test_dagster_gets_a_home_in_the_house_with_our_settings(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAGSTER_HOME")
    told = showing._environment(here)
    assert told["DAGSTER_HOME"] == str(here / "dagster")
    assert told["CONCORDAT_HOME"] == str(here)
    assert "telemetry: {enabled: false}" in (here / "dagster" / "dagster.yaml").read_text(encoding="utf-8")
