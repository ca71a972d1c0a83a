"""The benchmarks run, and compare like with like. Nothing is timed here."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from bench.accounts import account, number_of, record_id
from bench.checking import write_large_book
from bench.pages import DATA, Shelf
from bench.reading.bare import read_all as read_bare
from bench.reading.ours import read_all as read_ours
from bench.standing import TOP, pages

COUNT = 130
ALL = "SELECT Id FROM Account"
SETTINGS = ("URL", "ON_PREMISE", "CLIENT_ID", "CLIENT_SECRET", "PAGE_SIZE", "BULK_ABOVE", "WINDOWS")


@pytest.fixture
def no_connections_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a bench puts into the environment does not outlive its test."""
    for name in SETTINGS:
        monkeypatch.setenv(f"CONCORDAT_CRM_{name}", "")


def test_an_account_has_thirty_fields_and_is_the_same_whenever_it_is_asked_for() -> None:
    assert len(account(7)) == 30
    assert account(7) == account(7) != account(8)
    assert len({str(account(number)["Tax_Number__c"]) for number in range(500)}) == 500


def test_ids_count_and_sort_as_numbers_do() -> None:
    numbers = [0, 1, 9, 10, 61, 62, 3_843, 1_000_000]
    assert [number_of(record_id(number)) for number in numbers] == numbers
    assert [record_id(number) for number in numbers] == sorted(map(record_id, numbers))


@pytest.mark.parametrize(
    ("soql", "found"),
    [
        ("SELECT Id FROM Account ORDER BY Id LIMIT 3", [1, 2, 3]),
        ("SELECT Id FROM Account ORDER BY Id DESC LIMIT 1", [9]),
        (f"{ALL} WHERE Id > '{record_id(7)}' ORDER BY Id LIMIT 5", [8, 9]),
        (f"{ALL} WHERE Id > '{record_id(2)}' AND Id <= '{record_id(4)}' ORDER BY Id LIMIT 5", [3, 4]),
        (f"{ALL} WHERE Id IN ('{record_id(5)}', '{record_id(99)}')", [5]),
        ("SELECT Id FROM Account WHERE SystemModstamp >= 2026-03-01T00:00:00Z", [1, 2]),
        ("SELECT Id FROM Account WHERE IsDeleted = true", []),
    ],
)
def test_the_shelf_answers_what_the_connector_asks(soql: str, found: list[int]) -> None:
    shelf = Shelf(9)
    shelf.edit(2)
    told = orjson.loads(shelf.query(soql))
    assert [number_of(row["Id"]) for row in told["records"]] == found


@pytest.fixture
def url() -> Iterator[str]:
    with pages(COUNT, size=50) as url:
        yield url


def test_all_who_read_are_given_the_same_rows(url: str) -> None:
    listed, place = [], "/listing/0"
    while place:
        page = httpx.get(f"{url}{place}").json()
        listed += page["records"]
        place = page.get("nextRecordsUrl", "")
    queried = httpx.get(f"{url}{DATA}/query", params={"q": "SELECT Name FROM Account ORDER BY Id LIMIT 1000"}).json()
    assert listed == queried["records"]
    assert len(listed) == COUNT


def test_ours_meets_nothing_new_the_second_time_and_the_bare_loop_reads_as_many(
    url: str, tmp_path: Path, no_connections_left: None
) -> None:
    first, second = (read_ours(url, tmp_path / "home", 8) for _ in range(2))
    assert (first["landed"], second["unchanged"], second["landed"]) == (COUNT, COUNT, 0)
    assert read_bare(url, tmp_path / "bare.sqlite")["read"] == COUNT


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["bench.night", "--count", "60"],
        ["bench.applying", "--count", "250", "--limit", "50"],
        ["bench.reading", "--count", "60", "--runs", "1", "--without-dlt"],
    ],
)
def test_a_bench_runs_through(command: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=TOP, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    if command[0] == "bench.applying":
        assert "250 of 250 updates" in done.stdout


def test_the_large_book_has_no_fault(tmp_path: Path) -> None:
    write_large_book(tmp_path / "book", entities=2, systems=5)
    command = [str(Path(sys.executable).with_name("concordat")), "check", "--json"]
    environment = {"CONCORDAT_BOOK": str(tmp_path / "book"), "PATH": ""}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)
