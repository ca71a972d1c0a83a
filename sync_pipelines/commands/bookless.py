"""For those commands that people type when things are broken: they must not need a book that is whole."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click

from mappings.book import Book
from mappings.complaints import BookError
from sync_pipelines.commands.office import Office
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.settings import open_ledger_at


@contextmanager
def ledger_and_book(office: Office) -> Iterator[tuple[Ledger, Book | None]]:
    """The ledger, and the book where it can be loaded. Where it cannot, that is said on stderr."""
    with ExitStack() as stack:
        try:
            house = stack.enter_context(office.open_house())
        except BookError as error:
            click.echo(
                f"the book cannot be loaded ({error.complaints[0]}); `concordat check` names every fault", err=True
            )
            found: tuple[Ledger, Book | None] = stack.enter_context(open_ledger_at(office.place())), None
        else:
            found = house.ledger, house.book
        yield found
