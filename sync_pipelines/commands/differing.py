"""Where systems differ on day one: how, how often, with an example of each, and all of them as a table in a file."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.padding import Padding
from rich.text import Text

from mappings.book import Book, EntitySpec
from mappings.values import Value
from sync_pipelines.commands.plans import Reading, cut, many, table
from sync_pipelines.flow.stocktaking import Difference, FieldReport, Tell, untold
from sync_pipelines.review.sheets import shielded
from sync_pipelines.review.wording import guarded, shown

COLUMNS = ("entity", "entity_id", "field", "record", "against", "how", "says", "stands")
_PATTERNS = 5  # of a field, unless all are asked for


def field_lines(fields: dict[str, FieldReport], spec: EntitySpec, reading: Reading) -> Iterator[Any]:
    """The counts of each field, and how the values differ. All counts add up to the records that differ."""
    made = table("field", "agree", "differ", "blank", "blank in", right=("agree", "differ", "blank"))
    for name, one in fields.items():
        blank = ", ".join(f"{count:,} in {system}" for system, count in one.blank_in.most_common())
        made.add_row(name, f"{one.agree:,}", f"{one.differ:,}", f"{one.blanks:,}", blank)
    yield Padding(made, (1, 0, 1, 2))
    for name, one in fields.items():
        if one.differ:
            yield from _pattern_lines(name, one, spec, reading)


def _pattern_lines(name: str, one: FieldReport, spec: EntitySpec, reading: Reading) -> Iterator[Any]:
    yield Text.assemble("  ", (name, "bold"), f": {many(one.differ, 'record differs', 'records differ')}")
    found = one.patterns.most_common()
    told = found if reading.everything else found[:_PATTERNS]
    for pattern, count in told:
        yield f"    {count:>6,} × {pattern}"
        yield f"             {_example(one.examples[pattern], spec, reading)}"
    if rest := found[len(told) :]:
        left = sum(count for _, count in rest)
        yield f"    {left:>6,} others ({many(len(rest), 'pattern')}): --all"
    yield ""


def _example(found: Difference, spec: EntitySpec, reading: Reading) -> str:
    """A pair by which the pattern can be looked at; of an address the parts that differ."""
    said, stands = _apart(found.said, found.stands)
    one, two = (cut(shown(value, found.key, spec, reveal=reading.reveal)) for value in (said, stands))
    if one == two:  # masks are alike
        return f"{found.ref} ≠ {found.against or 'what stands'} (masked: --reveal)"
    return f"{found.ref}: {one} ≠ {two}"


def _apart(one: Value, two: Value) -> tuple[Value, Value]:
    if not isinstance(one, dict) or not isinstance(two, dict) or "amount" in one:
        return one, two
    names = [name for name in dict.fromkeys((*two, *one)) if one.get(name) != two.get(name)]
    return {name: one.get(name) for name in names}, {name: two.get(name) for name in names}


# --- for programs -----------------------------------------------------------------------------------------------------


def fields_data(fields: dict[str, FieldReport], spec: EntitySpec, reading: Reading) -> dict[str, Any]:
    """The same for programs; personal values are masked here, too."""
    return {
        name: {
            "agree": one.agree,
            "differ": one.differ,
            "blanks": one.blanks,
            "blank_in": one.blank_in,
            "patterns": one.patterns,
            "examples": {pattern: _data(found, spec, reading) for pattern, found in one.examples.items()},
        }
        for name, one in fields.items()
    }


def _data(found: Difference, spec: EntitySpec, reading: Reading) -> dict[str, Any]:
    values = {"says": found.said, "stands": found.stands}
    return {
        "record": str(found.ref),
        "against": str(found.against or ""),
        **{name: guarded(value, found.key, spec, reveal=reading.reveal) for name, value in values.items()},
    }


@contextmanager
def told_to(path: Path | None, book: Book, reading: Reading) -> Iterator[Tell]:
    """Every difference as a line of this file, which is there once all of them are: half a table looks whole."""
    if path is None:
        yield untold
        return
    half = path.with_name(f"{path.name}.part")
    with _refused(path):
        file = half.open("w", encoding="utf-8-sig", newline="")
    try:
        with file:
            lines = csv.writer(file)
            lines.writerow(COLUMNS)
            yield _line_by_line(lines.writerow, path, book, reading)
        with _refused(path):
            half.replace(path)
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    """What the file system says is about this file; what happens elsewhere meanwhile is not."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written ({error.strerror})") from None


def _line_by_line(write: Callable[[list[str]], object], path: Path, book: Book, reading: Reading) -> Tell:
    def tell(found: Difference) -> None:
        spec = book.entities[found.entity]
        says, stands = (shown(v, found.key, spec, reveal=reading.reveal) for v in (found.said, found.stands))
        where = (found.entity, found.entity_id, found.key, str(found.ref), str(found.against or ""))
        with _refused(path):
            write([shielded(cell) for cell in (*where, found.how, says, stands)])

    return tell
