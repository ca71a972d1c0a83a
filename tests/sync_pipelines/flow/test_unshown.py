"""What records are known by, and a system does not show: nobody there is like anybody meanwhile."""

from dataclasses import replace

from sync_pipelines.intake.older import nothing_is_made
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.simulation.little_book import little_book
from tests.sync_pipelines.flow.restored import OldWorld, names


def test_before_a_system_shows_its_names_nothing_is_made_and_nobody_asked() -> None:
    """Meanwhile everybody there is like nobody. Which field is hidden is told; nothing is asked that passes."""
    little = OldWorld(book=little_book())
    little.create("crm", Name="Only a name", Status="Won")
    little.run()
    shop = little.world.systems["shop"].tables["Buyer"]
    before = shop.spec
    shop.respecify(before.with_fields(replace(before.fields["Name"], visible=False)))
    little.put_back(MemoryLedger())
    little.run(full=True)
    for _ in range(2):
        report = little.adopt_all()["account"].restored
        assert report.unshown == ["shop/Buyer does not show Name, by which records are known"]
        assert nothing_is_made(little.ledger)
        assert little.questions() == []
    little.rest()
    shop.respecify(before)
    little.engine()
    assert little.adopt_all()["account"].restored.unshown == []
    assert not nothing_is_made(little.ledger)
    for question in little.questions():
        little.answer(question, "link")
    little.rest()
    assert names(little, "shop") == ["ONLY A NAME"]
