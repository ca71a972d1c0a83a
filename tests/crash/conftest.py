"""Houses for the crash tests: one on SQLite, one on a PostgreSQL that the test may restart."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from tests.crash.firms import People
from tests.crash.house import Engine, House
from tests.crash.systems import Systems

Opens = Callable[[str], tuple[House, People]]


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture
def opens(tmp_path: Path, engine: Engine) -> Iterator[Opens]:
    """Opens a settled house, with three firms known to CRM and ERP, on the ledger of this URL."""
    with ExitStack() as stack:

        def opened(ledger: str) -> tuple[House, People]:
            systems = stack.enter_context(Systems(tmp_path))
            house = House(tmp_path, ledger, systems, engine)
            people = People(systems, house.furnish(), Random(1))
            for _ in range(3):
                people.knows_both()
            assert house.settle()
            return house, people

        yield opened


@pytest.fixture
def on_sqlite(opens: Opens, tmp_path: Path) -> tuple[House, People]:
    return opens(f"sqlite:///{tmp_path}/ledger.sqlite")


def all_is_well(house: House, people: People) -> bool:
    """It comes to rest, nothing is there twice or lost, no write is open, and a second run writes nothing."""
    assert house.settle()
    assert people.complaints() + house.complaints() == []
    return True
