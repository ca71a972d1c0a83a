"""`check`: the book of rules."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync_pipelines.commands.office import FINE, LOOK, Office, json_option, office
from sync_pipelines.commands.plans import many
from sync_pipelines.settings import Place

if TYPE_CHECKING:
    from mappings.book import Book
    from mappings.complaints import Complaint
    from sync_pipelines.checking.view import Abilities, Descriptions
    from sync_pipelines.flow.run import House

_WRONG = 2


@click.command(short_help="read the book and name every fault, with file and line")
@click.option("--systems", "live", is_flag=True, help="Also hold it against what the systems say of themselves now.")
@json_option
@office
def check(office: Office, *, live: bool, as_json: bool) -> int:
    """Read the book and prove what can be proven of it.

    Every field has one decider in every reachable state, no rule is dead, no two systems undo each other, every code
    has a way. All faults are named at once, with file and line. Faults end with 2, warnings alone with 1.
    """
    book, complaints = checked(office, live=live)
    if as_json:
        office.json({"book": _about(book), "findings": [_finding(complaint) for complaint in complaints]})
    else:
        office.print(*_lines(book, complaints))
    return _code(complaints)


def checked(office: Office, *, live: bool) -> "tuple[Book | None, list[Complaint]]":
    """The book, where it can be read, and what is wrong with it; `live`: held against the systems, too."""
    from mappings.complaints import BookError
    from sync_pipelines.checking.checks import check_book, explained
    from sync_pipelines.flow.rulebook import alert_faults

    try:
        book = office.read_book()
    except BookError as error:
        return None, list(explained(error))
    about_people = alert_faults(Path(book.folder)) if book.folder else []
    if not live:
        return book, [*check_book(book), *about_people]
    with office.open_house() as house:
        return book, [*check_book(book, *_told(house)), *about_people]


def _told(house: "House") -> "tuple[Abilities, Descriptions]":
    """What each system can do and how it describes each kind that the book maps."""
    kinds = {
        name: sorted({spec.maps[name].kind for spec in house.book.entities.values() if name in spec.maps})
        for name in house.book.systems
    }
    connectors = {name: house.connectors[name] for name in kinds}
    return (
        {name: connectors[name].kinds for name in kinds},
        {name: {kind: connectors[name].describe(kind) for kind in of} for name, of in kinds.items()},
    )


def _code(complaints: "list[Complaint]") -> int:
    from sync_pipelines.checking.codes import Severity, severity_of

    found = {severity_of(complaint) for complaint in complaints}
    if Severity.FAULT in found:
        return _WRONG
    return LOOK if Severity.WARNING in found else FINE


def _finding(complaint: "Complaint") -> Mapping[str, Any]:
    from sync_pipelines.checking.codes import severity_of

    return {
        "severity": severity_of(complaint),
        "code": complaint.code,
        "file": complaint.file,
        "line": complaint.line,
        "says": complaint.says,
        "do": complaint.do,
    }


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
    from sync_pipelines.checking.rendering import render

    if complaints:
        yield render(complaints).rstrip("\n")
        return
    if book is None:
        return
    yield f"{book.folder} is sound."
    systems = ", ".join(f"{name} ({system.role}, {system.connector})" for name, system in book.systems.items())
    yield f"  systems    {systems}"
    for name, spec in book.entities.items():
        yield f"  {name:<10} {many(len(spec.fields), 'field')}, maps for {', '.join(spec.maps)}"
