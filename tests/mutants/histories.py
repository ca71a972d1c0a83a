"""Random histories until one breaks something; run in a copy of the code that was broken on purpose.

python -m tests.mutants.histories 0 20000     the kept ones, then these seeds; says the first that breaks something
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from sync_pipelines.simulation.examining import examine
from sync_pipelines.simulation.history import History

KEPT = Path(__file__).parents[1] / "histories"


def main(first: int, last: int, but_for: Sequence[str] = ()) -> int:
    """1 where a history breaks something, but for those that do so anyway."""
    kept = ((path.stem, History.read(path)) for path in sorted(KEPT.glob("*.json")))
    drawn = ((f"seed {seed}", History.of(seed)) for seed in range(first, last))
    says = next((one for one in _broken(chain(kept, drawn)) if one not in but_for), "")
    if says:
        sys.stdout.write(f"BROKEN {says}\n")
    return int(bool(says))


def _broken(histories: Iterator[tuple[str, History]]) -> Iterator[str]:
    for name, history in histories:
        verdict = examine(history)
        if verdict.broken:
            yield f"{name}: {verdict.what.strip(':')}"


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
