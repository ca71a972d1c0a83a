"""Where a house is found, and what it is given from outside."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import MisconfiguredError
from connectors.hearing import Trouble
from mappings.loading import load_book
from sync_pipelines.flow.spending import SpentInLedger
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.settings import (
    BUNDLED_BOOK,
    Connectors,
    Outside,
    Place,
    SortableIds,
    fields_of,
    open_house,
    ui_url,
)
from tests.laws.little_book import little_book

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def a_book(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "systems.yaml").touch()
    return folder


def test_without_a_word_the_book_is_the_bundled_one_and_the_ledger_a_file_at_home(here: Path) -> None:
    place = Place.found({})
    assert place.book == BUNDLED_BOOK
    assert place.ledger == f"sqlite:///{here / '.concordat' / 'ledger.sqlite'}"


def test_a_home_has_a_book_and_a_ledger_of_its_own(here: Path) -> None:
    a_book(here / "home" / "book")
    place = Place.found({"CONCORDAT_HOME": "home"})
    assert place.book == Path("home/book")
    assert place.ledger == f"sqlite:///{here / 'home' / 'ledger.sqlite'}"


@pytest.mark.parametrize(
    ("said", "ledger"),
    [
        ("postgresql://me@db/concordat", "postgresql://me@db/concordat"),
        ("sqlite:////var/x", "sqlite:////var/x"),
        ("/var/x.db", "sqlite:////var/x.db"),
    ],
)
def test_a_ledger_is_named_by_a_url_or_by_a_file(said: str, ledger: str) -> None:
    assert Place.found({"CONCORDAT_LEDGER": said}).ledger == ledger


def test_a_ledger_and_an_audit_key_may_come_from_files(here: Path) -> None:
    (here / "url").write_text("postgresql://me:secret@db/concordat\n", encoding="utf-8")
    (here / "key").write_text("k\n", encoding="utf-8")
    place = Place.found({"CONCORDAT_LEDGER_FILE": "url", "CONCORDAT_AUDIT_KEY_FILE": "key"})
    assert (place.ledger, place.audit_key) == ("postgresql://me:secret@db/concordat", b"k")


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"CONCORDAT_BOOK": "nowhere"}, "holds no systems.yaml"),
        ({"CONCORDAT_LEDGER": "x", "CONCORDAT_LEDGER_FILE": "y"}, "are both set: keep one"),
        ({"CONCORDAT_LEDGER_FILE": "nowhere"}, "cannot be read"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_place_that_is_not_there_is_named(environment: Mapping[str, str], says: str) -> None:
    with pytest.raises(MisconfiguredError, match=says):
        Place.found(environment)


# --- ids -------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=50), st.integers(0, 2**80 - 1))
def test_ids_rise_even_when_the_clock_steps_back_and_chance_repeats(steps: list[int], chance: int) -> None:
    moments = iter(NOON + timedelta(milliseconds=sum(steps[:n])) for n in range(len(steps)))
    ids = SortableIds(lambda: next(moments), lambda _: chance)
    made = [ids() for _ in steps]
    assert made == sorted(set(made))
    assert {len(one) for one in made} == {26}


def test_ids_of_two_processes_sort_by_their_time() -> None:
    early, late = SortableIds(lambda: NOON), SortableIds(lambda: NOON + timedelta(seconds=1))
    assert early() < late()


# --- connectors ------------------------------------------------------------------------------------------------------


def test_calls_are_counted_by_the_day_of_the_system() -> None:
    ledger = MemoryLedger()
    spending = SpentInLedger(ledger.spend, "erp", "Asia/Shanghai")
    evening = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)  # a minute to midnight in Shanghai
    assert [spending.spend("erp", 2, evening), spending.spend("erp", 3, evening)] == [2, 5]
    assert spending.spend("erp", 1, evening + timedelta(minutes=1)) == 1
    assert ledger.spend("erp", "2026-03-02", 0) == 5


def test_calls_are_written_down_a_block_at_a_time_and_the_rest_is_given_back() -> None:
    ledger, day = MemoryLedger(), NOON.date().isoformat()
    one, other = (SpentInLedger(ledger.spend, "crm", "UTC", block=10) for _ in range(2))
    assert [one.spend("crm", 1, NOON) for _ in range(3)] == [1, 2, 3]
    assert ledger.spend("crm", day, 0) == 10  # what a process that dies now has counted
    assert other.spend("crm", 1, NOON) == 11  # behind what the first has set aside
    one.give_back()
    assert ledger.spend("crm", day, 0) == 13
    other.give_back()
    assert ledger.spend("crm", day, 0) == 4
    assert one.spend("crm", 12, NOON) == 16


def test_a_call_that_was_not_made_is_given_back_in_full() -> None:
    ledger = MemoryLedger()
    spending = SpentInLedger(ledger.spend, "crm", "UTC", block=10)
    assert [spending.spend("crm", calls, NOON) for calls in (9, -9, 9)] == [9, 0, 9]
    spending.give_back()
    assert ledger.spend("crm", NOON.date().isoformat(), 0) == 9


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["call", "rest"])), max_size=60),
    st.integers(1, 9),
    st.integers(0, 25),
)
def test_however_many_share_a_day_no_more_calls_are_let_through_than_it_has(
    acts: list[tuple[int, str]], block: int, limit: int
) -> None:
    ledger = MemoryLedger()
    processes = [SpentInLedger(ledger.spend, "crm", "UTC", block) for _ in range(3)]
    made = 0
    for number, act in acts:
        if act == "rest":
            processes[number].give_back()
        elif processes[number].spend("crm", 1, NOON) <= limit:
            made += 1
        else:
            processes[number].spend("crm", -1, NOON)
    assert made <= limit
    assert ledger.spend("crm", NOON.date().isoformat(), 0) >= made


def test_no_system_is_opened_before_it_is_asked_for() -> None:
    book = load_book(BUNDLED_BOOK)
    connectors = Connectors(book, MemoryLedger(), Outside())
    assert set(connectors) == {"crm", "erp", "shop"}
    assert "crm" in connectors
    with pytest.raises(MisconfiguredError, match="CONCORDAT_ERP_URL is missing"):
        connectors["erp"]
    connectors.close()


def test_only_what_the_maps_read_is_fetched() -> None:
    fields = fields_of(little_book(), "erp")
    assert set(fields) == {"Customer", "Person"}
    assert set(fields["Person"]) == {"Active", "AccountId", "Email", "Name"}


class Closing:
    """A connector that knows whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("trouble", [False, True])
