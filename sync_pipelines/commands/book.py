"""`init` and `check`: the book of rules."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync_pipelines.commands.office import FINE, Office, json_option, office
from sync_pipelines.commands.plans import many
from sync_pipelines.settings import BUNDLED_BOOK, Place

if TYPE_CHECKING:
    from mappings.book import Book
    from mappings.complaints import Complaint

_WRONG = 2


@click.command(short_help="copy a clean book of rules into a folder")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@office
def init(office: Office, folder: Path) -> int:
    """Copy the bundled book of rules into FOLDER, as a start for your own."""
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty; name a new folder")
    copied = copy_book(BUNDLED_BOOK, folder)
    office.print(
        f"{many(copied, 'file')} in {folder}.",
        f"Next:  edit {folder / 'systems.yaml'}: which systems take part, in which role",
        f"       CONCORDAT_BOOK={folder} concordat check",
    )
    return FINE


def copy_book(origin: Path, folder: Path) -> int:
    """The rules and code tables of a book, and its README; answers how many files."""
    wanted = [*origin.glob("*.yaml"), *origin.glob("*/*.yaml"), *origin.glob("codes/*.csv"), *origin.glob("README.md")]
    for path in wanted:
        copy = folder / path.relative_to(origin)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return len(wanted)


@click.command(short_help="read the book and name every fault, with file and line")
@json_option
@office
def check(office: Office, *, as_json: bool) -> int:
    """Read the book and prove what can be proven of it.

    Every field has one decider in every reachable state, no rule is dead, no two systems undo each other, every code
    has a way. All faults are named at once, with file and line.
    """
    from mappings.complaints import BookError

    try:
        book = office.read_book()
        complaints = faults_of(book)
    except BookError as error:
        book, complaints = None, list(error.complaints)
    if as_json:
        office.json({"book": _about(book), "faults": complaints})
    else:
        office.print(*_lines(book, complaints))
    return _WRONG if complaints else FINE


def faults_of(book: "Book") -> "list[Complaint]":
    """What the checks find in a book that could be read."""
    from sync_pipelines.checking.checks import check_book

    return list(check_book(book))


def _about(book: "Book | None") -> Mapping[str, Any]:
    if book is None:
        return {"folder": str(Place.found().book)}
    return {
        "folder": book.folder,
        "version": book.version,
        "systems": {name: system.role for name, system in book.systems.items()},
        "entities": {name: len(spec.fields) for name, spec in book.entities.items()},
    }


def _lines(book: "Book | None", complaints: "list[Complaint]") -> Iterator[str]:
    yield from (str(complaint) for complaint in complaints)
    if complaints:
        yield f"\n{many(len(complaints), 'fault')}."
    elif book is not None:
        yield f"{book.folder} is sound."
        systems = ", ".join(f"{name} ({system.role}, {system.connector})" for name, system in book.systems.items())
        yield f"  systems    {systems}"
        for name, spec in book.entities.items():
            yield f"  {name:<10} {many(len(spec.fields), 'field')}, maps for {', '.join(spec.maps)}"
