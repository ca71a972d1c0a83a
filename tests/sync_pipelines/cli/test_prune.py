"""History that is older than it is needed."""

import json
from datetime import timedelta

from sync_pipelines.model.records import Delivery
from tests.sync_pipelines.cli.conftest import Terminal


def test_what_is_old_goes_and_is_counted(terminal: Terminal) -> None:
    for _ in range(22):
        terminal.run("plan", "account")
    terminal.world.world.clock.advance(timedelta(days=91))
    terminal.run("plan", "account")
    assert terminal.run("prune", "--json") == 0
    told = json.loads(terminal.out)["pruned"]
    assert (told["runs"], told["plans"]) == (3, 22)
    assert terminal.run("prune") == 0
    assert terminal.out == "nothing is older than 90 days\n"
    assert terminal.run("plan", "account") < 2, "what is needed is still there"


def test_an_announcement_that_nobody_understood_is_kept_as_it_came_for_a_week(terminal: Terminal) -> None:
    ledger, clock = terminal.world.ledger, terminal.world.world.clock
    ledger.receive(Delivery("crm", "d1", clock.now(), body="aGE="))
    clock.advance(timedelta(days=6))
    terminal.run("prune")
    assert [one.body for one in ledger.deliveries()] == ["aGE="]
    clock.advance(timedelta(days=1))
    terminal.run("prune")
    assert [one.body for one in ledger.deliveries()] == [""]


def test_a_week_stays_whatever_is_asked(terminal: Terminal) -> None:
    assert terminal.run("prune", "--older-than", "3d") == 2
    assert "at least 7 days stay" in terminal.err
