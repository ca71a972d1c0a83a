"""Ledgers for histories: an empty one each time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from sync_pipelines.ledger.emptying import Copies, emptied
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import Ledger

KEY = bytes(32)  # of the audit chain: the same in every history
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux keeps files in memory: no history waits for a disk
Fresh: TypeAlias = Callable[[], Ledger]  # the ledger before is closed and is not used any more


@contextmanager
def store(name: str, url: str = "") -> Iterator[Fresh]:
    """`memory`, `sqlite` (files in a folder that goes away afterwards), or `postgres` at `url`, which is emptied."""
    if name == "memory":
        yield MemoryLedger
        return
    quick = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    with TemporaryDirectory(prefix="concordat-simulate-", dir=quick) as folder:
        copies = Copies(Path(folder), KEY) if name == "sqlite" else None
        last: list[Ledger] = []

        def fresh() -> Ledger:
            if last:
                last.pop().close()
            last.append(copies.fresh() if copies else emptied(url, KEY))
            return last[0]

        try:
            yield fresh
        finally:
            for ledger in last:
                ledger.close()
