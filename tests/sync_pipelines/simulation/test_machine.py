"""The same operations as a state machine, for a developer's desk: hypothesis chooses them and makes failures small.

More of it:  pytest tests/sync_pipelines/simulation/test_machine.py --hypothesis-seed=random
"""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.little_book import ROLES
from sync_pipelines.simulation.nemesis import TABLE, Way
from sync_pipelines.simulation.operations import _SHARES, Operation
from sync_pipelines.simulation.swarm import Swarm
from sync_pipelines.simulation.values import (
    EMAILS,
    FIELDS,
    FREE,
    HOSTILE,
    NAMES,
    PLACES,
    STATUSES,
    TAX_IDS,
    TOWNS,
    WORDS,
)

PLACE = st.integers(0, 20)
SYSTEM = st.sampled_from(ROLES)
WITH_PERSONS = st.sampled_from(["crm", "erp"])
WORD = st.sampled_from([*WORDS, *(value for values in HOSTILE.values() for value in values)])
NAMED: dict[Way, list[str]] = {way: [kind.name for kind in TABLE if kind.way is way] for way in Way}

ANY_TIME = st.sampled_from(NAMED[Way.CALL] + NAMED[Way.START])


class Machine(RuleBasedStateMachine):
    """Collects a history; it is played and examined when it is whole."""

    def __init__(self) -> None:
        super().__init__()
        self.operations: list[Operation] = []
        self.swarm = Swarm()
        self.seed = 0

    @initialize(
        seed=st.integers(0, 1000), kinds=st.sets(st.sampled_from(NAMED[Way.CALL] + NAMED[Way.START]), max_size=3)
    )
    def begins(self, seed: int, kinds: set[str]) -> None:
        self.seed, self.swarm = seed, Swarm(tuple(sorted(kinds)), rate=0.2)

    def _do(self, what: str, **how: Any) -> None:
        self.operations.append(Operation(len(self.operations), what, how))

    @rule(befalls=st.sampled_from(["", "", *NAMED[Way.RUN]]), nth=st.integers(1, 20), after=st.integers(1, 60))
    def runs(self, befalls: str, nth: int, after: int) -> None:
        self._do("run", befalls=befalls, nth=nth, after=after)

    @rule(system=SYSTEM, name=st.sampled_from(NAMES), tax_id=st.sampled_from(TAX_IDS), status=st.sampled_from(STATUSES))
    def creates(self, system: str, name: str, tax_id: str | None, status: str) -> None:
        more = {"Status": status} if system == "crm" else {}
        self._do("create", system=system, values={"Name": name, "Tax_Id": tax_id, **more})

    @rule(system=SYSTEM, pick=PLACE, field=st.sampled_from([f for f in FIELDS if f in FREE]), value=WORD)
    def edits(self, system: str, pick: int, field: str, value: Any) -> None:
        self._do("edit", system=system, pick=pick, field=field, value=value)

    @precondition(lambda self: self.operations)
    @rule(way=st.sampled_from(["archive", "delete"]), system=SYSTEM, pick=PLACE, other=PLACE)
    def retires(self, way: str, system: str, pick: int, other: int) -> None:
        self._do("retire", way=way, system=system, pick=pick, other=other)

    @precondition(lambda self: self.operations)
    @rule(kind=st.sampled_from(["", "Person"]), pick=PLACE, other=PLACE)
    def merges(self, kind: str, pick: int, other: int) -> None:
        self._do("merge", system="crm", kind=kind, pick=pick, other=other)

    @precondition(lambda self: self.operations)
    @rule(system=WITH_PERSONS, name=WORD, email=st.sampled_from(EMAILS), of=PLACE)
    def enters_a_person(self, system: str, name: Any, email: str | None, of: int) -> None:
        self._do("person", system=system, values={"Name": name, "Email": email}, of=of)

    @precondition(lambda self: self.operations)
    @rule(
        system=WITH_PERSONS, pick=PLACE, code=st.sampled_from(PLACES), town=st.sampled_from(TOWNS), remove=st.booleans()
    )
    def changes_a_place(self, **how: Any) -> None:
        self._do("place", **how)

    @rule(seconds=st.sampled_from([1, 60, 3600]))
    def waits(self, seconds: int) -> None:
        self._do("wait", seconds=seconds)

    @precondition(lambda self: self.operations)
    @rule(pick=PLACE, other=PLACE)
    def parts(self, pick: int, other: int) -> None:
        self._do("split", pick=pick, other=other)

    @precondition(lambda self: self.operations)
    @rule(pick=PLACE)
    def takes_back(self, pick: int) -> None:
        self._do("undo", pick=pick)

    @precondition(lambda self: self.operations)
    @rule(
        what=st.sampled_from(NAMED[Way.DEED]),
        system=SYSTEM,
        pick=PLACE,
        other=PLACE,
        field=st.sampled_from(FREE),
        value=st.sampled_from(WORDS),
    )
    def misbehaves(self, what: str, **how: Any) -> None:
        self._do(what, **how)

    @precondition(lambda self: self.operations)
    @rule(pick=PLACE, choice=PLACE)
    def answers(self, pick: int, choice: int) -> None:
        self._do("answer", pick=pick, choice=choice)

    def teardown(self) -> None:
        verdict = examine(History(self.seed, self.swarm, tuple(self.operations)))
        assert not verdict.broken, "\n".join([*verdict.broken, *verdict.stage.told])


Machine.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_the_machine_does_whatever_a_history_may_do() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    named = {what for _, what, _ in _SHARES}
    assert {what for what in named if f'_do("{what}"' not in source} == set()


class TestWhateverHypothesisDoes(Machine.TestCase):  # type: ignore[misc,valid-type]  # made at run time
    """Every law holds at the end."""
