"""What a vendor's system has to say of itself to take the place of one of the three."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from typing import Any, Protocol

from connectors.contract import Connector
from connectors.seams import Seams
from connectors.testing.metadata import KindSpec
from connectors.testing.world import Row, System
from mappings.fieldmap import KindMap, Line
from mappings.reading import paths


class Served(Protocol):
    """One system that was started, and whoever logs in there."""

    def connected(self) -> Connector:
        """One process more."""


class Dialect(Protocol):
    """One vendor. Kinds and fields of the little book are named as the little book names them."""

    @property
    def called(self) -> Mapping[str, str]:
        """Its kinds that have another name."""

    @property
    def words(self) -> Mapping[str, str]:
        """What it calls fields of the little book otherwise where it speaks of one: its word, and ours."""

    @property
    def left_out(self) -> frozenset[str]:
        """Fields that have no counterpart there."""

    @property
    def sort(self) -> type[System]:
        """What keeps its records."""

    @property
    def options(self) -> Mapping[str, Any]:
        """Of that, beside its kinds."""

    def kind(self, plain: KindSpec) -> KindSpec:
        """A kind of the little world as this vendor keeps it."""

    def mapped(self, plain: KindMap) -> KindMap:
        """A map of the little book in this vendor's words."""

    def opened(self, system: System, until: ExitStack, kinds: Sequence[KindMap], *, page: int, batch: int) -> Served:
        """The system behind a socket, until `until` ends."""


class BothNames(System):
    """A record holds what a vendor spells otherwise under both names, so that people and checkers need one only.

    What is the vendor's alone stands in no log.
    """

    theirs: frozenset[str]

    def both(self, kind: str, values: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
        """A write in both spellings; `held` is what the record says before it."""
        raise NotImplementedError

    def create(self, kind: str, values: Mapping[str, Any], **more: Any) -> Row:
        """In both."""
        return super().create(kind, self.both(kind, values, {}), **more)

    def update(self, kind: str, record_id: str, values: Mapping[str, Any], **more: Any) -> Row:
        """In both."""
        row = self.row(kind, record_id)
        return super().update(kind, record_id, self.both(kind, values, row.values if row else {}), **more)

    def _write_down(
        self,
        row: Row,
        op: str,
        by: str,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
        key: str,
        other: str = "",
    ) -> None:
        super()._write_down(row, op, by, self._ours(before), self._ours(after), key, other)

    def _ours(self, values: dict[str, Any] | None) -> dict[str, Any] | None:
        return values and {name: value for name, value in values.items() if name not in self.theirs}


def seams(system: System) -> Seams:
    """The world's own clock; ids that are the same each time."""
    numbers = count()
    return Seams(system.clock.now, system.clock.sleep, lambda: f"id-{next(numbers)}", lambda: 0.5)


def fetched(kinds: Sequence[KindMap]) -> dict[str, tuple[str, ...]]:
    """By kind: what the maps read, and no more."""
    return {one.kind: paths(one) for one in kinds}


def spelled(plain: KindMap, kinds: Mapping[str, str], fields: Mapping[str, str]) -> KindMap:
    """A map of the little book with other names of kinds, and of the fields beside each other in a record."""
    lines = tuple(_spelled(line, kinds, fields) for line in plain.lines)
    return replace(plain, kind=kinds.get(plain.kind, plain.kind), lines=lines)


def _spelled(line: Line, kinds: Mapping[str, str], fields: Mapping[str, str]) -> Line:
    options = {**line.options}
    if "kind" in options:
        options["kind"] = kinds.get(options["kind"], options["kind"])
    return replace(line, at=fields.get(line.at, line.at), options=options)
