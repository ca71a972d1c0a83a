"""A process that is stopped beyond its lease, taken for dead, and wakes up when another one has done its work."""

from collections.abc import Iterator

import pytest

from tests.crash.conftest import all_is_well
from tests.crash.firms import People
from tests.crash.house import Engine, House

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def another_engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture
def successor(on_sqlite: tuple[House, People], another_engine: Engine) -> House:
    """Works in the same house, in another process."""
    house, _ = on_sqlite
    return House(house.home, house.ledger, house.systems, another_engine)


def test_a_zombie_writes_nothing_into_any_system_when_it_wakes(
    on_sqlite: tuple[House, People], successor: House
) -> None:
    house, people = on_sqlite
    for at in ("before-intent", "after-intent", "after-call"):
        people.sells()
        people._phone(people.known[0])
        zombie = house.stop(at)
        assert zombie, at
        house.systems.clock.advance(11 * 60)  # longer than its lease, by its own clock too
        assert successor.settle()
        people._name(people.known[0])
        assert successor.settle()
        before = house.systems.writes()
        house.wake(zombie)
        assert house.systems.writes() == before, at
        assert "is damaged" not in house.log.read_text(encoding="utf-8")
        assert all_is_well(successor, people)
