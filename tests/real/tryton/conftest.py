"""One real server for all of these tests; it is prepared once per clone and started in less than a second."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.tryton.server import TrytonServer

CACHE = Path(__file__).parents[3] / ".concordat" / "tryton"


@pytest.fixture(scope="session")
def server() -> Iterator[TrytonServer]:
    with TrytonServer(CACHE) as running:
        yield running
