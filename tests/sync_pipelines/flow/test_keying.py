"""A create bears a key that no other record of its entity bears there."""

import pytest

from sync_pipelines.flow.keying import with_free_keys
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.model.changes import Change, Op, State
from sync_pipelines.model.records import PlanHead
from tests.sync_pipelines.applying.bench import Bench


def change(key: str, op: Op = Op.CREATE, state: State = State.DONE, at: str = "erp", bears: str = "id1") -> Change:
    return Change(key, "p", op, at, "Customer", "account", "id1", {}, create_key=bears, state=state)


@pytest.mark.parametrize(
    ("before", "key"),
    [
        ([], "id1"),
        ([change("a")], "id1b"),
        ([change("a"), change("b", bears="id1b")], "id1c"),
        ([change("b", bears="id1b")], "id1c"),  # a restored ledger knows of the later one alone
        ([change("a", Op.UPDATE)], "id1"),
        ([change("a", at="shop")], "id1"),
        ([change("a", state=State.DROPPED)], "id1"),  # should it be executed late, it is refused as a double
        ([change("a", state=State.QUARANTINED)], "id1"),
    ],
)
def test_a_key_comes_after_the_last_that_was_taken_there(before: list[Change], key: str) -> None:
    ledger = MemoryLedger()
    ledger.save_plan(PlanHead("p", "account", "r", "1", Bench().now, judged=True), before)
    planned = [change("n", state=State.PLANNED), change("u", Op.UPDATE, State.PLANNED, bears="")]
    assert [one.create_key for one in with_free_keys(ledger, "account", planned)] == [key, ""]
