"""Code tables from CSV: a column `canonical`, and one for each map (or system), several spellings parted by `|`."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO

from mappings.book import CodeTable
from mappings.codec import CodecError
from mappings.codecs_text import clean
from mappings.complaints import Complaints
from mappings.values import Where

OURS = "canonical"
_REMARKS = ("means", "remark")  # columns for people
_PARTED_BY = (",", ";", "\t")  # spreadsheets of half the world write semicolons


def table(name: str, file: str, text: str, columns: Iterable[str], complaints: Complaints) -> CodeTable:
    """A table. `columns` are the names that a column may have."""
    rows = list(_rows(file, text, complaints))
    header = rows[0][1] if rows else []
    _header(file, header, tuple(columns), complaints)
    decode: dict[str, dict[str, str]] = {column: {} for column in header if column not in {OURS, *_REMARKS}}
    encode: dict[str, dict[str, str]] = {column: {} for column in decode}
    seen: dict[str, int] = {}
    for line, cells in rows[1:]:
        row = _row(file, line, header, cells, complaints)
        if row is not None:
            _once(file, line, row[OURS], seen, complaints)
            _learn(Where(file, line), row, decode, encode, complaints)
    return CodeTable(name, decode, encode, Where(file, 1))


def _rows(file: str, text: str, complaints: Complaints) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line each begins in, blank ones left out."""
    first = text.partition("\n")[0]
    reader = csv.reader(StringIO(text), delimiter=max(_PARTED_BY, key=first.count), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [_cell(file, line, cell, complaints) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        complaints.add("bad-csv", Where(file, line), f"cannot be read: {error}")


def _cell(file: str, line: int, cell: str, complaints: Complaints) -> str:
    try:
        return clean(cell)
    except CodecError as error:
        complaints.add("bad-csv", Where(file, line), f"a cell {error}")
        return ""


def _header(file: str, header: list[str], columns: tuple[str, ...], complaints: Complaints) -> None:
    where = Where(file, 1)
    if OURS not in header:
        complaints.add("no-canonical", where, f"has no column `{OURS}`", "name our own code's column so")
    for column in header:
        if column not in {OURS, *_REMARKS, *columns}:
            complaints.unknown("unknown-column", where, column, "map or system", columns)
    for column in sorted({column for column in header if header.count(column) > 1}):
        complaints.add("duplicate-column", where, f"`{column}` stands twice", "keep one")


def _row(file: str, line: int, header: list[str], cells: list[str], complaints: Complaints) -> dict[str, str] | None:
    if len(cells) != len(header):
        says = f"has {len(cells)} cells where the header has {len(header)}"
        complaints.add("bad-csv", Where(file, line), says)
        return None
    row = dict(zip(header, cells, strict=True))
    if OURS in row and not row[OURS]:
        complaints.add("no-canonical", Where(file, line), "has no code of ours")
        return None
    return row if OURS in row else None


def _once(file: str, line: int, ours: str, seen: dict[str, int], complaints: Complaints) -> None:
    if ours in seen:
        says = f"`{ours}` stands here and in line {seen[ours]}"
        complaints.add("duplicate-code", Where(file, line), says, "keep one row and part its spellings by |")
    seen.setdefault(ours, line)


def _learn(
    where: Where,
    row: Mapping[str, str],
    decode: Mapping[str, dict[str, str]],
    encode: Mapping[str, dict[str, str]],
    complaints: Complaints,
) -> None:
    for column, known in decode.items():
        for theirs in filter(None, (spelling.strip() for spelling in row[column].split("|"))):
            if known.setdefault(theirs, row[OURS]) != row[OURS]:
                says = f"`{theirs}` of {column} means `{known[theirs]}` and `{row[OURS]}`"
                complaints.add("ambiguous-code", where, says, "one spelling, one meaning")
            encode[column].setdefault(row[OURS], theirs)
