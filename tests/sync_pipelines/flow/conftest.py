"""A world whose ledger was put back, for tests that have one called `little`."""

import pytest

from sync_pipelines.ledger.memory import MemoryLedger
from tests.sync_pipelines.flow.restored import OldWorld


@pytest.fixture
def restored(little: OldWorld) -> OldWorld:
    little.put_back(little.backup)
    return little


@pytest.fixture
def lost(little: OldWorld) -> OldWorld:
    little.put_back(MemoryLedger())
    return little
