"""Blocks of episodes: people edit, processes are killed one after the other, and when it is quiet all is looked at.

A block is one house with one ledger and one seed, so that it can be played again by itself.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeAlias

from tests.crash.engine import AFTER_COMMIT, BEFORE_COMMIT
from tests.crash.firms import People
from tests.crash.house import Engine, House
from tests.crash.systems import DONE, LATE, REFUSED, Systems
from tests.postgres import Databases, NoPostgresError, running_postgres

OPENING = ("after-intent", REFUSED, LATE, DONE, "after-call")  # leave a write without an outcome
SAFE = ("before-intent", "after-reread", "after-outcome", BEFORE_COMMIT, AFTER_COMMIT)
RECOVERY = "in-recovery"
POINTS = (*OPENING, *SAFE, RECOVERY)
EPISODES = 8
_FAR = {BEFORE_COMMIT: 12, AFTER_COMMIT: 12}  # how often a point may be passed before; the others mostly never
STORES = ("sqlite", "postgres")


Stage: TypeAlias = tuple[type[Systems], type[People]]  # the ERP, and the people who work in it


@dataclass
class Block:
    """What came of one."""

    kills: Counter[str] = field(default_factory=Counter)
    tries: int = 0
    writes: int = 0
    complaints: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)


def play(
    seed: int,
    store: str,
    databases: Databases | None,
    episodes: int = EPISODES,
    stage: Stage = (Systems, People),
) -> Block:
    """One block, with this ERP and the people who work in it."""
    block = Block()
    random = Random(f"{seed}/{store}")
    with (
        tempfile.TemporaryDirectory(prefix="concordat-crash-") as folder,
        stage[0](Path(folder)) as systems,
        Engine() as engine,
    ):
        ledger = databases.create() if databases else f"sqlite:///{folder}/ledger.sqlite"
        house = House(Path(folder), ledger, systems, engine)
        people = stage[1](systems, house.furnish(), random)
        for _ in range(4):
            people.knows_both()
        if not house.settle():
            block.complaints.append("the first runs do not come to rest")
        for number in range(episodes):
            _episode(house, people, random, block, seed * EPISODES + number)
            if block.complaints:
                block.complaints = [f"episode {number}: {said}" for said in block.complaints]
                block.story.append(house.log.read_text(encoding="utf-8")[-3000:])
                break
        block.writes = systems.writes()
    return block


def _episode(house: House, people: People, random: Random, block: Block, turn: int) -> None:
    taken: set[tuple[str, str]] = set()
    block.story = [people.sells(), people.books(), *([people.registers()] if turn % 3 == 0 else [])]
    for at in _endings(turn):
        house.systems.clock.advance(60 if random.random() < 0.1 else 11 * 60)
        block.story += [said for _ in range(3) if (said := people.edits(taken))]
        nth = random.choice((1, 1, 1, 1, 2, 3)) if at not in _FAR else random.randint(1, _FAR[at])
        died = house.die(at, nth)
        block.tries += 1
        block.kills[at] += died
        block.story.append(f"{'killed' if died else 'not killed'} {at} {nth}")
    if not house.settle():
        block.complaints.append("it does not come to rest")
    block.complaints += people.complaints() + house.complaints()


def _endings(turn: int) -> tuple[str, ...]:
    """Five: a death that leaves something open, one in its recovery, and three by turns."""
    both = OPENING + SAFE
    return (OPENING[turn % len(OPENING)], RECOVERY, *(both[(turn * 3 + n) % len(both)] for n in range(3)))


@contextmanager
def _server(store: str) -> Iterator[Databases | None]:
    with running_postgres() if store == "postgres" else nullcontext() as databases:
        yield databases


def blocks(
    store: str, seeds: Iterator[int], seen: Counter[str], kills: int, stage: Stage = (Systems, People)
) -> Iterator[tuple[int, Block]]:
    """Block after block on one store, until there are so many kills; they are added to `seen`."""
    with _server(store) as databases:
        for seed in seeds:
            if seen.total() >= kills:
                return
            block = play(seed, store, databases, stage=stage)
            seen.update(block.kills)
            yield seed, block


__all__ = ["POINTS", "STORES", "Block", "NoPostgresError", "Stage", "blocks", "play"]
