"""Calls are made beside the engine: what is kept before one goes out, and what is not sent after one that failed."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from threading import Barrier, Event
from typing import Any

import pytest

from connectors.contract import Capabilities
from connectors.errors import TransientError
from sync_pipelines.applying.lanes import Steps, beside, outcome
from sync_pipelines.applying.seams import AtOnce
from sync_pipelines.model.changes import Change
from sync_pipelines.settings import one_thread
from tests.sync_pipelines.applying.bench import Bench, Scripted, create, update

_PATIENCE = 10.0  # seconds, after which what never comes is a failure


@dataclass
class Watched(Scripted):
    """Keeps what the ledger held whenever it was called."""

    seen: list[tuple[list[str], dict[str, str]]] = field(default_factory=list)  # keys of the call, states of changes
    states: Callable[[], dict[str, str]] = dict

    def _answer(self, name: str, batch: Sequence[Any], one: Any) -> Sequence[Any]:
        self.seen.append(([item.key for item in batch], self.states()))
        return super()._answer(name, batch, one)


def watched(**can: Any) -> tuple[Bench, Watched]:
    """An ERP that takes one record in a call."""
    erp = Watched("erp", can=Capabilities(keyed=True, unique_key=True, max_batch=1, **can))
    bench = Bench({"erp": erp})
    erp.states = bench.states
    return bench, erp


def edits(bench: Bench, count: int, system: str = "erp") -> list[Change]:
    """As many records, and a new name for each."""
    for number in range(count):
        bench.stands(f"{system}{number}", f"{system}-e{number}", system=system, name="Acme")
    return [
        update(f"{system}-k{n}", f"{system}{n}", f"{system}-e{n}", "Acme", "Borg", system=system) for n in range(count)
    ]


@pytest.mark.parametrize("conditional", [False, True])
def test_no_call_goes_out_before_its_intent_is_kept(*, conditional: bool) -> None:
    bench, erp = watched(conditional=conditional)
    bench.apply(*edits(bench, 5))
    assert [key for keys, _ in erp.seen for key in keys] == [f"erp-k{n}" for n in range(5)]
    assert all(states[key] == "intended" for keys, states in erp.seen for key in keys)
    assert set(bench.states().values()) == {"done"}


def test_no_more_than_two_batches_are_without_an_outcome() -> None:
    bench, erp = watched()
    bench.apply(*edits(bench, 6))
    waiting = [sum(state == "intended" for state in states.values()) for _, states in erp.seen]
    assert waiting == [1, 2, 2, 2, 2, 2]


def test_a_record_is_written_to_again_only_after_its_first_outcome_is_kept() -> None:
    bench, erp = watched()
    bench.stands("C1", "e1", name="Acme")
    bench.apply(update("k1", "C1", "e1", "Acme", "Borg"), update("k2", "C1", "e1", "Borg", "Bork"))
    assert [(keys, states["k1"]) for keys, states in erp.seen] == [(["k1"], "intended"), (["k2"], "done")]
    assert bench.states() == {"k1": "done", "k2": "done"}


def test_what_was_handed_over_is_not_sent_after_a_call_that_ends_the_work() -> None:
    """The first call fails only when the intents of the second are kept and it waits for its turn."""
    kept, met = Event(), list[str]()
    bench, erp = watched()
    bench.seams = replace(bench.seams, caller=one_thread)

    def second_is_kept(name: str) -> None:
        met.append(name)
        if met.count("after-intent") == 2:
            kept.set()

    def fails(_: Any) -> None:
        assert kept.wait(_PATIENCE)
        raise TransientError("busy")

    bench.checkpoint, erp.answers = second_is_kept, [fails]
    applied = bench.apply(*(create(f"k{n}") for n in range(3)))
    assert [keys for name, keys in erp.calls if name == "create"] == [["e-k0"]]
    assert bench.states() == {"k0": "dropped", "k1": "dropped", "k2": "planned"}
    assert applied.incomplete == {"erp": "busy"}


def test_systems_are_written_to_beside_each_other() -> None:
    both = Barrier(2, timeout=_PATIENCE)  # nobody goes on alone

    def together(done: Sequence[Any]) -> Sequence[Any]:
        both.wait()
        return done

    bench = Bench({name: Scripted(name, answers=[together]) for name in ("erp", "crm")})
    bench.seams = replace(bench.seams, caller=one_thread)
    applied = bench.apply(*edits(bench, 2, "erp"), *edits(bench, 2, "crm"))
    assert {system: told.updates for system, told in applied.sums.items()} == {"erp": 2, "crm": 2}


@pytest.mark.parametrize("caller", [AtOnce, one_thread])
def test_threads_and_calls_made_at_once_come_to_the_same(caller: Any) -> None:
    bench = Bench({"erp": Scripted("erp"), "crm": Scripted("crm")})
    bench.seams = replace(bench.seams, caller=caller)
    applied = bench.apply(*edits(bench, 9), *(create(f"c{n}", system="crm") for n in range(9)))
    assert set(bench.states().values()) == {"done"}
    assert (applied.of("erp").updates, applied.of("crm").creates) == (9, 9)


def test_an_error_in_one_lane_ends_the_others_in_order() -> None:
    ended: list[str] = []

    def lane(name: str, told: Future[int]) -> Steps[None]:
        try:
            yield from outcome(told)
            yield from outcome(told)
        finally:
            ended.append(name)

    good, bad = AtOnce().submit(int, "1"), AtOnce().submit(int, "one")
    with pytest.raises(ValueError, match="one"):
        beside([lane("bad", bad), lane("good", good)])
    assert ended == ["bad", "good"]
