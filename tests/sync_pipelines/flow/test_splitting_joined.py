"""A split of what a steward had joined: what was written before that went by other names."""

from connectors.contract import RecordRef
from sync_pipelines.flow.splitting import plan_split
from tests.laws.little_world import LittleWorld


def test_what_was_written_before_two_were_joined_is_given_back() -> None:
    """The CRM's segment had gone to the ERP's customer before the shop's buyer, who was there first, came to them."""
    little = LittleWorld()
    little.create("shop", Name="Acme")
    little.settle()
    little.create("erp", Name="Beta", Tax_Id="DE1")
    account = little.create("crm", Name="Acme", Tax_Id="DE1", Segment="7", Status="Open")
    little.settle()
    assert little.only("erp").values["Segment"] == "7"
    (question,) = little.questions()
    little.answer(question, "link")
    little.settle()
    assert len(little.ledger.couplings_at("account", [RecordRef("crm", "Account", account)])) == 1
    plan = plan_split(little.house, "account", [RecordRef("crm", "Account", account)], "stella")
    little.house.apply(plan.result)
    little.settle()
    assert little.only("erp").values["Segment"] is None
