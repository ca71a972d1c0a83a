"""The calls of a plan are told before it is applied."""

from dataclasses import replace

import pytest

from sync_pipelines.flow.costing import calls_of
from sync_pipelines.model.changes import Change, Op
from tests.laws.little_world import LittleWorld

CHANGE = Change("k", "p", Op.UPDATE, "crm", "Account", "account", "a", {})


@pytest.mark.parametrize(
    ("changes", "calls"),
    [
        ([], {}),
        ([CHANGE], {"crm": 2}),
        ([CHANGE] * 4, {"crm": 4}),  # batches of three, each looked at before
        ([replace(CHANGE, op=Op.CREATE)] * 4, {"crm": 2}),
        ([CHANGE, replace(CHANGE, kind="Person"), replace(CHANGE, op=Op.CREATE)], {"crm": 5}),
        ([CHANGE, replace(CHANGE, system="erp", kind="Customer")], {"crm": 2, "erp": 2}),
        ([replace(CHANGE, system="nobody")], {}),
    ],
)
def test_each_batch_is_a_call_and_a_change_is_looked_at_first(changes: list[Change], calls: dict[str, int]) -> None:
    assert calls_of(LittleWorld(max_batch=3).connectors, changes) == calls
