"""Tables as spreadsheet programs leave them: what parts their cells, what is put around values, where headings are."""

import csv
import re
from collections import Counter
from collections.abc import Sequence

from sync_pipelines.identity.columns import recognised

FIRST = 20  # rows among which headings are sought
_DELIMITERS = ",;\t|"
_SAID = re.compile(r'"?sep=(\t|[^"\w\s])"?[,;\t|"\s]*', re.IGNORECASE)
_WRAPS = frozenset("='")
_WRAPPED = re.compile(r"""="(?P<formula>.*)"|'(?P<quoted>[^']*)'""", re.DOTALL)
_ELISION = re.compile(r"'[stnk][-\s][^\W\d]", re.IGNORECASE)  # 's-Gravenhage, 't Hart: the apostrophe is the name's
_SEVERAL = 2  # headings that are known make a row of them


def said_by(line: str) -> str:
    """What a first line `sep=;` says the cells are parted by; empty where it is no such line."""
    found = _SAID.fullmatch(line)
    return found[1] if found else ""


def parted_by(lines: Sequence[str]) -> tuple[str, bool]:
    """What parts the cells, and whether the first line says so and nothing else.

    Otherwise it is what makes most columns known ones, else what is most often in the first line, or in the second
    where that is a title.
    """
    told = [line for line in lines if line.strip()]
    if told and (said := said_by(told[0])):
        return said, True
    return max(_DELIMITERS, key=lambda sign: (_known(told, sign), *(line.count(sign) for line in told[:2]))), False


def _known(lines: Sequence[str], sign: str) -> int:
    try:
        most = max(map(recognised, csv.reader(lines, delimiter=sign, skipinitialspace=True)), default=0)
    except csv.Error:
        return 0
    return most if most >= _SEVERAL else 0


def plain(cells: Sequence[str]) -> list[str]:
    """Cells without what marks them as text: `="00123"` and `'00123` are 00123."""
    return [_plain(cell.strip()) if cell[:1] in _WRAPS else cell for cell in cells]


def _plain(cell: str) -> str:
    if (found := _WRAPPED.fullmatch(cell)) is not None:
        return (found["formula"] or found["quoted"] or "").replace('""', '"')
    return cell[1:] if cell.startswith("'") and not _ELISION.match(cell) else cell


def headings_at(rows: Sequence[Sequence[str]]) -> tuple[int, str]:
    """Which of the first rows holds the headings, and what is wrong there, in words for the user.

    It is the first, unless a later one is called as columns are and whatever stands above fills half as many cells at
    most: a title, a day, the names of groups of columns.
    """
    known = [recognised(cells) for cells in rows[:FIRST]]
    best = known.index(max(known))
    if best and known[best] >= _SEVERAL:
        if 2 * max(map(_filled, rows[:best])) <= _filled(rows[best]):
            return best, ""
        if known[0] < _SEVERAL and 2 * known[best] > _filled(rows[best]):
            return best, "these read like the headings; delete what stands above them"
    mine, wide = _filled(rows[0]), _columns(rows[1:])
    if 2 * mine < wide:
        says = f"has {mine} {'cell' if mine == 1 else 'cells'} filled where the rows below have {wide}"
        return 0, f"{says}; headings should stand here, one for each column, and no title above them"
    return 0, ""


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def _columns(rows: Sequence[Sequence[str]]) -> int:
    """Columns that most rows fill."""
    filled = Counter(place for row in rows for place, cell in enumerate(row) if cell.strip())
    return sum(2 * many > len(rows) for many in filled.values())


def named(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The headings. A column without one is called by its place; behind the last that tells anything there is none."""
    told = [heading.strip() for heading in headings]
    while told and not told[-1] and not any(len(row) >= len(told) and row[len(told) - 1].strip() for row in rows):
        told.pop()
    return tuple(heading or f"column {place}" for place, heading in enumerate(told, start=1))
