"""A little world for each story."""

import pytest

from tests.laws.little_world import LittleWorld


@pytest.fixture
def little() -> LittleWorld:
    """Three systems, empty, and the engine."""
    return LittleWorld()
