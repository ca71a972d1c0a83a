"""Tables in files: how one is written, where its headings stand, what its columns hold; and its rows."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import click

from sync_pipelines.identity.columns import UnknownColumnError, detected, renamed
from sync_pipelines.identity.spreadsheets import FIRST, headings_at, named, parted_by, plain

_LOOKED_AT = 500  # rows by which columns are recognised
_UTF_8 = "utf-8-sig"
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF8: _UTF_8,
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_BLOCK = 1 << 20
_ZEROS = 20  # one of so many bytes, even where most signs are Chinese


@dataclass(frozen=True, slots=True)
class Table:
    """A file, and what its columns hold."""

    path: Path
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    roles: Mapping[str, str]
    size: int  # bytes
    above: int = 1  # rows that are none of its own: the headings, and what stands above them

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(number of the row, its cells), as many cells as headings."""
        with _opened(self.path, self.encoding) as file:
            lines = csv.reader(file, delimiter=self.delimiter, skipinitialspace=True)
            wide = len(self.headings)
            for number, cells in enumerate(islice(_told(lines, self.path), self.above, None)):
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
    """Rows that say anything."""
    try:
        for row in lines:
            cells = plain(row)
            if any(cell.strip() for cell in cells):
                yield cells
    except csv.Error as error:
        raise click.ClickException(f"{path}: is no table of comma-separated values ({error})") from None


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[Iterable[str]]:
    try:
        with path.open(encoding=encoding, newline="") as file:
            yield (line.replace("\0", "") for line in file)
    except UnicodeError:
        says = f"is not written in {encoding.removesuffix('-sig')}"
        raise click.ClickException(f"{path}: {says}; say in what with --encoding (gb18030, cp1252, utf-16 …)") from None


def _written_in(path: Path, otherwise: str | None) -> str:
    """The encoding of a file: by its mark; UTF-8 where every byte fits it; else as the user says.

    So two systems' exports may be written in two encodings. No text of length in another one is UTF-8 by chance.
    """
    try:
        said = codecs.lookup(otherwise).name if otherwise else _UTF_8
        io.TextIOWrapper(io.BytesIO(), said)  # refuses what is a codec and no encoding of text, as base64 is
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
                if b"\0" in block:
                    return _by_zeros(block) or said
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return said
    return _UTF_8


def _by_zeros(block: bytes) -> str:
    """UTF-16 without a mark: of each sign that is ASCII one byte is zero, always on the same side."""
    big, little = block[::2].count(0), block[1::2].count(0)
    if _ZEROS * (big + little) < len(block):
        return ""
    return "utf-16-be" if big > little else "utf-16-le"


def opened(path: Path, otherwise: str | None, told: Sequence[tuple[str, str]]) -> Table:
    """A table with its columns recognised.

    `otherwise` is the encoding of what is not in UTF-8; `told` is what the user says of columns (role, heading).
    """
    encoding = _written_in(path, otherwise)
    with _opened(path, encoding) as file:
        first = list(islice(file, FIRST))
    delimiter, said = parted_by(first)
    above, headings, some = _begun(path, encoding, delimiter, above=int(said))
    _checked(path, headings, some)
    samples = {heading: [cells[place] for cells in some] for place, heading in enumerate(headings)}
    try:
        roles = renamed(headings, told, detected(headings, samples))
    except UnknownColumnError as error:
        raise click.ClickException(str(error)) from None
    return Table(path, encoding, delimiter, headings, roles, path.stat().st_size, above)


def _begun(path: Path, encoding: str, delimiter: str, *, above: int) -> tuple[int, tuple[str, ...], list[list[str]]]:
    """How many rows stand above those of the table, its headings, and its first rows."""
    with _opened(path, encoding) as file:
        lines = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
        rows = [(lines.line_num, cells) for cells in islice(_told(lines, path), FIRST + _LOOKED_AT)]
    told = rows[above:]
    if not told:
        return 0, (), []
    place, wrong = headings_at([cells for _, cells in told])
    if wrong:
        raise click.ClickException(f"{path}:{told[place][0]}: {wrong}")
    some = [cells for _, cells in told[place + 1 :][:_LOOKED_AT]]
    headings = named(told[place][1], some)
    wide = len(headings)
    return above + place + 1, headings, [(cells + [""] * wide)[:wide] for cells in some]


def _checked(path: Path, headings: Sequence[str], some: Sequence[Sequence[str]]) -> None:
    if not headings:
        raise click.ClickException(f"{path}: is empty; a heading and a row are needed at least")
    twice = next((heading for place, heading in enumerate(headings) if heading in headings[:place]), None)
    if twice is not None:
        raise click.ClickException(f"{path}: two columns are called `{twice}`; give each its own heading")
    if not some:
        raise click.ClickException(f"{path}: holds a heading and no rows")
