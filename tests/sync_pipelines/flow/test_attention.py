"""Who is looked at again, though nothing was written."""

from tests.laws.little_world import LittleWorld


def test_where_conditions_read_otherwise_from_now_on_the_entity_is_looked_at_once_more() -> None:
    little = LittleWorld()
    firm = little.create("crm", Name="Acme", Status="Test")  # it takes no part, so nothing is written
    little.run()
    little.run()
    assert little.ledger.attended("account") == []
    little.edit("crm", firm, Phone="2")
    little.run()
    assert little.ledger.attended("account") == [], "no condition asks for a phone"
    little.edit("crm", firm, Status="Open", Tax_Id=None)
    little.house.run("account")
    assert len(little.ledger.attended("account")) == 1
    little.house.run("account")
    assert little.ledger.attended("account") == []


def test_what_is_at_rest_is_looked_at_where_a_system_comes_that_was_not_there() -> None:
    little = LittleWorld()
    shop = little.connectors.pop("shop")
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    little.settle()
    assert little.ledger.attended("account") == []
    little.connectors["shop"] = shop
    little.settle()
    assert little.only("shop").values["Tax_Id"] == "DE1"
