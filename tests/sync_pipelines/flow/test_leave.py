"""What a person is asked to let through, and what no leave lets through."""

import pytest

from sync_pipelines.flow.drifting import PAUSED
from sync_pipelines.flow.emptiness import UNMET, UNREAD, VANISHED
from sync_pipelines.flow.hours import QUIET
from sync_pipelines.flow.leave import asks_for_leave
from sync_pipelines.model.changes import Part
from sync_pipelines.planning.guards import SHADOW


@pytest.mark.parametrize(
    ("says", "passed", "asks"),
    [
        ("20 of 40 updates are more than usual", False, True),
        ("20 of 40 updates are more than usual", True, False),
        (f"{PAUSED}: crm/Account has no Phone any more", False, False),
        (f"{QUIET} crm: until 06:00", False, False),
        (f"{UNMET} crm/Account", False, False),
        (f"{VANISHED} crm/Account", False, False),
        (f"{UNREAD} crm/Account", False, False),
        (f"crm {SHADOW}", False, False),
    ],
)
def test_leave_is_asked_for_where_it_ends_the_wait(says: str, *, passed: bool, asks: bool) -> None:
    assert asks_for_leave(Part("p:crm:update", "crm", "account", "update", 20, 40, passed, says)) is asks
