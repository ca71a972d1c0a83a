"""What a command is given: how to open the house, where to print, who asks."""

import getpass
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from monitoring.redact import escaped
from sync_pipelines.settings import Place, now

if TYPE_CHECKING:  # loaded when a command needs them
    from rich.console import Console

    from mappings.book import Book
    from sync_pipelines.commands.watchman import Watchman
    from sync_pipelines.flow.run import House

WIDEST = 100
FINE, LOOK = 0, 1  # exit codes; 2, used wrongly or misconfigured, is an exception


def _house() -> "AbstractContextManager[House]":
    from sync_pipelines.settings import open_house

    return open_house()


def _book() -> "Book":
    from sync_pipelines.settings import read_book

    return read_book(Place.found())


def _watchman() -> "Watchman":
    from sync_pipelines.commands.watchman import found

    return found()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return "somebody"


@dataclass
class Office:
    """Passed to every command as `click`'s object; tests pass one of their own."""

    open_house: "Callable[[], AbstractContextManager[House]]" = _house
    read_book: "Callable[[], Book]" = _book
    watchman: "Callable[[], Watchman]" = _watchman
    place: Callable[[], Place] = Place.found
    clock: Callable[[], datetime] = now
    user: Callable[[], str] = _user
    sleep: Callable[[float], None] = time.sleep
    width: int | None = None  # of the page; None: that of the terminal, at most WIDEST

    @cached_property
    def console(self) -> "Console":
        """Where people read."""
        from sync_pipelines.commands.paper import Paper

        console = Paper(highlight=False, emoji=False, markup=False)  # names hold brackets
        width = self.width or min(WIDEST, console.width if console.is_terminal else WIDEST)
        console.width = width
        return console

    def print(self, *lines: Any) -> None:
        """Lines, tables and whatever else rich prints. A plain line is not broken: it may hold a command or a place."""
        for line in lines:
            self.console.print(line, soft_wrap=isinstance(line, str))

    def json(self, data: Any) -> None:
        """For programs."""
        click.echo(escaped(json.dumps(plain(data), indent=2, ensure_ascii=False)))


office = click.make_pass_decorator(Office)


def plain(data: Any) -> Any:  # noqa: PLR0911 - one line for each sort of value
    """Whatever a command has to say, as JSON has it."""
    if is_dataclass(data) and not isinstance(data, type):
        return plain(asdict(data))
    if isinstance(data, dict):
        return {str(name): plain(value) for name, value in data.items()}
    if isinstance(data, Enum):
        return data.value
    if isinstance(data, list | tuple | Iterator):
        return [plain(one) for one in data]
    if isinstance(data, set | frozenset):
        return sorted(plain(one) for one in data)
    if isinstance(data, datetime):
        return data.isoformat().replace("+00:00", "Z")
    return data if isinstance(data, str | int | float | bool | None) else str(data)


def entities_asked(book: "Book", entity: str | None) -> list[str]:
    """One entity, or all of them in the order of the book."""
    if entity is None:
        return list(book.entities)
    from sync_pipelines.review.why import spec_of

    return [spec_of(book, entity).name]


json_option = click.option("--json", "as_json", is_flag=True, help="For programs: JSON, and nothing else on stdout.")
reveal_option = click.option("--reveal", is_flag=True, help="Show personal data in full.")
by_option = click.option("--by", help="Your name, for the record (default: who is logged in).", envvar="CONCORDAT_USER")
