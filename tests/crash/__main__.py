"""`make crash`: real processes, killed at every point on both stores, until there are enough; resumable.

make crash                              500 kills, half of them on each store
make crash ARGS="--kills 2000"          more; what was done before counts
make crash ARGS="--erp tryton --kills 30"    with a real Tryton; counted by itself
make crash ARGS="--again sqlite:17"     one block again, with what happened in it
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.crash.campaign import POINTS, STORES, Block, Stage, blocks, play
from tests.crash.firms import People
from tests.crash.systems import Systems
from tests.crash.tryton import TrytonPeople, TrytonSystems
from tests.postgres import running_postgres

STAGES: Mapping[str, Stage] = {"kingdee": (Systems, People), "tryton": (TrytonSystems, TrytonPeople)}


@dataclass
class Progress:
    """What was done, kept in a file after every block."""

    file: Path
    kept: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        empty = {store: {"next": 0, "kills": {}, "blocks": 0, "writes": 0, "seconds": 0.0} for store in STORES}
        told = json.loads(self.file.read_text(encoding="utf-8")) if self.file.is_file() else {}
        self.kept = {"failed": [], **empty, **told}

    def add(self, store: str, seed: int, block: Block, seconds: float) -> None:
        mine = self.kept[store]
        mine |= {"next": seed + 1, "blocks": mine["blocks"] + 1, "writes": mine["writes"] + block.writes}
        mine["seconds"] = round(mine["seconds"] + seconds, 1)
        mine["kills"] = dict(Counter(mine["kills"]) + block.kills)
        if block.complaints:
            self.kept["failed"].append(f"{store}:{seed}")
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(self.kept, indent=1), encoding="utf-8")

    def kills(self, store: str) -> Counter[str]:
        return Counter(self.kept[store]["kills"])


def say(*words: str) -> None:
    print(*words, flush=True)  # noqa: T201 - a command


def table(progress: Progress) -> None:
    """Kills per point."""
    kills = {store: progress.kills(store) for store in STORES}
    say(f"{'kills at':30}", *(f"{store:>9}" for store in STORES))
    for point in POINTS:
        say(f"{point:30}", *(f"{kills[store][point]:9}" for store in STORES))
    say(f"{'all':30}", *(f"{kills[store].total():9}" for store in STORES))
    for store in STORES:
        mine = progress.kept[store]
        say(f"{store}: {mine['blocks']} blocks, {mine['writes']} writes that the systems took, {mine['seconds']:.0f} s")


def report(store: str, seed: int, block: Block) -> None:
    say(f"{store}:{seed} failed", *(f"\n  {one}" for one in block.complaints))
    say("what happened in the last episode:", *(f"\n  {one}" for one in block.story))
    say(f'again:  make crash ARGS="--again {store}:{seed}"')


def campaign(progress: Progress, kills: int, stage: Stage) -> None:
    """Until there are so many, half on each store."""
    for store in STORES:
        seen = progress.kills(store)
        seeds = count(progress.kept[store]["next"])
        began = time.monotonic()
        for seed, block in blocks(store, seeds, seen, -(-kills // len(STORES)), stage):
            progress.add(store, seed, block, time.monotonic() - began)
            began = time.monotonic()
            say(f"{store}:{seed}  {block.kills.total()} kills (of {seen.total()}), {len(block.complaints)} complaints")
            if block.complaints:
                report(store, seed, block)


def again(name: str, stage: Stage) -> int:
    store, _, seed = name.partition(":")
    if store == "postgres":
        with running_postgres() as databases:
            block = play(int(seed), store, databases, stage=stage)
    else:
        block = play(int(seed), store, None, stage=stage)
    report(store, int(seed), block)
    return int(bool(block.complaints))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--erp", choices=STAGES, default="kingdee")
    parser.add_argument("--progress", type=Path)
    parser.add_argument("--again", metavar="STORE:SEED")
    told = parser.parse_args()
    stage = STAGES[told.erp]
    if told.again:
        return again(told.again, stage)
    name = "crash.json" if told.erp == "kingdee" else f"crash_{told.erp}.json"
    progress = Progress(told.progress or Path(".concordat") / name)
    campaign(progress, told.kills, stage)
    table(progress)
    return int(bool(progress.kept["failed"]))


if __name__ == "__main__":
    sys.exit(main())
