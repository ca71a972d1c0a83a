"""Three systems over HTTP and their connectors, which log in with secrets that can be found again."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from connectors.contract import Connector
from connectors.pacing import Allowance, Pace
from connectors.registry import open_connector
from connectors.seams import Seams
from mappings.book import Book
from mappings.loading import load_book
from sync_pipelines.settings import BUNDLED_BOOK, fields_of
from tests.crash.systems import Systems


@pytest.fixture(scope="session")
def book() -> Book:
    return load_book(BUNDLED_BOOK)


@pytest.fixture
def systems(tmp_path: Path) -> Iterator[Systems]:
    with Systems(tmp_path) as running:
        yield running


@pytest.fixture
def connectors(systems: Systems, book: Book, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, Connector]]:
    for name, value in systems.environment().items():
        monkeypatch.setenv(name, value)
    ids = count(1)

    def now() -> datetime:
        return datetime.now(UTC)

    seams = Seams(
        now,
        lambda _: None,
        lambda: f"id{next(ids)}",
        lambda: 0.5,
        Pace("any", Allowance(), clock=now, sleep=lambda _: None),
    )
    opened = {
        name: open_connector(name, spec.connector, {"fields": fields_of(book, name)}, seams)
        for name, spec in book.systems.items()
    }
    yield opened
    for one in opened.values():
        one.close()
