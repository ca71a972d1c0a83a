"""Faults are drawn by place and count, never from a stream: a history that loses an operation keeps the others."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.testing.world import Fault, FaultSchedule


def _fired(schedule: FaultSchedule, operations: list[int]) -> list[tuple[int, int]]:
    hits = []
    for operation in operations:
        schedule.begin(operation)
        hits += [(operation, n) for n in range(5) if schedule.strikes(Fault.THROTTLED, "crm.read")]
    return hits


@given(st.integers(0, 50), st.sets(st.integers(0, 29)))
def test_taking_operations_out_leaves_the_faults_of_the_others(seed: int, left_out: set[int]) -> None:
    everything = _fired(FaultSchedule(seed, {Fault.THROTTLED: 0.3}), list(range(30)))
    fewer = _fired(FaultSchedule(seed, {Fault.THROTTLED: 0.3}), [n for n in range(30) if n not in left_out])
    assert fewer == [hit for hit in everything if hit[0] not in left_out]


def test_rates_are_kept_and_what_fired_is_counted() -> None:
    schedule = FaultSchedule(1, {Fault.THROTTLED: 0.2})
    hits = sum(schedule.strikes(Fault.THROTTLED, f"site-{n}") for n in range(5000))
    assert 900 < hits < 1100
    assert schedule.fired[Fault.THROTTLED] == hits
    assert not schedule.strikes(Fault.LOST_AFTER, "site-1")


def test_a_forced_fault_strikes_once_at_the_nth_call() -> None:
    schedule = FaultSchedule()
    schedule.force(Fault.LOST_AFTER, "crm.create", nth=1)
    assert [schedule.strikes(Fault.LOST_AFTER, "crm.create") for _ in range(4)] == [False, True, False, False]


def test_a_curse_clings_until_the_world_heals() -> None:
    schedule = FaultSchedule(3, {Fault.POISON: 0.5})
    cursed = {n for n in range(50) if schedule.curses(Fault.POISON, f"crm/Account/{n}")}
    schedule.begin(9)
    assert cursed == {n for n in range(50) if schedule.curses(Fault.POISON, f"crm/Account/{n}")}
    assert 10 < len(cursed) < 40
    schedule.heal()
    assert not any(schedule.curses(Fault.POISON, f"crm/Account/{n}") for n in range(50))


def test_each_operation_site_fault_and_seed_draws_anew() -> None:
    rates = {Fault.THROTTLED: 0.5, Fault.LOST_AFTER: 0.5}

    def drawn(seed: int, operation: int, site: str, fault: Fault) -> tuple[bool, ...]:
        schedule = FaultSchedule(seed, rates)
        schedule.begin(operation)
        return tuple(schedule.strikes(fault, site) for _ in range(64))

    usual = drawn(1, 1, "crm.read", Fault.THROTTLED)
    others = {
        drawn(2, 1, "crm.read", Fault.THROTTLED),
        drawn(1, 2, "crm.read", Fault.THROTTLED),
        drawn(1, 1, "erp.read", Fault.THROTTLED),
        drawn(1, 1, "crm.read", Fault.LOST_AFTER),
    }
    assert len(others | {usual}) == 5
    assert usual == drawn(1, 1, "crm.read", Fault.THROTTLED)
