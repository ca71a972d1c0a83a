"""Many histories: how fast they are played, what they met, and what they found. It can be taken up again."""

import gc
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sync_pipelines.simulation.comparing import COMPARISONS, compared, due
from sync_pipelines.simulation.examining import Verdict, examine
from sync_pipelines.simulation.history import History
from sync_pipelines.simulation.little_world import LittleWorld
from sync_pipelines.simulation.nemesis import BY_NAME
from sync_pipelines.simulation.shrinking import Shrunk, shrink
from sync_pipelines.simulation.stores import Fresh

_ENOUGH = 500  # histories after which everything must have happened at least once
_SWEEP = 25  # histories whose worlds may lie about: a few megabytes
_NEEDED = (
    "create", "edit", "child", "archive", "delete", "merge", "join", "undo", "split", "answer", "run",
    "held", "let_through", "lost_memento",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """A seed that breaks something, and the smallest history that does."""

    seed: int
    says: str
    operations: int
    replays: int
    seconds: float
    history: History
    told: Sequence[str] = ()  # what happens in it

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.says.split(' ', 1)[0].strip(':').lower()}_{self.seed}.json"

    def plain(self) -> dict[str, Any]:
        """For a file."""
        told = {"seed": self.seed, "says": self.says, "operations": self.operations, "replays": self.replays}
        return {**told, "seconds": round(self.seconds, 2), "file": self.name, "told": list(self.told)}

    def keep(self, folder: Path) -> Path:
        """Write the history down."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.name
        path.write_text(self.history.text(), encoding="utf-8")
        return path


@dataclass(slots=True)
class Tally:
    """What a campaign came to so far."""

    histories: int = 0
    seconds: float = 0.0
    met: Counter[str] = field(default_factory=Counter)  # operations and faults that really took place
    written: Counter[str] = field(default_factory=Counter)  # by us: create, update, archive
    waited: int = 0  # histories at whose end something waits with a reason
    compared: Counter[str] = field(default_factory=Counter)  # by invariant: pairs of worlds, side by side
    differ: list[str] = field(default_factory=list)  # what differed between two of them, with the seed
    found: list[Finding] = field(default_factory=list)
    before: list[Mapping[str, Any]] = field(default_factory=list)  # what was found until it was taken up again
    next: int = 0  # the seed to go on with

    @property
    def per_minute(self) -> float:
        """Histories, on one core."""
        return 60 * self.histories / self.seconds if self.seconds else 0.0

    @property
    def done(self) -> dict[str, int]:
        """What people and processes did, and how often."""
        return {name: self.met[name] for name in sorted(_NEEDED)}

    def missing(self) -> list[str]:
        """Faults of the table that struck in no history."""
        return [name for name in BY_NAME if not self.met[name]]

    def vacuous(self) -> list[str]:
        """I37: a campaign in which something never happened has shown nothing about it."""
        if self.histories < _ENOUGH:
            return []
        idle = [f"never: {name}" for name in _NEEDED if not self.met[name]]
        idle += [f"we never did: {op}" for op in ("create", "update", "archive") if not self.written[op]]
        idle += [f"never struck: {name}" for name in self.missing()]
        idle += [f"never compared: {law}" for law in COMPARISONS if not self.compared[law]]
        return idle + ([] if self.waited else ["nothing ever waited with a reason"])

    def plain(self) -> dict[str, Any]:
        """For a file, and for `--json`."""
        return {
            "histories": self.histories,
            "seconds": round(self.seconds, 1),
            "per_minute": round(self.per_minute),
            "next": self.next,
            "met": dict(sorted(self.met.items())),
            "written": dict(sorted(self.written.items())),
            "waited": self.waited,
            "compared": dict(sorted(self.compared.items())),
            "differ": self.differ,
            "found": [*self.before, *(one.plain() for one in self.found)],
        }

    @classmethod
    def read(cls, path: Path) -> "Tally":
        """As far as a campaign had come; from the beginning where there is no such file."""
        if not path.exists():
            return cls()
        told = json.loads(path.read_text(encoding="utf-8"))
        tally = cls(told["histories"], told["seconds"], Counter(told["met"]), Counter(told["written"]), told["waited"])
        tally.next, tally.before = told["next"], list(told.get("found", ()))
        tally.compared, tally.differ = Counter(told.get("compared", {})), list(told.get("differ", ()))
        return tally


def run(
    seeds: Iterable[int],
    fresh: Fresh,
    clock: Callable[[], float],
    tally: Tally | None = None,
    told: Callable[[Tally, Verdict, Finding | None], None] | None = None,
    make: Callable[..., LittleWorld] = LittleWorld,
) -> Tally:
    """Play the histories of these seeds one by one. `told` hears of each, and may stop it all by raising."""
    tally = tally or Tally()

    def play(history: History) -> Verdict:
        return examine(history, fresh(), make)

    with _swept_between() as sweep:
        for seed in seeds:
            began = clock()
            sweep()
            verdict = play(History.of(seed))
            tally.histories += 1
            tally.seconds += clock() - began
            _add(tally, verdict)
            _compare(tally, seed)
            finding = _finding(seed, shrink(verdict, clock, again=play)) if verdict.broken else None
            if finding is not None:
                tally.found.append(finding)
            tally.next = seed + 1
            if told is not None:
                told(tally, verdict, finding)
    return tally


@contextmanager
def _swept_between() -> Iterator[Callable[[], object]]:
    """Worlds that are over are swept away some at a time, and not looked for in the middle of a history.

    Python would look for cycles a few times in each of them, find next to nothing, and need a tenth of its time.
    """
    was_enabled, turns = gc.isenabled(), count(1)
    gc.collect()
    gc.freeze()  # what is loaded stays
    gc.disable()
    try:
        yield lambda: next(turns) % _SWEEP or gc.collect()
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def _add(tally: Tally, verdict: Verdict) -> None:
    tally.met.update(verdict.met)
    tally.written.update(verdict.written)
    tally.waited += verdict.waits


def _compare(tally: Tally, seed: int) -> None:
    """Beside the clock: it is no history."""
    if law := due(seed):
        tally.compared[law] += 1
        if says := compared(seed, law):
            tally.differ.append(f"seed {seed}: {says}")


def _finding(seed: int, shrunk: Shrunk) -> Finding:
    history = shrunk.verdict.history
    told = tuple(shrunk.verdict.stage.told)
    return Finding(seed, history.says, len(history.operations), shrunk.replays, shrunk.seconds, history, told)
