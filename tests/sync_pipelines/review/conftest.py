"""A ledger with nothing in it."""

import pytest

from sync_pipelines.ledger.memory import MemoryLedger


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()
