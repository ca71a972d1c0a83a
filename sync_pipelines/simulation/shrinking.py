"""Makes a failing history small: fewer faults, fewer operations, plainer details; it breaks the same all the while."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from sync_pipelines.simulation.examining import Verdict, examine
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.nemesis import BY_NAME, Way

_Part = TypeVar("_Part")
Again: TypeAlias = Callable[[History], Verdict]
_NOT_DRAWN_AGAIN = (Way.CALL, Way.START)  # the others have done their work when the operations were drawn


@dataclass(slots=True)
class Shrunk:
    """The smallest history found, and what it took."""

    verdict: Verdict
    replays: int = 0
    seconds: float = 0.0


class _Shrinker:
    def __init__(self, verdict: Verdict, clock: Callable[[], float], seconds: float, again: Again) -> None:
        self.best, self.replays = verdict, 0
        self._clock, self._what, self._again = clock, verdict.what, again
        self._until = clock() + seconds

    @property
    def history(self) -> History:
        return self.best.history

    def takes(self, history: History) -> bool:
        """True where it breaks the same; then it is the best so far."""
        if self._clock() > self._until:
            return False
        self.replays += 1
        verdict = self._again(history)
        if verdict.what != self._what:
            return False
        self.best = verdict
        return True

    def kinds(self) -> None:
        for name in [n for n in self.history.swarm.kinds if BY_NAME[n].way in _NOT_DRAWN_AGAIN]:
            swarm = self.history.swarm
            self.takes(self.history.but(swarm=replace(swarm, kinds=tuple(k for k in swarm.kinds if k != name))))

    def operations(self) -> None:
        self._less(lambda: self.history.operations, lambda left: self.history.but(operations=tuple(left)))

    def hits(self) -> None:
        """Only what strikes, by name; the seed is needed no more."""
        hits = tuple(self.best.stage.little.world.faults.hits) if self.history.hits is None else self.history.hits
        if self.takes(self.history.but(hits=hits)):
            self._less(lambda: self.history.hits or (), lambda left: self.history.but(hits=tuple(left)))

    def details(self) -> None:
        for place, operation in enumerate(self.history.operations):
            for plainer in _plainer(operation.how):
                operations = list(self.history.operations)
                operations[place] = replace(operations[place], how=plainer)
                self.takes(self.history.but(operations=tuple(operations)))
        self.takes(self.history.but(swarm=replace(self.history.swarm, page_size=50)))

    def _less(self, parts: Callable[[], Sequence[_Part]], without: Callable[[Sequence[_Part]], History]) -> None:
        """Leave out ever smaller pieces, from the end, until no single one can be spared."""
        size = max(1, len(parts()) // 2)
        while parts():
            start, taken = len(parts()), False
            while start > 0:
                first = max(0, start - size)
                taken |= self.takes(without([*parts()[:first], *parts()[start:]]))
                start = first
            if size == 1 and not taken:
                return
            size = max(1, size // 2)


def _plainer(how: "dict[str, object] | object") -> Iterator[dict[str, object]]:
    told = dict(how) if isinstance(how, dict) else {}
    if told.get("befalls"):
        yield {}
    if told.get("beside"):
        yield {**told, "beside": ""}
    for name in ("nth", "after"):
        number = told.get(name)
        if isinstance(number, int) and number > 1:
            yield {**told, name: 1}
    for name in ("pick", "other", "of", "choice"):
        if told.get(name):
            yield {**told, name: 0}


def shrink(verdict: Verdict, clock: Callable[[], float], seconds: float = 5.0, again: Again = examine) -> Shrunk:
    """`clock` counts seconds; when they are used up, the best so far is the answer.

    `again` plays a history where it was found: what a database breaks, memory may not.
    """
    began = clock()
    shrinker = _Shrinker(verdict, clock, seconds, again)
    for step in (shrinker.operations, shrinker.kinds, shrinker.hits, shrinker.operations, shrinker.details):
        step()
    shrinker.operations()
    shrinker.hits()
    says = shrinker.best.broken[0].splitlines()[0][:300]
    shrinker.best.history = shrinker.history.but(says=says)
    return Shrunk(shrinker.best, shrinker.replays, clock() - began)
