import pytest

from tests.sync_pipelines.gate.rig import Rig


@pytest.fixture
def rig() -> Rig:
    """The usual gate."""
    return Rig()
