"""One record with half of a character, in a vendor's dialect, over a socket: its field waits, all others are read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring.metrics import expose
from sync_pipelines.flow.standing import standing_of
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.opening import open_ledger
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.simulation.over_http import Make, over_http

KEY = b"k" * 32
HALVES = ("a\ud83db", "\udfff", "a\ude00\ud83db")


@pytest.fixture
def make() -> Iterator[Make]:
    with over_http() as made:
        yield made


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    opened: Ledger
    if request.param == "memory":
        opened = MemoryLedger(KEY)
    else:
        url = (
            f"sqlite:///{tmp_path}/l.db" if request.param == "sqlite" else request.getfixturevalue("postgres").create()
        )
        opened = open_ledger(url, audit_key=KEY)
    yield opened
    opened.close()


def test_the_field_that_bears_half_a_character_waits_and_every_other_record_is_read(make: Make, ledger: Ledger) -> None:
    little = make(0, 2, ledger=ledger)
    little.create("crm", Name="Before", Tax_Id="DE1", Status="Won")
    poisoned = [
        little.create("crm", Name=f"Poison {number}", Tax_Id=f"DE{number}", Status="Won", Phone=half)
        for number, half in enumerate(HALVES, 2)
    ]
    little.create("crm", Name="Behind", Tax_Id="DE8", Status="Won")
    results = [*little.run(), *little.run()]
    assert [crawl.says for result in results for crawl in result.crawls if not crawl.complete] == []
    names = {row.values["Name"] for row in little.rows("erp")}
    assert names == {"Before", "Poison 2", "Poison 3", "Poison 4", "Behind"}
    waiting = ledger.quarantined(entity="account")
    assert {(one.ref.id, one.reason, one.field) for one in waiting} == {(one, "fault", "phone") for one in poisoned}
    assert sorted(one.says.partition(" at")[0] for one in waiting) == [
        "holds the character U+D83D", "holds the character U+DE00", "holds the character U+DFFF"
    ]  # fmt: skip
    expose(standing_of(ledger, little.book, little.world.clock.now()))
    for one in poisoned:
        little.edit("crm", one, Phone="22")
    little.settle()
    assert ledger.quarantined(entity="account") == []
    assert [row.values["Phone"] for row in little.rows("erp")].count("22") == len(poisoned)
