"""Halving, as a property: whatever is bad in a batch, the rest goes through, and nothing is done twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import MisconfiguredError, RejectedError, TransientError, UncertainError
from connectors.tryton.wire import RefusalError
from connectors.tryton.writing import Outcome, Planned, _Sending


@dataclass
class AtomicServer:
    """All of a call or nothing of it, as Tryton's transactions are."""

    bad: frozenset[int]
    knows: bool = True  # whether its refusals are of a known sort
    loses_answer_of_call: int = 0
    away_from_call: int = 0
    calls: int = 0
    done: list[int] = field(default_factory=list)

    def send(self, part: Sequence[Planned]) -> list[int]:
        self.calls += 1
        if self.calls == self.away_from_call:
            raise TransientError("connection refused")
        if any(item.place in self.bad for item in part):
            raise RefusalError("UserError" if self.knows else "", "no")
        self.done += [item.place for item in part]
        if self.calls == self.loses_answer_of_call:
            raise UncertainError("lost")
        return [1000 + item.place for item in part]

    def look(self, part: Sequence[Planned]) -> dict[int, Outcome]:
        return {item.place: 1000 + item.place for item in part if item.place in self.done}


def sent(server: AtomicServer, size: int) -> dict[int, Outcome]:
    return _Sending(server.send, server.look).all([Planned(place, {}) for place in range(size)])


_batches = st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.frozensets(st.integers(0, size - 1))))


@given(_batches, st.booleans())
def test_exactly_the_bad_ones_are_rejected_and_the_others_done_once(
    batch: tuple[int, frozenset[int]], knows: bool
) -> None:
    size, bad = batch
    server = AtomicServer(bad, knows)
    outcomes = sent(server, size)
    assert {place for place, outcome in outcomes.items() if isinstance(outcome, RejectedError)} == bad
    assert sorted(server.done) == sorted(set(range(size)) - bad)
    assert {place: outcome for place, outcome in outcomes.items() if isinstance(outcome, int)} == {
        place: 1000 + place for place in range(size) if place not in bad
    }


@given(_batches, st.integers(1, 20))
def test_after_a_lost_answer_nothing_is_sent_and_nothing_done_is_called_undone(
    batch: tuple[int, frozenset[int]], lost: int
) -> None:
    size, bad = batch
    server = AtomicServer(bad, loses_answer_of_call=lost)
    outcomes = sent(server, size)
    assert len(outcomes) == size
    assert len(server.done) == len(set(server.done)), "done twice"
    for place in server.done:
        assert isinstance(outcomes[place], int | UncertainError), "done, and reported as surely not done"
    if any(isinstance(outcome, UncertainError) for outcome in outcomes.values()):
        assert server.calls == lost


@given(_batches, st.integers(2, 20))
def test_a_server_that_goes_away_in_the_middle_costs_no_result(batch: tuple[int, frozenset[int]], away: int) -> None:
    size, bad = batch
    server = AtomicServer(bad, away_from_call=away)
    outcomes = sent(server, size)
    assert {place for place, outcome in outcomes.items() if isinstance(outcome, int)} == set(server.done)


def test_a_server_that_is_away_from_the_start_is_told_for_the_whole_call() -> None:
    with pytest.raises(TransientError):
        sent(AtomicServer(frozenset(), away_from_call=1), 3)


def test_a_missing_right_after_something_was_done_stops_without_losing_what_is_known() -> None:
    class Narrow(AtomicServer):
        def send(self, part: Sequence[Planned]) -> list[int]:
            if any(item.place == 3 for item in part) and len(part) < 4:
                raise RefusalError("UserError", 'You are not allowed to access "Party.Credit Limit Amount".')
            return super().send(part)

    outcomes = sent(Narrow(frozenset({1})), 4)
    assert isinstance(outcomes[0], int)
    assert isinstance(outcomes[1], RejectedError)
    assert isinstance(outcomes[2], TransientError)
    assert isinstance(outcomes[3], TransientError)


def test_a_missing_right_at_the_first_call_halts() -> None:
    class Narrow(AtomicServer):
        def send(self, part: Sequence[Planned]) -> list[int]:
            raise RefusalError("UserError", 'You are not allowed to access "Party.Name".')

    with pytest.raises(MisconfiguredError, match="give the connection's user that right"):
        sent(Narrow(frozenset()), 4)
