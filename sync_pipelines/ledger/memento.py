"""A number that lies beside the ledger: how many runs it has seen. An older copy in its place has seen fewer."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol


class Memento(Protocol):
    """Outlives the ledger, or is lost with it; then nothing is noticed, and nothing wrong is said."""

    def last(self) -> int:
        """The run that was begun last, as far as this place knows; 0 where it knows of none."""
        ...

    def keep(self, turn: int) -> None:
        """That run was begun."""
        ...


class Forgetful:
    """For a ledger that nobody restores."""

    def last(self) -> int:
        """Nothing is known."""
        return 0

    def keep(self, turn: int) -> None:
        """It is forgotten at once."""


FORGETFUL = Forgetful()


class Remembered:
    """For a ledger that lives no longer than this process, and may be put back all the same."""

    def __init__(self) -> None:
        """Nothing was begun yet."""
        self._turn = 0

    def last(self) -> int:
        """What was kept last."""
        return self._turn

    def keep(self, turn: int) -> None:
        """Until the next one."""
        self._turn = turn


class FileMemento:
    """One file. Where it cannot be read or written nothing is known; what the systems hold is looked at anyway."""

    def __init__(self, path: Path) -> None:
        """`path` need not be there."""
        self._path = path

    def last(self) -> int:
        """What it says."""
        with suppress(OSError, ValueError):
            return int(self._path.read_text(encoding="ascii"))
        return 0

    def keep(self, turn: int) -> None:
        """Written beside, then put in its place."""
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(str(turn), encoding="ascii")
            fresh.replace(self._path)
