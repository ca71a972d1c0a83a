"""Two tables in files, matched row by row: reading them, letting the larger one pass by, and who has which id."""

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import click

from mappings.matching import Scoring
from sync_pipelines.commands.working import BELOW, Read, Work, look, weigh
from sync_pipelines.identity.columns import UnknownColumnError, detected, reader, renamed, scoring_of, shared_texts
from sync_pipelines.identity.pairs import Index, Met, Pair, Row, Twins, frequencies, rivals, scored, words_of
from sync_pipelines.identity.scoring import prepare

_LOOKED_AT = 500  # rows by which columns are recognised
_DELIMITERS = ",;\t|"
_UTF_8 = "utf-8-sig"
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF8: _UTF_8,
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Table:
    """A file, and what its columns hold."""

    path: Path
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    roles: Mapping[str, str]
    size: int  # bytes

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(number of the row, its cells), as many cells as headings."""
        with _opened(self.path, self.encoding) as file:
            lines = csv.reader(file, delimiter=self.delimiter, skipinitialspace=True)
            next(lines, None)
            wide = len(self.headings)
            for number, cells in enumerate(_told(lines, self.path)):
                yield number, cells if len(cells) == wide else (cells + [""] * wide)[:wide]

    @property
    def id_column(self) -> str:
        """The heading of the ids; empty where rows are told by their number."""
        return next((heading for heading, role in self.roles.items() if role == "id"), "")

    @property
    def long(self) -> int:
        """About how many rows it has, judged by the first hundred."""
        some = [sum(len(cell.encode()) + 1 for cell in cells) for _, cells in islice(self.rows(), 100)]
        return self.size * len(some) // max(sum(some), 1)

    def id_of(self, number: int, cells: Sequence[str]) -> str:
        """How a row is called: by its id, else by its number, counted from 1."""
        column = self.id_column
        return cells[self.headings.index(column)].strip() if column else str(number + 1)


def _told(lines: Iterable[list[str]], path: Path) -> Iterator[list[str]]:
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield cells
    except csv.Error as error:
        raise click.ClickException(f"{path}: is no table of comma-separated values ({error})") from None
    except UnicodeDecodeError as error:
        raise click.ClickException(_undecodable(path, error)) from None


def _undecodable(path: Path, error: UnicodeDecodeError) -> str:
    return f"{path}: is not written in {error.encoding}; say in what with --encoding (gb18030, cp1252, utf-16 …)"


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[Iterable[str]]:
    try:
        with path.open(encoding=encoding, newline="") as file:
            yield (line.replace("\0", "") for line in file)
    except UnicodeError as error:
        says = (
            _undecodable(path, error)
            if isinstance(error, UnicodeDecodeError)
            else f"{path}: is not written in {encoding}"
        )
        raise click.ClickException(says) from None


def _written_in(path: Path, otherwise: str | None) -> str:
    """The encoding of a file: by its mark; UTF-8 where every byte fits it; else as the user says.

    So two systems' exports may be written in two encodings. No text of length in another one is UTF-8 by chance.
    """
    try:
        said = codecs.lookup(otherwise).name if otherwise else _UTF_8
    except LookupError:
        raise click.ClickException(f"`{otherwise}` is no encoding; utf-8, gb18030 and cp1252 are some") from None
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(4)
        if mark := next((name for mark, name in _MARKS.items() if start.startswith(mark)), ""):
            return mark
        file.seek(0)
        try:
            for block in iter(partial(file.read, _BLOCK), b""):
                if b"\0" in block:  # as UTF-16 is full of
                    return said
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return said
    return _UTF_8


def opened(path: Path, otherwise: str | None, told: Sequence[tuple[str, str]]) -> Table:
    """A table with its columns recognised.

    `otherwise` is the encoding of what is not in UTF-8; `told` is what the user says of columns (role, heading).
    """
    encoding = _written_in(path, otherwise)
    with _opened(path, encoding) as file:
        first = next(iter(file), "")
    delimiter = max(_DELIMITERS, key=first.count) if first else ","
    with _opened(path, encoding) as file:
        lines = _told(csv.reader(file, delimiter=delimiter, skipinitialspace=True), path)
        headings = tuple(heading.strip() for heading in next(lines, []))
        some = [(cells + [""] * len(headings))[: len(headings)] for cells in islice(lines, _LOOKED_AT)]
    _checked(path, headings, some)
    samples = {heading: [cells[place] for cells in some] for place, heading in enumerate(headings)}
    try:
        roles = renamed(headings, told, detected(headings, samples))
    except UnknownColumnError as error:
        raise click.ClickException(str(error)) from None
    return Table(path, encoding, delimiter, headings, roles, path.stat().st_size)


def _checked(path: Path, headings: Sequence[str], some: Sequence[Sequence[str]]) -> None:
    if not headings:
        raise click.ClickException(f"{path}: is empty; a heading and a row are needed at least")
    twice = next((heading for place, heading in enumerate(headings) if heading in headings[:place]), None)
    if twice is not None:
        raise click.ClickException(f"{path}: two columns are called `{twice}`; give each its own heading")
    if not some:
        raise click.ClickException(f"{path}: holds a heading and no rows")


@dataclass(frozen=True, slots=True)
class Matched:
    """Two tables and their pairs, by the numbers of the rows; `ids` of those that are known by name."""

    scoring: Scoring
    pairs: list[Pair]
    left_ids: list[str]
    right_ids: list[str]
    looked_at: Sequence[tuple[int, int]]  # every pair that was weighed


def matched(left: Table, right: Table | None, scoring_with: Callable[[Scoring], Scoring]) -> Matched:
    """Every pair worth telling. Without a right table: the duplicates in the left one."""
    other = right or left
    shared = shared_texts(left.roles, other.roles)
    scoring = scoring_with(scoring_of([left.roles, other.roles], shared))
    if right is None:
        return _within(left, scoring, shared)
    small, large = (left, right) if left.size <= right.size else (right, left)
    index, small_ids = _indexed(small, scoring, shared)
    pairs, large_ids, looked_at, twins = _passed_by(index, large, reader(large.headings, large.roles, shared))
    pairs = rivals(pairs, scoring, twins)
    if small is right:
        pairs = [replace(pair, left=pair.right, right=pair.left) for pair in pairs]
        small_ids, large_ids = large_ids, small_ids
        looked_at = [(large, small) for small, large in looked_at]
    return Matched(scoring, _sorted(pairs), small_ids, large_ids, looked_at)


def _passed_by(index: Index, table: Table, read: Read) -> tuple[list[Pair], list[str], list[tuple[int, int]], Twins]:
    """The larger table is read twice: to see who might be somebody, and to fetch those."""
    work = Work(index, table, read)
    met = Met()
    for part in work.each(look):
        met.join(part)
    wanted = index.candidates(met)
    kept, ids = _fetched(table, read, index.scoring, {number for _, number in wanted})
    mine = [row.prepared for row in index.rows]
    words = met.words + words_of(mine)
    work.known = frequencies(
        index.scoring, [mine, [row.prepared for row in kept.values()]], words, met.sampled + len(mine)
    )
    work.pairs = [(index.rows[place], kept[number]) for place, number in wanted]
    sides = ({row.number: row.prepared for row in index.rows}, {number: row.prepared for number, row in kept.items()})
    twins = Twins(index.scoring, work.known, sides)
    return [pair for some in work.each(weigh) for pair in some], ids, wanted, twins


def _fetched(table: Table, read: Read, scoring: Scoring, wanted: set[int]) -> tuple[dict[int, Row], list[str]]:
    kept, ids = {}, []
    for number, cells in table.rows():
        ids.append(table.id_of(number, cells))
        if number in wanted:
            kept[number] = Row(number, prepare(read(cells), scoring))
    return kept, ids


def _sorted(pairs: list[Pair]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (-pair.score.total, pair.left, pair.right))


def _within(table: Table, scoring: Scoring, shared: frozenset[str]) -> Matched:
    index, ids = _indexed(table, scoring, shared)
    everybody = [row.prepared for row in index.rows]
    candidates = list(index.pairs_within())
    known = frequencies(scoring, [everybody], words_of(everybody), len(everybody))
    pairs = scored(candidates, scoring, known, least=scoring.ask - BELOW, within=True)
    return Matched(scoring, _sorted(pairs), ids, ids, [(one.number, two.number) for one, two in candidates])


def _indexed(table: Table, scoring: Scoring, shared: frozenset[str]) -> tuple[Index, list[str]]:
    index, ids, read = Index(scoring), [], reader(table.headings, table.roles, shared)
    for number, cells in table.rows():
        index.add(number, read(cells))
        ids.append(table.id_of(number, cells))
    return index, ids