@pytest.mark.usefixtures("here")
def test_a_house_is_closed_with_everything_that_was_opened_in_it(
    trouble: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: dict[str, Closing] = {}

    def open_one(system: str, *_: object) -> Closing:
        return opened.setdefault(system, Closing())

    monkeypatch.setattr("sync_pipelines.settings.open_connector", open_one)
    with suppress(RuntimeError), open_house(Place.found({})) as house:
        assert house.connectors["erp"] is house.connectors["erp"]
        if trouble:
            raise RuntimeError
    assert {system: one.closed for system, one in opened.items()} == {"erp": True}


@pytest.mark.parametrize(
    ("said", "url"), [("", ""), ("/dagster/", "/dagster"), ("https://data.firm.example", "https://data.firm.example")]
)
def test_links_begin_where_people_see_dagster(said: str, url: str) -> None:
    assert ui_url({"CONCORDAT_UI_URL": said}) == url


def test_a_place_that_no_browser_could_open_is_refused() -> None:
    with pytest.raises(MisconfiguredError, match="CONCORDAT_UI_URL says javascript:alert"):
        ui_url({"CONCORDAT_UI_URL": "javascript:alert(1)"})


# --- the log ----------------------------------------------------------------------------------------------------------


def test_a_level_that_is_none_is_named() -> None:
    with pytest.raises(MisconfiguredError, match="CONCORDAT_LOG_LEVEL says loud: write one of debug, info"):
        Place.found({"CONCORDAT_LOG_LEVEL": "loud"})


def test_a_house_writes_what_happens_in_it_into_the_log_of_its_place(here: Path) -> None:
    place = Place.found({"CONCORDAT_LOG": "logs/engine.log", "CONCORDAT_LOG_LEVEL": "debug"})
    with open_house(place, book=little_book(), outside=Outside(lambda: NOON)) as house:
        house.end(house.begin("account", "sync"))
    lines = [json.loads(line) for line in (here / "logs" / "engine.log").read_text(encoding="utf-8").splitlines()]
    assert [(line["time"], line["event"], line["entity"]) for line in lines] == [
        ("2026-03-02T12:00:00Z", "run begun", "account"),
        ("2026-03-02T12:00:00Z", "run ended", "account"),
    ]


def test_trouble_with_a_call_is_in_the_log_with_the_run_it_befell(here: Path) -> None:
    place = Place.found({"CONCORDAT_LOG": "engine.log"})
    with open_house(place, book=little_book(), outside=Outside(lambda: NOON)) as house:
        result = house.begin("account", "sync")
        connectors = house.connectors
        assert isinstance(connectors, Connectors)
        connectors._tells("erp")(Trouble.FAILED, "TransientError 503", 0.0)
    (told,) = [json.loads(line) for line in (here / "engine.log").read_text().splitlines()][1:]
    assert (told["event"], told["system"], told["run"]) == ("call failed", "erp", result.run)


def test_a_log_that_cannot_be_written_is_named_before_anything_happens(here: Path) -> None:
    (here / "file").touch()
    place = Place.found({"CONCORDAT_LOG": "file/engine.log"})
    with pytest.raises(MisconfiguredError, match=r"CONCORDAT_LOG names file/engine\.log"), open_house(place):
        pytest.fail("it was opened")
