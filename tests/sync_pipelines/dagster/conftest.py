from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from mappings.book import Book
from tests.sync_pipelines.dagster.rig import Rig, timed_book

MakeRig = Callable[..., Rig]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """Remembers nothing beyond the test."""
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as made:
        yield made


@pytest.fixture
def make(instance: dg.DagsterInstance) -> MakeRig:
    """Makes rigs on the test's own instance."""

    def rig(book: Book | None = None, kind: type[Rig] = Rig) -> Rig:
        return kind(instance, book or timed_book())

    return rig


@pytest.fixture
def rig(make: MakeRig) -> Rig:
    """The usual one."""
    return make()
