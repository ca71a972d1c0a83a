"""`concordat check` as a call: everything that is wrong with a book, all at once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from mappings.book import Book
from mappings.complaints import Complaint
from mappings.loading import BookError, load_book
from sync_pipelines.checking.abilities import abilities as against_abilities
from sync_pipelines.checking.archiving import archiving
from sync_pipelines.checking.cadence import cadence, comparing
from sync_pipelines.checking.codes import Severity, severity_of
from sync_pipelines.checking.conditions import condition_rings, condition_subjects, needs
from sync_pipelines.checking.creating import create_rings, creating, promises
from sync_pipelines.checking.deciders import deciders, unplayed
from sync_pipelines.checking.directions import directions, per_mixed
from sync_pipelines.checking.links import borrowed, references
from sync_pipelines.checking.lists import lists, parts
from sync_pipelines.checking.matching import matching
from sync_pipelines.checking.pooling import pooling
from sync_pipelines.checking.rendering import in_order
from sync_pipelines.checking.sayings import reaches
from sync_pipelines.checking.sentences import participation, sentences
from sync_pipelines.checking.spelling import spelling
from sync_pipelines.checking.systems import systems
from sync_pipelines.checking.undoing import undoing
from sync_pipelines.checking.view import Abilities, Descriptions, View, view_of

OF_ENTITIES: tuple[Callable[[View], Iterator[Complaint]], ...] = (
    sentences,
    participation,
    condition_subjects,
    condition_rings,
    needs,
    deciders,
    unplayed,
    undoing,
    references,
    borrowed,
    directions,
    per_mixed,
    lists,
    parts,
    spelling,
    creating,
    promises,
    pooling,
    archiving,
    matching,
    cadence,
)
OF_BOOKS: tuple[Callable[[Book], Iterator[Complaint]], ...] = (systems, create_rings, comparing)


def check_book(
    book: Book, abilities: Abilities | None = None, described: Descriptions | None = None
) -> list[Complaint]:
    """Everything that is wrong with a book, in order of files and lines.

    `abilities` and `described` are what systems say of themselves, by system and kind, for those that were asked;
    without them the book is only held against itself.
    """
    of_book = (found for check in OF_BOOKS for found in check(book))
    return in_order((*of_book, *_of_entities(book, book.entities, abilities or {}, described or {})))


def _of_entities(
    book: Book, names: Iterable[str], abilities: Abilities, described: Descriptions
) -> Iterator[Complaint]:
    for name in names:
        bare = view_of(book, book.entities[name], abilities, described)
        view = replace(bare, reach=reaches(bare))
        for check in OF_ENTITIES:
            yield from check(view)
        yield from against_abilities(view, abilities)


def check_folder(
    folder: Path | str, abilities: Abilities | None = None, described: Descriptions | None = None
) -> list[Complaint]:
    """The same of a folder. Where a file cannot be understood, that is told, and what is wrong with other entities."""
    try:
        return check_book(load_book(folder), abilities, described)
    except BookError as error:
        return list(explained(error, abilities, described))


def explained(
    error: BookError, abilities: Abilities | None = None, described: Descriptions | None = None
) -> list[Complaint]:
    """A book's own complaints, and those of the checks about entities whose files could all be read."""
    sound = _sound(error)
    further = _of_entities(sound, sound.entities, abilities or {}, described or {}) if sound else ()
    return in_order((*error.complaints, *further))


def _sound(error: BookError) -> Book | None:
    """The book without the entities that have a complaint; None where something that all of them lean on has one."""
    broken = {complaint.file.partition("/")[0] for complaint in error.complaints}
    if error.book is None or any(part == "codes" or "." in part for part in broken):
        return None
    return replace(error.book, entities={name: s for name, s in error.book.entities.items() if name not in broken})


def faults(complaints: Iterable[Complaint]) -> list[Complaint]:
    """Those with which a book may not be run."""
    return [complaint for complaint in complaints if severity_of(complaint) is Severity.FAULT]
