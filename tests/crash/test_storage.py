"""The ledger's own accidents: no room left, an older copy in its place, a server that is restarted."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.crash.conftest import Opens, all_is_well
from tests.crash.firms import People
from tests.crash.house import House
from tests.crash.systems import DONE, Trigger

pytestmark = pytest.mark.slow

FULL = "the ledger's disk is full"


def test_a_run_without_room_says_so_and_the_next_one_with_room_goes_on(on_sqlite: tuple[House, People]) -> None:
    house, people = on_sqlite
    full = 0
    for pages in (0, 2, 6):
        people.sells()
        people.books()
        people._phone(people.known[0])
        said = len(house.log.read_text(encoding="utf-8"))
        house.systems.clock.advance(60)
        house.run(pages=pages)
        full += FULL in house.log.read_text(encoding="utf-8")[said:]
        assert all_is_well(house, people)
    assert full >= 2


def test_a_ledger_copied_mid_run_and_restored_later_makes_nothing_a_second_time(
    on_sqlite: tuple[House, People], tmp_path: Path
) -> None:
    house, people = on_sqlite
    for at in ("after-intent", "after-outcome"):
        people.sells()
        people.books()
        stopped = house.stop(at)
        assert stopped, at
        house.keep_ledger(tmp_path / at)
        assert house.wake(stopped) == 0
        people.registers()
        people.sells()
        people.books()
        assert all_is_well(house, people)
        house.restore_ledger(tmp_path / at)
        assert house.settle()
        assert house.adopt() == 0
        assert all_is_well(house, people)


ONLY_A_NAME = "Only A Name GmbH"


def _sells_to_a_name(house: House, people: People) -> None:
    """The shop has a buyer of whom it knows a name, and the CRM learns of them."""
    people.shop.make({"name": ONLY_A_NAME}, {"name": "Ann Buyer", "email": "ann@only.example"})
    assert house.settle()
    assert len(people.sales.named(ONLY_A_NAME)) == 1


def _makes_no_second_one(house: House, people: People) -> None:
    """Not before it was found out what was made, and not after; who they are is asked, and answered."""
    before = len(house.log.read_text(encoding="utf-8"))
    for _ in range(3):
        house.systems.clock.advance(11 * 60)
        assert house.run() == 1
    said = " ".join(house.log.read_text(encoding="utf-8")[before:].split())
    assert "the ledger is older than the systems" in said
    assert len(people.sales.named(ONLY_A_NAME)) == 1
    assert house.adopt() == 0
    assert house.settle()
    assert len(people.sales.named(ONLY_A_NAME)) == 1
    ledger = house.open()
    (question,) = ledger.questions()
    ledger.close()
    assert "the same account? They agree on name" in question.asks
    assert house.run(arguments=["review", "answer", question.id, "link"]) == 0
    people.sells()
    people.registers()
    assert house.settle()
    assert len(people.sales.named(ONLY_A_NAME)) == 1


def test_after_a_restore_a_name_alone_makes_no_second_account(on_sqlite: tuple[House, People], tmp_path: Path) -> None:
    house, people = on_sqlite
    house.keep_ledger(tmp_path / "backup")
    _sells_to_a_name(house, people)
    house.restore_ledger(tmp_path / "backup")
    _makes_no_second_one(house, people)


def test_a_ledger_that_was_lost_altogether_makes_nothing_a_second_time(
    on_sqlite: tuple[House, People], tmp_path: Path
) -> None:
    house, people = on_sqlite
    _sells_to_a_name(house, people)
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    house.restore_ledger(nothing)
    _makes_no_second_one(house, people)


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[tuple[str, Callable[[], None]]]:
    """The URL of a ledger, and what restarts its server at once, as if the power had failed."""
    try:
        with postgres.running_postgres() as databases:
            url = databases.create()
            home = databases._admin.query.get("host", "")
            if not home:
                pytest.skip("CONCORDAT_TEST_POSTGRES names a server that is not ours to restart")
            control = Control(Path(str(home)))
            yield url, control.restart
            control.stop()
    except postgres.NoPostgresError as error:
        pytest.skip(str(error))


class Control:
    """pg_ctl on the tests' own server."""

    def __init__(self, home: Path) -> None:
        self.home = home
        programs = home / "postgresql" / "bin"
        self.program = (programs if programs.is_dir() else postgres._programs()) / "pg_ctl"

    def restart(self) -> None:
        self._say("restart", "-m", "immediate", "-l", str(self.home / "data" / "restarted"), "-w")

    def stop(self) -> None:
        self._say("stop", "-m", "immediate")

    def _say(self, *words: str) -> None:
        command: list[str | Path] = [self.program, "-D", self.home / "data", *words]
        nowhere = subprocess.DEVNULL
        subprocess.run(
            command,
            cwd=self.home,
            timeout=60,
            check=True,
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            **postgres._identity(),
        )


def test_a_server_restarted_under_a_run_loses_nothing(server: tuple[str, Callable[[], None]], opens: Opens) -> None:
    url, restart = server
    house, people = opens(url)
    for when in ("before-intent", "after-intent", "in-call"):
        people.sells()
        people.books()
        people._phone(people.known[0])
        house.systems.clock.advance(60)
        if when == "in-call":
            house.systems.arm(Trigger(DONE, 1, restart))
            house.run()
            assert house.systems.armed.struck
        else:
            stopped = house.stop(when)
            assert stopped, when
            restart()
            house.wake(stopped)
        assert all_is_well(house, people)


def test_a_postgres_ledger_that_was_lost_makes_nothing_a_second_time(opens: Opens) -> None:
    try:
        with postgres.running_postgres() as databases:
            house, people = opens(databases.create())
            _sells_to_a_name(house, people)
            house.ledger = databases.create()
            _makes_no_second_one(house, people)
    except postgres.NoPostgresError as error:
        pytest.skip(str(error))
