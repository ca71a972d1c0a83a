"""A run is: recover, read, decide, judge, apply, record. In this order, always."""

from connectors.testing.faults import Fault
from tests.sync_pipelines.flow.counting import CountedWorld

STEPS = (
    "ledger.start_run", "erp.find_created", "crm.changes", "ledger.save_plan", "ledger.judge", "ledger.intend",
    "erp.update", "ledger.close_plan", "ledger.end_run",
)  # fmt: skip


def test_a_run_does_its_steps_in_order() -> None:
    world = CountedWorld(2)
    little = world.little
    little.house.run("account")
    order: list[str] = []
    for name, one in {"ledger": world.ledger, **little.connectors}.items():
        one.label, one.order = f"{name}.", order  # type: ignore[attr-defined]  # they are counting ones
    little.create("crm", Name="Late", Tax_Id="T9", Status="Won")
    little.world.faults.force(Fault.LOST_AFTER, "erp.create")
    little.house.run("account")
    little.edit("crm", little.rows("crm")[0].id, Phone="2")
    little.create("crm", Name="Later", Tax_Id="T8", Status="Won")
    order.clear()
    little.house.run("account")
    first = {step: order.index(step) for step in STEPS}
    assert sorted(first, key=lambda step: first[step]) == list(STEPS)
    assert order.index("ledger.couple") < order.index("crm.changes"), (
        "what recovery found is coupled before anybody can meet it"
    )
