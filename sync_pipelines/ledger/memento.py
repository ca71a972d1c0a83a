"""What lies beside the ledger: how many runs it has seen, and where anything was ever met.

An older copy in its place has seen fewer; and it may know nothing of a kind that is not empty at all.
"""

import os
from collections.abc import Collection
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

    def places(self) -> frozenset[str]:
        """Kinds, as `system/Kind`, in which something was seen or made."""
        ...

    def meet(self, places: Collection[str]) -> None:
        """Something is there, or will be before long."""
        ...


class Forgetful:
    """For a ledger that nobody restores."""

    def last(self) -> int:
        """Nothing is known."""
        return 0

    def keep(self, turn: int) -> None:
        """It is forgotten at once."""

    def places(self) -> frozenset[str]:
        """Nothing is known."""
        return frozenset()

    def meet(self, places: Collection[str]) -> None:
        """It is forgotten at once."""


FORGETFUL = Forgetful()


class Remembered:
    """For a ledger that lives no longer than this process, and may be put back all the same."""

    def __init__(self) -> None:
        """Nothing was begun yet."""
        self._turn, self._places = 0, frozenset[str]()

    def last(self) -> int:
        """What was kept last."""
        return self._turn

    def keep(self, turn: int) -> None:
        """Until the next one."""
        self._turn = turn

    def places(self) -> frozenset[str]:
        """Wherever something was met."""
        return self._places

    def meet(self, places: Collection[str]) -> None:
        """For as long as the process lives."""
        self._places |= {*places}


class FileMemento:
    """One file: the number in its first line, then a place in each.

    Where it cannot be read or written nothing is known; what the systems hold is looked at anyway.
    """

    def __init__(self, path: Path) -> None:
        """`path` need not be there."""
        self._path = path

    def last(self) -> int:
        """What it says."""
        with suppress(ValueError):
            return int(self._lines()[0])
        return 0

    def keep(self, turn: int) -> None:
        """What is known of places stays."""
        self._write(turn, self.places())

    def places(self) -> frozenset[str]:
        """What it says."""
        return frozenset(line for line in self._lines()[1:] if line)

    def meet(self, places: Collection[str]) -> None:
        """The first time only: what is known already is not written again."""
        known = self.places()
        if not known.issuperset(places):
            self._write(self.last(), known.union(places))

    def _lines(self) -> list[str]:
        with suppress(OSError, ValueError):
            return self._path.read_text(encoding="utf-8").splitlines() or [""]
        return [""]

    def _write(self, turn: int, places: Collection[str]) -> None:
        """Beside, then in its place."""
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text("\n".join([str(turn), *sorted(places)]), encoding="utf-8")
            fresh.replace(self._path)
