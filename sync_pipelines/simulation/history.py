"""A history: what was chosen, what is done, and what strikes. It can be kept as a file and played without its seed."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors.testing.faults import FaultSchedule, Hit, Replayed
from sync_pipelines.simulation.operations import Operation, drawn
from sync_pipelines.simulation.swarm import Swarm

OPERATIONS = 30


@dataclass(frozen=True, slots=True)
class History:
    """Three systems, two entities with children, thirty operations; then everything heals and settles."""

    seed: int  # also decides how questions that are left at the end are answered
    swarm: Swarm
    operations: tuple[Operation, ...]
    hits: tuple[Hit, ...] | None = None  # None: drawn from the seed. Else these strike and no others
    says: str = ""  # what it breaks, in a line, where it was kept because it breaks something

    @classmethod
    def of(cls, seed: int, operations: int = OPERATIONS) -> "History":
        """The history of a seed."""
        swarm = Swarm.of(seed)
        return cls(seed, swarm, tuple(drawn(seed, number, swarm) for number in range(operations)))

    def faults(self) -> FaultSchedule:
        """What strikes its calls."""
        return FaultSchedule(self.seed, self.swarm.rates) if self.hits is None else Replayed(self.hits)

    def but(self, **changes: Any) -> "History":
        """The same in part."""
        return replace(self, **changes)

    # --- as a file ---------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """JSON that a person can read and change: a line for each operation and each fault."""
        return (
            "{\n"
            + ",\n".join(
                [
                    f'"says": {json.dumps(self.says)}',
                    f'"seed": {self.seed}',
                    f'"swarm": {json.dumps(self.swarm.plain())}',
                    f'"operations": {_lines([operation.plain() for operation in self.operations])}',
                    f'"hits": {"null" if self.hits is None else _lines(list(self.hits))}',
                ]
            )
            + "\n}\n"
        )

    @classmethod
    def parse(cls, text: str) -> "History":
        """What `text` wrote."""
        told = json.loads(text)
        hits = None if told["hits"] is None else tuple(Hit(*hit) for hit in told["hits"])
        operations = tuple(Operation.read(one) for one in told["operations"])
        return cls(told["seed"], Swarm.read(told["swarm"]), operations, hits, told["says"])

    @classmethod
    def read(cls, path: Path) -> "History":
        """From a file."""
        return cls.parse(path.read_text(encoding="utf-8"))


def _lines(items: list[Any]) -> str:
    return "[\n" + ",\n".join(f"  {json.dumps(item)}" for item in items) + "\n]" if items else "[]"
